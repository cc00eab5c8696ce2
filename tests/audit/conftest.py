"""What the tests of the audit log share: a folder whose writes are cheap, a key, entries."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from daffa.audit import Audit, Change, Decision, Outcome, new_log_key
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
