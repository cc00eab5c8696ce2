"""CPU per request of Daffa beside nginx, a plain pass-through and LiteLLM, in one run on one machine.

    .venv/bin/python bench/gateway.py [--rounds 5] [--seconds 2] [--only nginx,daffa] [--workloads json,stream]

One worker on one core, load (wrk) and upstream (C) on another; the gateways take turns within each round. It prints a
table and ends with one JSON line. ``bench/README.md`` says how each figure is made and what it does not show.
Exit 1 when an answer was not 200, an answer did not come from the upstream, or Daffa's log lacks a decision.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import math
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import _gateways as gateways
from _load import Load, Reading, build_upstream, drive, free_port, machine, on_core, rss_mb
from _log_check import check_log
from _request import PACE_MS, WORKLOADS, Workload, probe, write_request

VAR = Path(__file__).parents[1] / "var" / "bench"
GATEWAYS = ("nginx", "plain", "daffa", "litellm")
LONGEST_TURN = 15  # seconds


@dataclass(frozen=True, slots=True)
class Stand:
    """Where it all runs: a folder for this run, the two cores, the upstream's port."""

    folder: Path
    gateway_core: int
    load_core: int
    upstream: int


@dataclass(slots=True)
class Line:
    """One gateway under one workload: how it is driven and what each round gave. ``size``: bytes of one answer."""

    workload: Workload
    name: str
    load: Load
    size: int
    warm: Reading
    readings: list[Reading] = field(default_factory=list)

    def cpu_us(self) -> list[float]:
        """CPU microseconds a request, one figure a round. Paced streams are counted by the bytes that arrived,
        for many are always under way when a round ends."""
        counts = [each.bytes / self.size if self.workload.paced else each.requests for each in self.readings]
        return [each.cpu * 1e6 / max(1, count) for each, count in zip(self.readings, counts, strict=True)]

    def faults(self) -> list[str]:
        """What went wrong in any round, in words."""
        words = []
        for each in self.readings:
            if each.not_200 or each.broken:
                words.append(f"{each.not_200} answers not 200, {each.broken} broken connections")
            if not each.requests:
                words.append("no request was finished")
            if not each.requests <= each.upstream <= each.requests + self.load.connections:
                words.append(f"{each.requests} answers, but the upstream saw {each.upstream} requests")
        return [f"{self.workload.name}, {self.name}: {word}" for word in words]

    def row(self, gateway: gateways.Running) -> dict[str, object]:
        """The line of the table, as JSON values."""
        cpu = self.cpu_us()
        seen = {name: [getattr(each, name) for each in self.readings] for name in ("per_second", "p50_ms", "p99_ms")}
        return {
            "workload": self.workload.name,
            "gateway": self.name,
            "version": gateway.version,
            "connections": self.load.connections,
            "requests": sum(each.requests for each in self.readings),
            "cpu_us_min": round(min(cpu), 1),
            "cpu_us_median": round(statistics.median(cpu), 1),
            **{name: round(statistics.median(values), 2) for name, values in seen.items()},
            "rss_mb": round(gateway.rss_mb, 1),
        }


def main() -> int:
    options = arguments()
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise SystemExit("bench/gateway.py needs two cores: one for the gateway, one for load and upstream")
    if shutil.which("wrk") is None:
        raise SystemExit("bench/gateway.py needs wrk: apt-get install wrk")
    # A terminated bench takes its servers with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    VAR.mkdir(parents=True, exist_ok=True)
    os.sched_setaffinity(0, {cores[1]})
    with contextlib.ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="gateway-", dir=VAR))
        if not options.keep:
            stack.callback(shutil.rmtree, folder)
        return measure(options, folder, cores)


