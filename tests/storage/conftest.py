"""What the tests of the database share: a new database of each kind."""

from __future__ import annotations

import databases
import pytest

from daffa.storage import Database

fresh, url = databases.fresh, databases.url


@pytest.fixture
async def database(url):
    """A new database of each kind, open."""
    database = await Database.open(url)
    yield database
    await database.close()
