"""Starts the child process in which a file is read, and takes its answer. Knows no format."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace

import msgspec

from daffa.errors import Invalid

from .child import SECONDS, Answer
from .document import Document

__all__ = ["make_apart"]

_COMMAND = (sys.executable, "-P", "-m", "daffa.documents.child")
_PASSED_ON = ("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "SYSTEMROOT")
_OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGKILL)
_LONGEST_NAME = 1000
_GRACE = 5
"""The kernel ends the child by its processor time; this many seconds later we end one that merely waits."""


def make_apart(kind: str, raw: bytes, name: str) -> Document:
    """As ``make``, in a process of its own. Blocks: call it from a thread.

    Raises:
        Invalid: as ``make`` says; ``document_too_slow`` past its time; ``document_damaged`` where the reader
            was ended by a mistake of memory.
    """
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 (our own module, with a word of our own)
            [*_COMMAND, kind, name.replace("\0", " ")[-_LONGEST_NAME:]],
            input=raw,
            capture_output=True,
            timeout=SECONDS + _GRACE,
            env=environment,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Invalid("document_too_slow", name=name, seconds=SECONDS) from None
    if done.returncode in _OUT_OF_TIME:
        raise Invalid("document_too_slow", name=name, seconds=SECONDS)
    if done.returncode != 0:
        raise Invalid("document_damaged", name=name, where=kind.upper(), reason=_last(done.stderr) or f"exit {done.returncode}")
    answer = msgspec.json.decode(done.stdout, type=Answer)
    if answer.document is None:
        raise Invalid(answer.code, **{**answer.facts, "name": name})
    return replace(answer.document, name=name)


def _last(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    return lines[-1][:200] if lines else ""
