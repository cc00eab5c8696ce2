"""Schemas: what the rooms declare, what a database has, and how a database of an earlier version is made and filled."""

from __future__ import annotations

import importlib
import shutil
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import URL, BigInteger, Boolean, Integer, LargeBinary, MetaData, String, inspect

import daffa
from daffa.storage import Base, migrate, postgres, sqlite

SCRIPTS = ScriptDirectory(migrate.FOLDER, version_locations=[migrate.FOLDER])
REVISIONS = [script.revision for script in reversed(list(SCRIPTS.walk_revisions()))]
ROWS = 3


def models():
    """The tables that the rooms declare: every ``tables.py`` of the house, imported."""
    for file in Path(daffa.__file__).parent.glob("*/tables.py"):
        importlib.import_module(f"daffa.{file.parent.name}.tables")
    return Base.metadata


def shape(connection):
    """All that makes the schema of a database, as plain sorted facts."""
    found = inspect(connection)
    return {
        table: {
            "columns": sorted((column["name"], str(column["type"]), column["nullable"]) for column in found.get_columns(table)),
            "primary": found.get_pk_constraint(table)["constrained_columns"],
            "foreign": sorted(
                (key["constrained_columns"], key["referred_table"], key["referred_columns"])
                for key in found.get_foreign_keys(table)
            ),
            "indexes": sorted((index["name"], index["column_names"], index["unique"]) for index in found.get_indexes(table)),
            "unique": sorted((rule["name"], rule["column_names"]) for rule in found.get_unique_constraints(table)),
            "checks": sorted(rule["sqltext"] for rule in found.get_check_constraints(table)),
        }
        for table in found.get_table_names()
    }


async def run(url, *works):
    """Run functions of a connection in one transaction of the writer, as ``Database.open`` does; what the last one returns."""
    is_file = not postgres.is_postgres(url)
    writer, _ = sqlite.engines(URL.create("sqlite", database=url)) if is_file else postgres.engines(url)
    async with writer.begin() as connection:
        for work in works:
            done = await connection.run_sync(work)
    await writer.dispose()
    return done


def upgrade_to(revision, url, folder):
    """A function of a connection that brings a database to an earlier revision, as the code of that time did."""
    folder.mkdir()
    for script in SCRIPTS.iterate_revisions(revision, "base"):
        shutil.copy(script.path, folder)
    upgrade = postgres.upgrade if postgres.is_postgres(url) else migrate.upgrade
    return lambda connection: upgrade(connection, folder)


def fill(connection):
    """Write a few rows into every table, with a value in every column, and tell all that is there then."""
    metadata = MetaData()
    metadata.reflect(connection)
    for table in metadata.sorted_tables:
        if table.name != "alembic_version":
            connection.execute(table.insert(), [_row(table, number) for number in range(ROWS)])
    return contents(connection)


def contents(connection):
    """Every row of every table, as sorted mappings of its columns."""
    metadata = MetaData()
    metadata.reflect(connection)
    return {
        table.name: sorted((dict(row) for row in connection.execute(table.select()).mappings()), key=repr)
        for table in metadata.sorted_tables
        if table.name != "alembic_version"
    }


def _row(table, number):
    """The same number gives the same value in a column and in what points to it. The last row has every possible NULL."""
    referred = {key.parent.name: key.column for key in table.foreign_keys}
    values = {column.name: _value(referred.get(column.name, column), number) for column in table.columns}
    absent = [column.name for column in table.columns if column.nullable and number == ROWS - 1]
    return values | dict.fromkeys(absent)


def _value(column, number):
    if isinstance(column.type, String):
        length = column.type.length or 5_000
        return (f"{number}'\";%\\ صحة ⵜⴰⴷⵓⵙⵉ 😀" * length)[: length if number else 1]
    if isinstance(column.type, LargeBinary):
        return bytes(range(number, number + 32))
    if isinstance(column.type, Integer):
        return (2**63 if isinstance(column.type, BigInteger) else 2**31) - 1 - number
    if isinstance(column.type, Boolean):
        return number % 2 == 0
    raise TypeError(f"no value for {column!r}: say one here")
