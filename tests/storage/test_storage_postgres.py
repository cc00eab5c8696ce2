"""PostgreSQL as the engine: what is its own, beside all that it has in common with SQLite. Uses a real server."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import textwrap

import pytest
from databases import Server, server, sql
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from daffa.errors import Conflict, Invalid, Unavailable
from daffa.identity.tables import OrganisationRow
from daffa.storage import Database, postgres

from .rows import names, organisation

OURS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'daffa %'"

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
def address():
    """The URL of a new, empty PostgreSQL database."""
    url = server().create()
    yield url
    server().free(url)


@pytest.fixture
async def database(address):
    """A new PostgreSQL database, open."""
    database = await Database.open(address)
    yield database
    await database.close()


async def cut(address):
    """Have the server end all connections of Daffa to a database, and wait until they are gone."""
    sql(address, f"SELECT pg_terminate_backend(pid) FROM ({OURS.replace('count(*)', 'pid')}) AS ours")
    while sql(address, OURS) != [["0"]]:
        await asyncio.sleep(0.01)


# Laws


@given(st.text(alphabet="ab0@:/?#%&=[] é"), st.text(alphabet="ab0@:/?#%&=[] é"), st.booleans())
def test_a_password_is_never_shown(user, password, is_parameter):
    """However it is written, and wherever it stands, nothing of a password is in what we show of a URL."""
    secret = f"XY{password}ZQ"
    place = f"@db.example/house?password={secret}" if is_parameter else f":{secret}@db.example:5432/house?sslmode=require"
    shown = postgres.shown(f"postgresql://{user}{place}")
    assert "XY" not in shown
    assert "ZQ" not in shown


def test_what_is_shown_of_a_url_says_which_database_it_is():
    """The account, the hosts, the ports and the name are shown of a well-written URL."""
    shown = postgres.shown("postgresql://daffa:s3cr3t@one.example:5432,two.example:5433/house?sslmode=verify-full")
    assert shown == "postgresql://daffa@one.example:5432,two.example:5433/house"
    assert postgres.shown("postgres://db.example/house") == "postgres://db.example/house"
    assert postgres.shown("postgresql://daffa:s3cr3t") == "postgresql://daffa"


# The walk


async def test_a_reader_is_held_to_reading_by_the_server(database):
    """A read is one repeatable, read-only transaction with a limit of time; a write sees what was kept just before it."""
    words = ("transaction_isolation", "transaction_read_only", "default_transaction_read_only", "statement_timeout")
    found = {}
    for side, transaction in (("reader", database.read), ("writer", database.begin)):
        async with transaction() as session:
            found[side] = [(await session.rows(text(f"SHOW {word}")))[0][0] for word in words]
    assert found == {
        "reader": ["repeatable read", "on", "on", "1min"],
        "writer": ["read committed", "off", "off", "0"],
    }


async def test_texts_are_compared_byte_by_byte(database, address):
    """Every text column has the collation "C", whatever the database was made with, so that order is that of SQLite."""
    ids = ["a-b", "a1", "aa", "ab", "a-c", "b", "z", "0"]
    async with database.begin() as session:
        await session.add(*map(organisation, ids))
    assert await names(database) == sorted(ids)
    collations = sql(
        address,
        "SELECT DISTINCT collname FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid"
        " JOIN pg_collation ON attcollation = pg_collation.oid WHERE relnamespace = 'public'::regnamespace",
    )
    assert collations == [["C"]]


async def test_a_connection_is_alive_or_soon_known_to_be_dead(address):
    """Over TCP, with a password, the system probes a silent server; through a Unix socket there is nothing to probe."""
    database = await Database.open(server().tcp(address))
    async with database._reader.connect() as connection:
        plug = (await connection.get_raw_connection()).driver_connection._transport.get_extra_info("socket")
        assert plug.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert plug.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 30_000
    await database.close()


async def test_connections_are_few_and_end_with_the_database(database, address):
    """Fifty readers and fifty writers at once hold no more than nine connections, and none after ``close``."""
    held = []

    async def look(transaction):
        async with transaction() as session:
            held.append(await session.one(select(func.count()).select_from(text(f"({OURS.replace('count(*)', '1')}) AS ours"))))

    await asyncio.gather(*(look(transaction) for transaction in [database.read, database.begin] * 50))
    assert len(held) == 100
    assert 2 <= max(held) <= 9
    await database.close()
    while sql(address, OURS) != [["0"]]:
        await asyncio.sleep(0.01)


async def test_a_schema_of_its_own_lies_beside_tables_of_others():
    """In a database with tables of something else, a schema that the URL names holds all of Daffa's, and theirs stay alone."""
    address = server().create("ENCODING UTF8")
    sql(address, "CREATE TABLE invoices (id INTEGER)", "CREATE SCHEMA daffa")
    for _ in range(2):
        database = await Database.open(f"{address}&search_path=daffa")
        assert await names(database) == []
        await database.close()
    assert sql(address, "SELECT schemaname FROM pg_tables WHERE tablename IN ('invoices', 'keys') ORDER BY tablename") == [
        ["public"],
        ["daffa"],
    ]
    server().drop(address)


