"""What the tests of the audit log share: a folder whose writes are cheap, a key, entries."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import pytest

from daffa.audit import Audit, Change, Decision, Outcome, Reader, new_log_key
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
