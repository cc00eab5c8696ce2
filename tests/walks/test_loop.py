"""Nothing holds the event loop: whatever is asked, its own thread never works for more than ten milliseconds on one thing."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import kept
import pytest
from servers import Server

from daffa.worlds import World

SCRIPT = Path(__file__).parents[1] / "monitored.py"
DENSE = "Bonjour, je suis Mohamed Alaoui, CIN AB123456, téléphone 0612345678, rendez-vous à Rabat. "
LIMIT = 0.010


@pytest.mark.skipif(not Path("/proc/self/schedstat").exists(), reason="the times of a thread are read from Linux' schedstat")
def test_nothing_holds_the_loop(tmp_path: Path):
    """Prompts of 200 bytes to a megabyte, full of names and numbers, whole and streamed, refusals, metrics and usage."""
    with World.in_thread() as world:
        (tmp_path / "daffa.toml").write_text(world.config().replace("context = 32768", "context = 0"), encoding="utf-8")
        kept.lend(tmp_path)
        process = subprocess.Popen(
            [sys.executable, str(SCRIPT), str(tmp_path)], stdout=subprocess.PIPE, text=True, env={**os.environ}
        )
        try:
            assert process.stdout is not None
            server = Server(process.stdout.readline().split()[1], tmp_path, process)
            for size in (200, 2_000, 4_000, 10_000, 60_000, 100_000, 1_000_000):
                text = (DENSE * (size // len(DENSE) + 1))[:size]
                for stream in (False, True):
                    body = {"model": "auto", "messages": [{"role": "user", "content": text}], "stream": stream}
                    assert server.ask("POST", "/v1/chat/completions", body).status == 200
            assert server.chat("hello", X_Daffa_Label="level=secret; purposes=").status == 451
            assert server.ask("GET", "/metrics").status == 200
            assert server.ask("GET", "/api/usage?by=model").status == 200
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=30)
    seen = json.loads((tmp_path / "held.json").read_text())
    assert seen["beats"] > 100
    assert seen["busy"] <= LIMIT, "\n".join(seen["where"])
