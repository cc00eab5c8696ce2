"""The routes of collections under ``/api/collections``: kept by stewards, searched by agents. Knows ``library`` by its face.

Everything is asked for the caller's organisation: what it may not see is answered as what is not there. No label of a
collection falls below the floor of who makes it or puts something into it. Every change is recorded in the log.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any

import msgspec
from litestar import Controller, delete, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody, QueryParameter

from daffa.assistant import Meaning
from daffa.decision import Label
from daffa.documents import Document, read_document, read_lines
from daffa.errors import Invalid
from daffa.gateway import Asker
from daffa.identity import Caller, Role
from daffa.library import Collection, Held, Library, NewDocument, Shelved, date_of, day_of
from daffa.search import Query, Scope

from .callers import Asked, caller_of, house_of, record

__all__ = ["LibraryController"]

_MOST_DOCUMENTS, _MOST_QUERIES, _MOST_HITS, _MOST_ROWS = 10_000, 1_000, 100, 1_000
_FEWEST_PASSAGES, _MOST_PASSAGES = 30, 4 * _MOST_HITS  # for one question: so many as are weighed anyway, and four a hit
_NAMED = 20  # document ids in one entry of the log
_KEEPERS = (Role.STEWARD, Role.ADMINISTRATOR)
_READERS = (Role.AGENT, Role.STEWARD)
_LINES = (".jsonl", ".ndjson")

Name = Annotated[str, msgspec.Meta(extra_json_schema={"pattern": "^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$"})]
Written = Annotated[str, msgspec.Meta(extra_json_schema={"description": "A label such as level=internal; owners=home."})]
Day = Annotated[str, msgspec.Meta(extra_json_schema={"pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2})?$"})]
Limit = Annotated[int, QueryParameter(ge=1, le=_MOST_ROWS)]


class NewCollection(msgspec.Struct, forbid_unknown_fields=True):
    """A collection to make; ``floor`` is joined to the floor of who makes it."""

    name: Name
    title: str = ""
    floor: Written = ""


class NewText(msgspec.Struct, forbid_unknown_fields=True):
    """A text to keep. ``work`` and ``number``: of the law that it is an article of. Days are of the calendar, both included."""

    id: str
    text: str
    title: str = ""
    language: str = ""
    label: Written = ""
    work: str = ""
    number: str = ""
    link: str = ""
    valid_from: Day = ""
    valid_to: Day = ""


class NewTexts(msgspec.Struct, forbid_unknown_fields=True):
    """Texts to keep, all or none."""

    documents: list[NewText]


@dataclass
class NewFile:
    """A file to keep as a document, or, of JSON lines, as one a line; ``id`` is its name where none is given."""

    file: UploadFile
    id: str = ""
    label: str = ""
    work: str = ""
    link: str = ""
    valid_from: str = ""
    valid_to: str = ""


class Search(msgspec.Struct, forbid_unknown_fields=True):
    """Questions to search for: in ``collections``, else in all that the caller may see; on a day and in languages, if given."""

    queries: list[str]
    collections: list[str] = []
    k: int = 10
    language: str = ""
    day: Day = ""
    languages: list[str] = []


class LibraryController(Controller):
    """Collections of documents, and what is found in them."""

    path = "/api/collections"

    @get()
    async def collections(self, request: Asked) -> list[dict[str, Any]]:
        """The collections of the caller's organisation and of everybody."""
        caller = caller_of(request, Role.READER, Role.AUDITOR, *_READERS, *_KEEPERS)
        return [_collection(one) for one in await house_of(request).library.collections(caller.organisation)]

    @post()
    async def create(self, request: Asked, data: JSONBody[NewCollection]) -> dict[str, Any]:
        """Make a collection of the caller's organisation."""
        caller = caller_of(request, *_KEEPERS)
        floor = caller.floor | Label.parse(data.floor)
        made = await house_of(request).library.create(caller.organisation, data.name, title=data.title, floor=floor)
        await record(request, caller, "collection_created", collection=made.id, floor=str(made.floor))
        return _collection(made)

    @get("/{collection:str}")
    async def collection(self, request: Asked, collection: FromPath[str]) -> dict[str, Any]:
        """One collection, by its id or its name."""
        caller = caller_of(request, Role.READER, Role.AUDITOR, *_READERS, *_KEEPERS)
        return _collection(await house_of(request).library.collection(caller.organisation, collection))

    @delete("/{collection:str}", status_code=200)
    async def remove(self, request: Asked, collection: FromPath[str]) -> dict[str, Any]:
        """Delete a collection with all its documents."""
        caller = caller_of(request, *_KEEPERS)
        gone = await house_of(request).library.delete(caller.organisation, collection)
        await record(request, caller, "collection_deleted", collection=gone.id, documents=gone.documents)
        return _collection(gone)

    @get("/{collection:str}/documents")
    async def documents(
        self, request: Asked, collection: FromPath[str], after: FromQuery[str] = "", limit: Limit = 100
    ) -> list[dict[str, Any]]:
        """Documents by id, from the first one behind ``after`` on."""
        caller = caller_of(request, *_READERS, *_KEEPERS)
        library = house_of(request).library
        found = await library.documents(caller.organisation, collection, after=after, limit=limit)
        return [_shelved(one) for one in found]

    @post("/{collection:str}/documents")
    async def put_texts(self, request: Asked, collection: FromPath[str], data: JSONBody[NewTexts]) -> list[dict[str, Any]]:
        """Keep texts, all or none; each takes the place of the document of its id."""
        caller = caller_of(request, *_KEEPERS)
        _most("documents", len(data.documents), _MOST_DOCUMENTS)
        new = await asyncio.to_thread(_read_texts, data.documents, caller)
        return await _put(request, caller, collection, new)

    @post("/{collection:str}/files")
    async def put_file(self, request: Asked, collection: FromPath[str], data: MultipartBody[NewFile]) -> list[dict[str, Any]]:
        """Keep a file: PDF, DOCX, ODT, HTML, Markdown, plain text, or JSON lines."""
        caller = caller_of(request, *_KEEPERS)
        raw = await data.file.read()
        new = await asyncio.to_thread(_read_file, raw, data, caller)
        return await _put(request, caller, collection, new)

    @get("/{collection:str}/document")
    async def document(
        self, request: Asked, collection: FromPath[str], name: Annotated[str, QueryParameter(name="id")]
    ) -> dict[str, Any]:
        """One document with its text."""
        caller = caller_of(request, *_READERS)
        found, text = await house_of(request).library.document(caller.organisation, collection, name)
        return {**_shelved(found), "text": text}

    @delete("/{collection:str}/document", status_code=200)
    async def drop(
        self, request: Asked, collection: FromPath[str], name: Annotated[str, QueryParameter(name="id")]
    ) -> dict[str, Any]:
        """Delete a document: it is gone from the database and from the index when this answers."""
        caller = caller_of(request, *_KEEPERS)
        gone = await house_of(request).library.drop(caller.organisation, collection, name)
        await record(request, caller, "document_deleted", collection=gone.collection, document=gone.id)
        return _shelved(gone)

    @get("/{collection:str}/passage")
    async def passage(
        self, request: Asked, collection: FromPath[str], name: Annotated[str, QueryParameter(name="id")]
    ) -> dict[str, Any]:
        """One passage."""
        caller = caller_of(request, *_READERS)
        return _held(await house_of(request).library.passage(caller.organisation, collection, name))

    @post("/search", status_code=200)
    async def search(self, request: Asked, data: JSONBody[Search]) -> list[dict[str, Any]]:
        """For each question, in their order: the documents that fit best, each with its best passage."""
        caller = caller_of(request, *_READERS)
        house = house_of(request)
        _most("queries", len(data.queries), _MOST_QUERIES)
        if not 1 <= data.k <= _MOST_HITS:
            raise Invalid("invalid_field", field="k", expected=f"1 to {_MOST_HITS}", got=data.k)
        day = _day("day", data.day) if data.day else None
        scope = await house.library.scope(caller.organisation, data.collections, day=day, languages=data.languages)
        answers = []
        meaning = await _meaning(request, caller, data.queries)
        planner = house.planners.of(caller.organisation)
        for text, vector in zip(data.queries, meaning.vectors, strict=True):
            query = replace(await asyncio.to_thread(planner.plan, text, data.language), vector=vector)
            hits, version = await _documents(house.library, query, scope, data.k)
            answers.append({"hits": hits, "version": version, "decisions": meaning.decisions})
        return answers


