"""Usage and dependence from the index beside a scan of the log's leaves, in one run: what a page costs on a long log.

    .venv/bin/python bench/observatory.py [--decisions 120000] [--folder var/bench]

Writes a log of that many decisions, nearly each with its outcome, over three places and five months, takes it up into the
index, and then asks. The scan reads every leaf and sums alike; it knows no price. Prints a table and ends with one JSON line.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import shutil
import tempfile
import time
from collections import Counter
from pathlib import Path

from _load import machine

from daffa.audit import Audit, Decision, DecisionLeaf, Index, Outcome, OutcomeLeaf, Reader, new_log_key, read_leaf
from daffa.decision import Place
from daffa.gateway import Model
from daffa.observatory import ALWAYS, Cut, Observatory
from daffa.policy import Law
from daffa.storage import Database

ROOT = Path(__file__).parents[1]
STATES = {"rabat": "MA", "paris": "FR", "virginia": "US"}
DAY = 86_400
NOW = 1_763_812_800
BUNDLE = 256


def settings():
    """Three places with a model each."""
    known = {"qual": 2, "trains": False, "retention_days": 0}
    places = {n: Place(id=n, hw=s, operator=s, reach=frozenset({s}), **known) for n, s in STATES.items()}
    models = {n: Model(n, "openai", "http://127.0.0.1:9/v1", n, n, price_in=1.0, price_out=2.0) for n in STATES}
    return places, models


async def write(log, count):
    """The decisions and outcomes of five months."""
    chance = random.Random(1)
    for number in range(count):
        at, day = chance.choice(list(STATES)), NOW - 150 * DAY + 150 * DAY * number / count
        details = {"actor": "key:1", "organisation": f"office-{chance.randrange(40)}", "roles": ["agent"], "region": "",
                   "evaluated": False, "label": "level=internal", "purpose": "public_service", "receiver": at,
                   "asked": "auto"}  # fmt: skip
        allowed = chance.random() > 0.05
        index, _ = log.enter(Decision("gateway", allowed, ("P",), (), at if allowed else "", 1, "0" * 64, (), day, details))
        if allowed:
            log.outcome(Outcome(index, "answered", 200, chance.randrange(4000), chance.randrange(900), 999, day, {}))
        if number % 2000 == 1999:
            await log.flush()
    await log.flush()


def scan(folder):
    """The same sums, read off the leaves."""
    tree, decisions, sums = Reader(folder).tree(), {}, Counter()
    for number in range(-(-tree.size // BUNDLE)):
        for index, entry in enumerate(tree.bundle(number)[0], number * BUNDLE):
            leaf = read_leaf(entry)
            if isinstance(leaf, DecisionLeaf):
                decisions[index] = leaf.time[:10], leaf.place, leaf.verdict
                sums["decisions", *decisions[index]] += 1
            elif isinstance(leaf, OutcomeLeaf):
                sums["tokens", *decisions[leaf.decision]] += leaf.tokens_in + leaf.tokens_out
    return sum(number for (name, *_), number in sums.items() if name == "tokens")


async def timed(rows, name, work):
    """Seconds that ``work`` takes; the better of two turns."""
    best, result = float("inf"), None
    for _ in range(2):
        start = time.perf_counter()
        result = await work()
        best = min(best, time.perf_counter() - start)
    rows.append({"what": name, "seconds": round(best, 3)})
    return result


async def run(folder, count):
    """All measurements; the rows."""
    rows, (places, models) = [], settings()
    log = Audit.open(folder / "audit", "bench/observatory", new_log_key())
    database = await Database.open(folder / "bench.db")
    try:
        await write(log, count)
        index = Index(database, folder / "audit")
        start = time.perf_counter()
        size = await index.follow()
        rows.append({"what": "index takes up the log, once", "seconds": round(time.perf_counter() - start, 3)})
        observatory = Observatory(
            index, log, Law.load(ROOT / "policies" / "ma"), places, models, currency="USD", prefer=("price",), clock=time.time
        )
        week = type(ALWAYS).read("2025-11-14", "2025-11-21")
        found, _ = await timed(rows, "dependence, five months", lambda: observatory.dependence(ALWAYS, 0))
        await timed(rows, "usage by day, five months", lambda: observatory.usage(ALWAYS, "day", 0))
        await timed(rows, "usage by place, a week", lambda: observatory.usage(week, "place", 0))
        await timed(rows, "usage by organisation, 20,000 opened", lambda: observatory.usage(ALWAYS, "organisation", 20_000))
        await timed(rows, "drill, 1,000 requests", lambda: observatory.drill(Cut(reach=("US",)), 1000))
        tokens = await timed(rows, "scan of the leaves", lambda: asyncio.to_thread(scan, folder / "audit"))
        if tokens != found.total.tokens:
            raise SystemExit(f"the scan counts {tokens} tokens, the index {found.total.tokens}")
        return size, rows
    finally:
        await log.close()
        await database.close()


def main():
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--decisions", type=int, default=120_000)
    parser.add_argument("--folder", type=Path, default=ROOT / "var" / "bench")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=arguments.folder, prefix="observatory-"))
    try:
        size, rows = asyncio.run(run(folder, arguments.decisions))
    finally:
        shutil.rmtree(folder)
    print(f"{size:,} entries, {arguments.decisions:,} decisions")
    for row in rows:
        print(f"  {row['what']:<40} {row['seconds']:>9.3f} s")
    seconds = {row["what"]: row["seconds"] for row in rows}
    ratios = {"scan / dependence": round(seconds["scan of the leaves"] / seconds["dependence, five months"], 1)}
    told = {"machine": machine(arguments.folder), "entries": size, "rows": rows, "ratios": ratios}
    print(json.dumps({"bench": "observatory", **told}))


if __name__ == "__main__":
    main()
