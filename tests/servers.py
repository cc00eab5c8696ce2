"""Real servers for tests: ``python -m daffa up`` as a process of its own, and plain HTTP to speak to it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import kept
from forked import Forked, can_be_forked

from daffa.audit import Reader


@dataclass(frozen=True)
class Reply:
    """An HTTP answer: status, headers by lower-case name, body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


Process = subprocess.Popen[str] | Forked


@dataclass
class Server:
    """A running server, its folder and its administrator's key."""

    url: str
    data: Path
    process: Process

    @property
    def key(self) -> str:
        """The administrator's key."""
        return (self.data / "admin.key").read_text().strip()

    def ask(self, method: str, path: str, body: Any = None, *, key: str | None = "", **headers: str) -> Reply:
        """One request; ``body`` is sent as it is where it is bytes, else as JSON. ``key=None`` sends none."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            sent["Authorization"] = f"Bearer {key or self.key}"
        if body is not None:
            sent.setdefault("Content-Type", "application/json")
        raw = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        with contextlib.closing(http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=30)) as connection:
            connection.request(method, path, raw, sent)
            response = connection.getresponse()
            return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())

    def chat(self, text: str, model: str = "auto", **headers: str) -> Reply:
        """One chat question."""
        body = {"model": model, "messages": [{"role": "user", "content": text}]}
        return self.ask("POST", "/v1/chat/completions", body, **headers)

    def entries(self, start: int, count: int) -> list[dict[str, Any]]:
        """``count`` entries of the log from ``start`` on, from its public files, as soon as they are there."""
        reader, end = Reader(self.data / "audit"), time.monotonic() + 10
        while (size := reader.checkpoint().size) < start + count:
            assert time.monotonic() < end, f"{size} entries where {start + count} were expected"
            time.sleep(0.05)
        return [json.loads(reader.entry(index)) for index in range(start, start + count)]

    def history(self, reference: str) -> tuple[list[dict[str, Any]], dict[int, dict[str, Any]]]:
        """Every entry up to the decision ``reference``, and the outcomes by decision, once its own is public."""
        index, reader, end = int(reference.rpartition("#")[2]), Reader(self.data / "audit"), time.monotonic() + 10
        while True:
            entries = [json.loads(reader.entry(at)) for at in range(reader.checkpoint().size)]
            outcomes = {entry["decision"]: entry for entry in entries if entry["kind"] == "outcome"}
            if index in outcomes:
                return entries[: index + 1], outcomes
            assert time.monotonic() < end, f"no outcome of {reference}"
            time.sleep(0.1)

    def kill(self) -> None:
        """End the process as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()


@contextlib.contextmanager
def serving(
    data: Path, config: str | None = None, *, environment: Mapping[str, str] | None = None, forked: bool = True
) -> Iterator[Server]:
    """A server on ``data``, with ``config`` as its ``daffa.toml``; stopped at the end if it still runs.

    A process of its own either way: ``forked`` off one that has imported all, or begun from nothing as users begin it.
    """
    data.mkdir(parents=True, exist_ok=True)
    if config is not None:
        (data / "daffa.toml").write_text(config, encoding="utf-8")
    kept.lend(data)
    process = begun("up", "--data", str(data), "--port", "0", environment=environment or {}, forked=forked)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith("ready "):
            raise AssertionError(f"the server did not start: {process.communicate(timeout=30)[1]}")
        yield Server(line.split()[1], data, process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        _, complaints = process.communicate(timeout=30)
        kept.take_back(data)
        assert "Traceback" not in complaints, complaints


def begun(*words: str, environment: Mapping[str, str], forked: bool = True) -> Process:
    """A command that runs."""
    if forked and can_be_forked(environment):
        return Forked(["daffa", *words], environment)
    return subprocess.Popen(
        [sys.executable, "-m", "daffa", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def daffa(*words: str, stdin: str = "", forked: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the command line, ``forked`` or not as ``serving`` says."""
    spoken = {"LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", **environment}
    process = begun(*words, environment=spoken, forked=forked)
    try:
        said, complaints = process.communicate(stdin, timeout=120)
    except subprocess.TimeoutExpired:
        process.kill()
        raise
    return subprocess.CompletedProcess(list(words), process.returncode, said, complaints)
