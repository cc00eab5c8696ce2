"""Incidents: one row for a flood, durable before the answer, seen by every process, closed by a person with a reason."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import textwrap
from dataclasses import replace
from itertools import combinations

import pytest
from databases import sql
from sabotage import IDENTIFIERS, lose

from daffa.errors import Conflict, DaffaError, Invalid, NotFound, Refused
from daffa.guard import Incidents, Permit
from daffa.guard.finding import Finding, compare
from daffa.policy import Opinion
from daffa.storage import Database

from .judges import INTERNAL, NOW, PERSONAL, House

WORKER = """
    import asyncio, sys
    from pathlib import Path
    from daffa.audit import Audit, new_log_key
    from daffa.guard import Incidents
    from daffa.storage import Database

    async def main():
        database = await Database.open(sys.argv[1])
        log = Audit.open(Path(sys.argv[2]), "guard/worker", new_log_key())
        incidents = await Incidents.open(database, log, lambda: 1.0)
        print(incidents.watching, flush=True)
        while incidents.watching is (sys.argv[3] == "True"):
            await incidents.refresh()
            await asyncio.sleep(0.05)
        print(incidents.watching, flush=True)
        await log.close()
        await database.close()
    asyncio.run(main())
"""


@pytest.fixture
def finding(anywhere: House) -> Finding:
    """What a lost rule leads to."""
    lose(anywhere.law.bundle.table, IDENTIFIERS)
    found = compare(anywhere.question(PERSONAL), *(anywhere.law.bundle, anywhere.law.second))
    assert found is not None
    return found


def another(finding: Finding, *rules: str) -> Finding:
    """The same about other rules."""
    return replace(finding, table=Opinion(True, rules))


async def seen(incidents: Incidents, state: str | None = None) -> list[tuple[int, int, bool]]:
    """Number, times and openness of the incidents."""
    return [(one.number, one.times, one.open) for one in await incidents.incidents(state)]


# Opening


async def test_an_incident_is_durable_before_the_refusal_is_told(anywhere: House, url: str):
    """When the caller hears of the refusal, another connection reads the row."""
    lose(anywhere.law.bundle.table, IDENTIFIERS)
    assert isinstance(await anywhere.admit(PERSONAL), Refused)
    assert sql(url, "SELECT number, kind, times, reference FROM incidents") == [["1", "judges_differ", "1", "guard/test#0"]]


async def test_a_flood_of_one_difference_is_one_row(anywhere: House, url: str):
    """Three hundred refusals at once: one row that counts them all, one entry about it, and an entry for each refusal."""
    lose(anywhere.law.bundle.table, IDENTIFIERS)
    refused = await asyncio.gather(*(anywhere.admit(PERSONAL) for _ in range(300)))
    assert {error.code for error in refused} == {"judges_differ"}
    assert await seen(anywhere.incidents) == [(1, 300, True)]
    assert sql(url, "SELECT times FROM incidents") == [["300"]]
    kinds = [entry.get("action", entry["kind"]) for entry in await anywhere.entries()]
    assert (kinds.count("decision"), kinds.count("incident_opened")) == (300, 1)


async def test_a_flood_of_different_differences_is_bounded(anywhere: House, finding: Finding):
    """However many ways to differ are found, at most a hundred rows come of them, and none is forgotten."""
    ways = [another(finding, *pair) for pair in combinations(map(str, range(20)), 2)]
    await asyncio.gather(*(anywhere.incidents.raised(way, "guard/test#0") for way in ways))
    found = await anywhere.incidents.incidents()
    assert len(found) == 100
    assert sum(incident.times for incident in found) == len(ways)
    await anywhere.incidents.raised(finding, "guard/test#1")
    assert len(await seen(anywhere.incidents)) == 100


async def test_what_is_seen_again_counts_without_writing_each_time(anywhere: House, finding: Finding, url: str):
    """A known difference costs no transaction: the next turn writes how often it was seen."""
    for _ in range(5):
        await anywhere.incidents.raised(finding, "guard/test#0")
    assert sql(url, "SELECT times FROM incidents") == [["1"]]
    await anywhere.incidents.refresh()
    assert sql(url, "SELECT times FROM incidents") == [["5"]]
    await anywhere.incidents.raised(finding, "guard/test#0")
    await anywhere.incidents.end()
    assert sql(url, "SELECT times FROM incidents") == [["6"]]


async def test_what_cannot_be_written_is_refused_all_the_same_and_tried_again(anywhere: House, url: str, caplog):
    """Without its table nothing of the incident is kept: each question is refused, all are looked at, the next try succeeds."""
    lose(anywhere.law.bundle.table, IDENTIFIERS)
    sql(url, "ALTER TABLE incidents RENAME TO elsewhere")
    for _ in range(2):
        assert (await anywhere.admit(PERSONAL)).code == "judges_differ"
    assert (anywhere.incidents.watching, anywhere.incidents.standing) == (True, 1)
    assert isinstance(await anywhere.admit(INTERNAL), Permit)
    assert "guard/test#0" in caplog.text
    sql(url, "ALTER TABLE elsewhere RENAME TO incidents")
    assert (await anywhere.admit(PERSONAL)).code == "judges_differ"
    assert sql(url, "SELECT times, reference FROM incidents") == [["3", "guard/test#0"]]


async def test_a_failing_database_makes_nobody_queue(anywhere: House, url: str):
    """A hundred refusals while the row cannot be written share few attempts: nobody waits for the failures of all others."""
    lose(anywhere.law.bundle.table, IDENTIFIERS)
    sql(url, "ALTER TABLE incidents RENAME TO elsewhere")
    attempts, begin = 0, anywhere.incidents._database.begin

    def counted():
        nonlocal attempts
        attempts += 1
        return begin()

    anywhere.incidents._database.begin = counted
    refused = await asyncio.gather(*(anywhere.admit(PERSONAL) for _ in range(100)))
    assert {error.code for error in refused} == {"judges_differ"}
    assert attempts < 20
    sql(url, "ALTER TABLE elsewhere RENAME TO incidents")
    await anywhere.incidents.refresh()
    assert await seen(anywhere.incidents) == [(1, 100, True)]


async def test_no_row_stands_without_its_entry(anywhere: House, finding: Finding, url: str):
    """Where the log can no longer be written, no row is kept either."""
    await anywhere.log.close()
    await anywhere.incidents.raised(finding, "guard/test#0")
    assert anywhere.incidents.watching
    assert sql(url, "SELECT number FROM incidents") == []


# Closing


async def test_an_incident_is_closed_by_somebody_for_a_reason(anywhere: House, finding: Finding):
    """Who and why stand in the row and, sealed, in the log; how often it was seen until then is counted."""
    for _ in range(3):
        await anywhere.incidents.raised(finding, "guard/test#0")
    closed = await anywhere.incidents.close(1, "omar", "the memory was exchanged")
    assert (closed.open, closed.closed_by, closed.why, closed.times) == (False, "omar", "the memory was exchanged", 3)
    assert closed == await anywhere.incidents.incident(1)
    assert not anywhere.incidents.watching
    actions = [entry["action"] for entry in await anywhere.entries()]
    assert actions == ["incident_opened", "incident_closed"]
    details = (await anywhere.log.open_details(1)).details
    assert details == {"incident": 1, "actor": "omar", "reason": "the memory was exchanged"}


async def test_closing_makes_nothing_lawful(anywhere: House):
    """The same difference after the closing is refused again and is a new incident; the old one stays as it was."""
    lose(anywhere.law.bundle.table, IDENTIFIERS)
    await anywhere.admit(PERSONAL)
    before = await anywhere.incidents.close(1, "omar", "nothing to see")
    assert (await anywhere.admit(PERSONAL)).code == "judges_differ"
    assert await seen(anywhere.incidents) == [(2, 1, True), (1, 1, False)]
    assert await anywhere.incidents.incident(1) == before


@pytest.mark.parametrize(
    ("number", "why", "kind", "code"),
    [
        (7, "because", NotFound, "unknown_incident"),
        (1, "", Invalid, "invalid_field"),
        (1, " \n ", Invalid, "invalid_field"),
        (1, "x" * 2001, Invalid, "invalid_field"),
        (1, "nul \0", Invalid, "invalid_field"),
        (1, "two\nlines", Invalid, "invalid_field"),
        (1, "turned \u202eno saw gnorw", Invalid, "invalid_field"),
        (1, "half \ud800", Invalid, "invalid_field"),
    ],
)
async def test_what_is_no_closing_closes_nothing(anywhere: House, finding: Finding, number: int, why: str, kind, code: str):
    """An unknown number or a reason that says nothing changes nothing, and leaves no entry."""
    await anywhere.incidents.raised(finding, "guard/test#0")
    with pytest.raises(kind) as raised:
        await anywhere.incidents.close(number, "omar", why)
    assert raised.value.code == code
    assert await seen(anywhere.incidents) == [(1, 1, True)]
    assert [entry["action"] for entry in await anywhere.entries()] == ["incident_opened"]


async def test_an_incident_is_closed_once(anywhere: House, finding: Finding):
    """Of five that close it at the same time one does; the others learn who."""
    await anywhere.incidents.raised(finding, "guard/test#0")
    tries = (anywhere.incidents.close(1, f"omar{number}", "done") for number in range(5))
    ended = await asyncio.gather(*tries, return_exceptions=True)
    lost = [error for error in ended if isinstance(error, DaffaError)]
    assert len(lost) == 4
    assert {(type(error), error.code) for error in lost} == {(Conflict, "incident_closed")}
    by = {error.facts["by"] for error in lost}
    assert by == {(await anywhere.incidents.incident(1)).closed_by}
    assert [entry["action"] for entry in await anywhere.entries()].count("incident_closed") == 1


async def test_lists_show_what_is_asked_for(anywhere: House, finding: Finding):
    """Open or closed ones or both, the newest first, page by page; another state is an error."""
    for rule in "abc":
        await anywhere.incidents.raised(another(finding, rule), "guard/test#0")
    await anywhere.incidents.close(2, "omar", "done")
    assert [number for number, _, _ in await seen(anywhere.incidents)] == [3, 2, 1]
    assert [number for number, _, _ in await seen(anywhere.incidents, "open")] == [3, 1]
    assert [number for number, _, _ in await seen(anywhere.incidents, "closed")] == [2]
    assert [one.number for one in await anywhere.incidents.incidents(before=3)] == [2, 1]
    with pytest.raises(Invalid, match=r"open \| closed"):
        await anywhere.incidents.incidents("ajar")


# Several processes


async def test_who_opens_the_house_again_watches_what_stood_open(anywhere: House, finding: Finding, url: str):
    """A process that starts anew reads what stands open, and counts on."""
    await anywhere.incidents.raised(finding, "guard/test#0")
    elsewhere = await Database.open(url)
    again = await Incidents.open(elsewhere, anywhere.log, lambda: NOW)
    assert again.watching
    await again.raised(finding, "guard/test#9")
    assert await seen(again) == [(1, 2, True)]
    await elsewhere.close()


async def test_two_that_find_the_same_open_one(anywhere: House, finding: Finding, url: str):
    """Two processes that meet the same difference at the same time count on one row."""
    elsewhere = await Database.open(url)
    other = await Incidents.open(elsewhere, anywhere.log, lambda: NOW)
    assert not other.watching
    await asyncio.gather(*(who.raised(finding, "guard/test#0") for who in (anywhere.incidents, other) * 10))
    await other.refresh()
    assert await seen(anywhere.incidents) == [(1, 20, True)]
    await elsewhere.close()


async def test_what_another_process_closed_is_opened_anew(anywhere: House, finding: Finding, url: str):
    """A process that does not know yet that its incident was closed counts on, and that becomes a new one."""
    await anywhere.incidents.raised(finding, "guard/test#0")
    elsewhere = await Database.open(url)
    other = await Incidents.open(elsewhere, anywhere.log, lambda: NOW)
    await other.close(1, "omar", "done")
    await anywhere.incidents.raised(finding, "guard/test#5")
    assert await seen(anywhere.incidents) == [(2, 1, True), (1, 1, False)]
    assert anywhere.incidents.watching
    await elsewhere.close()


async def test_every_process_watches_and_rests_with_the_others(anywhere: House, finding: Finding, url: str, tmp_path):
    """Two worker processes that refresh in a loop begin to watch when a third opens an incident, and end when it is closed."""
    code = textwrap.dedent(WORKER)

    async def workers(watching: bool) -> list[asyncio.subprocess.Process]:
        started = []
        for number in range(2):
            words = [url, str(tmp_path / f"{watching}{number}"), str(watching)]
            started.append(await asyncio.create_subprocess_exec(sys.executable, "-c", code, *words, stdout=subprocess.PIPE))
            assert (await started[-1].stdout.readline()).decode().strip() == str(watching)
        return started

    waiting = await workers(watching=False)
    await anywhere.incidents.raised(finding, "guard/test#0")
    assert [(await worker.communicate())[0] for worker in waiting] == [b"True\n"] * 2
    waiting = await workers(watching=True)
    await anywhere.incidents.close(1, "omar", "done")
    assert [(await worker.communicate())[0] for worker in waiting] == [b"False\n"] * 2