async def _documents(library: Library, query: Query, scope: Scope, k: int) -> tuple[list[dict[str, Any]], str]:
    """The best ``k`` documents, each once with its best passage, and the version of the index.

    Of long ones many passages may fit and stand together: where they leave too few documents, more passages are looked at.
    """
    for most in (max(4 * k, _FEWEST_PASSAGES), _MOST_PASSAGES):
        found = await library.find(query, scope, most)
        best: dict[tuple[str, str], tuple[Held, float]] = {}
        for held, score in found.passages:
            best.setdefault((held.collection, held.document), (held, score))
        if len(best) >= k or len(found.passages) < most:
            break
    return [{**_held(held), "score": score} for held, score in list(best.values())[:k]], found.version


async def _meaning(request: Asked, caller: Caller, questions: list[str]) -> Meaning:
    """The vectors of questions where the house has a model for them, and the decisions that these cost."""
    house = house_of(request)
    if house.embedder is None:
        return Meaning([()] * len(questions), [])
    return await house.embedder.questions(questions, Asker(caller, caller.floor, house.settings.purpose))


async def _put(request: Asked, caller: Caller, collection: str, new: list[NewDocument]) -> list[dict[str, Any]]:
    kept = await house_of(request).library.put(caller.organisation, collection, new)
    if kept:
        named = [one.id for one in kept[:_NAMED]]
        await record(request, caller, "documents_put", collection=kept[0].collection, count=len(kept), documents=named)
    return [_shelved(one) for one in kept]


