"""The migrations: they make what the rooms declare, forwards only, wholly or not at all."""

from __future__ import annotations

import ast
import asyncio
import contextlib
import importlib
import signal
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, BigInteger, Boolean, Float, Integer, LargeBinary, String, Text
from sqlalchemy.ext.asyncio import create_async_engine

import daffa
from daffa.errors import Conflict
from daffa.storage import Base, Database, migrate

PORTABLE = (BigInteger, Boolean, Float, Integer, LargeBinary, String, Text)
SLOW = """
import os, signal
import sqlalchemy as sa

revision, down_revision = "{revision}", {down}


def upgrade(op):
    op.create_table("t{revision}", sa.Column("id", sa.Integer, primary_key=True))
    if {killed} and os.environ.get("KILL"):
        os.kill(os.getpid(), signal.SIGKILL)
    op.create_table("u{revision}", sa.Column("id", sa.Integer, primary_key=True))
"""
UPGRADE = """
import asyncio, sys
from pathlib import Path
from sqlalchemy import URL
from daffa.storage import sqlite
from daffa.storage.migrate import upgrade

async def main():
    writer, reader = sqlite.engines(URL.create("sqlite", database=sys.argv[1]))
    async with writer.begin() as connection:
        await connection.run_sync(upgrade, Path(sys.argv[2]))
    await writer.dispose()

asyncio.run(main())
"""


def models():
    """The tables that the rooms declare: every ``tables.py`` of the house, imported."""
    for file in Path(daffa.__file__).parent.glob("*/tables.py"):
        importlib.import_module(f"daffa.{file.parent.name}.tables")
    return Base.metadata


def tables(file):
    """The names of the tables in a SQLite file."""
    with contextlib.closing(sqlite3.connect(file)) as found:
        return {row[0] for row in found.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}


# Laws


async def test_the_migrations_make_what_the_rooms_declare(tmp_path):
    """A database brought to head differs in nothing from the tables, columns, indexes and keys in the rooms' models."""
    database = await Database.open(tmp_path / "house.db")
    await database.close()
    engine = create_async_engine(URL.create("sqlite+aiosqlite", database=str(tmp_path / "house.db")))
    async with engine.connect() as connection:
        differences = await connection.run_sync(lambda found: compare_metadata(MigrationContext.configure(found), models()))
    await engine.dispose()
    assert {"organisations", "people", "keys"} <= models().tables.keys()
    assert differences == []


def test_every_column_has_a_type_that_all_databases_have():
    """The models use portable types only, and every text has its greatest length or is declared as long text."""
    for table in models().tables.values():
        for column in table.columns:
            assert isinstance(column.type, PORTABLE), column
            assert not (type(column.type) is String and column.type.length is None), column


def test_every_migration_opens_with_a_docstring_and_only_goes_forward():
    """Each migration says what it does in its first line and imports nothing of Daffa; there is no way back."""
    files = sorted(migrate._FOLDER.glob("[0-9]*.py"))
    assert files
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), file
        imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert not [name for name in imported if name.startswith("daffa")], file
        assert "downgrade" not in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, file


# The edges


async def test_opening_twice_changes_nothing(tmp_path):
    """A database at head is opened again without a change to its schema."""
    found = []
    for _ in range(2):
        database = await Database.open(tmp_path / "house.db")
        await database.close()
        with contextlib.closing(sqlite3.connect(tmp_path / "house.db")) as connection:
            found.append(connection.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall())
    assert found[0] == found[1]


async def test_two_databases_opened_together_in_one_process_are_both_whole(tmp_path):
    """Migrations of two databases that run side by side do not mix."""
    both = await asyncio.gather(Database.open(tmp_path / "a.db"), Database.open(tmp_path / "b.db"))
    for database in both:
        await database.close()
    assert tables(tmp_path / "a.db") == tables(tmp_path / "b.db") > {"organisations", "people", "keys"}


async def test_a_database_that_a_newer_version_wrote_is_refused_and_untouched(tmp_path):
    """An unknown revision is a Conflict that names it, and the file keeps its tables and its revision."""
    file = tmp_path / "house.db"
    await (await Database.open(file)).close()
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = tables(file)
    with pytest.raises(Conflict) as caught:
        await Database.open(file)
    assert caught.value.code == "database_newer"
    assert caught.value.facts["found"] == "9999"
    assert tables(file) == before


async def test_a_database_of_something_else_is_refused_and_untouched(tmp_path):
    """A SQLite file with foreign tables is a Conflict and gets none of ours."""
    file = tmp_path / "house.db"
    with contextlib.closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("CREATE TABLE invoices (id INTEGER)")
    with pytest.raises(Conflict) as caught:
        await Database.open(file)
    assert caught.value.code == "database_foreign"
    assert tables(file) == {"invoices"}


def test_a_killed_migration_leaves_the_schema_before_it_and_can_be_run_again(tmp_path):
    """SIGKILL in the middle of the second of two migrations leaves no trace of either; the next run makes both."""
    folder, file = tmp_path / "history", tmp_path / "house.db"
    folder.mkdir()
    for revision, down, killed in (("0001", None, False), ("0002", "0001", True)):
        (folder / f"{revision}.py").write_text(textwrap.dedent(SLOW).format(revision=revision, down=repr(down), killed=killed))
    run = [sys.executable, "-c", UPGRADE, str(file), str(folder)]
    killed = subprocess.run(run, env={"KILL": "1"}, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert tables(file) == set()
    again = subprocess.run(run, capture_output=True, check=False)
    assert again.returncode == 0, again.stderr
    assert tables(file) == {"alembic_version", "t0001", "u0001", "t0002", "u0002"}


def test_a_failing_migration_undoes_itself(tmp_path):
    """An error in the second of two statements of a migration leaves the database without the first one."""
    folder, file = tmp_path / "history", tmp_path / "house.db"
    folder.mkdir()
    (folder / "0001.py").write_text(
        "revision, down_revision = '0001', None\n\n\n"
        "def upgrade(op):\n    op.execute('CREATE TABLE half (id INTEGER)')\n    op.execute('CREATE TABLE half (id INTEGER)')\n"
    )
    run = [sys.executable, "-c", UPGRADE, str(file), str(folder)]
    failed = subprocess.run(run, capture_output=True, check=False)
    assert b"already exists" in failed.stderr
    assert tables(file) == set()
