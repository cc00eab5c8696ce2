"""The index follows the database: through failures, kills, losses and other processes."""

from __future__ import annotations

import asyncio
import random
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from databases import sql

from daffa.errors import NotFound, Unavailable

from .libraries import KINDS, Place, document, found


@pytest.fixture(params=KINDS)
def place(request, tmp_path):
    """A place for a library of each kind."""
    place = Place(request.param, tmp_path)
    yield place
    place.end()


class Failing:
    """An index that stops answering after some calls, before or after it has done what it was asked."""

    def __init__(self, index, good, *, late):
        self._index, self._good, self._late = index, good, late

    def __getattr__(self, name):
        return getattr(self._index, name)

    async def put(self, passages):
        """Put, or fail."""
        await self._maybe(self._index.put, passages)

    async def drop(self, *what):
        """Drop, or fail."""
        await self._maybe(self._index.drop, *what)

    async def _maybe(self, work, *what):
        self._good -= 1
        if self._good < 0 and not self._late:
            raise Unavailable("search_index_unusable", folder="x", reason="down")
        await work(*what)
        if self._good < 0:
            raise Unavailable("search_index_unusable", folder="x", reason="down")


@pytest.mark.parametrize("late", [False, True])
async def test_what_the_index_missed_is_brought_in_at_the_next_start(place, late):
    """A put, a replacement, a drop and a deletion that the index did not take, or did not confirm, are made good."""
    async with place.open() as library:
        for name in ("guides", "gone"):
            await library.create("health", name)
            await library.put("health", name, [document("a", "carte"), document("b", "permis")])
    async with place.open(lambda index: Failing(index, 0, late=late), settle=False) as library:
        for work in (
            library.put("health", "guides", [document("c", "retraite")]),
            library.put("health", "guides", [document("a", "mariage")]),
            library.drop("health", "guides", "b"),
            library.delete("health", "gone"),
        ):
            with pytest.raises(Unavailable):
                await work
    async with place.open() as library:
        for word, documents in (("carte", []), ("permis", []), ("retraite", ["c"]), ("mariage", ["a"])):
            assert [name for _, name in await found(library, "health", word)] == documents
        assert sql(place.url, "SELECT * FROM library_pending") == []
        assert list(await library._index.marks()) == ["health.guides"]


async def test_a_library_that_waits_for_its_index_goes_on_by_itself(place):
    """Where the index fails once, what is pending is brought in without another start."""
    async with place.open(lambda index: Failing(index, 0, late=False)) as library:
        await library.create("health", "guides")
        with pytest.raises(Unavailable):
            await library.put("health", "guides", [document("a", "carte")])
        library._feeder._index._good = 10**6
        await library.settled() if library._catching_up.done() else None
        library._catch_up()
        async with asyncio.timeout(20):
            while not await found(library, "health", "carte"):
                await asyncio.sleep(0.05)


async def test_a_lost_index_is_made_again(place):
    """Without what the index kept, everything is fed again from the database."""
    async with place.open() as library:
        await library.create("health", "guides")
        await library.put("health", "guides", [document(f"d{n}", "carte commune") for n in range(30)])
    place.lose_index()
    async with place.open() as library:
        assert len(await found(library, "health", "carte", k=50)) == 30


async def test_an_older_index_is_not_trusted(tmp_path):
    """An index that was put back from a backup lacks what came later: it is fed again."""
    place = Place("sqlite", tmp_path)
    async with place.open() as library:
        await library.create("health", "guides")
        await library.put("health", "guides", [document("a", "carte")])
    shutil.copytree(tmp_path / "index", tmp_path / "backup")
    async with place.open() as library:
        await library.put("health", "guides", [document("b", "carte")])
        await library.drop("health", "guides", "a")
    shutil.rmtree(tmp_path / "index")
    (tmp_path / "backup").rename(tmp_path / "index")
    async with place.open() as library:
        assert await found(library, "health", "carte") == [("health.guides", "b")]


async def test_what_the_index_has_too_much_goes(place):
    """A collection that the database does not know, such as after a backup of it was put back, is dropped from the index."""
    async with place.open() as library:
        for name in ("guides", "gone"):
            await library.create("health", name)
            await library.put("health", name, [document("a", "carte")])
    sql(place.url, *(f"DELETE FROM library_{table} WHERE collection = 'health.gone'" for table in ("passages", "documents")))
    sql(place.url, "DELETE FROM library_collections WHERE id = 'health.gone'")
    async with place.open() as library:
        assert list(await library._index.marks()) == ["health.guides"]


async def test_two_processes_on_one_database_agree(tmp_path):
    """Two houses on one PostgreSQL change the same documents at once: in the end the index has what the tables have."""
    place = Place("postgresql", tmp_path)
    try:
        async with place.open() as one, place.open() as other:
            await one.create("health", "guides")
            chance, dropped = random.Random(7), []

            async def change(library, number):
                await asyncio.sleep(chance.random() / 50)
                name = f"d{number % 4}"
                try:
                    if number % 3:
                        await library.put("health", "guides", [document(name, f"carte commune {number}")])
                    else:
                        await library.drop("health", "guides", name)
                except NotFound:
                    dropped.append(name)

            await asyncio.gather(*(change(library, n) for n in range(16) for library in (one, other)))
            held = {name for (name,) in sql(place.url, "SELECT id FROM library_documents")}
            indexed = {name for (name,) in sql(place.url, "SELECT document FROM search_passages")}
            assert indexed == held
            assert set(dropped) <= {f"d{number}" for number in range(4)}
            assert sql(place.url, "SELECT * FROM library_pending") == []
    finally:
        place.end()


KILLED = """
import asyncio, contextlib, sys
from pathlib import Path
from daffa.errors import Conflict
sys.path.insert(0, {tests!r})
from library.libraries import Place, document

async def main():
    place = Place("sqlite", Path(sys.argv[1]))
    async with place.open() as library:
        with contextlib.suppress(Conflict):
            await library.create("health", "guides")
        for number in range(10**6):
            await library.put("health", "guides", [document(f"d{{n}}", f"tour{{number}} commun") for n in range(3)])
            if number % 3 == 0:
                await library.drop("health", "guides", "d0")
            print(number, flush=True)

asyncio.run(main())
"""


def test_a_house_that_is_killed_loses_nothing_that_it_said_it_had(tmp_path):
    """Kill -9 at any moment: what was acknowledged is there, and after the start the index has exactly what the tables have."""
    tests = str(Path(__file__).resolve().parents[1])
    for delay in (0.0, 0.011, 0.023):
        command = [sys.executable, "-c", textwrap.dedent(KILLED).format(tests=tests), str(tmp_path)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        acknowledged = int(process.stdout.readline())
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        acknowledged = max([acknowledged, *map(int, process.communicate()[0].split())])

        async def look(number=acknowledged):
            async with Place("sqlite", tmp_path).open() as library:
                held = {one.id for one in await library.documents("health", "guides")}
                assert {"d1", "d2"} <= held
                assert {name for _, name in await found(library, "health", "commun")} == held
                texts = {(await library.document("health", "guides", name))[1] for name in held}
                assert len(texts) == 1
                assert int(texts.pop().split()[0].removeprefix("tour")) >= number

        asyncio.run(look())
