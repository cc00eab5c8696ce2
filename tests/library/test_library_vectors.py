"""Passages get their vectors behind whoever puts them, and lose them with their document."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

import pytest

from daffa.errors import Unavailable
from daffa.library import Library
from daffa.search import Scope
from daffa.search.engines.tantivy import TantivyIndex
from daffa.search.engines.vectors import FusedIndex
from daffa.storage import Database

from .libraries import INTERNAL, RESTRICTED, ask, document

MEANING = {"carte": (1.0, 0.0), "identité": (0.9, 0.1), "route": (0.0, 1.0)}


class Embeds:
    """Makes a vector of the words that it knows; ``asked`` is on whose behalf, and what. What is restricted is refused."""

    def __init__(self):
        self.asked = []
        self.down = False
        self.before = None

    async def passages(self, organisation, texts):
        """See ``daffa.library``."""
        if self.down:
            raise Unavailable("assistant_model", reason="down")
        self.asked += [(organisation, text, str(label)) for text, label in texts]
        if self.before is not None:
            work, self.before = self.before, None
            await work()
        return [None if label.level > 1 else meaning(text) for text, label in texts]


def meaning(text):
    """The vector of a text."""
    known = [MEANING[word] for word in text.split() if word in MEANING] or [(0.5, 0.5)]
    return tuple(sum(column) for column in zip(*known, strict=True))


class House:
    """A library with vectors, in one folder."""

    def __init__(self, folder):
        self.folder, self.embeds, self.index = folder, Embeds(), None

    @contextlib.asynccontextmanager
    async def open(self, model="toy", *, wait=True):
        """The library."""
        database = await Database.open(self.folder / "house.db")
        words = await TantivyIndex.open(self.folder / "index")
        self.index = await FusedIndex.open(words, self.folder / "vectors", model)
        library = await Library.open(database, self.index, lambda: 1_700_000_000.0, (self.index, self.embeds))
        try:
            if wait:
                await library.embedded()
            yield library
        finally:
            await library.close()
            await self.index.close()
            await database.close()


async def near(library, text, organisation="health"):
    """The documents that are near ``text`` and share no word with it."""
    query = replace(ask("zzz"), vector=meaning(text))
    results = await library.find(query, await library.scope(organisation), 20)
    return [held.document for held, _ in results.passages]


@pytest.fixture
def house(tmp_path):
    """A place for the library."""
    return House(tmp_path)


async def test_what_is_put_is_embedded_under_its_label_and_found(house):
    """Each passage once, with its title, on behalf of whose it is; what the law refuses is found by its words alone."""
    async with house.open() as library:
        await library.create("health", "guides", floor=INTERNAL)
        await library.create("", "law")
        new = [document("card", "carte identité", title="Titre"), document("kept", "route carte", label=RESTRICTED)]
        await library.put("health", "guides", new)
        await library.put("", "law", [document("road", "route")])
        await library.embedded()
        assert sorted(house.embeds.asked) == [
            ("", "road\nroute", "level=public"),
            ("health", "Titre\ncarte identité", "level=internal"),
            ("health", "kept\nroute carte", "level=restricted; categories=health"),
        ]
        assert await near(library, "identité") == ["card", "road"]
        assert [held.document for held, _ in (await library.find(ask("carte"), await library.scope("health"), 5)).passages] == [
            "card",
            "kept",
        ]
        await library.put("health", "guides", [document("more", "identité")])
        await library.embedded()
        assert len(house.embeds.asked) == 4


async def test_what_was_there_before_is_caught_up_with(house):
    """Passages without vectors are embedded after the start, those that have one are not, and all of them by another model."""
    async with house.open() as library:
        await library.create("health", "guides")
        house.embeds.down = True
        await library.put("health", "guides", [document(f"d{n:03}", "carte") for n in range(130)])
        assert await near(library, "identité") == []
    house.embeds.down = False
    async with house.open() as library:
        assert len(await near(library, "identité")) == 20
        assert len(house.embeds.asked) == 130
    async with house.open():
        assert len(house.embeds.asked) == 130
    async with house.open("another") as library:
        assert len(house.embeds.asked) == 260
        assert len(await near(library, "identité")) == 20


async def test_a_model_that_comes_back_is_asked_again(house):
    """What could not be embedded waits; the next document brings all of it along."""
    async with house.open() as library:
        await library.create("health", "guides")
        house.embeds.down = True
        await library.put("health", "guides", [document("a", "carte")])
        while not library._vectoriser._wanted:
            await asyncio.sleep(0)
        house.embeds.down = False
        await library.put("health", "guides", [document("b", "route")])
        await library.embedded()
        assert await near(library, "identité") == ["a", "b"]


@pytest.mark.parametrize("change", ["drop", "put", "delete"])
async def test_a_document_that_goes_while_it_is_embedded_leaves_no_vector(house, change):
    """What was embedded of a text that is gone, or another by now, is thrown away."""
    async with house.open() as library:
        await library.create("health", "guides")

        async def work():
            if change == "drop":
                await library.drop("health", "guides", "a")
            elif change == "put":
                await library.put("health", "guides", [document("a", "route")])
            else:
                await library.delete("health", "guides")

        house.embeds.before = work
        await library.put("health", "guides", [document("a", "carte")])
        await library.embedded()
        hits = await house.index.search(replace(ask("zzz"), vector=meaning("carte")), Scope(frozenset({"health.guides"})), 5)
        assert [hit.score < 0.1 for hit in hits.hits] == ([True] if change == "put" else [])
        if change == "put":
            assert [text for _, text, _ in house.embeds.asked] == ["a\ncarte", "a\nroute"]


async def test_longer_vectors_than_before_are_noticed(house):
    """Where a question comes with a vector of another length, the model has changed: all is embedded again."""
    async with house.open() as library:
        await library.create("health", "guides")
        await library.put("health", "guides", [document("a", "carte")])
        await library.embedded()
    house.embeds.passages = longer
    async with house.open() as library:
        query = replace(ask("zzz"), vector=(1.0, 0.0, 0.0))
        await library.find(query, await library.scope("health"), 5)
        await library.embedded()
        assert [held.document for held, _ in (await library.find(query, await library.scope("health"), 5)).passages] == ["a"]


async def test_a_model_that_gives_two_lengths_is_not_asked_without_end(house):
    """Vectors now of three numbers, now of two: what was kept is made again, but not at once."""
    async with house.open() as library:
        asked = []

        async def passages(_organisation, texts):
            asked.append(len(texts))
            return [(1.0, 0.5, 0.2)[: 2 + len(asked) % 2] for _ in texts]

        house.embeds.passages = passages
        await library.create("health", "guides")
        for name in ("a", "b"):
            await library.put("health", "guides", [document(name, "carte")])
            while len(asked) < 1:
                await asyncio.sleep(0)
        while len(asked) < 2 or not library._vectoriser._wanted:
            await asyncio.sleep(0)
        await asyncio.sleep(0.2)
        assert len(asked) <= 3


async def longer(_organisation, texts):
    """Vectors of three numbers."""
    return [(1.0, 0.1, 0.2) for _ in texts]
