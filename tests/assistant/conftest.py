"""A desk: the shipped packs in a real library (database and index in a folder), with a planner that knows their words."""

from __future__ import annotations

import asyncio
import dataclasses
import datetime
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from daffa.assistant import Asked, Assistant, ModelPort, Outcome, PackTools, Said
from daffa.assistant.events import Ended
from daffa.decision import Actor, Label, Purpose
from daffa.documents import read_document
from daffa.gateway import Asker
from daffa.identity import Caller
from daffa.library import Library, NewDocument
from daffa.packs import Pack, Tools, read_pack
from daffa.search import Glossary, Planner, everyday
from daffa.search.engines.tantivy import TantivyIndex
from daffa.storage import Database

PACKS = Path(__file__).resolve().parents[2] / "packs"
EPOCH = datetime.date(1970, 1, 1)
NOW = 1_795_651_200.0  # 2026-11-26


@dataclass(frozen=True)
class Desk:
    """What an assistant is given."""

    library: Library
    planner: Planner
    tools: PackTools
    packs: tuple[Pack, ...]

    def assistant(self, model: ModelPort | None = None, **more: Any) -> Assistant:
        """An assistant at this desk."""
        more = {"tools": self.tools} | more
        return Assistant(self.library, self.planner, clock=time.perf_counter, wall=lambda: NOW, model=model, **more)


def caller(organisation: str = "town") -> Caller:
    """Somebody of an organisation."""
    actor = Actor(id="amina", organisation=organisation, roles=frozenset())
    return Caller(actor=actor, floor=Label(), key_id="k", organisation=organisation, roles=frozenset())


def asked(*turns: str, organisation: str = "town", **more: Any) -> Asked:
    """A question, or the turns of a user that end in one."""
    asker = Asker(caller(organisation), Label(), Purpose.PUBLIC_SERVICE)
    return Asked(tuple(Said("user", turn) for turn in turns), asker, "daffa/test#1", **more)


async def outcome(assistant: Assistant, question: Asked) -> Outcome:
    """How a question ends."""
    last = [event async for event in assistant.answer(question)][-1]
    assert isinstance(last, Ended)
    return last.outcome


def shelved(pack: Pack) -> list[NewDocument]:
    """The documents of a pack as the library keeps them."""
    return [
        NewDocument(
            id=f"{document.name}.{document.language}",
            document=dataclasses.replace(
                read_document(document.text.encode(), f"{document.name}.{document.language}.md"),
                title=document.title,
                language=document.tag,
            ),
            label=document.label,
            work=document.work,
            valid_from=(document.valid_from - EPOCH).days,
            valid_to=(document.valid_to - EPOCH).days if document.valid_to else 0,
        )
        for document in pack.documents
    ]


async def opened(folder: Path, packs: tuple[Pack, ...]) -> Library:
    """A library of some packs."""
    library = await Library.open(await Database.open(folder / "db"), await TantivyIndex.open(folder / "index"), time.time)
    for pack in packs:
        await library.create("", pack.id, title=pack.title["fr"], floor=pack.label)
        await library.put("", pack.id, shelved(pack))
    return library


@pytest.fixture(scope="session")
def packs() -> tuple[Pack, ...]:
    """The packs of the tree."""
    return tuple(read_pack(folder) for folder in sorted(PACKS.iterdir()) if (folder / "pack.toml").exists())
