"""Collections, documents and passages in the database, inside a transaction that is given. Knows rows; no index.

What an organisation may see is a condition of the query itself: what it may not see is found as little as what is not there.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, insert, or_, select

from daffa.decision import NEUTRAL, Label
from daffa.documents import Chunk
from daffa.errors import Conflict, NotFound
from daffa.storage import ReadSession, WriteSession

from . import fields
from .records import VISITORS, Collection, Held, NewDocument, Shelved
from .tables import CollectionRow, DocumentRow, PassageRow, PendingRow

__all__ = [
    "add_collection",
    "add_documents",
    "collections",
    "documents",
    "find_collection",
    "find_document",
    "find_documents",
    "find_passages",
    "remove_collection",
    "remove_documents",
    "text_of",
    "texts",
]

_AT_ONCE = 1000
_STRETCH = func.substr(DocumentRow.text, PassageRow.start + 1, PassageRow.length)
_OF_DOCUMENT = and_(PassageRow.collection == DocumentRow.collection, PassageRow.document == DocumentRow.id)
_SHELVED: tuple[Any, ...] = (
    DocumentRow.collection, DocumentRow.id, DocumentRow.title, DocumentRow.language, DocumentRow.label, DocumentRow.work,
    DocumentRow.link, DocumentRow.valid_from, DocumentRow.valid_to, DocumentRow.passages, DocumentRow.added,
    CollectionRow.floor,
)  # fmt: skip
_HELD: tuple[Any, ...] = (
    PassageRow.collection, PassageRow.document, PassageRow.id, DocumentRow.title, PassageRow.heading, _STRETCH.label("text"),
    PassageRow.start, DocumentRow.language, DocumentRow.label, CollectionRow.floor, PassageRow.number, DocumentRow.work,
    DocumentRow.link, DocumentRow.valid_from, DocumentRow.valid_to,
)  # fmt: skip


async def find_collection(session: ReadSession, organisation: str, wanted: str) -> CollectionRow:
    """The collection that ``organisation`` calls ``wanted``: by its id, or by its name where it is its own.

    Raises the very same ``NotFound`` for one that it may not see and for one that nobody has.
    """
    ids = [f"{organisation}.{wanted}", wanted] if "." not in wanted else [wanted]
    asked = select(CollectionRow).where(CollectionRow.id.in_(ids), _visible(organisation))
    found = await session.all(asked.order_by(CollectionRow.organisation.desc())) if fields.is_id(wanted) else ()
    if not found:
        raise NotFound("unknown_collection", collection=wanted[:130])
    return found[0]


async def collections(session: ReadSession, organisation: str, only: str = "") -> list[Collection]:
    """What ``organisation`` may see, by id, with how many documents each has."""
    held = select(DocumentRow.collection, func.count()).group_by(DocumentRow.collection)
    asked = select(CollectionRow).where(_visible(organisation)).order_by(CollectionRow.id)
    if only:
        held, asked = held.where(DocumentRow.collection == only), asked.where(CollectionRow.id == only)
    counted = {name: int(count) for name, count in await session.rows(held)}
    return [_collection(row, counted.get(row.id, 0)) for row in await session.all(asked)]


async def add_collection(session: WriteSession, new: Collection) -> None:
    """Keep a new collection. Raises ``Conflict`` where its organisation has one of this id."""
    if await session.get(CollectionRow, new.id) is not None:
        raise Conflict("collection_exists", collection=new.id)
    row = CollectionRow(
        id=new.id,
        organisation=new.organisation,
        title=new.title,
        floor=str(new.floor),
        created=int(new.created),
        mark="",
    )
    await session.add(row)


async def remove_collection(session: WriteSession, collection: str) -> None:
    """Take out a collection with all that it has."""
    for table in (PassageRow, DocumentRow, PendingRow):
        await session.execute(delete(table).where(table.collection == collection))
    await session.execute(delete(CollectionRow).where(CollectionRow.id == collection))


async def add_documents(
    session: WriteSession, collection: str, new: Sequence[tuple[NewDocument, Sequence[Chunk]]], now: int
) -> None:
    """Keep documents, in the place of those of the same id; the index is still to learn of them."""
    await remove_documents(session, collection, [document.id for document, _ in new])
    await session.execute(insert(DocumentRow), [_document(collection, *one, now) for one in new])
    passages = [passage for document, chunks in new for passage in _passages(collection, document.id, chunks)]
    if passages:
        await session.execute(insert(PassageRow), passages)


async def remove_documents(session: WriteSession, collection: str, ids: Sequence[str]) -> None:
    """Take out documents where they are there; the index is still to learn of it."""
    for at in range(0, len(ids), _AT_ONCE):
        some = ids[at : at + _AT_ONCE]
        await session.execute(delete(PassageRow).where(PassageRow.collection == collection, PassageRow.document.in_(some)))
        await session.execute(delete(DocumentRow).where(DocumentRow.collection == collection, DocumentRow.id.in_(some)))
        await session.execute(delete(PendingRow).where(PendingRow.collection == collection, PendingRow.document.in_(some)))
    await session.execute(insert(PendingRow), [{"collection": collection, "document": name} for name in ids])


async def documents(session: ReadSession, collection: str, after: str, limit: int) -> list[Shelved]:
    """Documents of a collection by id, from the first one behind ``after`` on."""
    asked = _shelved().where(DocumentRow.collection == collection, DocumentRow.id > after)
    return [_to_shelved(row) for row in await session.rows(asked.order_by(DocumentRow.id).limit(limit))]


async def texts(session: ReadSession, collection: str, after: str, limit: int) -> list[tuple[Shelved, str]]:
    """``documents``, each with its whole text."""
    asked = _shelved().add_columns(DocumentRow.text).where(DocumentRow.collection == collection, DocumentRow.id > after)
    rows = [row._asdict() for row in await session.rows(asked.order_by(DocumentRow.id).limit(limit))]
    return [(_told(facts), text) for facts in rows for text in (facts.pop("text"),)]


async def find_document(session: ReadSession, collection: str, name: str) -> Shelved:
    """One document, without its text; raises ``NotFound``."""
    found = await find_documents(session, collection, [name]) if "\0" not in name else []
    if not found:
        raise NotFound("unknown_document", collection=collection, document=name[:200])
    return found[0]


async def find_documents(session: ReadSession, collection: str, names: Sequence[str]) -> list[Shelved]:
    """The documents of these ids that are there, in the order of ``names``."""
    found: dict[str, Shelved] = {}
    for at in range(0, len(names), _AT_ONCE):
        asked = _shelved().where(DocumentRow.collection == collection, DocumentRow.id.in_(names[at : at + _AT_ONCE]))
        found |= {shelved.id: shelved for shelved in map(_to_shelved, await session.rows(asked))}
    return [found[name] for name in names if name in found]


async def text_of(session: ReadSession, collection: str, name: str) -> str:
    """The text of a document that is there."""
    asked = select(DocumentRow.text).where(DocumentRow.collection == collection, DocumentRow.id == name)
    return await session.one(asked) or ""


async def find_passages(session: ReadSession, wanted: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Held]:
    """The passages (collection, id) that are still there."""
    by_collection: dict[str, list[str]] = {}
    for collection, name in wanted:
        if "\0" not in name:  # which PostgreSQL takes for no text
            by_collection.setdefault(collection, []).append(name)
    if not by_collection:
        return {}
    one_of = [and_(PassageRow.collection == name, PassageRow.id.in_(ids)) for name, ids in by_collection.items()]
    return {(row.collection, row.id): _to_held(row) for row in await session.rows(_held().where(or_(*one_of)))}


def _visible(organisation: str) -> ColumnElement[bool]:
    everybodys = CollectionRow.organisation == ""
    if organisation == VISITORS:
        return and_(everybodys, CollectionRow.floor == str(NEUTRAL))
    return or_(CollectionRow.organisation == organisation, everybodys)


def _shelved() -> Select[Any]:
    asked: Select[Any] = select(*_SHELVED)
    return asked.join(CollectionRow, CollectionRow.id == DocumentRow.collection)


@cache
def _held() -> Select[Any]:
    asked: Select[Any] = select(*_HELD)
    return asked.join(DocumentRow, _OF_DOCUMENT).join(CollectionRow, CollectionRow.id == PassageRow.collection)


def _collection(row: CollectionRow, held: int) -> Collection:
    return Collection(row.id, row.organisation, row.title, Label.parse(row.floor), float(row.created), held)


def _to_shelved(row: Any) -> Shelved:
    return _told(row._asdict())


def _told(facts: dict[str, Any]) -> Shelved:
    """A row of ``_SHELVED``; the label has the collection's floor in it."""
    return Shelved(**facts | {"label": _joined(facts.pop("floor"), facts["label"]), "added": float(facts["added"])})


