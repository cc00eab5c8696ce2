"""The log as the house writes it: durable before it answers, readable by anybody, closed whole."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
import textwrap

import pytest
import uvloop

from daffa.audit import Audit, Reader, VerifyingKey, new_log_key, read_leaf, verify_receipt
from daffa.audit.store import Store
from daffa.errors import Conflict, Invalid, Unavailable

# The walk


async def test_a_decision_its_outcome_and_a_change_are_recorded(log, folder, decision, outcome, change, leaves):
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


async def test_an_entry_is_durable_when_its_index_is_known(log, folder, tmp_path, key, decision, leaves):
    """A copy of the folder taken the moment an index is returned, as a crash would leave it, recovers that entry."""
    audit = log()
    for number in range(3):
        index = await audit.decision(decision(bundle=f"law {number}"))
        crashed = tmp_path / str(number)
        shutil.copytree(folder, crashed)
        Store(crashed, "example.ma/log", key).close()
        assert leaves(crashed)[index]["bundle"] == f"law {number}"
    await audit.close()


async def test_many_writers_get_their_own_indexes(log, folder, decision, leaves):
    """Five hundred tasks at once each get the index at which their own entry stands."""
    audit = log()
    indexes = await asyncio.gather(*[audit.decision(decision(bundle=str(number))) for number in range(500)])
    await audit.flush()
    assert sorted(indexes) == list(range(500))
    found = leaves(folder)
    assert [found[index]["bundle"] for index in indexes] == [str(number) for number in range(500)]
    await audit.close()


@pytest.mark.usefixtures("unpublished")
async def test_entries_of_one_turn_share_a_commit(log, folder, decision, groups):
    """Decisions that arrive in the same turn of the loop are made durable together."""
    audit = log()
    await asyncio.gather(*[audit.decision(decision()) for _ in range(20)])
    assert groups(folder) == [[20], []]
    await audit.close()


@pytest.mark.usefixtures("unpublished")
async def test_a_decision_does_not_wait_behind_an_outcome(log, folder, decision, outcome, groups, monkeypatch):
    """However long an outcome may wait, a decision that comes is committed at once and takes the outcome along."""
    monkeypatch.setattr("daffa.audit.log._LAZY", 600.0)
    audit = log()
    audit.outcome(outcome(0))
    async with asyncio.timeout(10):
        await audit.decision(decision())
    assert groups(folder) == [[2], []]
    await audit.close()


@pytest.mark.usefixtures("unpublished")
async def test_an_outcome_becomes_durable_by_itself(log, folder, outcome, groups):
    """An outcome that nothing follows is in the journal after a while, without a flush."""
    audit = log()
    audit.outcome(outcome(0))
    assert groups(folder) == [[], []]
    async with asyncio.timeout(10):
        while groups(folder) == [[], []]:
            await asyncio.sleep(0.005)
    await audit.close()


async def test_a_checkpoint_comes_by_itself(log, folder, decision, groups):
    """Without a flush a checkpoint covers an entry after a while, and the journal no longer holds it."""
    audit = log()
    await audit.decision(decision())
    async with asyncio.timeout(10):
        while Reader(folder).checkpoint().size == 0 or any(groups(folder)[0] + groups(folder)[1]):
            await asyncio.sleep(0.02)
    await audit.close()


async def test_close_keeps_outcomes_that_still_waited(log, folder, decision, outcome, leaves):
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


async def test_partial_files_go_when_the_full_one_is_there(log, folder, decision):
    """A log that grew through many partial tiles keeps them only for the tiles that are not full yet."""
    audit = log()
    for _ in range(6):
        await asyncio.gather(*[audit.decision(decision()) for _ in range(100)])
        await audit.flush()
    await audit.close()
    partial = {str(path.relative_to(folder / "tile")) for path in folder.rglob("*.p")}
    assert partial == {"0/002.p", "entries/002.p", "1/000.p"}


async def test_everything_at_once_under_load(log, folder, decision, outcome, change, leaves):
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


async def test_a_bad_entry_harms_no_other(log, folder, decision, leaves):
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


async def test_a_caller_who_leaves_does_not_take_the_entry_along(log, folder, decision, leaves):
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


@pytest.mark.usefixtures("unpublished")
async def test_the_index_of_an_entry_is_known_before_it_is_durable(log, folder, decision, outcome, leaves, groups):
    """Who enters an entry has its index at once; cancelled, they hear of it once it is durable, and tell its outcome."""
    audit = log()
    index, durable = audit.enter(decision())
    assert (index, durable.done(), groups(folder)) == (0, False, [[], []])

    async def client():
        index, durable = audit.enter(decision(bundle="left"))
        try:
            await durable
        except asyncio.CancelledError:
            audit.outcome(outcome(index, status="client_gone"))
            raise

    leaver = asyncio.create_task(client())
    await asyncio.sleep(0)
    leaver.cancel()
    await durable
    assert groups(folder)[0]
    with pytest.raises(asyncio.CancelledError):
        await leaver
    await audit.close()
    assert [(leaf["kind"], leaf.get("decision")) for leaf in leaves(folder)] == [
        ("decision", None),
        ("decision", None),
        ("outcome", 1),
    ]


async def test_a_journal_that_fills_faster_than_it_empties_holds_commits_back(
    log, folder, decision, outcome, monkeypatch, leaves
):
    """With room for a few entries only, commits wait for the journal to be emptied, and nothing is lost or stuck."""
    monkeypatch.setattr("daffa.audit.log._FULL", 2_000)
    monkeypatch.setattr("daffa.audit.log._OVERFULL", 4_000)
    audit = log()

    async def client():
        for _ in range(25):
            audit.outcome(outcome(await audit.decision(decision())))

    await asyncio.gather(*[client() for _ in range(20)])
    for _ in range(50):
        audit.outcome(outcome(0))
    await audit.close()
    assert len(leaves(folder)) == 1050
    assert Reader(folder).verify().damage == ()


async def test_a_log_can_be_read_while_it_is_written(log, folder, decision):
    """Entries, proofs and whole verifications hold at every moment while another task appends."""
    audit, done = log(), asyncio.Event()

    async def write():
        for _ in range(40):
            await asyncio.gather(*[audit.decision(decision()) for _ in range(30)])
            await audit.flush()
        done.set()

    async def read():
        sizes = set()
        while not done.is_set():
            report = await asyncio.to_thread(Reader(folder).verify)
            assert report.damage == ()
            sizes.add(report.size)
            if report.size:
                await asyncio.to_thread(Reader(folder).receipt, report.size - 1)
        return sizes

    _, sizes = await asyncio.gather(write(), read())
    await audit.close()
    assert len(sizes) > 1


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
