"""The tables of ``audit``'s index, private to it. Knows columns; a migration of ``storage`` makes them.

A row is one leaf of a log, named by the log's origin and the entry's index. ``time`` is the start of its bucket (Unix seconds).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from daffa.storage import Base

__all__ = ["ChangeRow", "DecisionRow", "OutcomeRow"]


class DecisionRow(Base):
    """A decision."""

    __tablename__ = "audit_decisions"
    __table_args__ = (Index(None, "origin", "time"), Index(None, "origin", "place"))

    origin: Mapped[str] = mapped_column(String(200), primary_key=True)
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    time: Mapped[int] = mapped_column(BigInteger)
    door: Mapped[str] = mapped_column(String(200))
    verdict: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(200))
    level: Mapped[int] = mapped_column(Integer)
    bundle: Mapped[str] = mapped_column(String(200))


class OutcomeRow(Base):
    """What became of the decision with index ``decision``."""

    __tablename__ = "audit_outcomes"
    __table_args__ = (Index(None, "origin", "time"), Index(None, "origin", "decision"))

    origin: Mapped[str] = mapped_column(String(200), primary_key=True)
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    time: Mapped[int] = mapped_column(BigInteger)
    decision: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(200))
    http_status: Mapped[int] = mapped_column(Integer)
    tokens_in: Mapped[int] = mapped_column(BigInteger)
    tokens_out: Mapped[int] = mapped_column(BigInteger)
    bytes_out: Mapped[int] = mapped_column(BigInteger)


class ChangeRow(Base):
    """An administrative change."""

    __tablename__ = "audit_changes"
    __table_args__ = (Index(None, "origin", "time"),)

    origin: Mapped[str] = mapped_column(String(200), primary_key=True)
    entry: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    time: Mapped[int] = mapped_column(BigInteger)
    action: Mapped[str] = mapped_column(String(200))
