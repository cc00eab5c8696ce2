"""The library as others see it: collections and documents put, dropped, found. Knows organisations by id; no person, no engine.

Each call says for which organisation it is (``""``: the house itself). What an organisation may not see raises what is
raised for what does not exist.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from daffa.decision import NEUTRAL, Label
from daffa.documents import Chunk, Document, Section, chunks
from daffa.errors import Denied, NotFound, Unavailable
from daffa.search import Index, Query, Reranker, Scope, VectorIndex, search_across
from daffa.storage import Database

from . import fields, register
from .feeding import Feeder
from .records import Collection, Held, NewDocument, Results, Shelved
from .vectorising import Embeds, Vectoriser

__all__ = ["Library"]

_AGAIN_S = 10
_MANY = 20  # documents; more are cut into passages beside the event loop


class Library:
    """Collections in a database, found by an index that follows it."""

    def __init__(
        self,
        database: Database,
        index: Index,
        clock: Callable[[], float],
        vectors: tuple[VectorIndex, Embeds] | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        self._database, self._index, self._clock, self._reranker = database, index, clock, reranker
        self._feeder = Feeder(database, index)
        self._vectoriser = Vectoriser(database, *vectors, self._feeder.turn) if vectors is not None else None
        self._catching_up: asyncio.Task[None] | None = None

    @classmethod
    async def open(
        cls,
        database: Database,
        index: Index,
        clock: Callable[[], float],
        vectors: tuple[VectorIndex, Embeds] | None = None,
        reranker: Reranker | None = None,
    ) -> Library:
        """A library of what ``database`` has. What ``index`` lacks of it is brought in while it is used already.

        ``vectors``: the index once more, as what keeps vectors, and who makes them; without, passages have none.
        ``reranker``: who takes a second look at what the words of a question found; without, their scores order it.
        """
        library = cls(database, index, clock, vectors, reranker)
        if library._vectoriser is not None:
            library._vectoriser.begin()
        library._catch_up()
        return library

    async def settled(self) -> None:
        """Wait until the index has what the database had at the start."""
        if self._catching_up is not None:
            await asyncio.shield(self._catching_up)

    async def embedded(self) -> None:
        """Wait until every passage has its vector that can have one; for ever where no model answers."""
        await self.settled()
        if self._vectoriser is not None:
            await self._vectoriser.done()

    async def close(self) -> None:
        """Stop catching up; what is missing then is brought in after the next start."""
        self._feeder.ending.set()
        if self._vectoriser is not None:
            await self._vectoriser.close()
        if self._catching_up is not None:
            await self._catching_up

    # Collections

    async def create(self, organisation: str, name: str, *, title: str = "", floor: Label = NEUTRAL) -> Collection:
        """A new collection of ``organisation``; its id is ``ORGANISATION.NAME``, and ``NAME`` for one of everybody's.

        Raises ``Invalid`` naming the field, and ``Conflict`` where the organisation has one of this name.
        """
        own = fields.name(name)
        new = Collection(
            id=f"{organisation}.{own}" if organisation else own,
            organisation=organisation,
            title=fields.title(title),
            floor=floor,
            created=float(int(self._clock())),
        )
        async with self._database.begin() as session:
            await register.add_collection(session, new)
        return new

    async def collections(self, organisation: str) -> list[Collection]:
        """The collections of ``organisation`` and of everybody, by id."""
        async with self._database.read() as session:
            return await register.collections(session, organisation)

    async def collection(self, organisation: str, wanted: str) -> Collection:
        """One collection, by its id, or by its name where it is the organisation's own; raises ``NotFound``."""
        async with self._database.read() as session:
            row = await register.find_collection(session, organisation, wanted)
            return (await register.collections(session, organisation, row.id))[0]

    async def delete(self, organisation: str, wanted: str) -> Collection:
        """Delete a collection with all that it has, here and in the index. Raises ``NotFound``, ``Denied``."""
        found = await self._own(organisation, wanted)
        async with self._database.begin() as session:
            await register.remove_collection(session, found.id)
        await self._follow(found.id)
        await self._database.scrub()
        return found

    # Documents

    async def put(self, organisation: str, wanted: str, documents: Sequence[NewDocument]) -> list[Shelved]:
        """Keep documents, all or none, in the place of those of the same id; they are found when this returns.

        Raises ``Invalid`` naming the document and the field, ``NotFound`` and ``Denied`` for the collection.
        """
        found = await self._own(organisation, wanted)
        fields.check_documents(documents)
        if not documents:
            return []
        cut = await asyncio.to_thread(_cut, documents) if len(documents) > _MANY else _cut(documents)
        async with self._database.begin() as session:
            await register.find_collection(session, organisation, found.id)  # it may be gone meanwhile
            await register.add_documents(session, found.id, cut, int(self._clock()))
            kept = await register.find_documents(session, found.id, [new.id for new in documents])
        await self._follow(found.id, [new.id for new in documents])
        return kept

    async def drop(self, organisation: str, wanted: str, document: str) -> Shelved:
        """Delete a document: when this returns it is neither here nor in the index. Raises ``NotFound``, ``Denied``."""
        found = await self._own(organisation, wanted)
        async with self._database.begin() as session:
            gone = await register.find_document(session, found.id, document)
            await register.remove_documents(session, found.id, [document])
        await self._follow(found.id)
        await self._database.scrub()
        return gone

    async def documents(self, organisation: str, wanted: str, *, after: str = "", limit: int = 100) -> list[Shelved]:
        """Documents of a collection by id, from the first one behind ``after`` on; raises ``NotFound``."""
        async with self._database.read() as session:
            row = await register.find_collection(session, organisation, wanted)
            return await register.documents(session, row.id, after, limit)

    async def texts(self, organisation: str, wanted: str, *, after: str = "", limit: int = 100) -> list[tuple[Shelved, str]]:
        """As ``documents``, each with its whole text; raises ``NotFound``."""
        async with self._database.read() as session:
            row = await register.find_collection(session, organisation, wanted)
            return await register.texts(session, row.id, after, limit)

    async def document(self, organisation: str, wanted: str, document: str) -> tuple[Shelved, str]:
        """A document and its whole text; raises ``NotFound``."""
        async with self._database.read() as session:
            row = await register.find_collection(session, organisation, wanted)
            found = await register.find_document(session, row.id, document)
            return found, await register.text_of(session, row.id, document)

    async def passage(self, organisation: str, wanted: str, passage: str) -> Held:
        """One passage; raises ``NotFound``."""
        async with self._database.read() as session:
            row = await register.find_collection(session, organisation, wanted)
            found = await register.find_passages(session, [(row.id, passage)])
        if not found:
            raise NotFound("unknown_passage", collection=row.id, passage=passage[:220])
        return found[(row.id, passage)]

    # Finding

    async def scope(
        self, organisation: str, wanted: Iterable[str] = (), *, day: int | None = None, languages: Iterable[str] = ()
    ) -> Scope:
        """Where ``organisation`` may look: in all that it may see, or in the collections ``wanted`` of it.

        Raises ``NotFound`` for one that it may not see, as for one that is not there.
        """
        async with self._database.read() as session:
            named = [(await register.find_collection(session, organisation, one)).id for one in wanted]
            ids = named or [one.id for one in await register.collections(session, organisation)]
        return Scope(frozenset(ids), day, frozenset(languages))

    async def find(self, query: Query, scope: Scope, k: int) -> Results:
        """The best ``k`` passages within ``scope``, the best first; see ``search_across``. Raises ``Unavailable``."""
        if self._vectoriser is not None and query.vector:
            self._vectoriser.noticed(len(query.vector))
        try:
            found = await search_across(self._index, query, scope, k, self._reranker)
        except Unavailable:
            self._catch_up()
            raise
        async with self._database.read() as session:
            held = await register.find_passages(session, [(hit.collection, hit.id) for hit in found.hits])
        # What was deleted a moment ago may still have been found: it is not shown.
        kept = ((held.get((hit.collection, hit.id)), hit.score) for hit in found.hits)
        return Results(tuple((passage, score) for passage, score in kept if passage is not None), found.version)

    async def _own(self, organisation: str, wanted: str) -> Collection:
        """A collection that ``organisation`` may change."""
        found = await self.collection(organisation, wanted)
        if found.organisation != organisation:
            raise Denied("collection_of_everybody", collection=found.id)
        return found

    async def _follow(self, collection: str, new: Sequence[str] = ()) -> None:
        """Have the index follow what was changed; where it cannot now, it does later, and the caller is told."""
        try:
            await self._feeder.feed(collection)
        except Unavailable:
            self._catch_up()
            raise
        if new and self._vectoriser is not None:
            self._vectoriser.wake(collection, new)

    def _catch_up(self) -> None:
        if self._catching_up is None or self._catching_up.done():
            self._catching_up = asyncio.create_task(self._bring_in())

    async def _bring_in(self) -> None:
        ending = self._feeder.ending
        while not ending.is_set():
            try:
                for collection in await self._feeder.reconcile():
                    await self._feeder.feed(collection)
            except Unavailable:  # a disk or a server that does not answer now: what is pending stays so
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(ending.wait(), _AGAIN_S)
            else:
                break
        if self._vectoriser is not None and not ending.is_set():
            self._vectoriser.wake_all()


def _cut(documents: Sequence[NewDocument]) -> list[tuple[NewDocument, Sequence[Chunk]]]:
    return [(new, chunks(_parted(new.document))) for new in documents]


def _parted(document: Document) -> Document:
    """``document``; one without sections is one section."""
    return document if document.sections else replace(document, sections=(Section("", 1, 0, len(document.text)),))
