"""The index: the log's clear fields in the database, for questions that a log answers slowly. Knows no details.

The log is the truth. The index follows it, may lag behind it, and can be built anew from it at any time.
"""

from __future__ import annotations

import asyncio
import functools
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import ColumnElement, delete, func, select

from daffa.errors import Conflict, Invalid
from daffa.storage import Base, Database, ReadSession

from .entry import ChangeLeaf, DecisionLeaf, Leaf, OutcomeLeaf, read_leaf
from .reader import Reader
from .tables import ChangeRow, DecisionRow, OutcomeRow
from .tiles import ENTRIES, WIDTH, tile_name
from .tree import Tree, damaged

__all__ = ["Ended", "Found", "Index", "Total", "Usage"]


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of a decision, as its outcome entry ``index`` says it."""

    index: int
    status: str
    http_status: int
    tokens_in: int
    tokens_out: int
    bytes_out: int


@dataclass(frozen=True, slots=True)
class Found:
    """A decision in the index. ``time`` is the start of its bucket (Unix seconds); ``outcome`` is ``None`` while it is open."""

    index: int
    time: int
    door: str
    verdict: str
    place: str
    level: int
    bundle: str
    outcome: Ended | None


@dataclass(frozen=True, slots=True)
class Usage:
    """What went to a place and came back, summed over the outcomes of its decisions."""

    place: str
    outcomes: int
    tokens_in: int
    tokens_out: int
    bytes_out: int


@dataclass(frozen=True, slots=True)
class Total:
    """Decisions of one UTC day with one verdict about one place, and what came back under them.

    Attributes:
        day: the day's first second (Unix seconds).
        status: of their outcomes; ``""`` where there is none.
        decisions: how many they are.
    """

    day: int
    place: str
    verdict: str
    status: str
    decisions: int
    tokens_in: int
    tokens_out: int


_DAY = 86_400
# Bundles of entries that one transaction takes up.
_BUNDLES = 8
_TABLES = (DecisionRow, OutcomeRow, ChangeRow)
_JOINED = (OutcomeRow.origin == DecisionRow.origin) & (OutcomeRow.decision == DecisionRow.entry)

Row = tuple[str | int, ...]
Rows = dict[type[Base], list[Row]]


class Index:
    """The index of the log in ``folder``, kept in ``database``. Many logs may share one database."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._reader = Reader(folder)
        self._following = asyncio.Lock()

    async def follow(self) -> int:
        """Take up the entries that came under a checkpoint since the last time; how many the log has there.

        Raises ``Conflict`` (``audit_index_ahead``) where the log is shorter than the index: ``rebuild`` it;
        ``Invalid`` for a damaged log, what stands before the damage having been taken up.
        """
        async with self._following:
            checkpoint = self._reader.checkpoint()
            tree = self._reader.tree(checkpoint)
            async with self._database.read() as session:
                known = await _known(session, checkpoint.origin)
            if known > tree.size:
                raise Conflict("audit_index_ahead", indexed=known, size=tree.size)
            while known < tree.size:
                rows, end = await asyncio.to_thread(_many_rows, tree, checkpoint.origin, known)
                async with self._database.begin() as session:
                    for table, values in rows.items():
                        await session.insert(table, values)
                known = end
            return known

    async def rebuild(self) -> int:
        """Forget what the index knows of this log and take up the whole of it; how many entries that is."""
        origin = self._reader.checkpoint().origin
        async with self._following, self._database.begin() as session:
            for table in _TABLES:
                await session.execute(delete(table).where(table.origin == origin))
        return await self.follow()

    async def decisions(
        self,
        *,
        door: str | None = None,
        verdict: str | None = None,
        place: str | None = None,
        since: float | None = None,
        until: float | None = None,
        open_only: bool = False,
        before: int | None = None,
        limit: int = 100,
    ) -> list[Found]:
        """Decisions with their outcomes, newest first.

        ``verdict`` is ``"allow"`` or ``"refuse"``. ``since`` and ``until`` are Unix seconds and hold to a bucket.
        ``open_only`` keeps what was allowed and has no outcome yet. The next page is ``before`` the last index.
        """
        wanted = {DecisionRow.door: door, DecisionRow.verdict: verdict, DecisionRow.place: place}
        tests = [DecisionRow.origin == self._reader.checkpoint().origin, *_between(DecisionRow, since, until)]
        tests += [column == value for column, value in wanted.items() if value is not None]
        if open_only:
            tests += [DecisionRow.verdict == "allow", OutcomeRow.entry.is_(None)]
        if before is not None:
            tests.append(DecisionRow.entry < before)
        query = (
            select(DecisionRow, OutcomeRow)
            .outerjoin(OutcomeRow, _JOINED)
            .where(*tests)
            .order_by(DecisionRow.entry.desc())
            .limit(limit)
        )
        async with self._database.read() as session:
            return [_found(*row) for row in await session.rows(query)]

    async def usage(self, *, since: float | None = None, until: float | None = None) -> list[Usage]:
        """Tokens and bytes by place, over the outcomes recorded from ``since`` to ``until`` (Unix seconds, to a bucket)."""
        query = (
            select(
                DecisionRow.place,
                func.count(),
                func.sum(OutcomeRow.tokens_in),
                func.sum(OutcomeRow.tokens_out),
                func.sum(OutcomeRow.bytes_out),
            )
            .join(OutcomeRow, _JOINED)
            .where(DecisionRow.origin == self._reader.checkpoint().origin, *_between(OutcomeRow, since, until))
            .group_by(DecisionRow.place)
            .order_by(DecisionRow.place)
        )
        async with self._database.read() as session:
            return [Usage(place, *map(int, sums)) for place, *sums in await session.rows(query)]

    async def totals(self, *, since: float | None = None, until: float | None = None, before: int | None = None) -> list[Total]:
        """The decisions made from ``since`` to ``until`` (Unix seconds, to a bucket), summed by day, place, verdict and status.

        With ``before``, only those under that index. However long the log: a row is a sum, and the database makes it.
        """
        tests = [DecisionRow.origin == self._reader.checkpoint().origin, *_between(DecisionRow, since, until)]
        if before is not None:
            tests.append(DecisionRow.entry < before)
        status = func.coalesce(OutcomeRow.status, "").label("status")
        query = (
            select(
                (DecisionRow.time - DecisionRow.time % _DAY).label("day"),
                DecisionRow.place,
                DecisionRow.verdict,
                status,
                func.count(),
                func.coalesce(func.sum(OutcomeRow.tokens_in), 0),
                func.coalesce(func.sum(OutcomeRow.tokens_out), 0),
            )
            .outerjoin(OutcomeRow, _JOINED)
            .where(*tests)
            .group_by("day", DecisionRow.place, DecisionRow.verdict, status)
            .order_by("day", DecisionRow.place)
        )
        async with self._database.read() as session:
            return [
                Total(int(day), place, verdict, ended, *map(int, sums))
                for day, place, verdict, ended, *sums in await session.rows(query)
            ]


