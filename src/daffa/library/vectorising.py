"""Passages get their vectors, behind whoever put them: what lacks one is embedded in batches and kept. Knows no model.

Nothing waits for it. What cannot be embedded now is tried again; what the law refuses is left without until the next start,
and is found by its words. The index itself says what lacks a vector, so a process that is killed anywhere loses no more
than the batch it was at.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Protocol

from sqlalchemy import select

from daffa.decision import Label
from daffa.errors import Unavailable
from daffa.search import Vector, VectorIndex
from daffa.storage import Database

from .feeding import revisions_of
from .records import Held
from .register import find_passages
from .tables import CollectionRow, DocumentRow, PassageRow

__all__ = ["Embeds", "Vectoriser"]

_AGAIN_S = 30
_DOCUMENTS = 100  # looked at together
_BATCH = 64

_Key = tuple[str, str, str]
"""A passage's collection, id and revision."""


class _Unsteady(Exception):
    """The model gives vectors now of this length, now of that: all would be embedded again and again."""


class Embeds(Protocol):
    """Who makes vectors of passages."""

    async def passages(self, organisation: str, texts: Sequence[tuple[str, Label]]) -> Sequence[Sequence[float] | None]:
        """A vector for each text, under its label, on behalf of an organisation (``""``: everybody's, published by the house).

        ``None`` where it is not to be had: the law refuses it, or the model will not take it. Raises ``Unavailable`` where
        it may be had later.
        """
        ...


class Vectoriser:
    """Embeds what lacks a vector, one collection after the other, in a task of its own.

    Args:
        database, index: of the library.
        embeds: makes the vectors.
        turn: held by whoever changes the index.
    """

    def __init__(self, database: Database, index: VectorIndex, embeds: Embeds, turn: asyncio.Lock) -> None:
        self._database, self._index, self._embeds, self._turn = database, index, embeds, turn
        self._wanted: dict[str, set[str] | None] = {}
        self._without: set[_Key] = set()
        self._length, self._all = 0, False
        self._called, self._idle = asyncio.Event(), asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Start looking; nothing is embedded before ``wake``."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stop at once; what is missing then is embedded after the next start."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def wake(self, collection: str, documents: Sequence[str] | None = None) -> None:
        """Look whether ``documents`` of a collection lack vectors, or all that it has."""
        known = self._wanted.setdefault(collection, set())
        self._wanted[collection] = None if documents is None or known is None else known | set(documents)
        self._idle.clear()
        self._called.set()

    def wake_all(self) -> None:
        """Look through everything."""
        self._all = True
        self._idle.clear()
        self._called.set()

    def noticed(self, length: int) -> None:
        """The model gives vectors of this length: where it gave others before, all is embedded again."""
        if length != self._length:
            self._length = length
            self.wake_all()

    async def done(self) -> None:
        """Wait until nothing is left to be looked at."""
        await self._idle.wait()

    async def _run(self) -> None:
        while True:
            self._called.clear()
            try:
                await self._next()
            except (Unavailable, _Unsteady):  # the model, the disk, the database: each may come back
                self._called.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._called.wait(), _AGAIN_S)

    async def _next(self) -> None:
        """One collection; where none is to be looked at, wait until one is."""
        if self._all:
            async with self._database.read() as session:
                names = await session.all(select(CollectionRow.id).order_by(CollectionRow.id))
            self._all = False
            for name in names:
                self.wake(name)
        if not self._wanted:
            self._idle.set()
            await self._called.wait()
            return
        collection, documents = next(iter(self._wanted.items()))
        del self._wanted[collection]
        try:
            await self._look(collection, documents)
        except (Unavailable, _Unsteady):
            self.wake(collection, None if documents is None else sorted(documents))
            raise

    async def _look(self, collection: str, documents: set[str] | None) -> None:
        """Embed what lacks a vector, page by page."""
        names = None if documents is None else sorted(documents)
        after, at = "", 0
        while True:
            if names is None:
                page = await self._page(collection, after)
            else:
                page, at = names[at : at + _DOCUMENTS], at + _DOCUMENTS
            if not page:
                return
            after = page[-1]
            await self._embed(collection, page)

    async def _page(self, collection: str, after: str) -> Sequence[str]:
        asked = select(DocumentRow.id).where(DocumentRow.collection == collection, DocumentRow.id > after)
        async with self._database.read() as session:
            return await session.all(asked.order_by(DocumentRow.id).limit(_DOCUMENTS))

    async def _embed(self, collection: str, documents: Sequence[str]) -> None:
        asked = (
            select(PassageRow.id, DocumentRow.revision)
            .join(DocumentRow, (PassageRow.collection == DocumentRow.collection) & (PassageRow.document == DocumentRow.id))
            .where(PassageRow.collection == collection, PassageRow.document.in_(documents))
            .order_by(PassageRow.id)
        )
        async with self._database.read() as session:
            organisation = await session.one(select(CollectionRow.organisation).where(CollectionRow.id == collection))
            revisions = {row.id: row.revision for row in await session.rows(asked)}
        if organisation is None or not revisions:
            return
        lacking = await self._index.lacking(collection, revisions, self._length)
        wanted = [name for name in lacking if (collection, name, revisions[name]) not in self._without]
        for start in range(0, len(wanted), _BATCH):
            some = {name: revisions[name] for name in wanted[start : start + _BATCH]}
            await self._batch(collection, organisation, some)

    async def _batch(self, collection: str, organisation: str, revisions: dict[str, str]) -> None:
        async with self._database.read() as session:
            found = await find_passages(session, [(collection, name) for name in revisions])
        held = list(found.values())
        made = await self._embeds.passages(organisation, [(_text(one), one.label) for one in held])
        vectors = []
        for one, values in zip(held, made, strict=True):
            if values is None:
                self._without.add((collection, one.id, revisions[one.id]))
            else:
                days = (one.valid_from, one.valid_to)
                vectors.append(Vector(one.id, one.document, revisions[one.id], one.language, *days, values))
        if vectors:
            await self._keep(collection, vectors)
            known = self._length
            self.noticed(len(vectors[0].values))
            if known not in (0, self._length):
                raise _Unsteady

    async def _keep(self, collection: str, vectors: Sequence[Vector]) -> None:
        """Keep vectors of what is still there as it was embedded: meanwhile a document may have been dropped or replaced."""
        async with self._turn:
            async with self._database.read() as session:
                now = await revisions_of(session, collection, list({one.document for one in vectors}))
            current = [one for one in vectors if now.get(one.document) == one.revision]
            if current:
                await self._index.keep(collection, current)


def _text(held: Held) -> str:
    """What is embedded of a passage: what it stands under, and what it says."""
    return "\n".join(dict.fromkeys(part for part in (held.title, held.heading, held.text) if part))
