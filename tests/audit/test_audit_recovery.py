"""What a crash may leave behind, and what the next writer makes of it: nothing acknowledged is lost, nothing torn taken."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.audit import Audit, Change, Reader, load_or_create_key, new_log_key
from daffa.audit.entry import Record, seal
from daffa.audit.journal import encode_group, log_mark
from daffa.audit.store import Store
from daffa.errors import Invalid, NotFound

PORTIONS = (1, 2, 1, 3)


def actions(folder):
    reader = Reader(folder)
    assert reader.verify().damage == ()
    return [json.loads(reader.entry(index))["action"] for index in range(reader.checkpoint().size)]


@pytest.fixture
def records(change):
    """Makes records that say their number, each under a key of its own."""
    return lambda start, end: [seal(change(str(number)), number.to_bytes(32, "big")) for number in range(start + 1, end + 1)]


@pytest.fixture
def crashed(store, records):
    """A log whose journal holds four groups, of 1, 2, 1 and 3 records, that no checkpoint covers; and where each ends."""
    opened, first, ends = store(), 0, []
    for count in PORTIONS:
        group = records(first, first + count)
        opened.append(first, group)
        start = ends[-1][0] + -ends[-1][0] % 64 if ends else 0
        ends.append((start + len(encode_group(log_mark("example.ma/log"), first, group).rstrip(b"\0")), first + count))
        first += count
    opened.close()
    return ends


# The journal


def test_a_journal_cut_at_every_byte_gives_every_whole_group_and_no_torn_one(crashed, folder, store):
    """For each length to which the write-ahead file may be cut, exactly the groups that end before it are recovered."""
    content = (folder / "journal" / "a").read_bytes().rstrip(b"\0")
    image = folder.parent / "image"
    os.truncate(folder / "journal" / "b", 64)  # a small file is copied faster
    shutil.copytree(folder, image, ignore=shutil.ignore_patterns("a"))
    for cut in range(len(content) + 1):
        shutil.rmtree(folder)
        shutil.copytree(image, folder)
        (folder / "journal" / "a").write_bytes(content[:cut])
        store().close()
        whole = max([size for end, size in crashed if end <= cut], default=0)
        assert Reader(folder).checkpoint().size == whole, cut
        assert [json.loads(Reader(folder).entry(index))["action"] for index in range(whole)] == [
            str(n + 1) for n in range(whole)
        ]


@pytest.mark.usefixtures("crashed")
def test_a_recovered_log_is_whole_and_opens_its_details(folder, store):
    """What was recovered verifies, its details open, the journal is empty, and opening again changes nothing."""
    opened = store()
    assert opened.details(6).time == 1_763_812_800.0
    opened.close()
    assert actions(folder) == ["1", "2", "3", "4", "5", "6", "7"]
    note = (folder / "checkpoint").read_bytes()
    assert not any((folder / "journal" / name).read_bytes().strip(b"\0") for name in "ab")
    store().close()
    assert (folder / "checkpoint").read_bytes() == note


@pytest.mark.parametrize("group", [0, 1, 2])
def test_a_journal_damaged_in_its_middle_is_not_passed_over(crashed, folder, store, group):
    """A broken group with a whole one behind it cannot come from a crash: the log does not open, and names the entries."""
    path = folder / "journal" / "a"
    content = bytearray(path.read_bytes())
    content[crashed[group][0] - 1] ^= 1
    path.write_bytes(content)
    with pytest.raises(Invalid) as caught:
        store()
    assert (caught.value.code, caught.value.facts["file"]) == ("audit_damaged", "journal/a")
    content[crashed[group][0] - 1] ^= 1
    path.write_bytes(content)
    store().close()
    assert len(actions(folder)) == 7


@pytest.mark.parametrize("zeros", [1, 16, 200, 20_000])
def test_a_record_that_ends_in_zeros_is_whole(folder, store, zeros):
    """What was acknowledged is recovered though its last bytes are zeros, as those of the empty file behind it are."""
    for length in range(66):
        opened = store()
        first = opened.checkpoint.size
        opened.append(first, [Record(b"{}", b"k" * 32, b"x" * length + bytes(zeros))])
        opened.close()
        store().close()
        assert Reader(folder).checkpoint().size == first + 1, length


def test_a_torn_last_group_is_dropped(crashed, folder, store):
    """A flipped byte in the last group, which a crash may have torn, drops that group and no other."""
    path = folder / "journal" / "a"
    content = bytearray(path.read_bytes())
    content[crashed[-1][0] - 1] ^= 1
    path.write_bytes(content)
    store().close()
    assert actions(folder) == ["1", "2", "3", "4"]


def test_both_journal_files_are_read_in_their_order(store, records, folder):
    """A crash while one file is being carried over and the other written loses neither."""
    opened = store()
    opened.append(0, records(0, 3))
    opened.switch()
    opened.append(3, records(3, 5))
    opened.close()
    store().close()
    assert actions(folder) == ["1", "2", "3", "4", "5"]


def test_entries_missing_between_the_journal_files_are_not_passed_over(store, records, folder):
    """If the older journal file lost its end, the newer one does not hide that: the log does not open."""
    opened = store()
    opened.append(0, records(0, 3))
    opened.switch()
    opened.append(3, records(3, 5))
    opened.close()
    os.truncate(folder / "journal" / "a", 100)
    with pytest.raises(Invalid, match=r"journal/b.*entries 0 to 2"):
        store()


def test_a_crash_between_checkpoint_and_emptied_journal_repeats_nothing(store, records, folder):
    """Groups that a checkpoint covers already are not taken a second time, even if part of them was wiped."""
    opened = store()
    group = records(0, 40)
    opened.append(0, group)
    content = (folder / "journal" / "a").read_bytes()
    opened.integrate(group, opened.switch())
    opened.append(40, records(40, 41))
    opened.close()
    for wiped in (0, 64, 4096):
        (folder / "journal" / "a").write_bytes(bytes(wiped) + content[wiped:])
        store().close()
        assert len(actions(folder)) == 41


# Crashes while files are written


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 600), st.integers(1, 300), st.data())
def test_half_written_public_files_are_made_good(before, after, data):
    """A crash at any file of an integration, before its checkpoint, leaves a log that recovers to the same files."""
    key, shm = new_log_key(), Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as name:
        folder = Path(name) / "audit"
        batch = [seal(Change(str(n), 0.0, {}), n.to_bytes(32, "big")) for n in range(1, before + after + 1)]
        opened = Store(folder, "example.ma/log", key)
        if before:
            opened.append(0, batch[:before])
            opened.integrate(batch[:before], opened.switch())
        opened.append(before, batch[before:])
        opened.close()
        crash, good = Path(name) / "crash", Path(name) / "good"
        shutil.copytree(folder, crash)
        Store(folder, "example.ma/log", key).close()
        folder.rename(good)
        made = [path.relative_to(good) for path in good.rglob("*") if path.is_file() and path.parts[-2] != "journal"]
        new = [
            path for path in made if not (crash / path).exists() or (crash / path).read_bytes() != (good / path).read_bytes()
        ]
        for path in data.draw(st.lists(st.sampled_from(sorted(new)), unique=True)):
            if path.name != "checkpoint":
                content = (good / path).read_bytes()
                (crash / path).parent.mkdir(parents=True, exist_ok=True)
                (crash / path).write_bytes(content if data.draw(st.booleans()) else content[: len(content) // 2])
        crash.rename(folder)
        opened = Store(folder, "example.ma/log", key)
        assert opened.checkpoint.size == before + after
        assert opened.details(before + after - 1).time == 0.0
        opened.close()
        assert Reader(folder).verify().damage == ()
        for path in new:
            if path.parts[0] not in ("keys", "sealed"):
                assert (folder / path).read_bytes() == (good / path).read_bytes()


CHILD = """
import asyncio, itertools, sys
from pathlib import Path
from daffa.audit import Audit, Decision, Outcome, load_or_create_key