# Trouble


async def test_a_writer_waits_for_another_process_but_not_for_ever(address, monkeypatch):
    """Where another process holds the writers' place too long, a writer is Unavailable, and readers go on."""
    other = await Database.open(address)
    monkeypatch.setattr("daffa.storage.postgres._WAIT_S", 0.2)
    database = await Database.open(address)
    async with other.begin() as session:
        await session.add(organisation("first"))
        with pytest.raises(Unavailable, match="lock timeout"):
            async with database.begin() as late:
                await late.add(organisation("late"))
        assert await names(database) == []
    async with database.begin() as session:
        await session.add(organisation("next"))
        with pytest.raises(Unavailable, match="timeout"):
            async with database.begin() as inner:
                await inner.add(organisation("inner"))
    assert await names(database) == ["first", "next"]
    await other.close()
    await database.close()


async def test_a_writer_that_goes_away_while_it_waits_leaves_its_place(database, address):
    """A task cancelled while it waits for another process's transaction writes nothing, and keeps nobody waiting."""
    other = await Database.open(address)

    async def late():
        async with database.begin() as session:
            await session.add(organisation("late"))

    for _ in range(3):
        async with other.begin() as session:
            await session.one(select(OrganisationRow))
            task = asyncio.create_task(late())
            while sql(address, WAITING) != [["1"]]:
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
    async with other.begin() as session:
        await session.add(organisation("other"))
    async with database.begin() as session:
        await session.add(organisation("next"))
    assert await names(database) == ["next", "other"]
    await other.close()


async def test_a_writer_that_falls_asleep_is_undone_and_blocks_nobody(address, monkeypatch):
    """A process that sleeps in the middle of its transaction loses it; others write meanwhile."""
    monkeypatch.setattr("daffa.storage.postgres._IDLE_S", 0.5)
    sleepy = await Database.open(address)
    monkeypatch.undo()
    database = await Database.open(address)
    with pytest.raises(Unavailable):  # noqa: PT012
        async with sleepy.begin() as session:
            await session.add(organisation("sleepy"))
            async with database.begin() as other:
                await other.add(organisation("awake"))
            await session.add(organisation("again"))
    assert await names(sleepy) == ["awake"]
    async with sleepy.begin() as session:
        await session.add(organisation("rested"))
    assert await names(database) == ["awake", "rested"]
    await sleepy.close()
    await database.close()


async def test_a_query_without_end_is_ended(address, monkeypatch):
    """A reader's query that takes too long is Unavailable, and its connection serves the next one."""
    monkeypatch.setattr("daffa.storage.postgres._READ_S", 0.5)
    database = await Database.open(address)
    with pytest.raises(Unavailable, match="statement timeout"):
        async with database.read() as session:
            await session.rows(text("SELECT pg_sleep(60)"))
    assert await names(database) == []
    await database.close()


async def test_cut_connections_are_made_again(database, address):
    """Connections that the server ended while they were unused are replaced without a word."""
    async with database.begin() as session:
        await session.add(organisation("before"))
    await asyncio.gather(*(names(database) for _ in range(8)))
    await cut(address)
    assert await asyncio.gather(*(names(database) for _ in range(8))) == [["before"]] * 8
    async with database.begin() as session:
        await session.add(organisation("after"))
    assert await names(database) == ["after", "before"]


async def test_a_transaction_that_is_cut_is_undone(database, address):
    """Where the connection ends inside a transaction, it is Unavailable, nothing of it is kept, and the next one succeeds."""
    with pytest.raises(Unavailable):  # noqa: PT012
        async with database.begin() as session:
            await session.add(organisation("cut"))
            await cut(address)
            await session.add(organisation("off"))
    with pytest.raises(Unavailable):  # noqa: PT012
        async with database.begin() as session:
            await session.add(organisation("cut"))
            await cut(address)
    with pytest.raises(Unavailable):  # noqa: PT012
        async with database.read() as session:
            await session.all(select(OrganisationRow))
            await cut(address)
            await session.all(select(OrganisationRow))
    assert await names(database) == []
    async with database.begin() as session:
        await session.add(organisation("whole"))
    assert await names(database) == ["whole"]


async def test_a_server_that_comes_back_is_used_again():
    """While the server is down everything is Unavailable; when it is back the same open database goes on."""
    server()  # skips where there is none
    own = Server()
    try:
        database = await Database.open(own.create())
        async with database.begin() as session:
            await session.add(organisation("before"))
        own.stop()
        for transaction in (database.read, database.begin):
            with pytest.raises(Unavailable):
                async with transaction() as session:
                    await session.one(select(OrganisationRow))
        own.start()
        assert await names(database) == ["before"]
        async with database.begin() as session:
            await session.add(organisation("after"))
        assert await names(database) == ["after", "before"]
        await database.close()
    finally:
        own.end()
    assert not own.folder.exists()


