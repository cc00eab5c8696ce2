"""kill -9 under load: whatever a client was told is in the log after the restart, and the restart always works."""

from __future__ import annotations

import contextlib
import http.client
import json
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from servers import Server, serving
from sockets import chat

from daffa.audit import Reader
from daffa.worlds import Behaviour, World

CLIENTS = 8
ROUNDS = 6


class Load:
    """Clients that ask whole and streamed questions until their server is gone, and keep every reference that they saw."""

    def __init__(self, server: Server) -> None:
        self.seen: dict[str, str] = {}
        self._server = server
        self._key = server.key
        self._threads = [threading.Thread(target=self._ask, args=(number % 3,), daemon=True) for number in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Wait until every client has noticed."""
        for thread in self._threads:
            thread.join(20)
            assert not thread.is_alive()

    def _ask(self, kind: int) -> None:
        headers = {"Authorization": f"Bearer {self._key}"}
        headers |= {"X-Daffa-Label": "level=secret"} if kind == 2 else {}
        body = chat("a b c d e f", stream=kind == 1) if kind < 2 else chat(model="potomac-virginia")
        connection = http.client.HTTPConnection(urlsplit(self._server.url).netloc, timeout=20)
        with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
            while True:
                connection.request("POST", "/v1/chat/completions", body, headers)
                with contextlib.closing(connection.getresponse()) as response:
                    # What a head says is said, whether or not the body comes.
                    self.seen[response.headers["x-daffa-decision"]] = "allow" if response.status == 200 else "refuse"
                    response.read()


def test_nothing_that_was_acknowledged_is_lost(tmp_path: Path):
    """After each of several kills under load the log verifies and holds every decision that any client was told of."""
    told: dict[str, str] = {}
    with World.in_thread() as world:
        world.home.behaviour = Behaviour(gap=0.002)
        for round_number in range(ROUNDS):
            with serving(tmp_path, world.config()) as server:
                load = Load(server)
                while len(load.seen) < 40:
                    assert server.process.poll() is None
                time.sleep(0.05 * round_number)
                server.kill()
                load.join()
            assert not told.keys() & load.seen.keys(), "a reference was given twice"
            told |= load.seen
    with serving(tmp_path) as server:
        assert server.ask("GET", "/readyz").status == 200
        report = Reader(tmp_path / "audit").verify()
    origin = (tmp_path / "origin").read_text(encoding="utf-8")
    assert report.damage == ()
    assert len(told) >= ROUNDS * 40
    reader = Reader(tmp_path / "audit")
    for reference, verdict in told.items():
        entry = json.loads(reader.entry(int(reference.removeprefix(f"{origin}#"))))
        assert (entry["kind"], entry["verdict"]) == ("decision", verdict)


def test_a_first_start_that_is_cut_off_can_be_made_again(tmp_path: Path):
    """Whenever the first start is killed, the next one works, with one administrator whose key is there."""
    words = [sys.executable, "-m", "daffa", "up", "--data", str(tmp_path), "--port", "0"]
    for made in ("log.key", "daffa.db", "pepper", "admin.key"):
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while not (tmp_path / made).exists():
                assert process.poll() is None
            process.kill()
    with serving(tmp_path) as server:
        assert len(server.ask("GET", "/api/keys").json) == 1
