"""Upgrades: from every schema that was ever landed to this one, on each kind of database, with every value kept."""

from __future__ import annotations

import hashlib
import json

import pytest

from daffa.storage import Database

from .schema import REVISIONS, ROWS, contents, fill, run, shape, upgrade_to

# What each landed revision makes of an empty database. A migration that others have run is never changed: write a new one,
# and add its line here.
LANDED = {
    "0001": "0146808887b745ea",
    "0002": "25f3216cb48e44d8",
    "0003": "419a1af313951296",
    "0004": "d221d89d8b2521f3",
    "0005": "fc068d6f592effed",
    "0006": "d3dd0b9c9ff7edfc",
    "0007": "271c8b0a1811a47b",
    "0008": "a7d89c19818816ba",
    "0009": "421e1e0784704468",
}
# Tables and "table.column" that a migration took away on purpose.
DROPPED = frozenset()


def digest(found):
    """A schema in a few letters."""
    return hashlib.sha256(json.dumps(found, sort_keys=True).encode()).hexdigest()[:16]


@pytest.mark.parametrize("start", REVISIONS)
async def test_an_upgrade_keeps_every_value(url, start, tmp_path):
    """A database of an earlier version, with every column of every table filled, has all its values after it was opened."""
    before = await run(url, upgrade_to(start, url, tmp_path / "then"), fill)
    assert all(len(rows) == ROWS for rows in before.values())
    await (await Database.open(url)).close()
    after = await run(url, contents)
    for table in before.keys() - DROPPED:
        kept = [column for column in before[table][0] if f"{table}.{column}" not in DROPPED]
        then, now = (
            sorted((tuple(row[column] for column in kept) for row in rows[table]), key=repr) for rows in (before, after)
        )
        assert then == now, table


@pytest.mark.parametrize("start", REVISIONS[:-1])
async def test_an_upgraded_database_is_like_a_new_one(fresh, start, tmp_path):
    """The schema of a database that came step by step is that of one made at once."""
    old, new = fresh(), fresh()
    await run(old, upgrade_to(start, old, tmp_path / "then"), fill)
    for url in (old, new):
        await (await Database.open(url)).close()
    assert await run(old, shape) == await run(new, shape)


async def test_what_was_landed_is_not_rewritten(tmp_path):
    """Each revision still makes the schema that it made when it was landed, and every revision is listed."""
    found = {}
    for revision in REVISIONS:
        url = str(tmp_path / f"{revision}.db")
        found[revision] = digest(await run(url, upgrade_to(revision, url, tmp_path / revision), shape))
    assert found == LANDED
