"""What the second judge costs: CPU time per admitted decision at several shadow rates, in one run, and in a thread.

A real guard under the shipped law with a real log on the disk (`--folder`), 32 decisions at once, all of them lawful. The rates
take turns, so that a slow minute of the machine meets all of them; the lowest of the rounds counts. CPU time is that of all
threads of this process. The last rows ask both judges about one question again and again, in the event loop and in threads: how
long each takes, and how late the loop comes to another task meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import platform
import shutil
import statistics
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Any

from daffa.audit import Audit, new_log_key
from daffa.decision import Actor, Door, Form, Label, Level, Place, Purpose, Question
from daffa.guard import Guard, Incidents, Shadow
from daffa.guard.finding import compare
from daffa.policy import Bundle, Law, Second, Tried
from daffa.storage import Database

LAW = Path(__file__).parents[1] / "policies" / "ma"
RATES = (0.0, 0.01, 0.1, 1.0)
AT_ONCE = 32
ASKER = Actor("someone", "home", frozenset({"agent"}), "MA-04")
LABEL = Label(Level.INTERNAL, form=Form.RAW, basis=frozenset())
VIRGINIA = Place("virginia", "US", "US-VA", "US", frozenset({"US"}), retention_days=30, trains=False)


async def admitted(guard: Guard, question: Question, count: int) -> float:
    """CPU microseconds per decision, over ``count`` of them."""

    async def client() -> None:
        for _ in range(count // AT_ONCE):
            await guard.admit(question, "model", b"bytes")

    gc.collect()
    start = time.process_time()
    await asyncio.gather(*(client() for _ in range(AT_ONCE)))
    return 1e6 * (time.process_time() - start) / (count // AT_ONCE * AT_ONCE)


async def asked(look: Callable[[], Awaitable[object]], count: int) -> dict[str, float]:
    """CPU and wall microseconds per look, and the median and greatest lateness (ms) of a task that wants a turn each ms."""
    late: list[float] = []

    async def tick() -> None:
        while True:
            start = time.perf_counter()
            await asyncio.sleep(0.001)
            late.append(1e3 * (time.perf_counter() - start) - 1)

    ticking = asyncio.create_task(tick())
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(count):
        await look()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    ticking.cancel()
    return {
        "cpu_us": round(1e6 * cpu / count, 1),
        "wall_us": round(1e6 * wall / count, 1),
        "late_ms_median": round(statistics.median(late), 2),
        "late_ms_most": round(max(late), 2),
    }


async def measure(folder: Path, count: int, rounds: int) -> list[dict[str, Any]]:
    """All rows."""
    bundle = Bundle.read(LAW)
    second = Second(bundle.cedar, bundle.schema)
    law = Law(Tried(bundle, second))
    log = Audit.open(folder / "audit", "bench/shadow", new_log_key())
    database = await Database.open(folder / "daffa.db")
    incidents = await Incidents.open(database, log, time.time)
    chance = Random(1).random
    places = {"virginia": VIRGINIA}
    guards = {rate: Guard(law, log, places, time.time, Shadow(incidents, rate, chance)) for rate in RATES}
    question = guards[0.0].question(Door.GATEWAY, Purpose.PUBLIC_SERVICE, LABEL, "virginia", ASKER)
    costs: dict[float, list[float]] = {rate: [] for rate in RATES}
    for turn in range(rounds + 1):
        for rate, guard in guards.items():
            cost = await admitted(guard, question, count)
            if turn:  # the first turn warms up
                costs[rate].append(cost)
    rows: list[dict[str, Any]] = [
        {"rate": rate, "cpu_us_min": round(min(some), 1), "cpu_us_median": round(statistics.median(some), 1)}
        for rate, some in costs.items()
    ]

    async def in_the_loop() -> None:
        compare(question, bundle, second)
        await asyncio.sleep(0)  # as a decision waits for its entry

    async def in_a_thread() -> None:
        await asyncio.to_thread(compare, question, bundle, second)

    for name, look in (("in the loop", in_the_loop), ("in a thread", in_a_thread)):
        rows.append({"look": name, **await asked(look, count)})
    await database.close()
    await log.close()
    return rows


def main() -> None:
    """Measure, and print the table, the ratios and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=6_400, help="decisions a turn (default 6400)")
    parser.add_argument("--rounds", type=int, default=5, help="turns of each rate that count (default 5)")
    parser.add_argument("--folder", type=Path, default=Path("var/bench/shadow"), help="on a real disk (default %(default)s)")
    options = parser.parse_args()
    shutil.rmtree(options.folder, ignore_errors=True)
    options.folder.mkdir(parents=True)
    rows = asyncio.run(measure(options.folder, options.decisions, options.rounds))
    shutil.rmtree(options.folder)
    by_rate = {row["rate"]: row["cpu_us_min"] for row in rows if "rate" in row}
    ratios = {f"rate {rate} / rate 0": round(by_rate[rate] / by_rate[0.0], 2) for rate in RATES[1:]}
    print(f"{'shadow rate':14}{'CPU µs, lowest':>18}{'CPU µs, median':>18}")
    for row in rows[: len(RATES)]:
        print(f"{row['rate']:<14}{row['cpu_us_min']:>18}{row['cpu_us_median']:>18}")
    print(f"\n{'both judges':14}{'CPU µs':>10}{'wall µs':>10}{'late ms, median':>18}{'most':>8}")
    for row in rows[len(RATES) :]:
        print(f"{row['look']:14}{row['cpu_us']:>10}{row['wall_us']:>10}{row['late_ms_median']:>18}{row['late_ms_most']:>8}")
    for name, ratio in ratios.items():
        print(f"{name:24}{ratio:>8}")
    machine = {"cpu": platform.machine(), "python": platform.python_version()}
    print(json.dumps({"bench": "shadow", "machine": machine, "rows": rows, "ratios": ratios}))


if __name__ == "__main__":
    main()
