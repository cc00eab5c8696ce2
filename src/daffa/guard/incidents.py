"""Incidents: what two judges differed on stands open, in the database and in the log, until an operator closes it.

Knows rows and entries; nothing of laws or of what a decision lets out. The log is the truth about each refusal; a row
counts them. What is counted again waits in memory for the next turn, so that a flood writes one row and not a thousand.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import func, select

from daffa import audit
from daffa.errors import Conflict, DaffaError, Invalid, NotFound
from daffa.policy import reason_of
from daffa.storage import Database, WriteSession

from .finding import Finding
from .tables import IncidentRow

__all__ = ["Incident", "Incidents"]

Done = TypeVar("Done")

# So many stand open; what differs in yet another way is counted on the newest. Nobody reads more, and nobody fills the disk.
_MOST_OPEN = 100
_PAGE = 100

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident as it stands; instants are Unix seconds (UTC).

    Attributes:
        number: its name, counted from 1.
        kind: ``judges_differ`` or ``judge_silent``.
        open: whether it still waits for an operator.
        bundle: digest of the law that both judged by.
        question: the question as JSON, as nobody in particular asked it.
        table, cedar: ``{"allowed", "rules"}``; ``cedar`` is ``None`` where it was silent.
        reference: the entry of the first refusal.
        opened, last: when it was first and last seen.
        times: how often.
        closed, closed_by, why: when, by whom and for what reason it was closed.
    """

    number: int
    kind: str
    open: bool
    bundle: str
    question: dict[str, Any]
    table: dict[str, Any]
    cedar: dict[str, Any] | None
    reference: str
    opened: int
    last: int
    times: int
    closed: int | None
    closed_by: str | None
    why: str | None


@dataclass(slots=True)
class _Count:
    """How often a finding was made, and how much of that is in the database; ``entered``: its number in the log."""

    finding: Finding
    reference: str
    first: int
    last: int = 0
    seen: int = 0
    kept: int = 0
    entered: int = 0