def measure(options: argparse.Namespace, folder: Path, cores: list[int]) -> int:
    """The whole run in ``folder``; the exit status."""
    facts = machine(folder)
    with contextlib.ExitStack() as stack:
        stand = Stand(folder, cores[0], cores[1], stack.enter_context(running_upstream(folder, cores[1])))
        running, skipped = start_all(stack, options, stand)
        lines = prepare(options, running, stand)
        for number in range(options.rounds):
            one_round(number, lines, running, stand)
        for gateway in running.values():
            gateway.rss_mb = rss_mb(gateway.process.pid)
    facts["load_average_after"] = [round(value, 2) for value in os.getloadavg()]
    faults = [fault for line in lines for fault in line.faults()]
    checks: dict[str, object] = {}
    if "daffa" in running:
        asked, cut = asked_of([line for line in lines if line.name == "daffa"])
        checks["daffa_log"], wrong = check_log(running["daffa"].folder, asked, cut)
        faults += wrong
    report(facts, [line.row(running[line.name]) for line in lines], skipped, checks, faults)
    return 1 if faults else 0


def arguments() -> argparse.Namespace:
    workloads = [each.name for each in WORKLOADS]
    parser = argparse.ArgumentParser(description="CPU per request of Daffa beside nginx, a plain pass-through and LiteLLM.")
    add = parser.add_argument
    add("--rounds", type=int, default=5, help="each gateway has one turn a workload in each (default 5)")
    add("--seconds", type=int, default=2, help="length of a turn (default 2; longer where the gateway is slow)")
    add("--only", default=",".join(GATEWAYS), help="gateways, by comma (default all)")
    add("--workloads", default=",".join(workloads), help="workloads, by comma (default all)")
    add("--litellm-venv", type=Path, default=VAR / "litellm", help="LiteLLM's own environment, made when missing")
    add("--keep", action="store_true", help="keep the folder of the run under var/bench, Daffa's log in it")
    options = parser.parse_args()
    options.only, options.workloads = options.only.split(","), options.workloads.split(",")
    for given, known in ((options.only, GATEWAYS), (options.workloads, workloads)):
        if unknown := set(given) - set(known):
            parser.error(f"expected some of {', '.join(known)}; got {', '.join(sorted(unknown))}")
    return options


@contextlib.contextmanager
def running_upstream(folder: Path, core: int) -> Iterator[int]:
    """The upstream on ``core``; gives its port."""
    port = free_port()
    command = [build_upstream(folder), str(port), str(PACE_MS)]
    with on_core(core), subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            if process.stdout.readline() != "ready\n":
                raise SystemExit("the upstream did not start")
            yield port
        finally:
            process.terminate()


def start_all(
    stack: contextlib.ExitStack, options: argparse.Namespace, stand: Stand
) -> tuple[dict[str, gateways.Running], dict[str, str]]:
    """Every wanted gateway that can run here, by name; and why the others cannot."""
    starters = {
        "nginx": gateways.start_nginx,
        "plain": gateways.start_passthrough,
        "daffa": gateways.start_daffa,
        "litellm": lambda place: gateways.start_litellm(place, options.litellm_venv.absolute()),
    }
    running, skipped = {}, {}
    for name in (each for each in GATEWAYS if each in options.only):
        place = gateways.Place(stand.folder / name, stand.gateway_core, stand.upstream)
        place.folder.mkdir()
        try:
            running[name] = starters[name](place)
        except gateways.AbsentError as reason:
            skipped[name] = str(reason)
            print(f"skipped {name}: {reason}", flush=True)
        else:
            stack.callback(running[name].stop)
    return running, skipped


def prepare(options: argparse.Namespace, running: dict[str, gateways.Running], stand: Stand) -> list[Line]:
    """Ask each gateway once and look at the answer, warm it up, and choose how long its turns last."""
    lines = []
    for workload in (each for each in WORKLOADS if each.name in options.workloads):
        for name, gateway in running.items():
            if not workload.only or name in workload.only:
                lines.append(prepare_line(workload, name, gateway, stand, options.seconds))
    return lines


