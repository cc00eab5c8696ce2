"""The log as the house writes it: durable before it answers, readable by anybody, closed whole, failing closed."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import textwrap

import pytest
import uvloop

from daffa.audit import Audit, Reader, VerifyingKey, load_or_create_key, new_log_key, read_leaf, verify_receipt
from daffa.audit.journal import log_mark, scan
from daffa.audit.store import Store
from daffa.errors import Conflict, Invalid, NotFound, Unavailable


def leaves(folder):
    """All leaves under the newest checkpoint, decoded."""
    reader = Reader(folder)
    return [json.loads(reader.entry(index)) for index in range(reader.checkpoint().size)]


def groups(folder):
    """How many records each whole group in the journal holds, file by file."""
    found = [scan(path.read_bytes(), log_mark("example.ma/log"))[0] for path in sorted((folder / "journal").glob("[ab]"))]
    return [[len(group.records) for group in file] for file in found]


# The walk


async def test_a_decision_its_outcome_and_a_change_are_recorded(log, folder, decision, outcome, change):
    """Three entries are written, referred to by origin and index, and read back from the public files in their order."""
    audit = log()
    index = await audit.decision(decision())
    audit.outcome(outcome(index))
    assert await audit.change(change()) == 2
    assert audit.reference(index) == "example.ma/log#0"
    await audit.flush()
    assert [leaf["kind"] for leaf in leaves(folder)] == ["decision", "outcome", "change"]
    assert Reader(folder).verify(audit.vkey).damage == ()
    await audit.close()


async def test_an_entry_is_durable_when_its_index_is_known(log, folder, tmp_path, key, decision):
    """A copy of the folder taken the moment an index is returned, as a crash would leave it, recovers that entry."""
    audit = log()
    for number in range(3):
        index = await audit.decision(decision(bundle=f"law {number}"))
        crashed = tmp_path / str(number)
        shutil.copytree(folder, crashed)
        Store(crashed, "example.ma/log", key).close()
        assert leaves(crashed)[index]["bundle"] == f"law {number}"
    await audit.close()


async def test_many_writers_get_their_own_indexes(log, folder, decision):
    """Five hundred tasks at once each get the index at which their own entry stands."""
    audit = log()
    indexes = await asyncio.gather(*[audit.decision(decision(bundle=str(number))) for number in range(500)])
    await audit.flush()
    assert sorted(indexes) == list(range(500))
    found = leaves(folder)
    assert [found[index]["bundle"] for index in indexes] == [str(number) for number in range(500)]
    await audit.close()


async def test_entries_of_one_turn_share_a_commit(log, folder, decision):
    """Decisions that arrive in the same turn of the loop are made durable together."""
    audit = log()
    await asyncio.gather(*[audit.decision(decision()) for _ in range(20)])
    assert groups(folder) == [[20], []]
    await audit.close()


async def test_a_decision_does_not_wait_behind_an_outcome(log, folder, decision, outcome):
    """A decision takes a waiting outcome along in its own commit instead of waiting for the outcome's time."""
    audit = log()
    audit.outcome(outcome(0))
    await audit.decision(decision())
    assert groups(folder) == [[2], []]
    await audit.close()


async def test_an_outcome_becomes_durable_by_itself(log, folder, outcome):
    """An outcome that nothing follows is in the journal after a while, without a flush."""
    audit = log()
    audit.outcome(outcome(0))
    assert groups(folder) == [[], []]
    async with asyncio.timeout(10):
        while groups(folder) == [[], []]:
            await asyncio.sleep(0.005)
    await audit.close()


async def test_a_checkpoint_comes_by_itself(log, folder, decision):
    """Without a flush a checkpoint covers an entry after a while, and the journal no longer holds it."""
    audit = log()
    await audit.decision(decision())
    async with asyncio.timeout(10):
        while Reader(folder).checkpoint().size == 0 or any(groups(folder)[0] + groups(folder)[1]):
            await asyncio.sleep(0.02)
    await audit.close()


async def test_close_keeps_outcomes_that_still_waited(log, folder, decision, outcome):
    """Nothing that was given is lost by closing, however lazy it was."""
    audit = log()
    index = await audit.decision(decision())
    for _ in range(10):
        audit.outcome(outcome(index))
    await audit.close()
    await audit.close()
    assert [leaf["kind"] for leaf in leaves(folder)] == ["decision"] + ["outcome"] * 10


