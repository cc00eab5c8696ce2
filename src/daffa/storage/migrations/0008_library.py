"""Collections, their documents and passages, and what the index still lacks. Knows the columns as they were first."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0008"
down_revision = "0007"


def upgrade(op: Operations) -> None:
    """Make the four tables of ``library``."""
    op.create_table(
        "library_collections",
        sa.Column("id", sa.String(127), nullable=False),
        sa.Column("organisation", sa.String(63), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("floor", sa.Text, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("mark", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_library_collections"),
    )
    op.create_index("ix_library_collections_organisation", "library_collections", ["organisation"])
    op.create_table(
        "library_documents",
        sa.Column("collection", sa.String(127), nullable=False),
        sa.Column("id", sa.String(200), nullable=False),
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("work", sa.String(500), nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("valid_from", sa.Integer, nullable=False),
        sa.Column("valid_to", sa.Integer, nullable=False),
        sa.Column("passages", sa.Integer, nullable=False),
        sa.Column("added", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.String(16), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("collection", "id", name="pk_library_documents"),
        sa.ForeignKeyConstraint(["collection"], ["library_collections.id"], name="fk_library_documents_collection"),
    )
    op.create_table(
        "library_passages",
        sa.Column("collection", sa.String(127), nullable=False),
        sa.Column("id", sa.String(220), nullable=False),
        sa.Column("document", sa.String(200), nullable=False),
        sa.Column("heading", sa.Text, nullable=False),
        sa.Column("number", sa.String(100), nullable=False),
        sa.Column("start", sa.Integer, nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("collection", "id", name="pk_library_passages"),
        sa.ForeignKeyConstraint(
            ["collection", "document"],
            ["library_documents.collection", "library_documents.id"],
            name="fk_library_passages_document",
        ),
    )
    op.create_index("ix_library_passages_document", "library_passages", ["collection", "document"])
    op.create_table(
        "library_pending",
        sa.Column("collection", sa.String(127), nullable=False),
        sa.Column("document", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("collection", "document", name="pk_library_pending"),
    )
