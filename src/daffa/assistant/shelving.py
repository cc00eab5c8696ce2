"""Puts the texts of packs where they are found: a collection a pack, everybody's. Knows packs and the library by their faces.

The packs are the truth. What the library has of them is made like them at each start, and whenever a pack comes or goes;
what is the same already is left alone.
"""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Iterable
from dataclasses import replace

from daffa.decision import NEUTRAL, Label
from daffa.documents import read_document
from daffa.library import VISITORS, Library, NewDocument, day_of
from daffa.packs import Pack, PackDocument

__all__ = ["collection_of", "floor_of", "is_of_pack", "is_seen_by", "shelve"]

_EVERYBODYS = ""
_PREFIX = "pack-"
_PAGE = 100


def collection_of(pack: str) -> str:
    """The collection that the texts of a pack are in."""
    return f"{_PREFIX}{pack}"


def is_of_pack(collection: str) -> bool:
    """Whether a collection is a pack's: what an organisation keeps is called after it, with a full stop in between."""
    return collection.startswith(_PREFIX) and "." not in collection


async def shelve(library: Library, packs: Iterable[Pack]) -> None:
    """Make what the library has of packs like ``packs``."""
    wanted = {collection_of(pack.id): pack for pack in packs}
    floors = {name: floor_of(pack) for name, pack in wanted.items()}
    there = {one.id: one.floor for one in await library.collections(_EVERYBODYS) if one.id.startswith(_PREFIX)}
    for gone in sorted(name for name, floor in there.items() if floors.get(name) != floor):
        await library.delete(_EVERYBODYS, gone)
        del there[gone]
    for name, pack in wanted.items():
        if name not in there:
            await library.create(_EVERYBODYS, name, title=pack.title.get("fr") or pack.id, floor=floors[name])
        await _like(library, name, pack, floors[name])


def is_seen_by(pack: Pack, organisation: str) -> bool:
    """Whether ``organisation`` sees the texts of a pack, and so its tools, letters and forms."""
    return organisation != VISITORS or floor_of(pack) == NEUTRAL


def floor_of(pack: Pack) -> Label:
    """What holds for the whole pack: a visitor sees it all or, where a part of it is not public, not at all."""
    floor = NEUTRAL | pack.label
    for document in pack.documents:
        floor = floor | document.label
    return floor


async def _like(library: Library, collection: str, pack: Pack, floor: Label) -> None:
    new = {one.id: one for one in await asyncio.to_thread(_documents, pack)}
    held = await _held(library, collection)
    for gone in sorted(held.keys() - new.keys()):
        await library.drop(_EVERYBODYS, collection, gone)
    changed = [one for one in new.values() if held.get(one.id) != _told(one, floor)]
    if changed:
        await library.put(_EVERYBODYS, collection, changed)


async def _held(library: Library, collection: str) -> dict[str, tuple[object, ...]]:
    """What is there already, told as ``_told`` does."""
    held: dict[str, tuple[object, ...]] = {}
    after = ""
    while page := await library.texts(_EVERYBODYS, collection, after=after, limit=_PAGE):
        for one, text in page:
            held[one.id] = (text, one.title, one.language, one.label, one.work, one.link, one.valid_from, one.valid_to)
        after = page[-1][0].id
    return held


def _told(new: NewDocument, floor: Label) -> tuple[object, ...]:
    document = new.document
    label = floor | new.label
    return (document.text, document.title, document.language, label, new.work, new.link, new.valid_from, new.valid_to)


def _documents(pack: Pack) -> list[NewDocument]:
    return [_document(pack, one) for one in pack.documents]


def _document(pack: Pack, written: PackDocument) -> NewDocument:
    name = f"{written.name}.{written.language}"
    document = read_document(written.text.encode(), f"{name}.md")
    source = next((pack.sources[one] for one in written.sources if one in pack.sources), None)
    return NewDocument(
        id=name,
        document=replace(document, title=written.title, language=written.tag),
        label=written.label,
        work=written.work,
        link=source.url if source is not None else "",
        valid_from=_day(written.valid_from),
        valid_to=_day(written.valid_to),
    )


def _day(date: datetime.date | None) -> int:
    return day_of(date) if date is not None else 0