def _read_texts(texts: list[NewText], caller: Caller) -> list[NewDocument]:
    """The texts as documents, each read as a line of JSON is."""
    fields = ("id", "text", "title", "language")
    lines = (msgspec.json.encode({field: getattr(text, field) for field in fields}) for text in texts)
    read = list(read_lines(b"\n".join(lines), "documents")) if texts else []
    return [_new(document, text, caller, number=text.number) for document, text in zip(read, texts, strict=True)]


def _read_file(raw: bytes, form: NewFile, caller: Caller) -> list[NewDocument]:
    name = form.file.filename or form.id
    if name.lower().endswith(_LINES):
        return [_new(document, form, caller, name=document.name) for document in read_lines(raw, name)]
    return [_new(read_document(raw, name), form, caller, name=form.id or name)]


def _new(document: Document, given: NewText | NewFile, caller: Caller, *, name: str = "", number: str = "") -> NewDocument:
    label = Label.parse(given.label) | Label.parse(document.label) | caller.floor
    if number:
        document = _numbered(document, number)
    first, last = _day("valid_from", given.valid_from), _day("valid_to", given.valid_to)
    return NewDocument(name or given.id, document, label, given.work, given.link, first, last)


def _numbered(document: Document, number: str) -> Document:
    return replace(document, sections=tuple(replace(one, number=number) for one in document.sections))


def _day(field: str, text: str) -> int:
    """Days since 1970-01-01; 0 for nothing."""
    if not text:
        return 0
    try:
        return day_of(date.fromisoformat(text))
    except ValueError as error:
        raise Invalid("invalid_field", field=field, expected="a day such as 2026-11-26", got=text[:40]) from error


def _most(field: str, given: int, most: int) -> None:
    if given > most:
        raise Invalid("invalid_field", field=field, expected=f"at most {most}", got=given)


def _date(day: int) -> str:
    return date_of(day).isoformat() if day else ""


def _collection(one: Collection) -> dict[str, Any]:
    return {
        "id": one.id,
        "organisation": one.organisation,
        "title": one.title,
        "floor": str(one.floor),
        "created": one.created,
        "documents": one.documents,
    }


def _shelved(one: Shelved) -> dict[str, Any]:
    names = ("collection", "id", "title", "language", "work", "link", "passages", "added")
    days = {name: _date(getattr(one, name)) for name in ("valid_from", "valid_to")}
    return {**{name: getattr(one, name) for name in names}, "label": str(one.label), **days}


def _held(one: Held) -> dict[str, Any]:
    names = ("collection", "title", "heading", "text", "start", "language", "number", "work", "link")
    days = {name: _date(getattr(one, name)) for name in ("valid_from", "valid_to")}
    facts = {name: getattr(one, name) for name in names}
    return {"id": one.document, "passage": one.id, **facts, "label": str(one.label), **days}
