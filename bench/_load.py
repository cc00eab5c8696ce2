"""Load and meters: wrk on its own core, CPU time and memory of a gateway's processes. Knows no gateway by name."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import platform
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Load", "Reading", "build_upstream", "drive", "free_port", "machine", "on_core", "rss_mb"]

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Load:
    """How a round is driven: requests in flight, seconds, the request file for wrk."""

    connections: int
    seconds: int
    request: Path


@dataclass(frozen=True, slots=True)
class Reading:
    """What one round gave. ``cpu`` in seconds of the gateway, the rest as wrk saw it."""

    requests: int
    bytes: int
    seconds: float
    p50_ms: float
    p99_ms: float
    not_200: int
    broken: int
    cpu: float
    upstream: int

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds


@contextlib.contextmanager
def on_core(core: int) -> Iterator[None]:
    """What is started within stays on ``core``, with all that it starts itself."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def free_port() -> int:
    """A port of 127.0.0.1 that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def build_upstream(folder: Path) -> Path:
    """Compile ``upstream.c`` into ``folder``. Raises ``SystemExit`` where no C compiler is."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise SystemExit("bench/gateway.py needs a C compiler for its upstream: apt-get install gcc libc6-dev")
    program = folder / "upstream"
    subprocess.run([compiler, "-O2", "-Wall", "-Wextra", "-o", program, HERE / "upstream.c"], check=True)
    return program


def upstream_count(port: int) -> int:
    """How many model requests the upstream has seen since its start."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", "/count")
    count = int(connection.getresponse().read())
    connection.close()
    return count


def drive(port: int, load: Load, core: int, pid: int, upstream: int) -> Reading:
    """One round of wrk against the gateway ``pid`` on ``port``.

    The CPU of the gateway is read just before wrk starts and just after it ends; the upstream's count after the
    gateway has become idle, so that no late request falls into the next round.
    """
    url = f"http://127.0.0.1:{port}/v1/chat/completions"
    command = ["wrk", "-t1", f"-c{load.connections}", f"-d{load.seconds}s", "--timeout", "60s"]
    command += ["-s", str(HERE / "wrk.lua"), url, "--", str(load.request)]
    seen, cpu = upstream_count(upstream), cpu_seconds(pid)
    with on_core(core):
        run = subprocess.run(command, capture_output=True, text=True, check=False)
    cpu = cpu_seconds(pid) - cpu
    said = next((line for line in run.stdout.splitlines() if line.startswith("RESULT ")), None)
    if said is None:
        raise SystemExit(f"wrk gave no result (exit {run.returncode}): {(run.stderr or run.stdout).strip()[-400:]}")
    wait_idle(pid)
    row = json.loads(said.removeprefix("RESULT "))
    return Reading(
        requests=row["requests"],
        bytes=row["bytes"],
        seconds=row["micros"] / 1e6,
        p50_ms=row["p50_us"] / 1e3,
        p99_ms=row["p99_us"] / 1e3,
        not_200=row["not_200"],
        broken=row["socket_errors"] + row["timeouts"],
        cpu=cpu,
        upstream=upstream_count(upstream) - seen,
    )


def tree(pid: int) -> list[int]:
    """``pid`` and all its living descendants."""
    found = [pid]
    for parent in found:
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            found += map(int, children.read_text().split())
    return found


def cpu_seconds(pid: int) -> float:
    """User and system time of ``pid`` and its descendants, all threads, ended ones too, in seconds.

    The kernel's CPU clock of a process (``clock_getcpuclockid``), read by its number: nanoseconds, where
    ``/proc/PID/stat`` counts in hundredths of a second.
    """
    return sum(time.clock_gettime(_cpu_clock(each)) for each in tree(pid))


def _cpu_clock(pid: int) -> int:
    """The clock id that ``clock_getcpuclockid(3)`` gives for ``pid`` on Linux."""
    return (~pid << 3) | 2


def rss_mb(pid: int) -> float:
    """Resident memory of ``pid`` and its descendants, in MiB; pages that they share count in each."""
    status = "\n".join(Path(f"/proc/{each}/status").read_text() for each in tree(pid))
    return sum(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1024


def wait_idle(pid: int, patience: float = 20.0) -> None:
    """Return when ``pid`` used less than 2 % of a core for a fifth of a second, or after ``patience`` seconds."""
    end = time.monotonic() + patience
    before = cpu_seconds(pid)
    while time.monotonic() < end:
        time.sleep(0.2)
        now = cpu_seconds(pid)
        if now - before < 0.004:
            return
        before = now


def machine(folder: Path) -> dict[str, object]:
    """The machine as a table names it; ``folder`` is where data is written."""
    cpu = next((line.partition(":")[2].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "unknown")
    mounts = [line.split() for line in _lines("/proc/mounts")]
    under = [row for row in mounts if folder.resolve().is_relative_to(row[1])]
    return {
        "cpu": cpu,
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "filesystem": max(under, key=lambda row: len(row[1]))[2],
        "load_average": [round(value, 2) for value in os.getloadavg()],
        "date": time.strftime("%Y-%m-%d %H:%M %z"),
    }


def _lines(path: str) -> list[str]:
    return Path(path).read_text(encoding="utf-8").splitlines()