def test_a_process_stopped_in_its_transaction_is_waited_for_and_its_death_frees_the_next(address):
    """A writer frozen by SIGSTOP holds the writers' place; once it is killed, the next one writes, and sees nothing of it."""
    body = """
        import asyncio, sys
        from daffa.identity.tables import OrganisationRow
        from daffa.storage import Database

        async def main():
            database = await Database.open(sys.argv[1])
            async with database.begin() as session:
                await session.add(OrganisationRow(id=sys.argv[2], name="n", region="", floor="", created=0))
                if sys.argv[2] == "frozen":
                    print("inside", flush=True)
                    await asyncio.sleep(60)
            print("kept", flush=True)
            await database.close()
        asyncio.run(main())
    """

    def start(name):
        return subprocess.Popen([sys.executable, "-c", textwrap.dedent(body), address, name], stdout=subprocess.PIPE, text=True)

    with start("frozen") as frozen:
        assert frozen.stdout.readline() == "inside\n"
        frozen.send_signal(signal.SIGSTOP)
        with start("next") as waiting:
            while sql(address, WAITING) != [["1"]]:
                assert waiting.poll() is None
            frozen.kill()
            assert waiting.stdout.read() == "kept\n"
    assert sql(address, "SELECT id FROM organisations") == [["next"]]


# The edges


async def test_what_a_column_cannot_hold_is_a_conflict_that_does_not_tell_it(database):
    """A text that is too long, a number out of range, a NUL: a Conflict without the value, and nothing is kept."""
    for wrong in ({"id": "z" * 64}, {"created": 77 * 10**30}, {"name": "secret\0"}):
        row = {"id": "o", "name": "n", "region": "", "floor": "", "created": 0} | wrong
        with pytest.raises(Conflict) as caught:
            async with database.begin() as session:
                await session.add(OrganisationRow(**row))
        assert caught.value.code == "storage_conflict"
        assert not any(word in str(caught.value) for word in ("zzz", "777", "77000", "secret"))
    assert await names(database) == []


async def test_a_duplicate_does_not_tell_the_values(database):
    """The reason of a Conflict names the rule that was broken, in one line, without the values of the row."""
    with pytest.raises(Conflict) as caught:  # noqa: PT012
        for _ in range(2):
            async with database.begin() as session:
                await session.add(organisation("classified"))
    assert "pk_organisations" in caught.value.facts["reason"]
    assert "classified" not in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_database_in_another_encoding_is_refused_and_untouched():
    """A database that cannot hold every script is a Conflict, and gets no table."""
    url = server().create("ENCODING LATIN1 LOCALE 'C'")
    with pytest.raises(Conflict) as caught:
        await Database.open(url)
    assert (caught.value.code, caught.value.facts["found"]) == ("postgres_encoding", "LATIN1")
    assert sql(url, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == [["0"]]
    server().drop(url)


async def test_what_cannot_be_reached_is_unavailable(address):
    """A wrong password, an unknown database, a closed port, an unknown word: Unavailable with the reason and no secret."""
    over_tcp = server().tcp(address, "hush hush")
    for url, reason in (
        (over_tcp, "password authentication failed"),
        (address.replace("@/", "@/no"), "does not exist"),
        ("postgresql://daffa:hush@127.0.0.1:1/house", "refused|failed"),
        ("postgres://daffa:hush@127.0.0.1/house?sslmode=perhaps", "sslmode"),
        (f"{address}&colour=hush", "colour"),
        (over_tcp.replace("disable", "require"), "SSL"),
    ):
        with pytest.raises(Unavailable, match=reason) as caught:
            await Database.open(url)
        assert "hush" not in str(caught.value)


@pytest.mark.parametrize("url", ["postgresql://u:hush@h:port/x", "postgresql://u:hu/sh@h/x", "postgresql://u:hush@[h/x"])
async def test_a_url_that_does_not_read_is_invalid(url):
    """A URL of PostgreSQL that cannot be read is Invalid, names the field and tells no secret."""
    server()  # skips where the driver is missing
    with pytest.raises(Invalid) as caught:
        await Database.open(url)
    assert caught.value.facts["field"] == "database"
    assert not any(word in str(caught.value) for word in ("hush", "hu/", "sh@"))


async def test_a_missing_driver_is_named(monkeypatch):
    """Without the driver a URL of PostgreSQL is Unavailable, and the sentence says how to get it."""
    monkeypatch.setattr(postgres, "asyncpg", None)
    with pytest.raises(Unavailable, match="DAFFA_EXTRAS=postgres") as caught:
        await Database.open("postgresql://daffa:hush@db.example/house")
    assert caught.value.facts == {"database": "postgresql://daffa@db.example/house"}
