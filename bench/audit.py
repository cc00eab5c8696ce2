"""The audit log beside a plain file and a hash chain in SQLite, in one run: entries a second, and how long a commit waits.

    .venv/bin/python bench/audit.py [--entries 50000] [--rounds 3] [--folder var/bench]

The log runs with everything on: salted commitments, sealed details, record keys, journal, tiles, signed checkpoints; its
figures run until the last entry stands under a checkpoint. The yardsticks write the same leaves and nothing else. It
prints two tables and ends with one JSON line; on a shared machine read the ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import hashlib
import json
import os
import shutil
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvloop
from _load import machine

from daffa.audit import Audit, Decision, Outcome, Reader, new_log_key
from daffa.audit.entry import seal

VAR = Path(__file__).parents[1] / "var" / "bench"
PER_COMMIT = (1, 10, 100, 1000)
WRITERS = (1, 16, 64, 256)
LOG, FILE, SQLITE = "daffa log", "file + fdatasync", "SQLite hash chain"
DETAILS = {
    "actor": "person-7f3a91",
    "label": "level=restricted; categories=personal; basis=law",
    "organisation": "ministere-sante",
    "payload": hashlib.sha256(b"a question").hexdigest(),
    "purpose": "health_care",
    "receiver": "mistral-small",
}


@dataclass(frozen=True, slots=True)
class Turn:
    """One measured stretch: entries, wall seconds, CPU seconds of all threads, and each wait in seconds."""

    entries: int
    wall: float
    cpu: float
    waits: tuple[float, ...] = ()


def decision() -> Decision:
    """A decision as the gateway records it."""
    return Decision(
        door="gateway",
        allowed=True,
        rules=("P-home-internal",),
        nearest=(),
        place="rabat-1",
        level=2,
        bundle="sha256:" + "5e" * 32,
        refused=(("paris-1", ("F-reach",)), ("virginia-1", ("F-reach", "F-level"))),
        time=time.time(),
        details=DETAILS,
    )


def outcome(index: int) -> Outcome:
    """Its outcome."""
    return Outcome(index, "answered", 200, 412, 96, 1830, time.time(), {})


@contextlib.contextmanager
def measured(entries: int, into: list[Turn], waits: list[float]) -> Iterator[None]:
    """Clock a stretch."""
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    into.append(Turn(entries, time.perf_counter() - wall, time.process_time() - cpu, tuple(waits)))


# Entries a second


def log_rate(folder: Path, per_commit: int, entries: int) -> Turn:
    """Decisions that arrive ``per_commit`` at a time, each waiting for its index, until all are under a checkpoint."""
    turns: list[Turn] = []

    async def run() -> None:
        audit = Audit.open(folder, "bench.example/log", new_log_key())
        with measured(entries, turns, []):
            for _ in range(entries // per_commit):
                await asyncio.gather(*[audit.decision(decision()) for _ in range(per_commit)])
            await audit.flush()
        await audit.close()
        report = Reader(folder).verify()
        if report.damage or report.size != entries:
            raise SystemExit(f"the log that was measured is not whole: {report}")

    uvloop.run(run())
    return turns[0]


def file_rate(folder: Path, per_commit: int, entries: int) -> Turn:
    """The same leaves appended to a plain file, fdatasync after each group."""
    folder.mkdir()
    leaf, turns = seal(decision(), bytes(32)).leaf, []
    descriptor = os.open(folder / "plain", os.O_WRONLY | os.O_CREAT)
    with measured(entries, turns, []):
        for _ in range(entries // per_commit):
            os.write(descriptor, b"".join([leaf] * per_commit))
            os.fdatasync(descriptor)
    os.close(descriptor)
    return turns[0]


def sqlite_rate(folder: Path, per_commit: int, entries: int) -> Turn:
    """The same leaves in a hash chain, a row each, a transaction for each group, ``synchronous=FULL``."""
    folder.mkdir()
    leaf, head, turns = seal(decision(), bytes(32)).leaf, bytes(32), []
    connection = sqlite3.connect(folder / "chain.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE entries (number INTEGER PRIMARY KEY, leaf BLOB NOT NULL, hash BLOB NOT NULL)")
    with measured(entries, turns, []):
        for _ in range(entries // per_commit):
            rows = []
            for _ in range(per_commit):
                head = hashlib.sha256(head + leaf).digest()
                rows.append((leaf, head))
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO entries (leaf, hash) VALUES (?, ?)", rows)
            connection.execute("COMMIT")
    connection.close()
    return turns[0]


# How long a commit waits


def log_wait(folder: Path, writers: int, entries: int) -> Turn:
    """Writers that each decide, record the outcome, and go on at once: the wait from ``decision()`` to its index."""
    turns: list[Turn] = []

    async def run() -> None:
        audit = Audit.open(folder, "bench.example/log", new_log_key())
        waits: list[float] = []

        async def writer(count: int) -> None:
            for _ in range(count):
                entry = decision()
                start = time.perf_counter()
                index = await audit.decision(entry)
                waits.append(time.perf_counter() - start)
                audit.outcome(outcome(index))

        with measured(2 * entries, turns, waits):
            await asyncio.gather(*[writer(entries // writers) for _ in range(writers)])
            await audit.flush()
        await audit.close()

    uvloop.run(run())
    return turns[0]


def file_wait(folder: Path, writers: int, entries: int) -> Turn:
    """The least that durability costs here: one group of as many leaves appended and flushed, by nobody but itself."""
    folder.mkdir()
    leaf, waits, turns = seal(decision(), bytes(32)).leaf, [], []
    descriptor = os.open(folder / "plain", os.O_WRONLY | os.O_CREAT)
    commits = max(200, entries // writers)
    with measured(commits * writers, turns, waits):
        for _ in range(commits):
            start = time.perf_counter()
            os.write(descriptor, leaf * writers)
            os.fdatasync(descriptor)
            waits.append(time.perf_counter() - start)
    os.close(descriptor)
    return turns[0]


# The run

Measure = Callable[[Path, int, int], Turn]


def rounds(folder: Path, measure: dict[str, Measure], sizes: tuple[int, ...], budget: Callable[[int], int], count: int) -> dict:
    """All stores at all sizes, taking turns within each round: ``(store, size)`` to its turns."""
    turns: dict[tuple[str, int], list[Turn]] = {}
    for number in range(count):
        for size in sizes:
            for name, run in measure.items():
                place = folder / f"{number}"
                turns.setdefault((name, size), []).append(run(place, size, budget(size)))
                shutil.rmtree(place)
    return turns


def rate_rows(turns: dict[tuple[str, int], list[Turn]]) -> list[dict[str, object]]:
    """Medians of the rounds."""
    return [
        {
            "store": name,
            "per_commit": size,
            "entries_per_second": round(statistics.median(turn.entries / turn.wall for turn in some)),
            "cpu_us_per_entry": round(statistics.median(turn.cpu / turn.entries for turn in some) * 1e6, 1),
        }
        for (name, size), some in turns.items()
    ]


def wait_rows(turns: dict[tuple[str, int], list[Turn]]) -> list[dict[str, object]]:
    """Percentiles over the waits of all rounds; CPU per request (a decision with its outcome) for the log."""
    rows = []
    for (name, writers), some in turns.items():
        waits = sorted(wait * 1000 for turn in some for wait in turn.waits)
        row = {
            "store": name,
            "writers": writers,
            "wait_p50_ms": round(waits[len(waits) // 2], 2),
            "wait_p99_ms": round(waits[len(waits) * 99 // 100], 2),
        }
        if name == LOG:
            row["requests_per_second"] = round(statistics.median(turn.entries / 2 / turn.wall for turn in some))
            row["cpu_us_per_request"] = round(statistics.median(turn.cpu / (turn.entries / 2) for turn in some) * 1e6, 1)
        rows.append(row)
    return rows


def compare(rate: list[dict[str, object]], wait: list[dict[str, object]]) -> dict[str, float]:
    """The log against each yardstick at each size."""
    speed = {(row["store"], row["per_commit"]): row["entries_per_second"] for row in rate}
    middle = {(row["store"], row["writers"]): row["wait_p50_ms"] for row in wait}
    ratios = {}
    for size in PER_COMMIT:
        for name in (FILE, SQLITE):
            ratios[f"entries/s, {LOG} / {name}, {size} a commit"] = round(speed[LOG, size] / speed[name, size], 2)
    for size in WRITERS:
        ratios[f"wait p50, {LOG} / one flush of as many leaves, {size} writers"] = round(
            middle[LOG, size] / middle[FILE, size], 2
        )
    return ratios


def table(rows: list[dict[str, object]]) -> None:
    """Print rows of the same columns."""
    columns = list(max(rows, key=len))
    print("".join(f"{column:>22}" for column in columns))
    for row in rows:
        print("".join(f"{row.get(column, ''):>22}" for column in columns))
    print()


def main() -> None:
    """Measure, and print the tables and one JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=50_000, help="entries of the largest turn (default 50000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds, of which the median counts (default 3)")
    parser.add_argument("--folder", type=Path, default=VAR, help="on the disk to measure (default var/bench)")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)

    def budget(size: int) -> int:
        """Small groups are slow: fewer of them."""
        return max(size, min(options.entries, 2_000 * size) // size * size)

    with tempfile.TemporaryDirectory(dir=options.folder, prefix="audit-") as name:
        folder = Path(name)
        rates = rounds(folder, {LOG: log_rate, FILE: file_rate, SQLITE: sqlite_rate}, PER_COMMIT, budget, options.rounds)
        waits = rounds(folder, {LOG: log_wait, FILE: file_wait}, WRITERS, budget, options.rounds)
    rate, wait = rate_rows(rates), wait_rows(waits)
    ratios = compare(rate, wait)
    table(rate)
    table(wait)
    for name, ratio in ratios.items():
        print(f"{name:60}{ratio:>10}")
    print(json.dumps({"bench": "audit", "machine": machine(options.folder), "rows": rate + wait, "ratios": ratios}))


if __name__ == "__main__":
    main()