def _to_held(row: Any) -> Held:
    """A row of ``_HELD``; the label has the collection's floor in it."""
    facts = row._asdict()
    return Held(**facts | {"label": _joined(facts.pop("floor"), facts["label"])})


@lru_cache(maxsize=1024)
def _joined(floor: str, label: str) -> Label:
    return Label.parse(floor) | Label.parse(label)


def _document(collection: str, new: NewDocument, chunks: Sequence[Chunk], now: int) -> dict[str, Any]:
    return {
        "collection": collection,
        "id": new.id,
        "title": fields.heading(new.document.title),
        "language": new.document.language,
        "label": str(new.label),
        "work": new.work,
        "link": new.link,
        "valid_from": new.valid_from,
        "valid_to": new.valid_to,
        "passages": len(chunks),
        "added": now,
        "revision": secrets.token_hex(8),
        "text": new.document.text,
    }


def _passages(collection: str, document: str, chunks: Sequence[Chunk]) -> list[dict[str, Any]]:
    return [
        {
            "collection": collection,
            "id": f"{document}@{number}",
            "document": document,
            "heading": fields.heading(f"{chunk.above} › {chunk.heading}" if chunk.above else chunk.heading),
            "number": chunk.number[:100],
            "start": chunk.start,
            "length": len(chunk.text),
        }
        for number, chunk in enumerate(chunks)
    ]
