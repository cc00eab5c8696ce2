"""The embedded engine's folder: nothing of what was deleted is left in it, and nothing that happens to it is fatal."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from daffa.errors import Conflict, Unavailable
from daffa.search.engines.shard import name_of
from daffa.search.engines.tantivy import TantivyIndex

from .engines_made import found, passage, within, words

# Long and by chance: what compression has seen before may be cut off their ends, never out of their middle.
NAMES = ["".join(random.Random(number).choices("bcdfghjkmnpqrtvwxz", k=30)) for number in range(8)]
DOCUMENTS = {name: f"document {number}" for number, name in enumerate(NAMES)}


@pytest.fixture
def folder(tmp_path):
    """Where an index is to be."""
    return tmp_path / "index"


def term(name):
    """The term of a word."""
    return words(name).terms[0].text


def on_disk(folder, name):
    """The files that have a word's term somewhere in them."""
    wanted = term(name).encode()[5:-5]
    return [path.name for path in folder.rglob("*") if path.is_file() and wanted in path.read_bytes()]


def files(folder):
    """The files of segments."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and len(path.stem) == 32)


# Laws


@settings(max_examples=10, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    puts=st.lists(st.lists(st.sampled_from(NAMES), unique=True, min_size=1), min_size=1, max_size=5),
    gone=st.sets(st.sampled_from(NAMES)),
    seed=st.integers(0, 1000),
)
def test_no_byte_of_what_was_deleted_is_left(puts, gone, seed, tmp_path_factory):
    """After a drop or a replacement no file has the term; what stays is found as before, over any segments."""
    folder = tmp_path_factory.mktemp("law") / "index"

    async def law():
        index = await TantivyIndex.open(folder)
        held = set()
        for names in puts:
            await index.put([passage(f"{name} commun", document=DOCUMENTS[name]) for name in names])
            held |= set(names)
        for name in held:
            assert on_disk(folder, name), name
        dropped = [name for name in sorted(gone & held) if random.Random(f"{seed}{name}").random() < 0.7]
        replaced = (gone & held) - set(dropped)
        await index.drop("c", [DOCUMENTS[name] for name in dropped])
        if replaced:
            await index.put([passage("remplacé commun", document=DOCUMENTS[name]) for name in replaced])
        for name in NAMES:
            assert bool(on_disk(folder, name)) == (name in held - gone), name
        assert len(await found(index, "commun", k=100)) == len(held - set(dropped))
        for name in held - gone:
            assert await found(index, name) == [f"{DOCUMENTS[name]}@1"]
        await index.close()

    asyncio.run(law())


# Deletion


async def test_a_collection_that_is_dropped_leaves_no_file(folder):
    """Its folder is gone; the others are untouched."""
    index = await TantivyIndex.open(folder)
    await index.put([passage("zorbang"), passage("quimilk", collection="other")])
    await index.drop("c")
    assert {path.name for path in folder.iterdir()} == {"lock", name_of("other")}
    assert await found(index, "quimilk", "other") == ["d@1"]
    await index.close()


async def test_what_a_search_still_held_is_gone_too(folder):
    """A search that runs while its passage is deleted keeps no file of it alive."""
    index = await TantivyIndex.open(folder)
    await index.put([passage(NAMES[0])])
    assert on_disk(folder, NAMES[0])
    held = index._shards["c"]._searcher
    await index.drop("c", ["d"])
    assert held.num_docs == 1
    assert on_disk(folder, NAMES[0]) == []
    await index.close()


async def test_files_are_for_their_owner_alone(folder):
    """Nobody else on the machine may look into the folder."""
    index = await TantivyIndex.open(folder)
    assert folder.stat().st_mode & 0o077 == 0
    await index.close()


# Trouble


async def test_one_process_at_a_time_has_it_open(folder):
    """A second one is refused; when the first has closed it may open."""
    first = await TantivyIndex.open(folder)
    with pytest.raises(Conflict, match="another process uses"):
        await TantivyIndex.open(folder)
    await first.close()
    await (await TantivyIndex.open(folder)).close()


async def test_a_folder_that_cannot_be_made_is_said_so(tmp_path):
    """A file where the folder should be is an error with its path, not a stack trace."""
    (tmp_path / "index").write_text("a file")
    with pytest.raises(Unavailable, match="cannot be used"):
        await TantivyIndex.open(tmp_path / "index")


@pytest.mark.parametrize("damage", ["cut", "flip", "remove", "about", "meta", "empty"])
async def test_a_damaged_collection_is_begun_anew(folder, damage):
    """A file that is cut, changed or lost costs its collection its mark, so that it is fed again; the others stay."""
    index = await TantivyIndex.open(folder)
    await index.put([passage("zorbang"), passage("quimilk", collection="other")])
    mark = (await index.marks())["other"]
    await index.close()
    shard = folder / name_of("c")
    target = next(path for path in files(shard) if path.suffix == ".term")
    match damage:
        case "cut":
            target.write_bytes(target.read_bytes()[:-20])
        case "flip":
            content = bytearray(target.read_bytes())
            content[len(content) // 3] ^= 1
            target.write_bytes(content)
        case "remove":
            for path in files(shard):
                path.unlink()
        case "about":
            (shard / "about.json").write_text("{")
        case "meta":
            (shard / "segments" / "meta.json").write_text('{"segments": 1}')
        case "empty":
            target.write_bytes(b"")
    again = await TantivyIndex.open(folder)
    assert await again.marks() == {"other": mark}
    assert await found(again, "zorbang") == []
    await again.put([passage("zorbang")])
    assert await found(again, "zorbang") == ["d@1"]
    assert await found(again, "quimilk", "other") == ["d@1"]
    await again.close()


async def test_what_a_killed_process_left_is_cleared_away(folder):
    """A collection that was only begun, or half deleted, and segments that none needs, are gone after the next start."""
    index = await TantivyIndex.open(folder)
    await index.put([passage("zorbang")])
    await index.close()
    for name in ("begun.new", f"{name_of('x')}.gone"):
        (folder / name).mkdir()
        (folder / name / "file").write_text("quimilk")
    stray = files(folder)[0].with_name("0123456789abcdef0123456789abcdef.store")
    stray.write_text("flegumph")
    again = await TantivyIndex.open(folder)
    assert {path.name for path in folder.iterdir()} == {"lock", name_of("c")}
    assert not stray.exists()
    assert await found(again, "zorbang") == ["d@1"]
    await again.close()


KILLED = """
import asyncio, sys
from pathlib import Path
from daffa.search import Passage
from daffa.search.engines.tantivy import TantivyIndex

