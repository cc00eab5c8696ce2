"""The table of ``guard``, private to it. Knows columns; a migration of ``storage`` makes them."""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from daffa.storage import Base

__all__ = ["IncidentRow"]


class IncidentRow(Base):
    """An incident; ``question`` and ``opinions`` are JSON. Never deleted: a number means one incident for ever."""

    __tablename__ = "incidents"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(20))
    fingerprint: Mapped[str] = mapped_column(String(64))
    bundle: Mapped[str] = mapped_column(String(64))
    question: Mapped[str] = mapped_column(Text)
    opinions: Mapped[str] = mapped_column(Text)
    reference: Mapped[str] = mapped_column(String(300))
    opened: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    times: Mapped[int] = mapped_column(BigInteger)
    closed: Mapped[int | None] = mapped_column(BigInteger, index=True)
    closed_by: Mapped[str | None] = mapped_column(String(200))
    why: Mapped[str | None] = mapped_column(Text)
