"""Several processes spend one budget on one database, each with a real log, and are killed in the middle of it."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import textwrap
from functools import partial
from pathlib import Path

from databases import sql
from sqlalchemy import select

from daffa.app.house import _charges
from daffa.audit import Audit, load_or_create_key
from daffa.errors import Unavailable
from daffa.quota import Quota
from daffa.quota.tables import CounterRow
from daffa.storage import Database

from .office import CHU, Clock, Log, opened, settle, tried

BUDGET = 10_000
WORKER = """
    import asyncio, sys, time
    from functools import partial
    from pathlib import Path
    from daffa.app.house import _charges
    from daffa.audit import Audit, Outcome, load_or_create_key
    from daffa.errors import Exhausted
    from daffa.quota import Quota
    from daffa.storage import Database
    from quota.office import CHU

    url, folder, origin, spare = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])

    async def main():
        log = Audit.open(folder / "audit", origin, load_or_create_key(folder / "log.key"))
        database = await Database.open(url)
        quota = await Quota.open(database, log, partial(_charges, log), time.time)
        kept, done, refused = [], 0, asyncio.Event()

        async def ask():
            nonlocal done
            while not refused.is_set():
                try:
                    reservation = await quota.reserve(CHU, "m", 7, 1)
                except Exhausted as error:
                    refused.set()
                    return
                if len(kept) < spare:
                    kept.append(reservation)  # an answer that is still under way when we are killed
                    continue
                await asyncio.sleep(0.001)
                if spare and done >= 200:
                    await asyncio.Event().wait()  # enough: none takes all before the other has begun, however late that is
                charge = reservation.settle(5, 1)
                log.outcome(Outcome(0, "answered", 200, 1, 0, 0, time.time(), {"quota": charge}))
                done += 1
                if done == 50:
                    await log.flush()
                    print("spending", flush=True)

        asks = [asyncio.create_task(ask()) for _ in range(20)]
        while not refused.is_set():
            await asyncio.sleep(0.05)
            await quota.refresh()
        await asyncio.gather(*asks)
        kept.clear()
        await quota.close()
        await log.close()
        await database.close()
        print("refused", flush=True)

    asyncio.run(main())