async def test_a_log_goes_on_where_it_stopped(log, folder, decision):
    """Opened again and again, at sizes around the width of a tile, the log keeps its entries and grows consistently."""
    old = []
    for count in (0, 1, 254, 1, 1, 300, 0):
        audit = log()
        await asyncio.gather(*[audit.decision(decision()) for _ in range(count)])
        await audit.close()
        old.append(Reader(folder).checkpoint())
    assert [checkpoint.size for checkpoint in old] == [0, 1, 255, 256, 257, 557, 557]
    assert Reader(folder).verify().damage == ()


async def test_everything_at_once_under_load(log, folder, decision, outcome, change):
    """Decisions, outcomes, changes and flushes from many tasks leave a whole log with every entry."""
    audit = log()

    async def client(number):
        for _ in range(15):
            index = await audit.decision(decision())
            audit.outcome(outcome(index))
            if number % 5 == 0:
                await audit.flush()
        await audit.change(change())

    await asyncio.gather(*[client(number) for number in range(40)])
    await audit.close()
    kinds = [leaf["kind"] for leaf in leaves(folder)]
    assert [kinds.count(kind) for kind in ("decision", "outcome", "change")] == [600, 600, 40]
    assert Reader(folder).verify().damage == ()


def test_the_log_works_under_uvloop(folder, key, decision, outcome):
    """The loop of the server serves the log as the standard one does."""

    async def walk():
        audit = Audit.open(folder, "example.ma/log", key)
        for index in await asyncio.gather(*[audit.decision(decision()) for _ in range(50)]):
            audit.outcome(outcome(index))
        await audit.close()

    uvloop.run(walk())
    assert Reader(folder).verify().size == 100


async def test_receipts_hold_offline(log, folder, decision):
    """A receipt proves its entry with the vkey alone, and no other entry, place or key."""
    audit = log()
    await asyncio.gather(*[audit.decision(decision(bundle=str(number))) for number in range(300)])
    await audit.close()
    reader = Reader(folder)
    receipt, entry = reader.receipt(123), reader.entry(123)
    proven = verify_receipt(receipt, entry, audit.vkey)
    assert (proven.index, proven.checkpoint.size) == (123, 300)
    assert verify_receipt(receipt.replace("\nindex", "\nextra QUJD\nindex"), entry, audit.vkey).index == 123
    stranger = str(VerifyingKey("example.ma/log", new_log_key().public_key().public_bytes_raw()))
    for text, leaf, vkey in [
        (receipt, reader.entry(124), audit.vkey),
        (receipt.replace("index 123", "index 124"), entry, audit.vkey),
        (receipt, entry, stranger),
        (receipt.replace("\n300\n", "\n301\n"), entry, audit.vkey),
        (receipt.replace("@v1", "@v2"), entry, audit.vkey),
        ("", entry, audit.vkey),
        (receipt, entry, "nobody"),
    ]:
        with pytest.raises(Invalid):
            verify_receipt(text, leaf, vkey)


# Details and erasure


async def test_details_are_opened_by_who_holds_the_keys(log, decision):
    """The exact time and the details of an entry come back, even before any checkpoint covered it."""
    audit = log()
    index = await audit.decision(decision(details={"actor": "amina", "n": [1, None]}, time=1_763_812_801.25))
    opened = await audit.open_details(index)
    assert (opened.time, opened.details) == (1_763_812_801.25, {"actor": "amina", "n": [1, None]})
    with pytest.raises(NotFound):
        await audit.open_details(index + 1)
    await audit.close()


async def test_erasure_leaves_the_proof_and_takes_the_details(log, folder, decision):
    """After erasure neither key nor sealed details are in any file, after a restart neither; the log still verifies."""
    audit = log()
    for _ in range(3):
        index = await audit.decision(decision(details={"actor": "amina"}))
    await audit.flush()
    number = index * 32
    record_key = (folder / "keys" / "000").read_bytes()[number : number + 32]
    assert any(record_key)
    await audit.erase(index)
    await audit.erase(index)
    with pytest.raises(NotFound, match="erased"):
        await audit.open_details(index)
    assert (await audit.open_details(index - 1)).details == {"actor": "amina"}
    await audit.close()
    for path in folder.rglob("*"):
        assert path.is_dir() or record_key not in path.read_bytes()
    audit = log()
    with pytest.raises(NotFound, match="erased"):
        await audit.open_details(index)
    with pytest.raises(NotFound):
        await audit.erase(index + 1)
    assert Reader(folder).verify().damage == ()
    await audit.close()


