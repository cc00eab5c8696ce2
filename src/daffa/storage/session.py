"""What happens inside one transaction: ``ReadSession`` looks, ``WriteSession`` changes. Neither can commit.

Knows nothing of engines or files; ``Database`` opens and ends the transactions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar, cast

from sqlalchemy import Delete, Insert, MetaData, Row, Select, Table, Update, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, MappedAsDataclass

__all__ = ["Base", "ReadSession", "WriteSession"]

Found = TypeVar("Found")

# Rows that the driver takes in one go: PostgreSQL's turns them into bytes on the loop, about two microseconds each.
_AT_ONCE = 512


class Base(MappedAsDataclass, DeclarativeBase, kw_only=True):
    """Mother of every table: a room declares its own in its private ``tables.py``, in types that all databases have.

    A new table also needs a migration in ``storage/migrations``; a test compares the two.
    """

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class ReadSession:
    """One consistent view of the database. The database itself refuses a write through it."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, kind: type[Found], key: object) -> Found | None:
        """The row of ``kind`` with this primary key, or ``None``."""
        return await self._session.get(kind, key)

    async def all(self, query: Select[Found]) -> Sequence[Found]:
        """What a query for one thing finds, in its order."""
        return (await self._session.scalars(query)).all()

    async def one(self, query: Select[Found]) -> Found | None:
        """The first thing that a query for one thing finds, or ``None``."""
        return (await self._session.scalars(query)).first()

    async def rows(self, query: Select[Any, *tuple[Any, ...]]) -> Sequence[Row[Any, *tuple[Any, ...]]]:
        """What a query for several things finds, one tuple a row."""
        return (await self._session.execute(query)).all()


class WriteSession(ReadSession):
    """A transaction that changes the database: all of it is kept at its end, or nothing."""

    async def add(self, *rows: Base) -> None:
        """Insert ``rows``. Raises ``Conflict`` where a constraint forbids it."""
        self._session.add_all(rows)
        await self._session.flush()

    async def delete(self, row: Base) -> None:
        """Delete ``row``. Raises ``Conflict`` where others point to it."""
        await self._session.delete(row)
        await self._session.flush()

    async def execute(self, change: Insert | Update | Delete, rows: Sequence[Mapping[str, Any]] | None = None) -> None:
        """Run ``change``, once for each of ``rows`` where given. Raises ``Conflict`` where a constraint forbids it."""
        await self._session.execute(change, rows)

    async def insert(self, kind: type[Base], rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert ``rows`` of ``kind`` by the thousand: each has a value for every column, in the order of the table.

        The driver alone sees them, so a value must be one that it knows by itself: a number, a text, ``None``. Others have
        their turn in between. Raises ``Conflict`` where a constraint forbids it.
        """
        connection = await self._session.connection()
        statement = str(insert(cast("Table", kind.__table__)).compile(dialect=connection.dialect))
        for start in range(0, len(rows), _AT_ONCE):
            await connection.exec_driver_sql(statement, rows[start : start + _AT_ONCE])