def prepare_line(workload: Workload, name: str, gateway: gateways.Running, stand: Stand, seconds: int) -> Line:
    """One probe and one warm-up. A turn lasts until about 40 requests a connection are done, at most ``LONGEST_TURN``."""
    request = stand.folder / f"{name}.{workload.name}.request"
    write_request(request, workload, gateway.key)
    size = probe(gateway.port, request, workload, daffa=name == "daffa")
    # A request is some 10 ms of LiteLLM's CPU: with 32 at once a short turn would end with most of them half done.
    connections = min(workload.connections, 8) if name == "litellm" else workload.connections
    warm = Load(connections, 5 if name == "litellm" else 1, request)
    reading = drive(gateway.port, warm, stand.load_core, gateway.process.pid, stand.upstream)
    wanted = 4 if workload.paced else math.ceil(40 * connections / max(reading.per_second, 1))
    return Line(workload, name, Load(connections, max(seconds, min(LONGEST_TURN, wanted)), request), size, reading)


def one_round(number: int, lines: list[Line], running: dict[str, gateways.Running], stand: Stand) -> None:
    """One turn for each line, workload by workload; the first gateway of a round is another one each time."""
    for workload in dict.fromkeys(line.workload for line in lines):
        turns = [line for line in lines if line.workload == workload]
        shift = number % len(turns)
        for line in turns[shift:] + turns[:shift]:
            gateway = running[line.name]
            line.readings.append(drive(gateway.port, line.load, stand.load_core, gateway.process.pid, stand.upstream))


def asked_of(lines: list[Line]) -> tuple[int, int]:
    """How many requests of ``lines`` the upstream saw, probes and warm-ups too; and how many more may have been
    decided without reaching it, because wrk hung up at the end of a turn."""
    readings = [each for line in lines for each in (line.warm, *line.readings)]
    cut = sum(line.load.connections * (1 + len(line.readings)) for line in lines)
    return len(lines) + sum(each.upstream for each in readings), cut


def ratios_of(rows: list[dict[str, object]]) -> dict[str, float]:
    """CPU against CPU (lowest round of each) wherever both ran under one workload."""
    cpu = {(row["workload"], row["gateway"]): float(row["cpu_us_min"]) for row in rows}
    # With two values masked and restored, Daffa is held against the others' plain stream.
    for name in [other for workload, other in cpu if workload == "stream" and other != "daffa"]:
        cpu["stream-restore", name] = cpu["stream", name]
    pairs = (("daffa", "nginx"), ("daffa", "plain"), ("litellm", "daffa"), ("litellm", "nginx"))
    return {
        f"{workload}: {one}/{other}": round(cpu[workload, one] / cpu[workload, other], 2)
        for workload in dict.fromkeys(name for name, _ in cpu)
        for one, other in pairs
        if (workload, one) in cpu and (workload, other) in cpu
    }


def report(facts: dict, rows: list[dict], skipped: dict[str, str], checks: dict[str, object], faults: list[str]) -> None:
    """The table for a person, then the one line for a program."""
    ratios = ratios_of(rows)
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    print(", ".join(dict.fromkeys(f"{row['gateway']} ({row['version']})" for row in rows)) or "nothing was measured")
    columns = [name for name in rows[0] if name != "version"] if rows else []
    table = [columns, *([str(row[name]) for name in columns] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for cells in table:
        words = [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]
        print("  ".join([*(cell.ljust(width) for cell, width in zip(cells[:2], widths, strict=False)), *words[2:]]))
    for name, ratio in ratios.items():
        print(f"CPU {name} = {ratio}")
    for name, found in checks.items():
        print(f"{name}: {found}")
    for fault in faults:
        print(f"FAULT {fault}")
    print(
        json.dumps(
            {
                "bench": "gateway",
                "machine": facts,
                "rows": rows,
                "ratios": ratios,
                "skipped": skipped,
                "checks": checks,
                "faults": faults,
            },
            ensure_ascii=False,
        )
    )


if __name__ == "__main__":
    raise SystemExit(main())
