"""What the tests of identity share: a database of each kind, and an identity on it."""

from __future__ import annotations

import databases
import pytest

from daffa.identity import Identity
from daffa.storage import Database

from .hospital import PEPPER

fresh, url = databases.fresh, databases.url


@pytest.fixture
async def database(url):
    """A new database of each kind, open."""
    database = await Database.open(url)
    yield database
    await database.close()


@pytest.fixture
async def identity(database):
    """An identity on a new database."""
    return await Identity.open(database, PEPPER)
