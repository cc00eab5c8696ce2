"""Afterwards: does Daffa's audit log verify, and does it hold one decision for each request that reached the upstream?

The entries are counted from the log's public files (C2SP tlog-tiles), not through Daffa's own code; only ``verify`` is its.
"""

from __future__ import annotations

import collections
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

__all__ = ["check_log"]

_WIDTH = 256


def check_log(data: Path, asked: int, cut: int) -> tuple[dict[str, object], list[str]]:
    """What the log in ``data`` holds, for the report, and what is wrong with it, in words.

    ``asked`` requests reached the upstream; up to ``cut`` more may have been decided while wrk hung up.
    """
    environment = os.environ | {"BENCH_UPSTREAM_KEY": "unused"}
    command = [sys.executable, "-m", "daffa", "audit", "verify", "--data", str(data)]
    verify = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    kinds = collections.Counter(entry["kind"] for entry in _entries(data))
    decisions, outcomes = kinds["decision"], kinds["outcome"]
    found = {
        "verified": verify.returncode == 0,
        "requests_at_upstream": asked,
        "decisions": decisions,
        "outcomes": outcomes,
        "decided_never_sent": decisions - outcomes,
    }
    faults = []
    if verify.returncode:
        faults.append(f"daffa audit verify: exit {verify.returncode}: {(verify.stderr or verify.stdout).strip()[-300:]}")
    if not asked <= decisions <= asked + cut:
        faults.append(f"{asked} requests reached the upstream, but the log holds {decisions} decisions")
    if not asked <= outcomes <= decisions:
        faults.append(f"{asked} requests reached the upstream, but the log holds {outcomes} outcomes")
    return found, faults


def _entries(data: Path) -> Iterator[dict[str, object]]:
    """Every entry under the checkpoint, oldest first."""
    checkpoint = next(data.glob("audit/**/checkpoint"))
    size = int(checkpoint.read_text().split("\n")[1])
    for first in range(0, size, _WIDTH):
        width = min(_WIDTH, size - first)
        name = _path(first // _WIDTH) + (f".p/{width}" if width < _WIDTH else "")
        bundle = (checkpoint.parent / "tile" / "entries" / name).read_bytes()
        at = 0
        for _ in range(width):
            end = at + 2 + int.from_bytes(bundle[at : at + 2], "big")
            yield json.loads(bundle[at + 2 : end])
            at = end


def _path(number: int) -> str:
    """A bundle's path: 1234067 is ``x001/x234/067``."""
    digits = f"{number:0{-(-len(str(number)) // 3) * 3}d}"
    parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    return "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
