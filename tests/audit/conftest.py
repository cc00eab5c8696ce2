"""What the tests of the audit log share: a folder whose writes are cheap, a key, entries, witnesses."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from daffa.audit import Audit, Change, Decision, Erasure, Outcome, Reader, new_log_key
from daffa.audit.journal import log_mark, scan
from daffa.audit.store import Store

NOON = 1_763_812_800.0  # 2025-11-22T12:00:00Z


@pytest.fixture
def folder():
    """A log's folder in memory where there is such a place: thousands of flushes cost nothing there."""
    memory = Path("/dev/shm")
    path = Path(tempfile.mkdtemp(dir=memory if memory.is_dir() else None, prefix="daffa-audit-"))
    yield path / "audit"
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def key():
    """One signing key for all logs of the run."""
    return new_log_key()


@pytest.fixture
def log(folder, key):
    """Opens the log in the folder, as the house does."""
    return lambda: Audit.open(folder, "example.ma/log", key)


@pytest.fixture
def store(folder, key):
    """Opens the writing side of the log alone, without a loop."""
    return lambda: Store(folder, "example.ma/log", key)


@pytest.fixture
def unpublished(monkeypatch):
    """Keeps entries in the journal until they are asked for, however slow the machine."""
    monkeypatch.setattr("daffa.audit.log._PUBLISH", 600.0)


@pytest.fixture
def decision():
    """Makes decisions; keywords replace fields."""

    def make(**fields):
        return Decision(
            **{
                "door": "gateway",
                "allowed": True,
                "rules": ("P-home",),
                "nearest": (),
                "place": "rabat-1",
                "level": 2,
                "bundle": "sha256:00",
                "refused": (),
                "time": NOON,
                "details": {"actor": "amina"},
                **fields,
            }
        )

    return make


@pytest.fixture
def outcome():
    """Makes outcomes; keywords replace fields."""

    def make(decision, **fields):
        values = {"status": "answered", "http_status": 200, "tokens_in": 10, "tokens_out": 20, "bytes_out": 300, "time": NOON}
        return Outcome(decision=decision, **{**values, "details": {}, **fields})

    return make


@pytest.fixture
def change():
    """Makes changes; keywords replace fields."""
    return lambda action="key.created", **fields: Change(**{"action": action, "time": NOON, "details": {}, **fields})


@pytest.fixture
def erasure():
    """Makes erasures of an entry; keywords replace fields."""
    return lambda erased, **fields: Erasure(**{"erased": erased, "time": NOON, "details": {"reason": "order 7"}, **fields})


@pytest.fixture
def leaves():
    """Reads all leaves under the newest checkpoint of a folder, decoded."""

    def read(folder):
        reader = Reader(folder)
        return [json.loads(reader.entry(index)) for index in range(reader.checkpoint().size)]

    return read


@pytest.fixture
def groups():
    """Reads how many records each whole group in the journal of a folder holds, file by file."""

    def read(folder):
        found = [scan(path.read_bytes(), log_mark("example.ma/log"))[0] for path in sorted((folder / "journal").glob("[ab]"))]
        return [[len(group.records) for group in file] for file in found]

    return read


@dataclass
class Served:
    """A witness that runs as a process of its own: its address, its vkey, its folder."""

    command: list[str]
    data: Path
    process: subprocess.Popen
    vkey: str = ""
    url: str = ""

    def kill(self):
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def restart(self):
        """Start it again on its folder and, so that the log finds it, on its port."""
        port = self.url.rpartition(":")[2]
        self.process = _spawn([*self.command[:-1], port])
        assert _ready(self.process) == (self.vkey, self.url)


def _spawn(command):
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def _ready(process):
    """Wait until a witness can be asked; its vkey and its address."""
    said = []
    while line := process.stdout.readline():
        said.append(line.split())
        if said[-1][0] == "ready":
            return said[0][1], said[-1][1]
    raise AssertionError(f"the witness did not start: {process.communicate()[1]}")


@pytest.fixture
def served(folder):
    """Starts witnesses, once, for the logs of some vkeys, each with a kind of key."""
    running = []

    def start(*vkeys, kinds=("ed25519",)):
        logs = [word for vkey in vkeys for word in ("--log-vkey", vkey)]
        for number, kind in enumerate(kinds):
            data = folder.parent / f"w{number}"
            words = ["audit", "witness", "--data", str(data), "--name", f"w{number}.example.ma", "--key-type", kind]
            command = [sys.executable, "-m", "daffa", *words, *logs, "--port", "0"]
            running.append(Served(command, data, _spawn(command)))
        for witness in running:
            witness.vkey, witness.url = _ready(witness.process)
        return running

    yield start
    for witness in running:
        if witness.process.poll() is None:
            witness.process.terminate()
        _, complaints = witness.process.communicate(timeout=20)
        assert "Traceback" not in complaints, complaints
