"""Read the usage off an answer as it passes. Events pass untouched; knows bytes, no client and no upstream."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

__all__ = ["Meter", "Reading", "StreamMeter", "WholeMeter"]

# Bytes of one event beyond which it is no longer held back: usage is never that long.
_LONGEST_HELD = 1 << 16


class Reading(NamedTuple):
    """What one JSON document says: tokens in and out, where it counts them, and whether it says nothing else."""

    tokens: tuple[int, int] | None = None
    alone: bool = False


Read = Callable[[bytes], Reading | None]
"""Reads one JSON document; ``None`` where it is not readable."""


class Meter:
    """What came: tokens in and out, bytes out, and whether the answer said that it is done.

    ``feed`` passes on what may go to the client now, ``end`` the rest.
    """

    def __init__(self, read: Read) -> None:
        self._read = read
        self.tokens_in = 0
        self.tokens_out = 0
        self.bytes_out = 0
        self.done = False

    def feed(self, chunk: bytes) -> bytes:
        """Count ``chunk``; here it passes as it is."""
        self.bytes_out += len(chunk)
        return chunk

    def end(self) -> bytes:
        """What was held back when the answer ended."""
        return b""

    def _note(self, document: bytes) -> Reading | None:
        reading = self._read(document)
        if reading is not None and reading.tokens is not None:
            self.tokens_in, self.tokens_out = reading.tokens
        return reading


class WholeMeter(Meter):
    """Meters an answer that comes whole.

    Attributes:
        readable: whether it is an answer at all: a JSON object.
    """

    readable = False

    def feed(self, chunk: bytes) -> bytes:
        """Read the usage; the body itself passes as it is."""
        self.readable = self._note(chunk) is not None
        return super().feed(chunk)


class StreamMeter(Meter):
    """Meters a stream of server-sent events.

    Args:
        read: reads one JSON document.
        hide_usage: drop the event that carries usage alone, since the client did not ask for it.
    """

    def __init__(self, read: Read, *, hide_usage: bool) -> None:
        super().__init__(read)
        self._hide_usage = hide_usage
        self._held = bytearray()

    def feed(self, chunk: bytes) -> bytes:
        """The whole events that can pass now, untouched; the rest waits for its end."""
        if not self._held and chunk.endswith(_BLANK_LINES):
            return self._pass(chunk)
        seen = max(len(self._held) - _LONGEST_BLANK, 0)
        self._held += chunk
        end = _end_of_events(self._held, seen)
        if len(self._held) - end > _LONGEST_HELD:
            end = len(self._held)
        passing = bytes(memoryview(self._held)[:end])
        del self._held[:end]
        return self._pass(passing)

    def end(self) -> bytes:
        """An event left without its blank line when the stream ended."""
        rest, self._held = bytes(self._held), bytearray()
        return self._pass(rest)

    def _pass(self, data: bytes) -> bytes:
        kept, start, looked = [], 0, 0
        for found in _USAGE.finditer(data):
            if found.start() < looked:
                continue
            begin, looked = _event_around(data, looked, found.start())
            reading = self._note(_document(data[begin:looked]))
            if reading is not None and reading.alone and self._hide_usage:
                kept.append(data[start:begin])
                start = looked
        passed = b"".join([*kept, data[start:]]) if kept else data
        self.done = self.done or (b"[DONE]" in passed and _DONE.search(passed) is not None)
        return super().feed(passed)


# Many upstreams say "usage": null in every event: those are not looked at.
_USAGE = re.compile(rb'"usage"\s*:\s*\{')
_DONE = re.compile(rb"(?<![^\r\n])data: ?\[DONE\]")
_BLANK_LINES = (b"\n\n", b"\r\n\r\n", b"\r\r")
_LONGEST_BLANK = 4
_BLANK_LINE = re.compile(b"|".join(_BLANK_LINES))


def _end_of_events(data: bytes | bytearray, start: int = 0, before: int | None = None) -> int:
    """Where the last whole event that ends in ``data[start:before]`` ends; 0 where there is none."""
    return max((at + len(blank) for blank in _BLANK_LINES if (at := data.rfind(blank, start, before)) >= 0), default=0)


def _event_around(data: bytes, start: int, place: int) -> tuple[int, int]:
    """Begin and end of the event in which ``place`` lies; ``start`` is where an event before it ended."""
    end = _BLANK_LINE.search(data, place)
    return max(_end_of_events(data, start, place), start), end.end() if end else len(data)


def _document(event: bytes) -> bytes:
    """What the lines of an event carry."""
    return b"\n".join(line[5:].strip() for line in event.splitlines() if line.startswith(b"data:"))
