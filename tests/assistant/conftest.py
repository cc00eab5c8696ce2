"""A desk: the shipped packs in a real library (database and index in a folder), with a planner that knows their words."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest_asyncio

from daffa.assistant import Asked, Assistant, Ended, ModelPort, Outcome, PackTools, Said, shelve
from daffa.decision import Actor, Label, Purpose
from daffa.gateway import Asker
from daffa.identity import Caller, Role
from daffa.library import Library
from daffa.packs import Pack, Tools, read_pack, shipped
from daffa.search import Glossary, Planner, everyday
from daffa.search.engines.tantivy import TantivyIndex
from daffa.storage import Database

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
        return Assistant(self.library, lambda _: self.planner, clock=time.perf_counter, wall=lambda: NOW, model=model, **more)

    async def outcome(self, question: Asked, model: ModelPort | None = None, **more: Any) -> Outcome:
        """How a question ends."""
        last = [event async for event in self.assistant(model, **more).answer(question)][-1]
        assert isinstance(last, Ended)
        return last.outcome

    @staticmethod
    def asker(organisation: str = "town") -> Asker:
        """Somebody of an organisation."""
        actor = Actor(id="amina", organisation=organisation, roles=frozenset({"agent"}))
        caller = Caller(actor=actor, floor=Label(), key_id="k", organisation=organisation, roles=frozenset({Role.AGENT}))
        return Asker(caller, Label(), Purpose.PUBLIC_SERVICE)

    def asked(self, *turns: str, organisation: str = "town", **more: Any) -> Asked:
        """A question, or the turns of a user that end in one."""
        return Asked(tuple(Said("user", turn) for turn in turns), self.asker(organisation), "daffa/test#1", **more)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def desk(tmp_path_factory: Any) -> AsyncIterator[Desk]:
    """The desk, built once."""
    folder: Path = tmp_path_factory.mktemp("desk")
    packs = tuple(read_pack(each) for each in shipped())
    database, index = await Database.open(folder / "daffa.db"), await TantivyIndex.open(folder / "search")
    library = await Library.open(database, index, time.time)
    await shelve(library, packs)
    words = [Glossary.of(file) for pack in packs if (file := pack.folder / "glossary.csv").is_file()]
    works = [Glossary.of(file) for pack in packs if (file := pack.folder / "works.csv").is_file()]
    planner = Planner(everyday().merged(*words), works=Glossary().merged(*works))
    with Tools(packs) as tools:
        yield Desk(library, planner, PackTools(tools, packs), packs)
    await library.close()
    await index.close()
    await database.close()
