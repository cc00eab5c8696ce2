"""The index in the database: it follows the log, answers questions, and can be built anew at any time."""

from __future__ import annotations

import sqlite3

import pytest
from sqlalchemy import create_engine, select

from daffa.audit import Audit, Ended, Found, Index, Usage
from daffa.audit.store import Store
from daffa.audit.tables import ChangeRow, DecisionRow, OutcomeRow
from daffa.errors import Conflict, Invalid
from daffa.storage import Base, Database

NOON = 1_763_812_800


@pytest.fixture
async def database(tmp_path):
    """An open database with the tables of the index."""
    opened = await Database.open(tmp_path / "house.db")
    engine = create_engine(f"sqlite:///{tmp_path / 'house.db'}")
    Base.metadata.create_all(engine, [table.__table__ for table in (DecisionRow, OutcomeRow, ChangeRow)])
    engine.dispose()
    yield opened
    await opened.close()


@pytest.fixture
def index(database, folder):
    """The index of the log in the folder."""
    return Index(database, folder)


@pytest.fixture
async def audit(log):
    """The log in the folder, open."""
    opened = log()
    yield opened
    await opened.close()


async def test_decisions_are_found_with_their_outcomes(index, audit, decision, outcome, change):
    """A decision is found, newest first, with the outcome that was recorded for it, or none while it is open."""
    first = await audit.decision(decision())
    await audit.change(change())
    second = await audit.decision(decision(allowed=False, place="", rules=("F-1",)))
    audit.outcome(outcome(first))
    third = await audit.decision(decision(place="paris", time=NOON + 301.0))
    await audit.flush()
    assert await index.follow() == 5
    ended = Ended(3, "answered", 200, 10, 20, 300)
    found = {
        third: Found(third, NOON + 300, "gateway", "allow", "paris", 2, "sha256:00", None),
        second: Found(second, NOON, "gateway", "refuse", "", 2, "sha256:00", None),
        first: Found(first, NOON, "gateway", "allow", "rabat-1", 2, "sha256:00", ended),
    }
    assert await index.decisions() == list(found.values())
    assert await index.decisions(open_only=True) == [found[third]]
    assert await index.decisions(verdict="refuse") == [found[second]]
    assert await index.decisions(place="rabat-1", door="gateway") == [found[first]]
    assert await index.decisions(door="forge") == []
    assert await index.decisions(since=NOON + 300) == [found[third]]
    assert await index.decisions(until=NOON + 300, verdict="allow") == [found[first]]
    assert await index.decisions(limit=1) == [found[third]]
    assert await index.decisions(limit=1, before=third) == [found[second]]


async def test_usage_is_summed_by_place(index, audit, decision, outcome):
    """Tokens and bytes are summed over outcomes by the place of their decision, within a span of time."""
    for place, tokens, time in (("paris", 5, NOON), ("rabat-1", 7, NOON), ("rabat-1", 11, NOON + 300)):
        number = await audit.decision(decision(place=place))
        audit.outcome(outcome(number, tokens_in=tokens, tokens_out=2 * tokens, bytes_out=3 * tokens, time=float(time)))
    await audit.decision(decision(place="virginia"))
    await audit.flush()
    await index.follow()
    assert await index.usage() == [Usage("paris", 1, 5, 10, 15), Usage("rabat-1", 2, 18, 36, 54)]
    assert await index.usage(since=NOON + 300) == [Usage("rabat-1", 1, 11, 22, 33)]
    assert await index.usage(until=NOON) == []


async def test_following_takes_up_only_what_is_new(index, audit, decision):
    """Followed while the log grows over the borders of bundles, the index has each entry once."""
    for count in (3, 250, 0, 300):
        for _ in range(count):
            audit._add(decision())
        await audit.flush()
        await index.follow()
    found = await index.decisions(limit=1000)
    assert [entry.index for entry in found] == list(range(552, -1, -1))


async def test_erasures_and_rotations_are_among_the_changes(index, audit, database, change, erasure):
    """The index counts an erasure as a change of that name, and is not held up by it."""
    await audit.change(change("key.created"))
    await audit.erase(erasure(0))
    assert (await index.follow(), await index.follow()) == (2, 2)
    async with database.read() as session:
        rows = await session.rows(select(ChangeRow.entry, ChangeRow.action).order_by(ChangeRow.entry))
    assert [tuple(row) for row in rows] == [(0, "key.created"), (1, "erasure")]


async def test_an_index_built_anew_is_the_same(index, audit, decision, outcome, tmp_path):
    """What was lost or falsified in the database comes back from the log by building anew."""
    for _ in range(3):
        audit.outcome(outcome(await audit.decision(decision())))
    await audit.flush()
    await index.follow()
    expected = await index.decisions()
    with sqlite3.connect(tmp_path / "house.db") as file:
        file.execute("UPDATE audit_decisions SET verdict = 'refuse'")
        file.execute("DELETE FROM audit_outcomes")
    file.close()
    assert await index.decisions() != expected
    assert await index.rebuild() == 6
    assert await index.decisions() == expected


async def test_logs_share_a_database_without_mixing(index, audit, database, folder, key, decision):
    """Two logs in one database answer for themselves, though their indexes are alike."""
    other = Audit.open(folder.parent / "other", "example.ma/other", key)
    await audit.decision(decision(place="here"))
    await other.decision(decision(place="there"))
    await audit.flush()
    await other.close()
    second = Index(database, folder.parent / "other")
    assert (await index.follow(), await second.follow()) == (1, 1)
    assert [found.place for found in await index.decisions()] == ["here"]
    assert [found.place for found in await second.decisions()] == ["there"]
    await second.rebuild()
    assert [found.place for found in await index.decisions()] == ["here"]


async def test_entries_of_a_later_version_are_passed_over(index, store, decision):
    """A kind that this version does not know is no error, and what stands behind it is indexed."""
    from daffa.audit.entry import Record, seal

    opened = store()
    later = Record(b'{"commitment":"00","kind":"revelation"}', bytes(31) + b"1", b"x")
    batch = [later, seal(decision(), bytes(31) + b"2"), later]
    opened.append(0, batch)
    opened.integrate(batch, opened.switch())
    opened.close()
    assert await index.follow() == 3
    assert await index.follow() == 3
    assert [found.index for found in await index.decisions()] == [1]


async def test_a_log_shorter_than_its_index_is_noticed(index, audit, folder, key, decision):
    """If the log was replaced by a shorter one, following refuses until the index is built anew."""
    import shutil

    for _ in range(3):
        await audit.decision(decision())
    await audit.flush()
    await index.follow()
    await audit.close()
    shutil.rmtree(folder)
    shorter = Store(folder, "example.ma/log", key)
    with pytest.raises(Conflict) as caught:
        await index.follow()
    assert (caught.value.code, caught.value.facts) == ("audit_index_ahead", {"indexed": 3, "size": 0})
    assert await index.rebuild() == 0
    shorter.close()


@pytest.mark.parametrize("spoil", [lambda data: data[:-5], lambda data: data.replace(b'"kind"', b'"kynd"', 1)])
async def test_a_damaged_bundle_stops_the_index_with_its_place(index, audit, folder, decision, spoil):
    """A bundle that cannot be read is named, and nothing of it is indexed."""
    for _ in range(3):
        await audit.decision(decision())
    await audit.flush()
    bundle = folder / "tile" / "entries" / "000.p" / "3"
    bundle.write_bytes(spoil(bundle.read_bytes()))
    with pytest.raises(Invalid) as caught:
        await index.follow()
    assert caught.value.facts["file"] == "tile/entries/000.p/3"
    assert await index.decisions() == []
