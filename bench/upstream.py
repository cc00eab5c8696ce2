"""What an upstream client costs: CPU time per request and per stream of 50 events, our own client beside aiohttp, in one run.

    .venv/bin/python bench/upstream.py [--rounds 5] [--requests 4000] [--streams 400]

The client alone, without gateway and law, 32 requests at once on the event loop of the product (uvloop), against the upstream
of ``bench/gateway.py`` (C, on another core where there is one). ``stream`` comes in one write, ``stream-paced`` one event each
2 ms, as from a model. The clients take turns; CPU time is that of all threads of this process; the lowest of the rounds counts.
Wall-clock time is not measured. It prints a table and ends with one JSON line; exit 1 where an answer was not whole.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import os
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import uvloop
from _load import build_upstream, free_port, machine, on_core
from _request import WORKLOADS, body_of

from daffa.gateway.clients.aiohttp_client import AiohttpUpstream
from daffa.gateway.clients.httptools_client import HttptoolsUpstream

CLIENTS = {"own": HttptoolsUpstream, "aiohttp": AiohttpUpstream}
BODIES = {each.name: body_of(each) for each in WORKLOADS if each.name in ("json", "stream", "stream-paced")}
HEADERS = {"Content-Type": "application/json", "Authorization": "Bearer bench"}
AT_ONCE = 32
PACE_MS = 2


async def asked(client: Any, url: str, body: bytes, count: int) -> int:
    """Ask ``count`` times; how many answers were not whole."""
    left, broken = iter(range(count)), 0

    async def worker() -> None:
        nonlocal broken
        for _ in left:
            response = await client.post(url, HEADERS, body)
            end = b""
            async for piece in response.chunks():
                end = piece
            response.close()
            broken += response.status != 200 or not end.endswith((b"}", b"[DONE]\n\n"))

    await asyncio.gather(*(worker() for _ in range(AT_ONCE)))
    return broken


async def measured(url: str, rounds: int, counts: dict[str, int]) -> tuple[dict[tuple[str, str], list[float]], int]:
    """CPU microseconds a request by (workload, client), one figure a round; and how many answers were not whole."""
    clients = {name: make() for name, make in CLIENTS.items()}
    figures: dict[tuple[str, str], list[float]] = {}
    broken = 0
    for number in range(-1, rounds):  # the first warms up
        for workload, body in BODIES.items():
            for name in list(clients)[:: 1 if number % 2 else -1]:
                gc.collect()
                before = time.process_time()
                broken += await asked(clients[name], url, body, counts[workload])
                spent = (time.process_time() - before) * 1e6 / counts[workload]
                if number >= 0:
                    figures.setdefault((workload, name), []).append(spent)
    for client in clients.values():
        await client.close()
    return figures, broken


@contextlib.contextmanager
def serving(folder: Path, core: int) -> Iterator[str]:
    """The upstream on ``core``; gives its address."""
    port = free_port()
    with on_core(core), subprocess.Popen([build_upstream(folder), str(port), str(PACE_MS)], stdout=subprocess.PIPE) as process:
        try:
            if process.stdout.readline() != b"ready\n":
                raise SystemExit("the upstream did not start")
            yield f"http://127.0.0.1:{port}/v1/chat/completions"
        finally:
            process.terminate()


def main() -> int:
    parser = argparse.ArgumentParser(description="CPU time of the upstream clients, side by side.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--requests", type=int, default=4_000, help="whole answers a round")
    parser.add_argument("--streams", type=int, default=400, help="streams a round, of either kind")
    options = parser.parse_args()
    counts = {name: options.requests if name == "json" else options.streams for name in BODIES}
    cores = sorted(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        facts = machine(Path(folder))
        with serving(Path(folder), cores[-1]) as url:
            os.sched_setaffinity(0, {cores[0]})
            figures, broken = uvloop.run(measured(url, options.rounds, counts))
    rows = [
        {
            "workload": workload,
            "client": name,
            "requests": counts[workload] * options.rounds,
            "cpu_us_min": round(min(each), 1),
            "cpu_us_median": round(statistics.median(each), 1),
        }
        for (workload, name), each in sorted(figures.items())
    ]
    ratios = {
        f"{workload}: aiohttp/own": round(min(figures[workload, "aiohttp"]) / min(figures[workload, "own"]), 2)
        for workload in BODIES
    }
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    for row in rows:
        print("  ".join(f"{value!s:>14}" for value in row.values()))
    print(f"ratios {ratios}; answers that were not whole: {broken}")
    print(json.dumps({"bench": "upstream", "machine": facts, "rows": rows, "ratios": ratios, "broken": broken}))
    return 1 if broken else 0


if __name__ == "__main__":
    raise SystemExit(main())
