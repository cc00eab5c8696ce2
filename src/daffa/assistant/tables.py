"""The tables of ``assistant``, private to it. Knows columns; a migration of ``storage`` makes them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from daffa.storage import Base

__all__ = ["ConversationRow", "FeedbackRow", "TurnRow"]


class ConversationRow(Base):
    """A conversation of one ``owner``; ``last`` is when something was last asked in it (Unix seconds)."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    owner: Mapped[str] = mapped_column(String(100), index=True)
    title: Mapped[str] = mapped_column(String(200))
    last: Mapped[int] = mapped_column(BigInteger)


class TurnRow(Base):
    """A question and what became of it; ``task`` and ``outcome`` are JSON, no ``outcome``: it has not ended."""

    __tablename__ = "conversation_turns"

    conversation: Mapped[str] = mapped_column(String(32), ForeignKey("conversations.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    asked: Mapped[int] = mapped_column(BigInteger, index=True)
    question: Mapped[str] = mapped_column(Text)
    task: Mapped[str] = mapped_column(Text)
    outcome: Mapped[str | None] = mapped_column(Text)


class FeedbackRow(Base):
    """What a person said of an outcome; it stands and falls with its turn."""

    __tablename__ = "conversation_feedback"

    conversation: Mapped[str] = mapped_column(String(32), ForeignKey("conversations.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    useful: Mapped[bool] = mapped_column(Boolean)
    reason: Mapped[str] = mapped_column(Text)
    given: Mapped[int] = mapped_column(BigInteger)