async def main():
    index = await TantivyIndex.open(Path(sys.argv[1]))
    for number in range(10**6):
        await index.put([Passage(f"{d}@{n}", "c", f"{d}", f"tour {number} commun") for d in range(5) for n in range(3)])
        print(number, flush=True)

asyncio.run(main())
"""


def test_a_process_that_is_killed_leaves_whole_documents(folder):
    """Kill -9 at any moment: the next start finds each document with all its passages, as of one and the same put."""
    for delay in (0.0, 0.013, 0.031):
        command = [sys.executable, "-c", textwrap.dedent(KILLED), str(folder)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        acknowledged = int(process.stdout.readline())
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        acknowledged = max([acknowledged, *map(int, process.communicate()[0].split())])

        async def look(number=acknowledged):
            index = await TantivyIndex.open(folder)
            assert len(await found(index, "commun", k=100)) == 15
            tours = [len(await found(index, f"{tour}", k=100)) for tour in (number, number + 1)]
            assert sorted(tours) == [0, 15]
            await index.close()

        asyncio.run(look())


async def test_a_change_goes_on_when_its_asker_gives_up(folder):
    """Whoever is cancelled stops waiting; the change is whole, and the next one comes after it."""
    index = await TantivyIndex.open(folder)
    task = asyncio.create_task(index.put([passage("zorbang", name=str(n)) for n in range(400)]))
    await asyncio.sleep(0.001)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await index.put([passage("quimilk", document="e")])
    assert len(await found(index, "zorbang", k=1000)) == 400
    await index.close()


async def test_a_disk_that_is_full_changes_nothing(folder, monkeypatch):
    """A change that cannot be written is refused as a whole, and what was there is found as before."""
    index = await TantivyIndex.open(folder)
    await index.put([passage("zorbang")])
    mark = await index.marks()

    def full(*_):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("daffa.search.engines.tantivy.rows_of", full)
        with pytest.raises(Unavailable, match="No space left"):
            await index.put([passage("quimilk")])
    assert await index.marks() == mark
    assert await found(index, "zorbang") == ["d@1"]
    await index.put([passage("quimilk")])
    assert await found(index, "quimilk") == ["d@1"]
    await index.close()


FULL = """
import asyncio, resource, signal, sys
from pathlib import Path
from daffa.errors import Unavailable
from daffa.search import Passage
from daffa.search.engines.tantivy import TantivyIndex

def passages(name, count):
    texts = (f"commun{name} " + " ".join(f"mot{n}x{m}" for m in range(40)) for n in range(count))
    return [Passage(f"{name}{n}", "c", f"{name}{n}", text) for n, text in enumerate(texts)]

async def main():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    index = await TantivyIndex.open(Path(sys.argv[1]))
    for existing in (False, True):
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, resource.RLIM_INFINITY))
        for _ in range(2):
            try:
                await index.put(passages("b", 1500))
            except Unavailable:
                print("refused", flush=True)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        await index.put(passages("a", 10))
    await index.put(passages("b", 20))
    await index.close()

asyncio.run(main())
"""


def test_a_disk_that_takes_no_more_leaves_it_as_it_was(folder):
    """Where the system refuses to write, a new collection and an old one stay as they were, and take the next change."""
    command = [sys.executable, "-c", textwrap.dedent(FULL), str(folder)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ended.stdout.split() == ["refused"] * 4, ended.stderr

    async def look():
        index = await TantivyIndex.open(folder)
        assert len(await found(index, "communa", k=100)) == 10
        assert len(await found(index, "communb", k=100)) == 20
        await index.close()

    asyncio.run(look())


async def test_processes_that_cannot_be_started_are_done_without(folder, monkeypatch):
    """Where the processes beside this one end at once, the passages are analysed here."""
    monkeypatch.setattr("daffa.search.engines.analysing.sys.executable", "/bin/false")
    index = await TantivyIndex.open(folder)
    await index.put([passage(f"zorbang {n}", document=str(n)) for n in range(2100)])
    assert await found(index, "2099") == ["2099@1"]
    await index.close()


async def test_the_event_loop_is_free_while_it_is_changed(folder):
    """Others run while many passages are put."""
    index = await TantivyIndex.open(folder)
    turns = 0

    async def others():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    await asyncio.sleep(0)
    before = turns
    await index.put([passage("zorbang quimilk " * 20, document=str(n)) for n in range(1000)])
    assert turns > before + 10
    task.cancel()
    await index.search(words("zorbang"), within("c"), 1)
    await index.close()
