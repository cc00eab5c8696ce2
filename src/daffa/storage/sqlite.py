"""SQLite as the engine: one writer, a few readers, every acknowledged write on the disk. Knows no tables."""

from __future__ import annotations

import asyncio
import contextlib
import os
from typing import Any, cast

from sqlalchemy import URL, Connection, PoolResetState, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from daffa.errors import Unavailable

__all__ = ["empty_log", "engines"]

_READERS = 4
_WAIT_S = 30


def engines(url: URL) -> tuple[AsyncEngine, AsyncEngine]:
    """The writer and the reader of one file, which is made, for its owner alone, where it is absent."""
    path = str(url.database)
    try:
        # SQLite gives its other files (-wal, -shm) the mode of the first one.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except (OSError, ValueError) as error:
        raise Unavailable("storage_unavailable", database=path, reason=str(error)) from error
    # Writers queue for the one connection: a fair queue in memory, where SQLite's own lock would have them poll.
    return _engine(path, 1, "BEGIN IMMEDIATE", "OFF"), _engine(path, _READERS, "BEGIN", "ON")


async def empty_log(writer: AsyncEngine) -> None:
    """Write the write-ahead log back into the file and empty it; left as it is where a reader holds it."""
    async with writer.connect() as connection:
        raw = await connection.get_raw_connection()
        # Not through the engine: that would begin a transaction, and inside one there is no checkpoint.
        cursor = await cast("Any", raw.driver_connection).execute("PRAGMA wal_checkpoint(TRUNCATE)")
        await cursor.close()


def _engine(path: str, connections: int, begin: str, query_only: str) -> AsyncEngine:
    engine = create_async_engine(
        URL.create("sqlite+aiosqlite", database=path),
        # The driver would begin a transaction only before its first change: we say BEGIN ourselves.
        connect_args={"isolation_level": None, "timeout": _WAIT_S},
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_WAIT_S,
        pool_reset_on_return=None,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        settings = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON", f"query_only={query_only}")
        for pragma in settings:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        # One turn of the driver's thread, where a cursor of the engine's takes three.
        driver = cast("Any", connection.connection.dbapi_connection)
        try:
            driver.run_async(lambda raw: raw.execute_fetchall(begin))
        except BaseException:  # whoever was cancelled leaves a BEGIN behind that may still happen
            connection.invalidate()
            raise

    @event.listens_for(engine.sync_engine, "invalidate")
    def give_up(connection: Any, _record: Any, _error: BaseException | None) -> None:
        # SQLite closes a connection with its last cursor, and whoever was cancelled may keep one: the lock would stay with it.
        with contextlib.suppress(Exception, asyncio.CancelledError):  # it is closed next, whatever becomes of this
            connection.rollback()

    @event.listens_for(engine.sync_engine, "reset")
    def undo(connection: Any, _record: Any, state: PoolResetState) -> None:
        # A transaction ends before its connection comes back: nearly always there is nothing left to undo.
        if not state.terminate_only and connection.driver_connection.in_transaction:
            connection.rollback()

    return engine
