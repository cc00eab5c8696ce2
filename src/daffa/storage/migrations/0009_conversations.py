"""Conversations, opinions of their answers, and sessions of people who showed a key. Knows the columns as they were first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0009"
down_revision = "0008"


def upgrade(op: Operations) -> None:
    """Make the three tables of ``assistant`` and one of ``identity``."""
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("owner", sa.String(100), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("last", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_conversations"),
    )
    op.create_index("ix_conversations_owner", "conversations", ["owner"])
    op.create_table(
        "conversation_turns",
        sa.Column("conversation", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("asked", sa.BigInteger, nullable=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("task", sa.Text, nullable=False),
        sa.Column("outcome", sa.Text, nullable=True),
        sa.PrimaryKeyConstraint("conversation", "number", name="pk_conversation_turns"),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.id"], name="fk_conversation_turns_conversation"),
    )
    op.create_index("ix_conversation_turns_asked", "conversation_turns", ["asked"])
    op.create_table(
        "conversation_feedback",
        sa.Column("conversation", sa.String(32), nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("useful", sa.Boolean, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("given", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("conversation", "number", name="pk_conversation_feedback"),
        sa.ForeignKeyConstraint(["conversation"], ["conversations.id"], name="fk_conversation_feedback_conversation"),
    )
    op.create_table(
        "key_sessions",
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("key", sa.String(10), nullable=False),
        sa.Column("expires", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_key_sessions"),
        sa.ForeignKeyConstraint(["key"], ["keys.id"], name="fk_key_sessions_key"),
    )
    op.create_index("ix_key_sessions_key", "key_sessions", ["key"])
    op.create_index("ix_key_sessions_expires", "key_sessions", ["expires"])
