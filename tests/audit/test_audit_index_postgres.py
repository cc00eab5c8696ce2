"""The index in PostgreSQL: the tests of the index, all of them, on a real server. Knows none of its own but one."""

from __future__ import annotations

import pytest
from databases import server, sql

from daffa.storage import Database

from . import test_audit_index as on_sqlite

# It reaches into the file, as only SQLite has one; the same on PostgreSQL stands below.
IN_THE_FILE = {"test_an_index_built_anew_is_the_same"}

assert vars(on_sqlite).keys() > IN_THE_FILE
globals().update(
    {name: thing for name, thing in vars(on_sqlite).items() if name.startswith("test_") and name not in IN_THE_FILE}
)
index, audit = on_sqlite.index, on_sqlite.audit


@pytest.fixture
def url():
    """A new, empty PostgreSQL database."""
    made = server().create()
    yield made
    server().free(made)


@pytest.fixture
async def database(url):
    """A new PostgreSQL database, open, with the tables that the migrations make."""
    opened = await Database.open(url)
    yield opened
    await opened.close()


async def test_an_index_built_anew_in_postgres_is_the_same(index, audit, decision, outcome, url):
    """What was lost or falsified in the database comes back from the log by building anew."""
    for _ in range(3):
        audit.outcome(outcome(await audit.decision(decision())))
    await audit.flush()
    await index.follow()
    expected = await index.decisions()
    sql(url, "UPDATE audit_decisions SET verdict = 'refuse'", "DELETE FROM audit_outcomes")
    assert await index.decisions() != expected
    assert await index.rebuild() == 6
    assert await index.decisions() == expected
