"""What the tests of quota share: a database of each kind, and a clock that stands still until it is told."""

from __future__ import annotations

import databases
import pytest

from daffa.storage import Database

from .office import Clock

fresh, url = databases.fresh, databases.url


@pytest.fixture
def clock():
    """A clock that stands still until it is told."""
    return Clock()


@pytest.fixture
async def database(url):
    """A new database of each kind, open."""
    database = await Database.open(url)
    yield database
    await database.close()
