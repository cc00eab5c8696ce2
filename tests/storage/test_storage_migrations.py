"""The migrations: they make what the rooms declare, forwards only, wholly or not at all."""

from __future__ import annotations

import ast
import asyncio
import signal
import subprocess
import sys
import textwrap

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from databases import sql, tables
from sqlalchemy import BigInteger, Boolean, Float, Integer, LargeBinary, String, Text

from daffa.errors import Conflict
from daffa.storage import Database, migrate

from .schema import models, run, shape

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
from daffa.storage import postgres, sqlite
from daffa.storage.migrate import upgrade

async def main():
    url = sys.argv[1]
    is_file = not postgres.is_postgres(url)
    writer, reader = sqlite.engines(URL.create("sqlite", database=url)) if is_file else postgres.engines(url)
    async with writer.begin() as connection:
        await connection.run_sync(upgrade, Path(sys.argv[2]))
    await writer.dispose()

asyncio.run(main())
"""


# Laws


async def test_the_migrations_make_what_the_rooms_declare(database):
    """A database brought to head differs in nothing from the tables, columns, indexes and keys in the rooms' models."""
    async with database._reader.connect() as connection:
        differences = await connection.run_sync(lambda found: compare_metadata(MigrationContext.configure(found), models()))
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
    files = sorted(migrate.FOLDER.glob("[0-9]*.py"))
    assert files
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), file
        imported = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert not [name for name in imported if name.startswith("daffa")], file
        assert "downgrade" not in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}, file


# The edges


async def test_opening_twice_changes_nothing(url):
    """A database at head is opened again without a change to its schema."""
    found = []
    for _ in range(2):
        database = await Database.open(url)
        await database.close()
        found.append(await run(url, shape))
    assert found[0] == found[1]


async def test_two_databases_opened_together_in_one_process_are_both_whole(fresh):
    """Migrations of two databases that run side by side do not mix."""
    urls = fresh(), fresh()
    both = await asyncio.gather(*map(Database.open, urls))
    for database in both:
        await database.close()
    assert tables(urls[0]) == tables(urls[1]) > {"organisations", "people", "keys"}


async def test_a_database_that_a_newer_version_wrote_is_refused_and_untouched(url):
    """An unknown revision is a Conflict that names it, and the database keeps its tables and its revision."""
    await (await Database.open(url)).close()
    sql(url, "UPDATE alembic_version SET version_num = '9999'")
    before = tables(url)
    with pytest.raises(Conflict) as caught:
        await Database.open(url)
    assert caught.value.code == "database_newer"
    assert caught.value.facts["found"] == "9999"
    assert tables(url) == before
    assert sql(url, "SELECT version_num FROM alembic_version") == [["9999"]]


async def test_a_database_of_something_else_is_refused_and_untouched(url):
    """A database with foreign tables is a Conflict and gets none of ours."""
    sql(url, "CREATE TABLE invoices (id INTEGER)")
    with pytest.raises(Conflict) as caught:
        await Database.open(url)
    assert caught.value.code == "database_foreign"
    assert tables(url) == {"invoices"}


def test_a_killed_migration_leaves_the_schema_before_it_and_can_be_run_again(url, tmp_path):
    """SIGKILL in the middle of the second of two migrations leaves no trace of either; the next run makes both."""
    folder = tmp_path / "history"
    folder.mkdir()
    for revision, down, killed in (("0001", None, False), ("0002", "0001", True)):
        (folder / f"{revision}.py").write_text(textwrap.dedent(SLOW).format(revision=revision, down=repr(down), killed=killed))
    command = [sys.executable, "-c", UPGRADE, url, str(folder)]
    killed = subprocess.run(command, env={"KILL": "1"}, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert tables(url) == set()
    again = subprocess.run(command, capture_output=True, check=False)
    assert again.returncode == 0, again.stderr
    assert tables(url) == {"alembic_version", "t0001", "u0001", "t0002", "u0002"}


def test_a_failing_migration_undoes_itself(url, tmp_path):
    """An error in the second of two statements of a migration leaves the database without the first one."""
    folder = tmp_path / "history"
    folder.mkdir()
    (folder / "0001.py").write_text(
        "revision, down_revision = '0001', None\n\n\n"
        "def upgrade(op):\n    op.execute('CREATE TABLE half (id INTEGER)')\n    op.execute('CREATE TABLE half (id INTEGER)')\n"
    )
    command = [sys.executable, "-c", UPGRADE, url, str(folder)]
    failed = subprocess.run(command, capture_output=True, check=False)
    assert b"already exists" in failed.stderr
    assert tables(url) == set()
