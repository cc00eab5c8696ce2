"""The database: transactions, what they keep and what they undo. Uses files and real SQLite; nothing is mocked."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, text, update

from daffa.errors import Conflict, Unavailable
from daffa.identity.tables import OrganisationRow, PersonRow
from daffa.storage import Database, WriteSession

from .rows import names, organisation

# Laws


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans(), st.booleans()), max_size=8))
async def test_the_database_holds_exactly_what_ended_well(fresh, steps):
    """After any sequence of transactions that end well or raise, the database holds the ids of those that ended well."""
    database = await Database.open(fresh())
    expected = set()
    for slug, twice, fails in steps:
        try:
            async with database.begin() as session:
                await session.add(organisation(slug))
                if twice:
                    await session.add(organisation(slug + "2"))
                if fails:
                    raise KeyError(slug)
        except (KeyError, Conflict):
            continue
        expected |= {slug, slug + "2"} if twice else {slug}
    assert set(await names(database)) == expected
    await database.close()


# The walk


async def test_what_is_written_is_read_by_the_next_opening(url):
    """What a write transaction kept is there after the database was closed and opened again."""
    database = await Database.open(url)
    async with database.begin() as session:
        await session.add(organisation(name="وزارة الصحة ⵜⴰⴷⵓⵙⵉ"))
    await database.close()
    database = await Database.open(url)
    async with database.read() as session:
        row = await session.get(OrganisationRow, "health")
    await database.close()
    assert row is not None
    assert (row.name, row.region) == ("وزارة الصحة ⵜⴰⴷⵓⵙⵉ", "MA-04")


async def test_a_path_and_its_url_are_the_same_database(tmp_path):
    """A database opened by ``sqlite:///PATH`` is the one opened by its path."""
    first = await Database.open(f"sqlite:///{tmp_path}/house.db")
    async with first.begin() as session:
        await session.add(organisation())
    second = await Database.open(str(tmp_path / "house.db"))
    assert await names(second) == ["health"]
    await first.close()
    await second.close()


async def test_the_files_are_for_their_owner_alone(tmp_path):
    """Every file of a SQLite database, its write-ahead log included, is readable by its owner only."""
    database = await Database.open(tmp_path / "house.db")
    async with database.begin() as session:
        await session.add(organisation())
    files = list(tmp_path.iterdir())
    assert {file.name for file in files} >= {"house.db", "house.db-wal"}
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}
    await database.close()


