"""The index is brought to what the database has: what is pending is fed to it, what it has too much is dropped.

The database is the truth. Each change of it leaves a row in ``library_pending`` in the same transaction; the row goes when the
index has followed. So a process that is killed anywhere leaves work to be done, and nothing that is wrong.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence

from sqlalchemy import Text, delete, func, insert, select, update

from daffa.search import Index, Passage
from daffa.storage import Database, ReadSession, WriteSession

from .tables import CollectionRow, DocumentRow, PassageRow, PendingRow

__all__ = ["Feeder", "revisions_of"]

_AT_ONCE = 1000
_MOST_PASSAGES = 5_000

Revisions = Mapping[str, str]
"""Of documents: what each was when it was read; one that was not there is missing."""


class Feeder:
    """Feeds one index from one database, one collection at a time: whoever changes the index holds ``turn``."""

    def __init__(self, database: Database, index: Index) -> None:
        self._database, self._index = database, index
        self.turn = asyncio.Lock()
        self.ending = asyncio.Event()

    async def feed(self, collection: str) -> None:
        """Bring ``collection`` into the index as the database has it now; one that is gone goes from there too.

        Stops early once ``ending`` is set: what is left is done after the next start.
        """
        more = True
        while more and not self.ending.is_set():
            async with self.turn:
                more = await self._feed_some(collection)

    async def reconcile(self) -> list[str]:
        """Look what the index lacks or has too much, and note it as pending; returns the collections that are to be fed."""
        async with self.turn:
            marks = await self._index.marks()
            async with self._database.begin() as session:
                rows = await session.rows(select(CollectionRow.id, CollectionRow.mark))
                for collection, mark in rows:
                    if _is_behind(marks.get(collection, ""), mark):
                        await session.execute(delete(PendingRow).where(PendingRow.collection == collection))
                        everything = select(DocumentRow.collection, DocumentRow.id).where(DocumentRow.collection == collection)
                        await session.execute(insert(PendingRow).from_select(["collection", "document"], everything))
                        await _set_mark(session, collection, "")
                pending = await session.all(select(PendingRow.collection).distinct())
            for collection in marks.keys() - {name for name, _ in rows}:
                await self._index.drop(collection)
        return sorted(pending)

    async def _feed_some(self, collection: str) -> bool:
        """Feed what fits into memory; whether there was anything."""
        async with self._database.read() as session:
            if await session.get(CollectionRow, collection) is None:
                known: Sequence[str] | None = None
            else:
                known = await _next(session, collection)
                revisions, passages = await _read(session, collection, known)
        if known is None:
            await self._index.drop(collection)
            return False
        if not known:
            return False
        held = {passage.document for passage in passages}
        if empty := [name for name in known if name not in held]:
            await self._index.drop(collection, empty)
        if passages:
            await self._index.put(passages)
        await self._confirm(collection, known, revisions)
        return True

    async def _confirm(self, collection: str, fed: Sequence[str], revisions: Revisions) -> None:
        """What was fed is no longer pending, unless somebody has changed it meanwhile: then it is again."""
        mark = (await self._index.marks()).get(collection, "")
        async with self._database.begin() as session:
            now = await revisions_of(session, collection, fed)
            for at in range(0, len(fed), _AT_ONCE):
                some = fed[at : at + _AT_ONCE]
                await session.execute(
                    delete(PendingRow).where(PendingRow.collection == collection, PendingRow.document.in_(some))
                )
            changed = [name for name in fed if now.get(name) != revisions.get(name)]
            if changed:
                await session.execute(insert(PendingRow), [{"collection": collection, "document": name} for name in changed])
            await _set_mark(session, collection, mark)


async def _set_mark(session: WriteSession, collection: str, mark: str) -> None:
    await session.execute(update(CollectionRow).where(CollectionRow.id == collection).values(mark=mark))


def _is_behind(mark: str, confirmed: str) -> bool:
    """Whether an index that says ``mark`` lacks a part of what it had when it said ``confirmed``."""
    epoch, _, counter = mark.rpartition("-")
    then, _, count = confirmed.rpartition("-")
    return epoch != then or not counter or int(counter) < int(count or 0)


async def _next(session: ReadSession, collection: str) -> list[str]:
    """The documents to feed next: as many as their passages allow."""
    of_document = (DocumentRow.collection == PendingRow.collection) & (DocumentRow.id == PendingRow.document)
    asked = (
        select(PendingRow.document, func.coalesce(DocumentRow.passages, 0))
        .outerjoin(DocumentRow, of_document)
        .where(PendingRow.collection == collection)
        .order_by(PendingRow.document)
        .limit(_MOST_PASSAGES)
    )
    names: list[str] = []
    together = 0
    for name, passages in await session.rows(asked):
        together += passages
        if names and together > _MOST_PASSAGES:
            break
        names.append(name)
    return names


async def _read(session: ReadSession, collection: str, names: Sequence[str]) -> tuple[Revisions, list[Passage]]:
    """The passages of documents as the index takes them."""
    passages: list[Passage] = []
    stretch = func.substr(DocumentRow.text, PassageRow.start + 1, PassageRow.length, type_=Text)
    joined = (PassageRow.collection == DocumentRow.collection) & (PassageRow.document == DocumentRow.id)
    for some in _parts(names):
        asked = select(
            PassageRow.id, PassageRow.document, stretch, DocumentRow.title, PassageRow.heading, DocumentRow.language,
            PassageRow.number, DocumentRow.work, DocumentRow.valid_from, DocumentRow.valid_to, DocumentRow.revision,
        ).join(DocumentRow, joined)  # fmt: skip
        asked = asked.where(PassageRow.collection == collection, PassageRow.document.in_(some)).order_by(PassageRow.id)
        for name, document, text, title, heading, *rest in await session.rows(asked):
            passages.append(Passage(name, collection, document, text, _titled(title, heading), *rest))
    return await revisions_of(session, collection, names), passages


def _titled(title: str, heading: str) -> str:
    """What a passage stands under: the document and the part of it."""
    return "\n".join(dict.fromkeys(part for part in (title, heading) if part))


async def revisions_of(session: ReadSession, collection: str, names: Sequence[str]) -> Revisions:
    """What the documents ``names`` are now."""
    found: dict[str, str] = {}
    for some in _parts(names):
        asked = select(DocumentRow.id, DocumentRow.revision)
        rows = await session.rows(asked.where(DocumentRow.collection == collection, DocumentRow.id.in_(some)))
        found.update((name, revision) for name, revision in rows)
    return found


def _parts(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[at : at + _AT_ONCE] for at in range(0, len(names), _AT_ONCE))