async def _known(session: ReadSession, origin: str) -> int:
    """How many entries of a log the index has gone through."""
    last = [await session.one(select(func.max(table.entry)).where(table.origin == origin)) for table in _TABLES]
    return 1 + max((entry for entry in last if entry is not None), default=-1)


def _between(table: type[DecisionRow | OutcomeRow], since: float | None, until: float | None) -> list[ColumnElement[bool]]:
    tests: list[ColumnElement[bool]] = []
    if since is not None:
        tests.append(table.time >= since)
    if until is not None:
        tests.append(table.time < until)
    return tests


def _found(row: DecisionRow, end: OutcomeRow | None) -> Found:
    outcome = Ended(end.entry, end.status, end.http_status, end.tokens_in, end.tokens_out, end.bytes_out) if end else None
    return Found(row.entry, row.time, row.door, row.verdict, row.place, row.level, row.bundle, outcome)


def _many_rows(tree: Tree, origin: str, start: int) -> tuple[Rows, int]:
    """The rows of the entries from ``start`` on, of as many bundles as one transaction takes up, and the index after them.

    What stands before damage is given first, by itself.
    """
    gathered: Rows = {}
    end = start
    for _ in range(_BUNDLES):
        if end >= tree.size:
            break
        try:
            rows, end = _rows(tree, origin, end)
        except Invalid:
            if end == start:
                raise
            break
        for table, values in rows.items():
            gathered.setdefault(table, []).extend(values)
    return gathered, end


def _rows(tree: Tree, origin: str, start: int) -> tuple[Rows, int]:
    """The rows of the entries from ``start`` to the end of their bundle, and the index after it."""
    number = start // WIDTH
    file = tile_name(ENTRIES, number, tree.width(0, number))
    entries, whole = tree.bundle(number)
    if not whole:
        raise damaged(file, f"{tree.width(0, number)} entries", f"{len(entries)} and a rest")
    rows: Rows = {}
    for index, entry in enumerate(entries[start % WIDTH :], start):
        try:
            leaf = read_leaf(entry)
            if leaf is not None:  # a later version may have written kinds that this one has no table for
                table, row = _row(origin, index, leaf)
                rows.setdefault(table, []).append(row)
        except (Invalid, ValueError):
            raise Invalid("audit_entry_altered", index=index, file=file) from None
    return rows, number * WIDTH + len(entries)


def _row(origin: str, index: int, leaf: Leaf) -> tuple[type[Base], Row]:
    """The table of a leaf, and its row there, in the order of the table's columns."""
    named = (origin, index, _seconds(leaf.time))
    if isinstance(leaf, DecisionLeaf):
        return DecisionRow, (*named, leaf.door, leaf.verdict, leaf.place, leaf.level, leaf.bundle)
    if isinstance(leaf, OutcomeLeaf):
        told = (leaf.decision, leaf.status, leaf.http_status, leaf.tokens_in, leaf.tokens_out, leaf.bytes_out)
        return OutcomeRow, (*named, *told)
    # An erasure and a change of key are changes too; their kind says which.
    return ChangeRow, (*named, leaf.action if isinstance(leaf, ChangeLeaf) else leaf.kind)


@functools.lru_cache(maxsize=64)
def _seconds(bucket: str) -> int:
    return int(datetime.fromisoformat(bucket).timestamp())
