"""What the tests of the database share: a new database on disk."""

from __future__ import annotations

import pytest

from daffa.storage import Database


@pytest.fixture
async def database(tmp_path):
    """A new database on disk."""
    database = await Database.open(tmp_path / "house.db")
    yield database
    await database.close()
