"""What the tests of the guard share: a database of each kind, and houses whose law can be damaged without harm to others."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path

import databases
import pytest

from daffa.audit import Audit, new_log_key
from daffa.decision import Table
from daffa.guard import Incidents
from daffa.policy import Law, Tried
from daffa.storage import Database

from .judges import NOW, POLICIES, House, house

fresh, url = databases.fresh, databases.url


@pytest.fixture(scope="session")
def shipped() -> Law:
    """The shipped law of Morocco, tried and proved."""
    return Law.load(POLICIES)


@pytest.fixture
def copy(shipped: Law) -> Law:
    """The shipped law with a table of its own, to be damaged."""
    bundle = shipped.bundle
    return Law(Tried(replace(bundle, table=Table(bundle.table.rules)), shipped.second))


@pytest.fixture
async def record(tmp_path: Path) -> AsyncIterator[Audit]:
    """A real log."""
    log = Audit.open(tmp_path / "audit", "guard/test", new_log_key())
    yield log
    await log.close()


@pytest.fixture
async def database(url: str) -> AsyncIterator[Database]:
    """A new database of each kind, open."""
    database = await Database.open(url)
    yield database
    await database.close()


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[Database]:
    """A new SQLite database, open."""
    database = await Database.open(tmp_path / "daffa.db")
    yield database
    await database.close()


@pytest.fixture
async def here(copy: Law, record: Audit, file: Database, tmp_path: Path) -> House:
    """A house whose shadow looks at everything."""
    return house(copy, record, await Incidents.open(file, record, lambda: NOW), tmp_path)


@pytest.fixture
async def anywhere(copy: Law, record: Audit, database: Database, tmp_path: Path) -> Iterator[House]:
    """The same on a database of each kind."""
    return house(copy, record, await Incidents.open(database, record, lambda: NOW), tmp_path)
