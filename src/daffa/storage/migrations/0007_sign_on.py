"""Single sign-on: whom the issuer calls what, and their sessions. Knows the columns as they were first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0007"
down_revision = "0006"


def upgrade(op: Operations) -> None:
    """Make the two tables of ``identity``."""
    op.create_table(
        "sign_ons",
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        sa.Column("person", sa.String(63), nullable=False),
        sa.Column("said", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_sign_ons"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_sign_ons_person"),
    )
    op.create_index("ix_sign_ons_person", "sign_ons", ["person"])
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(10), nullable=False),
        sa.Column("person", sa.String(63), nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
        sa.ForeignKeyConstraint(["person"], ["people.id"], name="fk_sessions_person"),
    )
    op.create_index("ix_sessions_person", "sessions", ["person"])
    op.create_index("ix_sessions_expires", "sessions", ["expires"])
