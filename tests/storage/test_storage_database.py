"""The database: transactions, refusals, damage. Uses files, processes and real SQLite; nothing is mocked."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, text, update

from daffa.errors import Conflict, Invalid, Unavailable
from daffa.identity.tables import OrganisationRow, PersonRow
from daffa.storage import Database, WriteSession


@pytest.fixture
async def database(tmp_path):
    """A new database on disk."""
    database = await Database.open(tmp_path / "house.db")
    yield database
    await database.close()


def organisation(slug="health", name="Health"):
    """A row to write."""
    return OrganisationRow(id=slug, name=name, region="MA-04", floor="", created=0)


async def names(database):
    """The ids of the organisations that are there."""
    async with database.read() as session:
        return await session.all(select(OrganisationRow.id).order_by(OrganisationRow.id))


def script(body, *arguments):
    """A Python process that runs ``body`` with what the tests need already imported."""
    head = """
        import asyncio, os, resource, signal, sys
        from pathlib import Path
        from sqlalchemy import insert, select, text
        from daffa.errors import DaffaError
        from daffa.identity.tables import OrganisationRow, PersonRow
        from daffa.storage import Database
    """
    code = textwrap.dedent(head) + textwrap.dedent(body)
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def rest(process):
    """What the process still prints, until its end."""
    with process:
        return process.stdout.read()


# Laws


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.booleans(), st.booleans()), max_size=8))
async def test_the_database_holds_exactly_what_ended_well(tmp_path_factory, steps):
    """After any sequence of transactions that end well or raise, the database holds the ids of those that ended well."""
    database = await Database.open(tmp_path_factory.mktemp("law") / "house.db")
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


async def test_what_is_written_is_read_by_the_next_opening(tmp_path):
    """What a write transaction kept is there after the database was closed and opened again."""
    database = await Database.open(tmp_path / "house.db")
    async with database.begin() as session:
        await session.add(organisation(name="وزارة الصحة ⵜⴰⴷⵓⵙⵉ"))
    await database.close()
    database = await Database.open(str(tmp_path / "house.db"))
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
    second = await Database.open(tmp_path / "house.db")
    assert await names(second) == ["health"]
    await first.close()
    await second.close()


async def test_the_files_are_for_their_owner_alone(database, tmp_path):
    """Every file of the database, its write-ahead log included, is readable by its owner only."""
    async with database.begin() as session:
        await session.add(organisation())
    files = list(tmp_path.iterdir())
    assert {file.name for file in files} >= {"house.db", "house.db-wal"}
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


async def test_the_engine_is_set_for_durable_and_checked_writes(database):
    """Both sides use the write-ahead log, full synchronisation and foreign keys."""
    async with database.begin() as writing, database.read() as reading:
        for session in (writing, reading):
            found = [
                (await session.rows(text(f"PRAGMA {name}")))[0][0] for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
            assert found == ["wal", 2, 1]


async def test_a_read_session_cannot_write(database):
    """The database itself refuses a write through a read session, and nothing changes."""
    with pytest.raises(Unavailable, match="readonly"):
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


async def test_many_writers_through_two_openings_all_succeed(database, tmp_path):
    """Forty concurrent read-and-add transactions through two connections lose no update."""
    other = await Database.open(tmp_path / "house.db")
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


async def test_a_writer_does_not_wait_for_ever(tmp_path, monkeypatch):
    """Where another program, or a transaction around this one, holds the database too long, a writer is Unavailable."""
    monkeypatch.setattr("daffa.storage.sqlite._WAIT_S", 0.2)
    database = await Database.open(tmp_path / "house.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "house.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked"):
            async with database.begin() as session:
                await session.add(organisation())
        assert await names(database) == []
    async with database.begin() as session:
        await session.add(organisation("outer"))
        with pytest.raises(Unavailable, match="timeout"):
            async with database.begin() as inner:
                await inner.add(organisation("inner"))
    assert await names(database) == ["outer"]
    await database.close()


async def test_a_closed_database_says_so(tmp_path):
    """After ``close`` reading and writing are Unavailable; closing twice is harmless."""
    database = await Database.open(tmp_path / "house.db")
    await database.close()
    await database.close()
    for transaction in (database.begin, database.read):
        with pytest.raises(Unavailable, match="closed"):
            async with transaction():
                raise AssertionError("unreachable")


@pytest.mark.parametrize("url", ["", ":memory:", "sqlite://", "sqlite:///:memory:", "mysql://u:hush@h/x", "://", "nothing://x"])
async def test_a_url_that_we_cannot_open_is_invalid(url):
    """What is neither the path of a file nor a SQLite URL of a file is refused by name of the field."""
    with pytest.raises(Invalid) as caught:
        await Database.open(url)
    assert caught.value.facts["field"] == "database"
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize("name", ["", "missing/house.db", "nul\0.db"])
async def test_a_file_that_cannot_be_made_is_unavailable(tmp_path, name):
    """A directory in the place of the file, a missing parent, an impossible name: Unavailable with the reason."""
    with pytest.raises(Unavailable) as caught:
        await Database.open(tmp_path / name)
    assert caught.value.facts["reason"]


async def test_a_file_that_is_no_database_is_left_alone(tmp_path):
    """A file of another kind is Unavailable and keeps its bytes."""
    file = tmp_path / "house.db"
    file.write_bytes(b"minutes of the meeting\n" * 500)
    with pytest.raises(Unavailable, match="not a database"):
        await Database.open(file)
    assert file.read_bytes() == b"minutes of the meeting\n" * 500


async def test_a_damaged_page_is_unavailable(tmp_path):
    """A database whose pages were overwritten answers Unavailable, not rows."""
    file = tmp_path / "house.db"
    database = await Database.open(file)
    await database.close()
    damaged = bytearray(file.read_bytes())
    damaged[4096:] = b"\xff" * (len(damaged) - 4096)
    file.write_bytes(damaged)
    with pytest.raises(Unavailable, match="malformed"):
        await Database.open(file)


def test_a_full_disk_is_unavailable_and_undoes_the_transaction(tmp_path):
    """Where the file may not grow, a write is Unavailable; what was kept before stays, and reading goes on."""
    process = script(
        """
        async def main():
            database = await Database.open(sys.argv[1])
            async with database.begin() as session:
                await session.add(OrganisationRow(id="kept", name="n", region="", floor="", created=0))
            limit = os.path.getsize(sys.argv[1] + "-wal") + 10_000
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            try:
                async with database.begin() as session:
                    for n in range(200):
                        await session.add(OrganisationRow(id=f"o{n}", name="n" * 200, region="", floor="f" * 900, created=0))
            except DaffaError as error:
                print(type(error).__name__, error.code)
            async with database.read() as session:
                print(*await session.all(select(OrganisationRow.id)))
            await database.close()
        asyncio.run(main())
        """,
        tmp_path / "house.db",
    )
    assert rest(process).splitlines() == ["Unavailable storage_unavailable", "kept"]


def test_killed_writers_leave_whole_transactions(tmp_path):
    """A writer killed with SIGKILL at any moment loses nothing it acknowledged and leaves no half transaction."""
    body = """
        async def main():
            database = await Database.open(sys.argv[1])
            for n in range(100_000):
                name = f"{sys.argv[2]}-{n}"
                async with database.begin() as session:
                    await session.add(OrganisationRow(id=name, name="n", region="", floor="", created=n))
                    await session.add(PersonRow(id=name, organisation=name, name="P", roles=""))
                print(name, flush=True)
        asyncio.run(main())
    """
    acknowledged = set()
    for turn in range(5):
        process = script(body, tmp_path / "house.db", turn)
        for _ in range(3 + 11 * turn):
            acknowledged.add(process.stdout.readline().strip())
        process.send_signal(signal.SIGKILL)
        acknowledged |= {line for line in rest(process).split("\n")[:-1] if line}
    with sqlite3.connect(tmp_path / "house.db") as found:
        assert found.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        organisations = {row[0] for row in found.execute("SELECT id FROM organisations")}
        people = {row[0] for row in found.execute("SELECT id FROM people")}
    found.close()
    assert len(acknowledged) >= 100
    assert acknowledged <= organisations == people


def test_processes_that_open_a_new_database_together_all_succeed(tmp_path):
    """Six processes that open the same absent file at once find one whole database."""
    body = """
        async def main():
            sys.stdin.readline()
            database = await Database.open(sys.argv[1])
            async with database.begin() as session:
                await session.add(OrganisationRow(id=f"o{sys.argv[2]}", name="n", region="", floor="", created=0))
            await database.close()
            print("whole")
        print("ready", flush=True)
        asyncio.run(main())
    """
    processes = [script(body, tmp_path / "house.db", n) for n in range(6)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [rest(process) for process in processes] == ["whole\n"] * 6
    with sqlite3.connect(Path(tmp_path / "house.db")) as found:
        assert found.execute("SELECT count(*) FROM organisations").fetchone() == (6,)
    found.close()
