"""The tables of ``lawmaking``, private to it. Knows columns; a migration of ``storage`` makes them."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from daffa.storage import Base

__all__ = ["EnactmentRow", "ProposalRow", "StepRow", "TextRow"]


class TextRow(Base):
    """A law as it was written, whole: never changed, never deleted. ``id`` is over every file, ``digest`` over what decides."""

    __tablename__ = "law_texts"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), index=True)
    proof: Mapped[str] = mapped_column(String(64))
    version: Mapped[str] = mapped_column(String(200))
    kept: Mapped[int] = mapped_column(BigInteger)
    files: Mapped[bytes] = mapped_column(LargeBinary)


class ProposalRow(Base):
    """A proposal to change the law that enactment ``base`` put into force; ``difference`` and ``proof`` are JSON."""

    __tablename__ = "law_proposals"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    title: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(String(64), ForeignKey("law_texts.id"))
    base: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(String(20))
    author: Mapped[str] = mapped_column(String(63))
    difference: Mapped[str] = mapped_column(Text)
    proof: Mapped[str | None] = mapped_column(Text)


class StepRow(Base):
    """A step of a proposal, with its entry in the log. A step is taken once: the primary key is the last word on that."""

    __tablename__ = "law_steps"

    proposal: Mapped[int] = mapped_column(Integer, ForeignKey("law_proposals.number"), primary_key=True)
    step: Mapped[str] = mapped_column(String(20), primary_key=True)
    who: Mapped[str] = mapped_column(String(63))
    key: Mapped[str] = mapped_column(String(10))
    time: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    entry: Mapped[str] = mapped_column(String(300))


class EnactmentRow(Base):
    """A text that came into force. The one with the greatest number is in force; the number grows by one."""

    __tablename__ = "law_enactments"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(String(64), ForeignKey("law_texts.id"))
    way: Mapped[str] = mapped_column(String(20))
    proposal: Mapped[int | None] = mapped_column(Integer, ForeignKey("law_proposals.number"))
    who: Mapped[str] = mapped_column(String(63))
    key: Mapped[str] = mapped_column(String(10))
    time: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(Text)
    entry: Mapped[str] = mapped_column(String(300))
