"""The access log: one line of JSON for each question to a model and for each request that was turned away. No content.

Written in a thread. A file is opened anew when another stands under its name, so that whoever rotates logs need only
rename it. Knows neither what was said nor by whom: the reference leads to the entry of the audit log, where that is sealed.
"""

from __future__ import annotations

import datetime
import os
import sys
from pathlib import Path
from typing import Any

import msgspec

from daffa.errors import Invalid

from ..call import Call, TurnedAway
from .aside import Aside

__all__ = ["STDOUT", "AccessLog"]

STDOUT = "stdout"


class AccessLog:
    """A ``Teller`` that writes lines.

    Args:
        target: a path, or ``stdout``.

    Raises ``Invalid`` (``access_log_unwritable``) where the file cannot be opened.
    """

    def __init__(self, target: str) -> None:
        self._path = None if target == STDOUT else Path(target)
        try:
            self._descriptor = 1 if self._path is None else _open(self._path)
        except OSError as error:
            raise Invalid("access_log_unwritable", path=target, reason=error.strerror or type(error).__name__) from error
        self._encoder = msgspec.json.Encoder()
        self._aside: Aside[Call | TurnedAway] = Aside("access log", self._write)

    @property
    def dropped(self) -> int:
        """Lines that could not be written, or came faster than they could."""
        return self._aside.dropped

    def __call__(self, told: Call | TurnedAway) -> None:
        """See ``Teller``."""
        self._aside.put(told)

    def close(self) -> None:
        """Write what waits."""
        self._aside.close()
        if self._path is not None:
            os.close(self._descriptor)

    def _write(self, told: list[Call | TurnedAway]) -> None:
        if self._path is None:
            sys.stdout.flush()
        else:
            self._follow(self._path)
        data = b"".join([self._encoder.encode(_line(each)) + b"\n" for each in told])
        while data:
            data = data[os.write(self._descriptor, data) :]

    def _follow(self, path: Path) -> None:
        """Open the file anew where it was renamed or removed."""
        here = os.fstat(self._descriptor)
        try:
            there = path.stat()
        except FileNotFoundError:
            there = None
        if there is None or (there.st_ino, there.st_dev) != (here.st_ino, here.st_dev):
            fresh = _open(path)
            os.close(self._descriptor)
            self._descriptor = fresh


def _open(path: Path) -> int:
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)


def _line(told: Call | TurnedAway) -> dict[str, Any]:
    if isinstance(told, TurnedAway):
        return {
            "time": _instant(told.time),
            "reference": told.reference,
            "surface": told.surface,
            "status": "turned_away",
            "code": told.code,
            "http_status": told.http_status,
            "seconds": round(told.seconds, 6),
        }
    return {
        "time": _instant(told.started),
        "reference": told.reference,
        "surface": told.surface,
        "model": told.model,
        "place": told.place,
        "attempt": told.attempt,
        "stream": told.stream,
        "status": told.status,
        "code": told.fault,
        "http_status": told.http_status,
        "first_byte": round(told.first_byte, 6) if told.first_byte >= 0 else None,
        "seconds": round(told.seconds, 6),
        "tokens_in": told.tokens_in,
        "tokens_out": told.tokens_out,
        "estimated": told.estimated,
        "bytes_out": told.bytes_out,
    }


def _instant(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
