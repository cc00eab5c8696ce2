"""Rules about who may use how much, what was spent of them, what workers leased. Knows the columns as they were first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0006"
down_revision = "0005"


def upgrade(op: Operations) -> None:
    """Make the tables of ``quota``."""
    op.create_table(
        "quota_rules",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("scope", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(63), nullable=False),
        sa.Column("model", sa.String(64), nullable=False),
        sa.Column("measure", sa.String(20), nullable=False),
        sa.Column("period", sa.String(20), nullable=False),
        sa.Column("most", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_quota_rules"),
        sa.UniqueConstraint(
            "scope", "subject", "model", "measure", "period", name="uq_quota_rules_scope_subject_model_measure_period"
        ),
    )
    op.create_table(
        "quota_counters",
        sa.Column("rule", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("window", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("until", sa.BigInteger, nullable=False),
        sa.Column("spent", sa.BigInteger, nullable=False),
        sa.Column("wanted", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("rule", "window", name="pk_quota_counters"),
    )
    op.create_table(
        "quota_leases",
        sa.Column("rule", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("window", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("worker", sa.String(200), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("rule", "window", "worker", name="pk_quota_leases"),
    )
    op.create_table(
        "quota_workers",
        sa.Column("worker", sa.String(200), nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.Column("position", sa.BigInteger, nullable=False),
        sa.Column("batch", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("worker", name="pk_quota_workers"),
    )
    op.create_table(
        "quota_priorities",
        sa.Column("scope", sa.String(20), nullable=False),
        sa.Column("subject", sa.String(63), nullable=False),
        sa.Column("priority", sa.String(20), nullable=False),
        sa.PrimaryKeyConstraint("scope", "subject", name="pk_quota_priorities"),
    )
    op.create_table(
        "quota_state",
        sa.Column("id", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("last", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_quota_state"),
    )