class Incidents:
    """The incidents of a house. Make it with ``open``; call ``refresh`` as often as others may be late to notice one.

    Several processes may share the database: each reads again and again what stands open.
    """

    def __init__(self, database: Database, log: audit.Audit, clock: Callable[[], float]) -> None:
        self._database = database
        self._log = log
        self._clock = clock
        self._open: dict[str, int] = {}  # the numbers of those known to stand open, by fingerprint
        self._counts: dict[str, _Count] = {}
        self._turn: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    @classmethod
    async def open(cls, database: Database, log: audit.Audit, clock: Callable[[], float]) -> Incidents:
        """Read what stands open. ``clock`` gives seconds since 1970 (UTC). Raises ``Unavailable``."""
        incidents = cls(database, log, clock)
        await incidents.refresh()
        return incidents

    @property
    def watching(self) -> bool:
        """Whether any stands open, or is yet to be written."""
        return bool(self._open or self._counts)

    @property
    def standing(self) -> int:
        """How many stand open, as far as this process knows."""
        return max(len(self._open), int(self.watching))

    async def raised(self, finding: Finding, reference: str) -> None:
        """Open an incident, or count up the open one of the same fingerprint.

        A new one is durable when this returns. Where it cannot be written, our own messages say so: from now on every
        decision is looked at twice all the same, and the next finding and the next ``refresh`` try again.
        """
        count = self._counted(finding, reference)
        seen = count.seen
        try:
            while finding.fingerprint not in self._open and count.kept < seen:
                await self.refresh()
        except DaffaError as error:
            _logger.warning("an incident (%s) is not written yet: %s", reference, error)

    async def refresh(self) -> None:
        """Write what was counted, and read what stands open. Raises ``Unavailable``, and then nothing is forgotten."""
        if self._turn is None or self._turn.done():
            self._turn = self._task(self._take_turn())
        await asyncio.shield(self._turn)

    async def incidents(self, only: str | None = None, before: int | None = None) -> list[Incident]:
        """A hundred incidents, the newest first: ``open`` or ``closed`` ones or both, from those ``before`` a number.

        Raises ``Invalid`` where ``only`` is another word.
        """
        if only not in (None, "open", "closed"):
            raise Invalid("invalid_field", field="only", expected="open | closed", got=str(only)[:80])
        await self._refreshed()
        query = select(IncidentRow).order_by(IncidentRow.number.desc()).limit(_PAGE)
        if only is not None:
            query = query.where(IncidentRow.closed.is_(None) if only == "open" else IncidentRow.closed.is_not(None))
        if before is not None:
            query = query.where(IncidentRow.number < before)
        async with self._database.read() as session:
            return [_incident(row) for row in await session.all(query)]

    async def incident(self, number: int) -> Incident:
        """One incident; raises ``NotFound``."""
        await self._refreshed()
        async with self._database.read() as session:
            return _incident(_found(await session.get(IncidentRow, number), number))

    async def close(self, number: int, who: str, why: str) -> Incident:
        """Close an incident: ``who`` takes the responsibility, and ``why`` says on what ground. Both stand in the log.

        It makes nothing lawful: the same difference, seen again, is a new incident. Raises ``NotFound``, ``Conflict``
        (``incident_closed``) where it is closed already, and ``Invalid`` for a reason that says nothing.
        """
        why = reason_of(why)
        await self.refresh()  # what was counted so far belongs to it
        closed = await asyncio.shield(self._task(self._close(number, who, why)))
        self._open = {fingerprint: known for fingerprint, known in self._open.items() if known != number}
        return closed

    async def end(self) -> None:
        """Write what is still counted in memory: before the database is closed."""
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._counts:
            await self._refreshed()

    async def _refreshed(self) -> None:
        """``refresh``, as far as it can be done: a disk that takes nothing more may still be read."""
        try:
            await self.refresh()
        except DaffaError as error:
            _logger.warning("incidents are not written: %s", error)

    def _counted(self, finding: Finding, reference: str) -> _Count:
        fingerprint = finding.fingerprint
        if fingerprint not in self._counts and len(self._counts) >= _MOST_OPEN:
            fingerprint = next(iter(self._counts))
        now = int(self._clock())
        count = self._counts.setdefault(fingerprint, _Count(finding, reference, now))
        count.seen, count.last = count.seen + 1, now
        return count

    async def _take_turn(self) -> None:
        if taken := {fingerprint: (count, count.seen) for fingerprint, count in self._counts.items()}:
            async with self._database.begin() as session:
                numbers = {name: await self._write(session, name, *counted) for name, counted in taken.items()}
            self._open |= numbers
            for fingerprint, (count, seen) in taken.items():
                count.kept = seen
                if count.kept == count.seen:
                    del self._counts[fingerprint]
        async with self._database.read() as session:
            query = select(IncidentRow.fingerprint, IncidentRow.number).where(IncidentRow.closed.is_(None))
            self._open = {row.fingerprint: row.number for row in await session.rows(query)}

    async def _write(self, session: WriteSession, fingerprint: str, count: _Count, seen: int) -> int:
        """Count up the open incident of this fingerprint, or open one. Writers wait for one another: nobody opens it too."""
        is_open = IncidentRow.closed.is_(None)
        newest = select(IncidentRow).where(is_open).order_by(IncidentRow.number.desc())
        row = await session.one(newest.where(IncidentRow.fingerprint == fingerprint))
        if row is None and (await session.one(select(func.count()).where(is_open)) or 0) >= _MOST_OPEN:
            row = await session.one(newest)
        if row is not None:
            row.times, row.last = row.times + seen - count.kept, max(row.last, count.last)
            return row.number
        number = (await session.one(select(func.max(IncidentRow.number))) or 0) + 1
        row = _row(number, fingerprint, count, seen - count.kept)
        await session.add(row)
        if count.entered != number:  # else only the row was lost, at an earlier try
            details: dict[str, Any] = {"incident": number, "kind": row.kind, "reference": row.reference, "bundle": row.bundle}
            await self._log.change(audit.Change("incident_opened", self._clock(), details))
            count.entered = number
        return number

    async def _close(self, number: int, who: str, why: str) -> Incident:
        async with self._database.begin() as session:
            row = _found(await session.get(IncidentRow, number), number)
            if row.closed is not None:
                raise Conflict("incident_closed", incident=number, by=row.closed_by)
            now = self._clock()
            # Inside the transaction: no incident is closed without an entry that says who did it.
            details: dict[str, Any] = {"incident": number, "actor": who, "reason": why}
            await self._log.change(audit.Change("incident_closed", now, details))
            row.closed, row.closed_by, row.why = int(now), who, why
        return _incident(row)

    def _task(self, work: Coroutine[Any, Any, Done]) -> asyncio.Task[Done]:
        """``work`` as a task that goes on when whoever waits for it leaves."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # whoever waits for it hears of it


def _row(number: int, fingerprint: str, count: _Count, times: int) -> IncidentRow:
    finding = count.finding
    return IncidentRow(
        number=number,
        kind=finding.kind,
        fingerprint=fingerprint,
        bundle=finding.bundle,
        question=json.dumps(finding.told),
        opinions=json.dumps(finding.opinions()),
        reference=count.reference,
        opened=count.first,
        last=count.last,
        times=times,
        closed=None,
        closed_by=None,
        why=None,
    )


def _found(row: IncidentRow | None, number: int) -> IncidentRow:
    if row is None:
        raise NotFound("unknown_incident", incident=number)
    return row


def _incident(row: IncidentRow) -> Incident:
    opinions = json.loads(row.opinions)
    return Incident(
        number=row.number,
        kind=row.kind,
        open=row.closed is None,
        bundle=row.bundle,
        question=json.loads(row.question),
        table=opinions["table"],
        cedar=opinions["cedar"],
        reference=row.reference,
        opened=row.opened,
        last=row.last,
        times=row.times,
        closed=row.closed,
        closed_by=row.closed_by,
        why=row.why,
    )