"""


def worker(url, folder, name, spare):
    """A process that spends until it is refused, with ``spare`` requests that never end."""
    folder.mkdir(exist_ok=True)
    words = [sys.executable, "-W", "error", "-c", textwrap.dedent(WORKER), url, str(folder), f"office/{name}", str(spare)]
    path = {"PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **path})


@contextlib.asynccontextmanager
async def audited(folder, name):
    """The log of a worker that is gone."""
    log = Audit.open(folder / "audit", f"office/{name}", load_or_create_key(folder / "log.key"))
    yield log
    await log.close()


async def recorded(log):
    """What the outcomes of a log cost, and how many they are."""
    costs = [charge["cost"] for charge in [each async for each in _charges(log, 0)]]
    return sum(costs), len(costs)


def counted(url):
    """What the database says is spent, and what it says is leased."""
    sums = ("sum(spent), 0) FROM quota_counters", "sum(amount), 0) FROM quota_leases")
    return [int(sql(url, f"SELECT coalesce({each}")[0][0]) for each in sums]


async def test_killed_in_mid_stream_they_count_what_their_logs_say(url, tmp_path):
    """After kill -9 of two workers, what is spent is the sum of the recorded outcomes, and nothing is leased."""
    database = await Database.open(url)
    setter = await opened(database, Log("setter"), Clock())
    await setter.set("organisation", "chu", "money", "total", BUDGET)
    folders = {name: tmp_path / name for name in "ab"}
    running = [worker(url, folder, name, 5) for name, folder in folders.items()]
    for process in running:
        assert process.stdout.readline() == "spending\n", process.communicate()
        process.kill()
        process.communicate()
    in_logs = 0
    for name, folder in folders.items():
        async with audited(folder, name) as log:
            quota = await Quota.open(database, log, partial(_charges, log), Clock(2e9))
            in_logs += (await recorded(log))[0]
            await quota.close()
    assert counted(url) == [in_logs, 0]
    assert 2 * 50 * 5 <= in_logs <= BUDGET

    running = [worker(url, folder, name, 0) for name, folder in folders.items()]
    for process in running:
        out, complaints = process.communicate(timeout=120)
        assert out.endswith("refused\n"), complaints
    in_logs = 0
    for name, folder in folders.items():
        async with audited(folder, name) as log:
            in_logs += (await recorded(log))[0]
    spent, leased = counted(url)
    assert (spent, leased) == (in_logs, 0)
    assert spent <= BUDGET
    await database.close()


async def test_a_dead_workers_lease_comes_back_when_it_ends(database, clock):
    """What a killed worker had leased is nobody's for a minute, then anybody's; what it had recorded counts once it is back."""
    dead_log = Log("office/dead")
    dead = await opened(database, dead_log, clock)
    await dead.set("organisation", "chu", "requests", "total", 100)
    live = await opened(database, Log("office/live"), clock)
    kept = [await dead.reserve(CHU, "m", 0, 0) for _ in range(60)]
    settle(kept.pop(), dead_log, 0)
    await dead_log.flush()
    del dead, kept
    got = [each for each in [await tried(live) for _ in range(100)] if not isinstance(each, str)]
    assert 0 < len(got) < 50
    clock.now += 30
    assert await tried(live) == "limit_reached"
    clock.now += 31
    got += [each for each in [await tried(live) for _ in range(100)] if not isinstance(each, str)]
    assert len(got) == 100
    again = await opened(database, dead_log, clock)
    found = (await again.standings())[0]
    assert (found.spent, found.reserved, found.left) == (1, 100, 0)
    got.clear()
    await again.close()
    await live.close()


async def test_a_worker_that_slept_through_its_lease_spends_it_no_more(database, clock):
    """Whoever did not say for a minute that it lives asks the database again before it lets anybody pass."""
    sleeper = await opened(database, Log("office/a"), clock)
    other = await opened(database, Log("office/b"), clock)
    await sleeper.set("organisation", "chu", "requests", "total", 100)
    await other.refresh()
    first = await sleeper.reserve(CHU, "m", 0, 0)
    clock.now += 61
    got = [each for each in [await tried(other) for _ in range(150)] if not isinstance(each, str)]
    assert len(got) == 100
    assert await tried(sleeper) == "limit_reached"
    first.release()
    got.clear()
    await sleeper.close()
    await other.close()


async def test_recorded_outcomes_are_counted_once_however_often_it_starts(database, clock):
    """A worker that was killed after its log and before its counters is made good at the start, once."""
    log = Log("office/a")
    quota = await opened(database, log, clock)
    await quota.set("organisation", "chu", "money", "day", 1000)
    settle(await quota.reserve(CHU, "m", 50, 0), log, 40)
    await quota.refresh()
    for cost in (1, 2, 3):
        settle(await quota.reserve(CHU, "m", 50, 0), log, cost)
    log.cut(1)  # the last outcome never reached the disk: nobody can know of it
    for _ in range(3):
        quota = await opened(database, log, clock)
        found = (await quota.standings())[0]
        assert (found.spent, found.reserved, found.left) == (43, 0, 957)
    await quota.close()


async def test_while_the_database_is_away_what_is_leased_is_spent(database, clock):
    """Without the database requests pass as far as the lease reaches, then none; nothing settled meanwhile is lost."""
    log = Log("office/a")
    quota = await opened(database, log, clock)
    await quota.set("organisation", "chu", "requests", "day", 100)
    first = await quota.reserve(CHU, "m", 0, 0)
    begin, passed = database.begin, 1
    database.begin = _away
    settle(first, log, 0)
    with contextlib.suppress(Unavailable):
        while not isinstance(kept := await tried(quota), str):
            settle(kept, log, 0)
            passed += 1
    assert 1 < passed < 100
    try:
        await quota.refresh()
    except Unavailable:
        database.begin = begin
    await quota.refresh()
    assert (await quota.standings())[0].spent == passed == log.size
    await quota.close()


@contextlib.asynccontextmanager
async def _away():
    raise Unavailable("storage_unavailable", database="test", reason="away")
    yield


async def test_a_close_that_cannot_write_leaves_the_rest_to_the_next_start(database, clock, caplog):
    """Where the database is away at the end, closing says so and goes on; the next start counts what the log knows."""
    log = Log("office/a")
    quota = await opened(database, log, clock)
    await quota.set("organisation", "chu", "money", "day", 1000)
    settle(await quota.reserve(CHU, "m", 50, 0), log, 40)
    begin, database.begin = database.begin, _away
    await quota.close()
    assert "away" in caplog.text
    database.begin = begin
    log.cut(0)
    quota = await opened(database, log, clock)
    found = (await quota.standings())[0]
    assert (found.spent, found.reserved, found.left) == (40, 0, 960)
    await quota.close()


async def test_what_ends_after_its_period_is_counted_in_it(database, clock):
    """A request of an ended period that used more than was kept is counted there, though nothing was held for it."""
    log = Log("office/a")
    quota = await opened(database, log, clock)
    rule = await quota.set("organisation", "chu", "money", "minute", 20)
    first, second = await quota.reserve(CHU, "m", 10, 0), await quota.reserve(CHU, "m", 10, 0)
    settle(first, log, 20)
    clock.now += 60
    await quota.refresh()
    await quota.refresh()
    settle(second, log, 7)
    await quota.refresh()
    async with database.read() as session:
        rows = await session.rows(select(CounterRow.rule, CounterRow.spent))
    assert [tuple(row) for row in rows] == [(rule.number, 27)]
    await quota.close()
