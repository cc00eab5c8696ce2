"""Time to the first byte of a stream through Daffa and through nginx, 16 clients at once, and Daffa's own wait for its log.

    .venv/bin/python bench/first_byte.py [--clients 16] [--seconds 8] [--rounds 3]

Each client asks, reads the whole stream, pauses 50 ms and asks again, so that no core is at its limit. Client and upstream (C)
are on one core, the gateway on another; the gateways take turns. Exit 1 when a stream did not come whole.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import _gateways as gateways
from _load import machine
from _request import WORKLOADS, write_request
from gateway import VAR, running_upstream

PAUSE = 0.05  # seconds
DONE = b"data: [DONE]"


def main() -> int:
    parser = argparse.ArgumentParser(description="Time to first byte of streams: Daffa beside nginx.")
    parser.add_argument("--clients", type=int, default=16, help="at once (default 16)")
    parser.add_argument("--seconds", type=float, default=8.0, help="length of a turn (default 8)")
    parser.add_argument("--rounds", type=int, default=3, help="turns of each gateway (default 3)")
    options = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {cores[-1]})
    VAR.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="first-byte-", dir=VAR))
    with contextlib.ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        facts = machine(folder)
        upstream = stack.enter_context(running_upstream(folder, cores[-1]))
        waits: dict[str, list[float]] = {"nginx": [], "daffa": []}
        running = {}
        for name, start in (("nginx", gateways.start_nginx), ("daffa", gateways.start_daffa)):
            place = gateways.Place(folder / name, cores[0], upstream)
            place.folder.mkdir()
            running[name] = start(place)
            stack.callback(running[name].stop)
        whole = True
        for _ in range(options.rounds):
            for name, gateway in running.items():
                seen, good = asyncio.run(turn(gateway, folder, options.clients, options.seconds))
                waits[name] += seen
                whole = whole and good
        admission = mean_admission(running["daffa"])
    return report(facts, options.clients, waits, admission, whole=whole)


async def turn(gateway: gateways.Running, folder: Path, clients: int, seconds: float) -> tuple[list[float], bool]:
    """Milliseconds to the first byte of each stream, and whether all came whole."""
    request = folder / "first.request"
    write_request(request, next(each for each in WORKLOADS if each.name == "stream"), gateway.key)
    head, _, body = request.read_bytes().partition(b"\n\n")
    lines = [b"POST /v1/chat/completions HTTP/1.1", b"Host: bench", *head.split(b"\n"), b"Content-Length: %d" % len(body)]
    asked = b"\r\n".join(lines) + b"\r\n\r\n" + body
    end = time.perf_counter() + seconds
    found = await asyncio.gather(*(client(gateway.port, asked, end) for _ in range(clients)))
    return [each for waits, _ in found for each in waits], all(good for _, good in found)


async def client(port: int, asked: bytes, end: float) -> tuple[list[float], bool]:
    """One client on one connection; its first question is not counted."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    waits, good = [], True
    while time.perf_counter() < end:
        begun = time.perf_counter()
        writer.write(asked)
        answer = await reader.read(1 << 16)
        waits.append((time.perf_counter() - begun) * 1e3)
        good = good and answer.startswith(b"HTTP/1.1 200")
        while not answer.endswith(b"0\r\n\r\n"):
            answer += await reader.read(1 << 16)
        good = good and DONE in answer
        await asyncio.sleep(PAUSE)
    writer.close()
    return waits[1:], good


def mean_admission(daffa: gateways.Running) -> float:
    """Milliseconds until a decision was made and durable, the mean over the run, as Daffa counts it itself."""
    administrator = (daffa.folder / "admin.key").read_text().strip()
    asked = urllib.request.Request(
        f"http://127.0.0.1:{daffa.port}/metrics", headers={"Authorization": f"Bearer {administrator}"}
    )
    with urllib.request.urlopen(asked, timeout=30) as response:
        lines = response.read().decode().splitlines()
    told = {line.split(" ")[0]: float(line.split(" ")[1]) for line in lines if line.startswith("daffa_admission_seconds_")}
    return told["daffa_admission_seconds_sum"] / told["daffa_admission_seconds_count"] * 1e3


def report(facts: dict[str, object], clients: int, waits: dict[str, list[float]], admission: float, *, whole: bool) -> int:
    """The table and one JSON line; the exit status."""
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    rows = []
    for name, seen in waits.items():
        cuts = statistics.quantiles(seen, n=100)
        row = {
            "gateway": name,
            "clients": clients,
            "streams": len(seen),
            "p50_ms": round(cuts[49], 2),
            "p99_ms": round(cuts[98], 2),
        }
        rows.append(row)
        print("  ".join(f"{key} {value}" for key, value in row.items()))
    over = rows[1]["p50_ms"] - rows[0]["p50_ms"]
    rest = over - admission
    print(f"Daffa's admission, mean: {admission:.2f} ms. p50 over nginx: {over:.2f} ms; without the admission {rest:.2f} ms")
    ratios = {
        "p50: daffa/nginx": round(rows[1]["p50_ms"] / rows[0]["p50_ms"], 2),
        "over_without_admission_ms": round(rest, 2),
    }
    print(json.dumps({"bench": "first_byte", "machine": facts, "rows": rows, "ratios": ratios}))
    return 0 if whole else 1


if __name__ == "__main__":
    sys.exit(main())