async def test_an_entry_can_be_erased_the_moment_it_is_recorded(log, folder, decision):
    """Erasing an entry that only the journal holds takes it out of the journal too."""
    audit = log()
    index = await audit.decision(decision())
    [[group], _] = [scan((folder / "journal" / name).read_bytes(), log_mark(audit.origin))[0] for name in "ab"]
    await audit.erase(index)
    for path in folder.rglob("*"):
        assert path.is_dir() or group.records[0].key not in path.read_bytes()
    await audit.close()


async def test_the_journal_keeps_no_key_behind(log, folder, decision):
    """Once a checkpoint covers the entries, both journal files hold nothing but zeros."""
    audit = log()
    await asyncio.gather(*[audit.decision(decision()) for _ in range(100)])
    await audit.close()
    for name in "ab":
        assert not (folder / "journal" / name).read_bytes().strip(b"\0")


# Edges


async def test_a_second_writer_is_refused(log, folder, key, decision):
    """While a log is open nobody else opens it, in this process or another; afterwards it opens again."""
    audit = log()
    with pytest.raises(Conflict) as caught:
        log()
    assert caught.value.code == "log_has_a_writer"
    pem = folder.parent / "log.key"
    pem.write_bytes(key.private_bytes_raw())
    child = textwrap.dedent("""
        import sys
        from pathlib import Path
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from daffa.audit import Audit
        from daffa.errors import Conflict
        key = Ed25519PrivateKey.from_private_bytes(Path(sys.argv[2]).read_bytes())
        try:
            Audit.open(Path(sys.argv[1]), "example.ma/log", key)
        except Conflict as error:
            print(error.code)
    """)
    found = subprocess.run([sys.executable, "-c", child, folder, pem], capture_output=True, text=True, check=True)
    assert found.stdout == "log_has_a_writer\n"
    assert await audit.decision(decision()) == 0
    await audit.close()
    await log().close()


async def test_a_log_keeps_its_name_and_key(folder, key):
    """A log is not opened under another name or with another key than it was begun with."""
    await Audit.open(folder, "example.ma/log", key).close()
    for name, other in (("example.ma/other", key), ("example.ma/log", new_log_key())):
        with pytest.raises(Conflict) as caught:
            Audit.open(folder, name, other)
        assert caught.value.code == "log_has_another_key"
    await Audit.open(folder, "example.ma/log", key).close()


@pytest.mark.parametrize("origin", ["", "two words", "a+b", "a#1", "a\n", "x" * 201, "\ud800"])
def test_names_that_foreign_tools_could_not_read_are_refused(folder, key, origin):
    """The name of a log has no space, plus, hash or control character; a bad one leaves no folder behind."""
    with pytest.raises(Invalid, match="origin"):
        Audit.open(folder, origin, key)
    assert not folder.exists()


async def test_a_closed_log_takes_nothing(log, decision, outcome):
    """After closing, each kind of entry is refused with a code."""
    audit = log()
    assert audit.writable
    await audit.close()
    assert not audit.writable
    with pytest.raises(Unavailable, match="closed"):
        await audit.decision(decision())
    with pytest.raises(Unavailable, match="closed"):
        audit.outcome(outcome(0))


async def test_a_bad_entry_harms_no_other(log, folder, decision):
    """An entry that cannot be written is refused alone: the ones beside it are recorded, without a gap."""
    audit = log()
    results = await asyncio.gather(
        audit.decision(decision()),
        audit.decision(decision(details={"x": object()})),
        audit.decision(decision(rules=("x" * 70_000,))),
        audit.decision(decision()),
        return_exceptions=True,
    )
    assert [type(result) for result in results] == [int, Invalid, Invalid, int]
    assert [results[0], results[3]] == [0, 1]
    await audit.close()
    assert len(leaves(folder)) == 2


