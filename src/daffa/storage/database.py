"""The database: opened whole or not at all, written by one transaction at a time, read by many.

Knows nothing of tables. SQLite is the first engine; ``_ENGINES`` is where another takes its place.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as QueueTimeout
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession

from daffa.errors import Conflict, Invalid, Unavailable

from . import sqlite
from .migrate import upgrade
from .session import ReadSession, WriteSession

__all__ = ["Database"]

_ENGINES: dict[str, Callable[[URL], tuple[AsyncEngine, AsyncEngine]]] = {"sqlite": sqlite.engines}


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

        Takes the path of a SQLite file (made, readable by its owner alone, where absent) or a database URL.
        Raises ``Invalid`` for a URL of another kind, ``Conflict`` for a database that a newer version wrote or
        that is not Daffa's, ``Unavailable`` where the file cannot be used.
        """
        url = _read_url(url_or_path)
        name = str(url.database)
        database = cls(name, *_ENGINES[url.get_backend_name()](url))
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
        async with self._transaction(self._writer) as session:
            yield WriteSession(session)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[ReadSession]:
        """A read transaction: one view of the database, however others write meanwhile."""
        async with self._transaction(self._reader) as session:
            yield ReadSession(session)

    async def close(self) -> None:
        """Close every connection. Afterwards nothing can be read or written; closing twice is harmless."""
        self._open = False
        await self._reader.dispose()
        await self._writer.dispose()

    @asynccontextmanager
    async def _transaction(self, engine: AsyncEngine) -> AsyncIterator[AsyncSession]:
        if not self._open:
            raise Unavailable("storage_unavailable", database=self._name, reason="it was closed")
        with _translated(self._name):
            # A session is dead after its block: one that was kept would otherwise open a transaction that nobody ends.
            async with AsyncSession(engine, expire_on_commit=False, close_resets_only=False) as session, session.begin():
                yield session


def _read_url(url_or_path: str | Path) -> URL:
    shown = text = str(url_or_path)
    try:
        url = make_url(text) if "://" in text else URL.create("sqlite", database=text)
        shown = url.render_as_string(hide_password=True) if "://" in text else text
    except ArgumentError:
        url = URL.create("")
    if url.get_backend_name() not in _ENGINES or url.database in (None, "", ":memory:"):
        raise Invalid("invalid_field", field="database", expected="the path of a file or sqlite:///PATH", got=shown)
    return url


@contextmanager
def _translated(name: str) -> Iterator[None]:
    """What the engine raises, in the words of the house."""
    try:
        yield
    except IntegrityError as error:
        raise Conflict("storage_conflict", database=name, reason=str(error.orig)) from error
    except (DBAPIError, QueueTimeout, sqlite3.Error) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise Unavailable("storage_unavailable", database=name, reason=str(reason)) from error
