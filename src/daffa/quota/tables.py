"""The tables of ``quota``, private to it. Knows columns; a migration of ``storage`` makes them.

Amounts are whole numbers, instants Unix seconds. A counter and a lease are about one rule in the period that begins at
``window``. What is spent and what is leased never exceed the rule together.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from daffa.storage import Base

__all__ = ["CounterRow", "LeaseRow", "PriorityRow", "RuleRow", "StateRow", "WorkerRow"]


class RuleRow(Base):
    """A rule; ``model`` is empty where it is about all models."""

    __tablename__ = "quota_rules"
    __table_args__ = (UniqueConstraint("scope", "subject", "model", "measure", "period"),)

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    scope: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(63))
    model: Mapped[str] = mapped_column(String(64))
    measure: Mapped[str] = mapped_column(String(20))
    period: Mapped[str] = mapped_column(String(20))
    most: Mapped[int] = mapped_column(BigInteger)


class CounterRow(Base):
    """What was spent in a period; ``wanted`` is when a worker last missed what others held."""

    __tablename__ = "quota_counters"

    rule: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    window: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    until: Mapped[int] = mapped_column(BigInteger)
    spent: Mapped[int] = mapped_column(BigInteger)
    wanted: Mapped[int] = mapped_column(BigInteger)


class LeaseRow(Base):
    """What a worker may spend of a rule in a period, and nobody else."""

    __tablename__ = "quota_leases"

    rule: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    window: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    worker: Mapped[str] = mapped_column(String(200), primary_key=True)
    amount: Mapped[int] = mapped_column(BigInteger)


class WorkerRow(Base):
    """A worker, named by its log.

    Its leases are good until ``expires``. The entries of its log before ``position`` are in the counters, those from
    there on are not; ``batch`` numbers the last that came in, so that none comes in twice.
    """

    __tablename__ = "quota_workers"

    worker: Mapped[str] = mapped_column(String(200), primary_key=True)
    expires: Mapped[int] = mapped_column(BigInteger)
    position: Mapped[int] = mapped_column(BigInteger)
    batch: Mapped[int] = mapped_column(BigInteger)


class PriorityRow(Base):
    """How urgent the requests of a subject are; whoever has no row is as urgent as most."""

    __tablename__ = "quota_priorities"

    scope: Mapped[str] = mapped_column(String(20), primary_key=True)
    subject: Mapped[str] = mapped_column(String(63), primary_key=True)
    priority: Mapped[str] = mapped_column(String(20))


class StateRow(Base):
    """The one row (``id`` 1): ``version`` counts every change, ``last`` is the last number given to a rule."""

    __tablename__ = "quota_state"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(Integer)