async def test_a_caller_who_leaves_does_not_take_the_entry_along(log, folder, decision):
    """A cancelled caller's entry is recorded all the same, and the others waiting with it are answered."""
    audit = log()
    leaver, stayer = asyncio.create_task(audit.decision(decision())), asyncio.create_task(audit.decision(decision()))
    await asyncio.sleep(0)
    leaver.cancel()
    assert await stayer == 1
    with pytest.raises(asyncio.CancelledError):
        await leaver
    await audit.close()
    assert len(leaves(folder)) == 2


async def test_details_lost_with_a_folder_do_not_stop_the_log(log, folder, decision):
    """Where the keys or the sealed details are gone, the log opens and grows, and says so for the entries concerned."""
    audit = log()
    await audit.decision(decision())
    await audit.close()
    shutil.rmtree(folder / "keys")
    shutil.rmtree(folder / "sealed")
    audit = log()
    index = await audit.decision(decision())
    assert (await audit.open_details(index)).details == {"actor": "amina"}
    with pytest.raises(NotFound):
        await audit.open_details(0)
    await audit.close()


async def test_entries_of_the_greatest_size_are_kept(log, folder, decision):
    """Leaves of 65,535 bytes, more than a commit usually holds, are written and read."""
    audit = log()
    empty = len(await _leaf(audit, folder, decision(bundle="")))
    await asyncio.gather(*[audit.decision(decision(bundle="x" * (65_535 - empty))) for _ in range(300)])
    await audit.close()
    assert len(Reader(folder).entry(300)) == 65_535
    assert Reader(folder).verify().damage == ()


async def _leaf(audit, folder, entry):
    index = await audit.decision(entry)
    await audit.flush()
    leaf = Reader(folder).entry(index)
    assert read_leaf(leaf) is not None
    return leaf


# The disk refuses

FULL = """
import asyncio, json, resource, sys
from pathlib import Path
from daffa.audit import Audit, Decision, Outcome, load_or_create_key
from daffa.errors import Unavailable

def decision(size):
    return Decision("gateway", True, (), (), "p", 0, "x" * size, (), 0.0, {})

async def main(folder, limit):
    audit = Audit.open(folder, "example.ma/log", load_or_create_key(folder.parent / "log.key"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    acknowledged, codes = [], []
    for _ in range(40):
        results = await asyncio.gather(*[audit.decision(decision(60_000)) for _ in range(3)], return_exceptions=True)
        acknowledged += [result for result in results if isinstance(result, int)]
        codes += [result.code for result in results if not isinstance(result, int)]
    try:
        audit.outcome(Outcome(0, "", 0, 0, 0, 0, 0.0, {}))
    except Unavailable as error:
        codes.append("outcome " + error.code)
    try:
        await audit.flush()
    except Unavailable as error:
        codes.append("flush " + error.code)
    await audit.close()
    print(json.dumps([acknowledged, codes, audit.writable]))

asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
"""


@pytest.mark.parametrize("limit", [1 << 20, 2 << 20, 200_000])
def test_a_full_disk_refuses_and_loses_nothing(folder, tmp_path, limit):
    """When the disk takes no more, waiting and later entries fail with a code, and what was acknowledged is there."""
    folder.parent.mkdir(exist_ok=True)
    found = subprocess.run([sys.executable, "-c", FULL, folder, str(limit)], capture_output=True, text=True, check=True)
    acknowledged, codes, writable = json.loads(found.stdout)
    assert acknowledged == list(range(len(acknowledged)))
    assert len(acknowledged) + len(codes) == 122
    assert {"audit_unavailable", "outcome audit_unavailable", "flush audit_unavailable"} == set(codes)
    assert not writable
    Store(folder, "example.ma/log", load_or_create_key(folder.parent / "log.key")).close()
    assert Reader(folder).checkpoint().size >= len(acknowledged)
    assert Reader(folder).verify().damage == ()


def test_a_folder_that_cannot_be_made_is_told(tmp_path, key):
    """A log that cannot be opened for the disk's sake says so, with the reason."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="file"):
        Audit.open(tmp_path / "file" / "audit", "example.ma/log", key)
    assert os.listdir(tmp_path) == ["file"]
