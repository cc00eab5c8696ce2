"""The tables of ``library``, private to it. Knows columns; a migration of ``storage`` makes them.

A passage has no text of its own: it is a stretch of its document's, so that nothing can be deleted by half.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, ForeignKeyConstraint, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from daffa.storage import Base

__all__ = ["CollectionRow", "DocumentRow", "PassageRow", "PendingRow"]


class CollectionRow(Base):
    """A collection; ``mark`` is what the index said of itself when it was last known to hold what is not pending."""

    __tablename__ = "library_collections"

    id: Mapped[str] = mapped_column(String(127), primary_key=True)
    organisation: Mapped[str] = mapped_column(String(63), index=True)
    title: Mapped[str] = mapped_column(String(200))
    floor: Mapped[str] = mapped_column(Text)
    created: Mapped[int] = mapped_column(BigInteger)
    mark: Mapped[str] = mapped_column(String(80))


class DocumentRow(Base):
    """A document; ``label`` without its collection's floor, ``revision`` another one each time that it is put."""

    __tablename__ = "library_documents"

    collection: Mapped[str] = mapped_column(
        ForeignKey("library_collections.id", name="fk_library_documents_collection"), primary_key=True
    )
    id: Mapped[str] = mapped_column(String(200), primary_key=True)
    title: Mapped[str] = mapped_column(String(500))
    language: Mapped[str] = mapped_column(String(35))
    label: Mapped[str] = mapped_column(Text)
    work: Mapped[str] = mapped_column(String(500))
    link: Mapped[str] = mapped_column(Text)
    valid_from: Mapped[int] = mapped_column(Integer)
    valid_to: Mapped[int] = mapped_column(Integer)
    passages: Mapped[int] = mapped_column(Integer)
    added: Mapped[int] = mapped_column(BigInteger)
    revision: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)


class PassageRow(Base):
    """``length`` code points of the document's text from ``start`` on, under ``heading``."""

    __tablename__ = "library_passages"
    __table_args__ = (
        ForeignKeyConstraint(
            ["collection", "document"],
            ["library_documents.collection", "library_documents.id"],
            name="fk_library_passages_document",
        ),
        Index("ix_library_passages_document", "collection", "document"),
    )

    collection: Mapped[str] = mapped_column(String(127), primary_key=True)
    id: Mapped[str] = mapped_column(String(220), primary_key=True)
    document: Mapped[str] = mapped_column(String(200))
    heading: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(String(100))
    start: Mapped[int] = mapped_column(Integer)
    length: Mapped[int] = mapped_column(Integer)


class PendingRow(Base):
    """A document of which the index may not have what is here, or may still have what is gone."""

    __tablename__ = "library_pending"

    collection: Mapped[str] = mapped_column(String(127), primary_key=True)
    document: Mapped[str] = mapped_column(String(200), primary_key=True)