async def main(folder, run):
    audit = Audit.open(folder, "example.ma/log", load_or_create_key(folder.parent / "log.key"))
    async def client(number):
        for turn in itertools.count():
            token = f"{run}/{number}/{turn}"
            index = await audit.decision(Decision("gateway", True, (), (), "p", 0, token, (), 0.0, {"token": token}))
            print(index, token, flush=True)
            audit.outcome(Outcome(index, "answered", 200, 1, 1, 1, 0.0, {}))
            if turn % 50 == 49:
                await audit.flush()
    await asyncio.gather(*[client(number) for number in range(20)])

asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
"""


def test_a_writer_killed_under_load_loses_nothing_that_it_acknowledged(tmp_path):
    """Killed again and again in the middle of its work, the log opens and holds every entry whose index was told."""
    folder, told = tmp_path / "audit", {}
    for run, lines in enumerate((1, 40, 700, 1500, 2600)):
        child = subprocess.Popen([sys.executable, "-c", CHILD, folder, str(run)], stdout=subprocess.PIPE)
        for _ in range(lines):
            index, token = child.stdout.readline().split()
            told[int(index)] = token.decode()
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read().decode().rpartition("\n")[0]  # a last line may be torn
        told |= {int(line.split()[0]): line.split()[1] for line in rest.splitlines()}
        child.stdout.close()
        child.wait()
    Store(folder, "example.ma/log", load_or_create_key(tmp_path / "log.key")).close()
    reader = Reader(folder)
    assert reader.verify().damage == ()
    assert len(told) > 4_800
    assert {index: json.loads(reader.entry(index))["bundle"] for index in told} == told


async def test_erased_details_stay_erased_after_a_crash(log, folder, key, decision, erasure):
    """A crash after an erasure, with newer entries only in the journal, does not bring the details back."""
    audit = log()
    index = await audit.decision(decision())
    await audit.erase(erasure(index))
    await audit.decision(decision())
    crashed = folder.parent / "crashed"
    shutil.copytree(folder, crashed)
    await audit.close()
    audit = Audit.open(crashed, "example.ma/log", key)
    with pytest.raises(NotFound, match="erased"):
        await audit.open_details(index)
    assert (await audit.open_details(index + 2)).details == {"actor": "amina"}
    await audit.close()


# Damage before opening


@pytest.fixture
def closed(store, records):
    """A log of 300 entries that was closed well."""
    opened = store()
    opened.append(0, records(0, 300))
    opened.integrate(records(0, 300), opened.switch())
    opened.close()


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("checkpoint", "audit_missing"),
        ("tile/0/001.p/44", "audit_missing"),
        ("tile/1/000.p/1", "audit_missing"),
        ("tile/entries/001.p/44", "audit_missing"),
    ],
)
def test_a_log_without_a_file_of_its_edge_does_not_open(folder, store, name, code):
    """A missing file that the writer needs is named; the lock is released and nothing else is touched."""
    (folder / name).rename(folder.parent / "away")
    with pytest.raises(Invalid) as caught:
        store()
    assert (caught.value.code, caught.value.facts["file"]) == (code, name)
    (folder.parent / "away").rename(folder / name)
    store().close()


@pytest.mark.usefixtures("closed")
@pytest.mark.parametrize("name", ["checkpoint", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"])
def test_a_log_with_an_altered_edge_does_not_open(folder, store, name):
    """An altered byte in a file that the writer builds on is found and named before anything is signed over it."""
    content = bytearray((folder / name).read_bytes())
    content[20] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(Invalid) as caught:
        store()
    assert caught.value.facts["file"] == name


@pytest.mark.usefixtures("closed")
def test_a_log_whose_public_files_are_gone_is_not_begun_again(folder, store):
    """Where a key or tiles say that there was a log, a missing checkpoint does not start it over: that would be a fork."""
    (folder / "checkpoint").unlink()
    shutil.move(folder / "tile", folder.parent)
    for _ in range(2):
        with pytest.raises(Invalid) as caught:
            store()
        assert (caught.value.code, caught.value.facts["file"]) == ("audit_missing", "checkpoint")
        (folder / "log.vkey").unlink(missing_ok=True)  # nor without its key, if its tiles are there
        if not (folder / "tile").exists():
            shutil.move(folder.parent / "tile", folder)


def test_a_crash_while_a_log_is_begun_leaves_a_beginning(folder, store):
    """Killed before its key or its checkpoint was written, a log begins again, or goes on, at the next start."""
    store().close()
    (folder / "log.vkey").unlink()
    store().close()
    assert (folder / "log.vkey").exists()
    (folder / "log.vkey").unlink()
    (folder / "checkpoint").unlink()
    store().close()
    assert Reader(folder).verify().damage == ()


@pytest.mark.usefixtures("closed")
def test_a_writer_does_not_sign_over_a_foreign_checkpoint(folder, store, records):
    """If the checkpoint is exchanged behind the writer's back, even for an older true one, it stops instead of signing."""
    opened = store()
    older = (folder / "checkpoint").read_bytes()
    for start in (300, 310):
        group = records(start, start + 10)
        opened.append(start, group)
        if start == 310:
            (folder / "checkpoint").write_bytes(older)
            with pytest.raises(Invalid, match="checkpoint"):
                opened.integrate(group, opened.switch())
        else:
            opened.integrate(group, opened.switch())
    opened.close()
    assert (folder / "checkpoint").read_bytes() == older
