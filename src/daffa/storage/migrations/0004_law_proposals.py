"""Law texts, proposals to change the law with their steps, and which text came into force when. Knows the first columns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0004"
down_revision = "0003"


def upgrade(op: Operations) -> None:
    """Make the four tables of ``lawmaking``."""
    op.create_table(
        "law_texts",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("proof", sa.String(64), nullable=False),
        sa.Column("version", sa.String(200), nullable=False),
        sa.Column("kept", sa.BigInteger, nullable=False),
        sa.Column("files", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_law_texts"),
    )
    op.create_index("ix_law_texts_digest", "law_texts", ["digest"])
    op.create_table(
        "law_proposals",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("text", sa.String(64), nullable=False),
        sa.Column("base", sa.Integer, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        sa.Column("author", sa.String(63), nullable=False),
        sa.Column("difference", sa.Text, nullable=False),
        sa.Column("proof", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_law_proposals"),
        sa.ForeignKeyConstraint(["text"], ["law_texts.id"], name="fk_law_proposals_text"),
    )
    op.create_table(
        "law_steps",
        sa.Column("proposal", sa.Integer, nullable=False),
        sa.Column("step", sa.String(20), nullable=False),
        sa.Column("who", sa.String(63), nullable=False),
        sa.Column("key", sa.String(10), nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("entry", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("proposal", "step", name="pk_law_steps"),
        sa.ForeignKeyConstraint(["proposal"], ["law_proposals.number"], name="fk_law_steps_proposal"),
    )
    op.create_table(
        "law_enactments",
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("text", sa.String(64), nullable=False),
        sa.Column("way", sa.String(20), nullable=False),
        sa.Column("proposal", sa.Integer, nullable=True),
        sa.Column("who", sa.String(63), nullable=False),
        sa.Column("key", sa.String(10), nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("entry", sa.String(300), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_law_enactments"),
        sa.ForeignKeyConstraint(["text"], ["law_texts.id"], name="fk_law_enactments_text"),
        sa.ForeignKeyConstraint(["proposal"], ["law_proposals.number"], name="fk_law_enactments_proposal"),
    )
