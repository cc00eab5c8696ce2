"""The roles that a person or a program may hold. Knows nothing of what a policy lets each of them do."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["Role"]


class Role(StrEnum):
    """What somebody is there for. The list is closed: a policy and the console name these and no others."""

    READER = "reader"
    """Looks at the catalogue and at what its organisation may use; asks no model."""

    AGENT = "agent"
    """Asks models and works with data, for a purpose."""

    STEWARD = "steward"
    """Answers for datasets: their labels, who receives them, pseudonymisation."""

    AUTHOR = "author"
    """Writes and proposes policies."""

    APPROVER = "approver"
    """Approves a policy that somebody else proposed."""

    AUDITOR = "auditor"
    """Reads the audit log, never the data."""

    OPERATOR = "operator"
    """Runs the service: models, places, witnesses, backups, incidents."""

    ADMINISTRATOR = "administrator"
    """Keeps organisations, people and keys."""
