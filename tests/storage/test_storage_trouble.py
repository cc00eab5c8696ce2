"""The database in trouble: locked, closed, misnamed, damaged, on a full disk, killed. Uses real files and processes."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import sqlite3
import subprocess
import sys
import textwrap

import pytest
from databases import sql
from sqlalchemy import select

from daffa.errors import Invalid, Unavailable
from daffa.identity.tables import OrganisationRow
from daffa.storage import Database

from .rows import names, organisation


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


async def write(database, *identifiers):
    """Add organisations in one transaction, and look at all that there are."""
    async with database.begin() as session:
        await session.add(*map(organisation, identifiers))
        await session.all(select(OrganisationRow.id))


# One process


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


async def test_a_writer_cancelled_while_it_waits_leaves_no_transaction_behind(tmp_path):
    """Whoever gives up waiting for another process has begun nothing: when that is done, the next one begins anew."""
    database = await Database.open(tmp_path / "house.db")

    with contextlib.closing(sqlite3.connect(tmp_path / "house.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.create_task(write(database, "gave-up"))
        await asyncio.sleep(0.2)
        waiting.cancel()
        await asyncio.sleep(0)
        other.execute("ROLLBACK")
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await write(database, "first")
    await write(database, "second")
    assert await names(database) == ["first", "second"]
    await database.close()


async def test_a_writer_cancelled_in_the_midst_keeps_no_lock(tmp_path, monkeypatch):
    """Wherever a writer is cancelled, even between the rows that it reads, the next one can write."""
    monkeypatch.setattr("daffa.storage.sqlite._WAIT_S", 1)
    database = await Database.open(tmp_path / "house.db")
    await write(database, "first", "second")
    cancelled = []
    for turns in range(40):
        cancelled.append(asyncio.create_task(write(database, f"gave-up-{turns}")))
        for _ in range(turns):
            await asyncio.sleep(0)
        cancelled[-1].cancel()
        await asyncio.wait(cancelled[-1:])
        await write(database, f"kept-{turns}")
    assert {f"kept-{turns}" for turns in range(40)} <= {*await names(database)}
    await database.close()


async def test_a_closed_database_says_so(url):
    """After ``close`` reading and writing are Unavailable; closing twice is harmless."""
    database = await Database.open(url)
    await database.close()
    await database.close()
    for transaction in (database.begin, database.read):
        with pytest.raises(Unavailable, match="closed"):
            async with transaction():
                raise AssertionError("unreachable")


NOWHERE = [
    "",
    ":memory:",
    "sqlite://",
    "sqlite:///:memory:",
    "mysql://u:hush@h/x",
    "mysql://u:hush@h:x/x",
    "://",
    "nothing://x",
]


@pytest.mark.parametrize("nowhere", NOWHERE)
async def test_a_url_that_we_cannot_open_is_invalid(nowhere):
    """What is neither the path of a file nor the URL of a kind that we know is refused by name of the field."""
    with pytest.raises(Invalid) as caught:
        await Database.open(nowhere)
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


# Several processes


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


def test_killed_writers_leave_whole_transactions(url):
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
        process = script(body, url, turn)
        for _ in range(3 + 11 * turn):
            acknowledged.add(process.stdout.readline().strip())
        process.send_signal(signal.SIGKILL)
        acknowledged |= {line for line in rest(process).split("\n")[:-1] if line}
    found = sql(url, "SELECT 'o', id FROM organisations UNION ALL SELECT 'p', id FROM people")
    organisations, people = ({row[1] for row in found if row[0] == kind} for kind in "op")
    if "://" not in url:
        assert sql(url, "PRAGMA integrity_check") == [["ok"]]
    assert len(acknowledged) >= 100
    assert acknowledged <= organisations == people


def test_processes_that_open_a_new_database_together_all_succeed(url):
    """Six processes that open the same new database at once find it whole."""
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
    processes = [script(body, url, n) for n in range(6)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [rest(process) for process in processes] == ["whole\n"] * 6
    assert sql(url, "SELECT count(*) FROM organisations") == [["6"]]
