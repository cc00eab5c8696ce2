"""A change of the law in the making: who signs, steps, proposals, what came into force. Knows no table, no rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

__all__ = [
    "Dossier",
    "Enactment",
    "Proposal",
    "Signer",
    "Standing",
    "State",
    "Step",
    "Taken",
    "Way",
]


class Step(StrEnum):
    """What may be done with a proposal; each at most once."""

    PROPOSE = "propose"
    PROVE = "prove"
    APPROVE = "approve"
    REJECT = "reject"
    WITHDRAW = "withdraw"
    LOAD = "load"


class State(StrEnum):
    """How far a proposal has come. ``disproved`` and what follows ``approved`` are ends."""

    PROPOSED = "proposed"
    PROVED = "proved"
    DISPROVED = "disproved"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LOADED = "loaded"


class Way(StrEnum):
    """How a text came into force."""

    FIRST = "first"
    """It lay in the folder of the settings when the house began."""

    LOAD = "load"
    """It was proposed, proved and approved."""

    ROLLBACK = "rollback"
    """It had been in force before, and one person brought it back."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who takes a step: the person, or ``None`` for a program; the key that was shown; the roles it has now."""

    person: str | None
    key: str
    roles: frozenset[str]

    @property
    def name(self) -> str:
        """As the log names whoever acts."""
        return self.person or f"key:{self.key}"


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken: by whom, with which key, when (Unix seconds), why, and its entry in the log (``origin#index``)."""

    step: str
    who: str
    key: str
    time: int
    reason: str
    entry: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal to change the law.

    Attributes:
        number: 1, 2, 3, ...
        title: what it is about.
        author: the person who proposed it.
        text: id of the proposed text, over every file of it.
        digest: digest of what decides in it: what entries will show when it is in force.
        version: as the text says.
        base: number of the enactment that it would change.
        state: a ``State``.
        stale: whether it is open and the law has changed since.
        steps: what was done with it, in order.
    """

    number: int
    title: str
    author: str
    text: str
    digest: str
    version: str
    base: int
    state: str
    stale: bool
    steps: tuple[Taken, ...]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Proposal:
        """The proposal that JSON tells."""
        return cls(**{**data, "steps": tuple(Taken(**step) for step in data["steps"])})


@dataclass(frozen=True, slots=True)
class Dossier:
    """A proposal with what was found about it.

    Attributes:
        difference: ``pages`` by language, ``rows`` as ``diff_json`` tells them, ``invariants`` and ``cases``, each
            ``removed`` and ``altered``.
        proof: ``holds``, ``pages`` and ``rows`` as ``proof_json`` tells them; ``None`` before it was proved.
    """

    proposal: Proposal
    difference: Mapping[str, Any]
    proof: Mapping[str, Any] | None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Dossier:
        """The dossier that JSON tells."""
        return cls(Proposal.of(data["proposal"]), data["difference"], data["proof"])


@dataclass(frozen=True, slots=True)
class Enactment:
    """A text that came into force: as which number, which ``Way``, by whom, when, why, and its entry in the log."""

    number: int
    text: str
    digest: str
    version: str
    way: str
    proposal: int | None
    who: str
    key: str
    time: int
    reason: str
    entry: str


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand.

    Attributes:
        in_force: what put the present law into force.
        folder: whether the folder of the settings holds the same text: ``same``, ``differs``, or ``unreadable``.
        attention: the ``Way``, where the law in force was not approved by two people (``first``, ``rollback``); else ``""``.
        open: proposals on which something can still be done, stale ones included.
    """

    in_force: Enactment
    folder: str
    attention: str
    open: tuple[Proposal, ...]

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Standing:
        """The standing that JSON tells."""
        opened = tuple(map(Proposal.of, data["open"]))
        return cls(Enactment(**data["in_force"]), data["folder"], data["attention"], opened)
