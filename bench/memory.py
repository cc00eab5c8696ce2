"""What Daffa's worker holds in memory: open slow streams, and a long row of requests. One worker, everything on.

    .venv/bin/python bench/memory.py [--streams 2000] [--requests 200000]

The upstream (C) sends one event of 51 each 400 ms. Resident memory is read before the streams, while all are open, and after
them; then before, during and after the requests (wrk, 32 at once). Exit 1 when a stream or an answer went wrong.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import _gateways as gateways
from _load import Load, build_upstream, drive, free_port, machine, on_core, rss_mb, wait_idle
from _request import WORKLOADS, write_request

VAR = Path(__file__).parents[1] / "var" / "bench"
SLOW_MS = 400
TURN = 10  # seconds of a turn of requests
DONE = b"data: [DONE]"


def main() -> int:
    parser = argparse.ArgumentParser(description="Memory of Daffa's worker: open streams, and many requests.")
    parser.add_argument("--streams", type=int, default=2000, help="how many are open at once (default 2000)")
    parser.add_argument("--requests", type=int, default=200_000, help="how many whole answers after them (default 200000)")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    VAR.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="memory-", dir=VAR))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        facts = machine(folder)
        upstream = stack.enter_context(slow_upstream(folder, cores[-1]))
        place = gateways.Place(folder / "daffa", cores[0], upstream)
        place.folder.mkdir()
        daffa = gateways.start_daffa(place)
        stack.callback(daffa.stop)
        streams = asyncio.run(open_streams(daffa, folder, options.streams))
        requests = many_requests(daffa, folder, options.requests, cores[-1], upstream)
    return report(facts, streams, requests)


@contextlib.contextmanager
def slow_upstream(folder: Path, core: int) -> Iterator[int]:
    """The upstream with slow events; gives its port."""
    port = free_port()
    with on_core(core), subprocess.Popen([build_upstream(folder), str(port), str(SLOW_MS)], stdout=subprocess.PIPE) as process:
        try:
            if process.stdout.readline() != b"ready\n":
                raise SystemExit("the upstream did not start")
            yield port
        finally:
            process.terminate()


async def open_streams(daffa: gateways.Running, folder: Path, wanted: int) -> dict[str, float]:
    """Open ``wanted`` streams, look at the memory when each has given its first event, and read them to their ends."""
    workload = next(each for each in WORKLOADS if each.paced)
    request = folder / "slow.request"
    write_request(request, workload, daffa.key)
    head, _, body = request.read_bytes().partition(b"\n\n")
    lines = [b"POST /v1/chat/completions HTTP/1.1", b"Host: bench", *head.split(b"\n"), b"Content-Length: %d" % len(body)]
    asked = b"\r\n".join(lines) + b"\r\n\r\n" + body
    await one_stream(daffa.port, asked, asyncio.Event(), warm=True)
    wait_idle(daffa.process.pid)  # words are read after the start, beside the first requests
    before = rss_mb(daffa.process.pid)
    begun, ends = [asyncio.Event() for _ in range(wanted)], []
    for event in begun:
        ends.append(asyncio.create_task(one_stream(daffa.port, asked, event)))
        if len(ends) % 50 == 0:
            await asyncio.sleep(0.02)
    await asyncio.gather(*(event.wait() for event in begun))
    still = sum(not task.done() for task in ends)
    during = rss_mb(daffa.process.pid)
    whole = sum(await asyncio.gather(*ends))
    wait_idle(daffa.process.pid)
    after = rss_mb(daffa.process.pid)
    each = (during - before) * 1024 / max(still, 1)
    return {
        "streams": wanted, "open_at_once": still, "whole": whole, "before_mb": before, "during_mb": during, "after_mb": after,
        "kb_each": each,
    }  # fmt: skip


async def one_stream(port: int, asked: bytes, begun: asyncio.Event, *, warm: bool = False) -> bool:
    """Whether one stream came whole."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 14)
    writer.write(asked)
    tail = b""
    while piece := await reader.read(1 << 12):
        tail = (tail + piece)[-200:]
        if b"data:" in tail:
            begun.set()
            if warm:
                break
        if DONE in tail:
            break
    writer.close()
    return DONE in tail


def many_requests(daffa: gateways.Running, folder: Path, wanted: int, core: int, upstream: int) -> dict[str, float]:
    """Whole answers until ``wanted`` have come; memory after a tenth of them and at the end."""
    request = folder / "json.request"
    write_request(request, WORKLOADS[0], daffa.key)
    done = wrong = 0
    first = 0.0
    while done < wanted:
        reading = drive(daffa.port, Load(32, TURN, request), core, daffa.process.pid, upstream)
        done, wrong = done + reading.requests, wrong + reading.not_200 + reading.broken
        if not first and done >= wanted // 10:
            first = rss_mb(daffa.process.pid)
            counted = done
    last = rss_mb(daffa.process.pid)
    return {
        "requests": done,
        "wrong": wrong,
        "after_first_tenth": counted,
        "first_mb": first,
        "last_mb": last,
        "growth_mb": last - first,
    }


def report(facts: dict[str, object], streams: dict[str, float], requests: dict[str, float]) -> int:
    """The tables, and one JSON line; the exit status."""
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    for row in (streams, requests):
        print(
            "  ".join(
                f"{name} {value:,.1f}" if isinstance(value, float) else f"{name} {value:,}" for name, value in row.items()
            )
        )
    ratios = {"kb_each_of_20": round(streams["kb_each"] / 20, 2), "growth_mb_of_10": round(requests["growth_mb"] / 10, 2)}
    print(json.dumps({"bench": "memory", "machine": facts, "rows": [streams, requests], "ratios": ratios}))
    return 0 if streams["whole"] == streams["streams"] and not requests["wrong"] else 1


if __name__ == "__main__":
    sys.exit(main())