async def test_sqlite_is_set_for_durable_and_checked_writes(tmp_path):
    """Both sides of SQLite use the write-ahead log, full synchronisation and foreign keys."""
    database = await Database.open(tmp_path / "house.db")
    async with database.begin() as writing, database.read() as reading:
        for session in (writing, reading):
            found = [
                (await session.rows(text(f"PRAGMA {name}")))[0][0] for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
            assert found == ["wal", 2, 1]
    await database.close()


async def test_a_read_session_cannot_write(database):
    """The database itself refuses a write through a read session, and nothing changes."""
    with pytest.raises(Unavailable, match=r"read-?only"):
        async with database.read() as session:
            await session.rows(insert(OrganisationRow).values(id="x", name="x", region="", floor="", created=0))
    assert not hasattr(session, "add")
    assert await names(database) == []


async def test_nobody_can_commit_by_hand(database):
    """A write session offers no commit, and a session that outlives its block is dead."""
    async with database.begin() as session:
        await session.add(organisation())
    assert not hasattr(WriteSession, "commit")
    with pytest.raises(Exception, match="closed"):
        await session.add(organisation("late"))
    assert await names(database) == ["health"]


async def test_a_reader_sees_one_moment(database):
    """A read transaction sees the same rows from its first look to its end, whatever is written meanwhile."""
    async with database.read() as session:
        before = await session.all(select(OrganisationRow.id))
        async with database.begin() as writing:
            await writing.add(organisation())
        assert await session.all(select(OrganisationRow.id)) == before == []
    assert await names(database) == ["health"]


async def test_rows_by_the_thousand_are_what_was_given(database):
    """Rows given as tuples are kept column by column, in order; where one of them breaks a rule, none is kept."""
    given = [(f"o{number:04}", f"ⵜⴰⴷⵓⵙⵉ {number}", "MA-04", "", 1_763_812_800 + number) for number in range(1_100)]
    async with database.begin() as session:
        await session.insert(OrganisationRow, given)
        await session.insert(OrganisationRow, [])
    with pytest.raises(Conflict):
        async with database.begin() as session:
            await session.insert(OrganisationRow, [("new", "n", "", "", 0), *given[-1:]])
    columns = (OrganisationRow.id, OrganisationRow.name, OrganisationRow.region, OrganisationRow.floor, OrganisationRow.created)
    async with database.read() as session:
        assert [tuple(row) for row in await session.rows(select(*columns).order_by(OrganisationRow.id))] == given


async def test_a_writer_reads_its_own_writes(database):
    """Inside a write transaction its own changes are visible at once."""
    async with database.begin() as session:
        rows = [{"id": f"o{n}", "name": "n", "region": "", "floor": "", "created": n} for n in range(3)]
        await session.execute(insert(OrganisationRow), rows)
        await session.execute(update(OrganisationRow).where(OrganisationRow.created > 0).values(name="m"))
        first = await session.one(select(OrganisationRow).where(OrganisationRow.name == "m").order_by(OrganisationRow.id))
        assert first is not None
        await session.delete(first)
        assert await session.rows(select(OrganisationRow.id, OrganisationRow.name)) == [("o0", "n"), ("o2", "m")]
        assert await session.one(select(OrganisationRow).where(OrganisationRow.id == "nobody")) is None


async def test_many_writers_through_two_openings_all_succeed(database, url):
    """Forty concurrent read-and-add transactions through two connections lose no update."""
    other = await Database.open(url)
    async with database.begin() as session:
        await session.add(organisation(name="0"))

    async def add_one(through):
        async with through.begin() as session:
            row = await session.get(OrganisationRow, "health")
            row.name = str(int(row.name) + 1)

    await asyncio.gather(*(add_one(through) for through in [database, other] * 20))
    async with database.read() as session:
        assert (await session.get(OrganisationRow, "health")).name == "40"
    await other.close()


# The edges


async def test_a_broken_constraint_is_a_conflict_and_changes_nothing(database):
    """A duplicate id, and a row that points to nothing, are Conflicts, and undo the rest of their transaction."""
    async with database.begin() as session:
        await session.add(organisation())
    for bad in (organisation(), PersonRow(id="amina", organisation="nowhere", name="A", roles="")):
        with pytest.raises(Conflict) as caught:  # noqa: PT012
            async with database.begin() as session:
                await session.add(organisation("other"))
                await session.add(bad)
        assert caught.value.code == "storage_conflict"
    with pytest.raises(Conflict):  # noqa: PT012
        async with database.begin() as session:
            await session.add(PersonRow(id="amina", organisation="health", name="A", roles=""))
            await session.delete(await session.get(OrganisationRow, "health"))
    assert await names(database) == ["health"]


async def test_a_cancelled_writer_leaves_nothing_and_blocks_nobody(database):
    """A task cancelled inside its transaction undoes it; the next writer proceeds."""
    inside = asyncio.Event()

    async def slow():
        async with database.begin() as session:
            await session.add(organisation("cancelled"))
            inside.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(slow())
    await inside.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with database.begin() as session:
        await session.add(organisation("next"))
    assert await names(database) == ["next"]


async def test_cancelling_at_any_moment_leaves_whole_transactions(database):
    """Writers cancelled after any number of turns of the loop leave both of their rows or none, and the database in use."""
    for turns in range(40):

        async def pair(n=turns):
            async with database.begin() as session:
                await session.add(organisation(f"o{n}"))
                await session.add(PersonRow(id=f"p{n}", organisation=f"o{n}", name="P", roles=""))

        task = asyncio.create_task(pair())
        for _ in range(turns):
            await asyncio.sleep(0.0002)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with database.begin() as session:
        await session.add(organisation("last"))
        orphans = (
            select(func.count()).select_from(OrganisationRow).where(OrganisationRow.id.not_in(select(PersonRow.organisation)))
        )
        assert await session.one(orphans) == 1
