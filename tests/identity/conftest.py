"""What the tests of identity share: a database on disk, and an identity on it."""

from __future__ import annotations

import pytest

from daffa.identity import Identity
from daffa.storage import Database

from .hospital import PEPPER


@pytest.fixture
async def database(tmp_path):
    """A new database on disk."""
    database = await Database.open(tmp_path / "house.db")
    yield database
    await database.close()


@pytest.fixture
async def identity(database):
    """An identity on a new database."""
    return await Identity.open(database, PEPPER)
