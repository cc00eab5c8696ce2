"""PostgreSQL as the engine: several processes and machines, still one writer at a time. Knows no tables.

A URL is read as libpq reads it (``sslmode``, ``sslrootcert``, several hosts, ``~/.pgpass``, ``PG*`` variables).
Source: PostgreSQL 18, sections 13.2 (isolation), 13.3.5 (advisory locks) and 32.1.1 (URIs).
"""

from __future__ import annotations

import re
import socket
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, event, text
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from daffa.errors import Conflict, Invalid, Unavailable

from . import migrate

try:
    import asyncpg  # type: ignore[import-untyped]
except ModuleNotFoundError:  # the core does without: it is in the extra ``postgres``
    asyncpg = None

__all__ = ["engines", "is_postgres", "shown", "upgrade"]

_READERS = 8
_WAIT_S = 30
_CONNECT_S = 10
# A query that takes longer is a mistake; a change or a migration may take long. What may not is a transaction whose
# process sleeps in the middle of it: it keeps all other writers waiting.
_READ_S = 60
_IDLE_S = 30
_WRITERS = int.from_bytes(b"daffa")

# What follows is compared byte by byte, as SQLite does: the same order everywhere, and no index that an update of the
# system's locales would silently break.
_OTHERWISE_COMPARED = text(
    "SELECT format('ALTER TABLE %I ALTER COLUMN %I TYPE %s COLLATE \"C\"', relname, attname, format_type(atttypid, atttypmod))"
    " FROM pg_attribute JOIN pg_class ON attrelid = pg_class.oid"
    " WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped"
    " AND attcollation NOT IN (0, '\"C\"'::regcollation)"
)


def is_postgres(url: str) -> bool:
    """Whether ``url`` names a PostgreSQL database."""
    return url.startswith(("postgresql://", "postgres://"))


def shown(url: str) -> str:
    """``url`` as it may be shown: without its password and its parameters, however badly it is written."""
    scheme, _, rest = url.partition("://")
    rest, _, parameters = rest.partition("?")
    account, at, place = rest.rpartition("@")
    if "@" in parameters:  # or was the mark of the parameters a letter of the password?
        return f"{scheme}://***"
    if not at:  # then a port may be the password of somebody who forgot the host
        place = re.sub(":[^/,]*", "", place)
    return f"{scheme}://{re.split('[:/]', account)[0]}{at}{place}"


def engines(url: str) -> tuple[AsyncEngine, AsyncEngine]:
    """The writer and the reader of one database. Nothing is connected yet. Raises ``Unavailable`` without the driver."""
    if asyncpg is None:
        raise Unavailable("postgres_driver_missing", database=shown(url))
    writer = _engine(url, 1, {"application_name": "daffa writer"}, isolation_level="READ COMMITTED")
    words = {
        "application_name": "daffa reader",
        "default_transaction_read_only": "on",
        "statement_timeout": f"{_READ_S * 1000:.0f}",
    }
    reader = _engine(url, _READERS, words, isolation_level="REPEATABLE READ")

    @event.listens_for(writer.sync_engine, "begin")
    def wait_for_other_writers(connection: Connection) -> None:
        # Writers of all processes queue here, so that none ever sees, or has to try again for, the work of another.
        # Each statement after it sees all that was kept before: that is why the level above is not a higher one.
        connection.execute(text("SELECT pg_advisory_xact_lock(:writers)"), {"writers": _WRITERS})

    return writer, reader


def upgrade(connection: Connection, folder: Path = migrate.FOLDER) -> None:
    """``migrate.upgrade``, and what PostgreSQL needs besides. Raises as that does, and ``Conflict`` where it is not UTF-8."""
    encoding = connection.scalar(text("SHOW server_encoding"))
    if encoding != "UTF8":
        raise Conflict("postgres_encoding", database=connection.engine.url.database, found=encoding)
    migrate.upgrade(connection, folder)
    for change in connection.scalars(_OTHERWISE_COMPARED).all():
        connection.exec_driver_sql(change)


def _engine(url: str, connections: int, words: dict[str, str], **levels: Any) -> AsyncEngine:
    times = {"lock_timeout": f"{_WAIT_S * 1000:.0f}", "idle_in_transaction_session_timeout": f"{_IDLE_S * 1000:.0f}"}

    async def connect() -> Any:
        try:
            connection = await asyncpg.connect(url, timeout=_CONNECT_S, server_settings=words | times)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise Unavailable("storage_unavailable", database=shown(url), reason=str(error) or "it does not answer") from error
        except ValueError:  # its text may hold a part of a password that was not written as URLs want it
            expected = "postgresql://USER:PASSWORD@HOST:PORT/NAME"
            raise Invalid("invalid_field", field="database", expected=expected, got=shown(url)) from None
        _keep_alive(connection)
        return connection

    return create_async_engine(
        URL.create("postgresql+asyncpg", database=shown(url)),  # a label: ``connect`` has the words
        async_creator=connect,
        execution_options=levels,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_WAIT_S,
        pool_pre_ping=True,
    )


def _keep_alive(connection: Any) -> None:
    """Have the system notice within half a minute that a server's machine is gone, as libpq can and asyncpg cannot."""
    plug = connection._transport.get_extra_info("socket")  # noqa: SLF001 - there is no other way to it
    if plug.family == socket.AF_UNIX:
        return
    plug.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 10), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 4), ("TCP_USER_TIMEOUT", 30_000)):
        if hasattr(socket, name):
            plug.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
