"""The database: opened whole or not at all, written by one transaction at a time, read by many.

Knows nothing of tables. SQLite and PostgreSQL are its engines; here is what they have in common.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as QueueTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from daffa.errors import Conflict, Invalid, Unavailable

from . import migrate, postgres, sqlite
from .session import ReadSession, WriteSession

__all__ = ["Database"]

# SQLSTATE class 22: the values themselves (too long, out of range), which SQLite would have taken as they are.
_BAD_VALUE = "22"


class Database:
    """An open database. ``begin()`` writes, ``read()`` reads; what ends well is kept, nobody commits by hand."""

    def __init__(self, name: str, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self._name = name
        self._writer = writer
        self._reader = reader
        self._open = True

    @classmethod
    async def open(cls, url_or_path: str | Path) -> Database:
        """Open the database and bring its tables forward to this version, wholly or not at all.

        Takes the path of a SQLite file (made, readable by its owner alone, where absent), ``sqlite:///PATH``, or
        ``postgresql://USER:PASSWORD@HOST:PORT/NAME`` of a database that exists, as libpq reads it.
        Raises ``Invalid`` for a URL of another kind, ``Conflict`` for a database that a newer version wrote or
        that is not Daffa's, ``Unavailable`` where the file or the server cannot be used.
        """
        given = str(url_or_path)
        if postgres.is_postgres(given):
            name, engines, upgrade = postgres.shown(given), postgres.engines(given), postgres.upgrade
        else:
            url = _read_url(given)
            name, engines, upgrade = str(url.database), sqlite.engines(url), migrate.upgrade
        database = cls(name, *engines)
        try:
            with _translated(name):
                async with database._writer.begin() as connection:
                    await connection.run_sync(upgrade)
        except BaseException:
            await database.close()
            raise
        return database

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[WriteSession]:
        """A write transaction: kept when the block ends, undone when it raises or is cancelled.

        Writers wait for one another; do not open one inside another. Raises ``Conflict`` where a constraint is
        broken, ``Unavailable`` where the disk or another writer does not let it happen.
        """
        async with self._session(self._writer) as session, session.begin():
            yield WriteSession(session)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """A read transaction: one view of the database, however others write meanwhile."""
        async with self._session(self._reader) as session:
            yield ReadSession(session)

    async def scrub(self) -> None:
        """Have what was deleted leave the files too, as far as that lies with us. To be called after a deletion that matters.

        SQLite overwrites what it deletes (``secure_delete``) but keeps older pages in its write-ahead log until that is
        emptied; while somebody reads an older view it stays for now, and the next call takes it. PostgreSQL's own
        vacuum does the like.
        """
        if self._writer.dialect.name == "sqlite" and self._open:
            with _translated(self._name):
                await sqlite.empty_log(self._writer)

    async def close(self) -> None:
        """Close every connection. Afterwards nothing can be read or written; closing twice is harmless."""
        self._open = False
        await self._reader.dispose()
        await self._writer.dispose()

    @asynccontextmanager
    async def _session(self, engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
        """Its first statement begins a transaction, which is undone at the end where nobody has kept it by then."""
        if not self._open:
            raise Unavailable("storage_unavailable", database=self._name, reason="it was closed")
        with _translated(self._name):
            # A session is dead after its block: one that was kept would otherwise open a transaction that nobody ends.
            async with AsyncSession(engine, expire_on_commit=False, close_resets_only=False) as session:
                yield session


def _read_url(text: str) -> URL:
    try:
        url = make_url(text) if "://" in text else URL.create("sqlite", database=text)
    except (ArgumentError, ValueError):
        url = URL.create("")
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        got = postgres.shown(text) if "://" in text else text
        expected = "the path of a file, sqlite:///PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME"
        raise Invalid("invalid_field", field="database", expected=expected, got=got)
    return url


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """What the engine raises, in the words of the house."""
    try:
        yield
    except DBAPIError as error:
        # The first line says which rule was broken; PostgreSQL says the values in the next ones, or behind a colon.
        reason = str((error.orig and error.orig.__cause__) or error.orig).partition("\n")[0]
        if str(getattr(error.orig, "sqlstate", "")).startswith(_BAD_VALUE):
            raise Conflict("storage_conflict", database=name, reason=reason.partition(": ")[0]) from error
        if isinstance(error, IntegrityError):
            raise Conflict("storage_conflict", database=name, reason=reason) from error
        raise Unavailable("storage_unavailable", database=name, reason=reason) from error
    except (QueueTimeout, sqlite3.Error) as error:
        raise Unavailable("storage_unavailable", database=name, reason=str(error)) from error
