"""The index of the audit logs. Knows the columns as they were first; ``audit`` fills it, and can build it again from a log."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0002"
down_revision = "0001"


def upgrade(op: Operations) -> None:
    """Make the three tables of ``audit``: one row a leaf of a log."""
    _table(
        op,
        "audit_decisions",
        sa.Column("door", sa.String(200), nullable=False),
        sa.Column("verdict", sa.String(200), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("level", sa.Integer, nullable=False),
        sa.Column("bundle", sa.String(200), nullable=False),
    )
    op.create_index("ix_audit_decisions_origin_place", "audit_decisions", ["origin", "place"])
    _table(
        op,
        "audit_outcomes",
        sa.Column("decision", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String(200), nullable=False),
        sa.Column("http_status", sa.Integer, nullable=False),
        sa.Column("tokens_in", sa.BigInteger, nullable=False),
        sa.Column("tokens_out", sa.BigInteger, nullable=False),
        sa.Column("bytes_out", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_audit_outcomes_origin_decision", "audit_outcomes", ["origin", "decision"])
    _table(op, "audit_changes", sa.Column("action", sa.String(200), nullable=False))


def _table(op: Operations, name: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        sa.Column("origin", sa.String(200), nullable=False),
        sa.Column("entry", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("origin", "entry", name=f"pk_{name}"),
    )
    op.create_index(f"ix_{name}_origin_time", name, ["origin", "time"])
