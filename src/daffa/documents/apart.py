"""Starts the child process in which a structured file is read, and takes its answer. Knows no format."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import msgspec

from daffa.errors import Invalid

from .child import SECONDS, Answer
from .formats import Parsed

__all__ = ["read_apart"]

_COMMAND = (sys.executable, "-P", "-m", "daffa.documents.child")
_PASSED_ON = ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "SYSTEMROOT")
_OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGKILL)
_GRACE = 5
"""The kernel ends the child by its processor time; this many seconds later we end one that merely waits."""


def read_apart(kind: str, raw: bytes) -> Parsed:
    """The file, as its format's reader in a process of its own gives it back. Blocks: call it from a thread.

    Raises:
        Invalid: as the reader says; ``document_too_slow`` past its time; ``document_damaged`` where the reader
            was ended by a mistake of memory.
    """
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 (our own module, with a word of our own)
            [*_COMMAND, kind], input=raw, capture_output=True, timeout=SECONDS + _GRACE, env=environment, check=False
        )
    except subprocess.TimeoutExpired:
        raise Invalid("document_too_slow", name="", seconds=SECONDS) from None
    if done.returncode in _OUT_OF_TIME:
        raise Invalid("document_too_slow", name="", seconds=SECONDS)
    if done.returncode != 0:
        raise Invalid("document_damaged", name="", where=kind.upper(), reason=_last(done.stderr) or f"exit {done.returncode}")
    answer = msgspec.json.decode(done.stdout, type=Answer)
    if answer.parsed is None:
        raise Invalid(answer.code, **answer.facts)
    return answer.parsed


def _last(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:200] if lines else ""
