"""Server-sent events in bytes: where they end, what they carry, one after the other. Knows no protocol above them.

Source: the WHATWG HTML standard, 9.2.6 (lines end in LF, CRLF or CR; a blank line ends an event).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from daffa.errors import Unavailable

__all__ = [
    "BLANK_LINES",
    "LONGEST_BLANK",
    "ServerSent",
    "Splitter",
    "document",
    "end_of_events",
    "event_around",
    "first",
    "written",
]

BLANK_LINES = (b"\n\n", b"\r\n\r\n", b"\r\r")
LONGEST_BLANK = 4
_BLANK_LINE = re.compile(b"|".join(BLANK_LINES))
_LINE_END = re.compile(rb"\r\n|\n|\r")
# How most servers write an event.
_DATA, _END = b"data: ", b"\n\n"
# Bytes in which such an end is looked for: to the end of all that came, it would be at each event that ends otherwise.
_NEAR = 1 << 10
# Bytes of one event beyond which a stream is no stream.
_LONGEST_EVENT = 64 << 20


class ServerSent(NamedTuple):
    """One event: its ``event:`` line (empty without one), its data, and its bytes as they came. A comment has no data."""

    name: str
    data: bytes
    raw: bytes


class Splitter:
    """Cuts a stream that comes in any pieces into its events and comments; an event without data is none (9.2.6)."""

    __slots__ = ("_held", "_seen")

    def __init__(self) -> None:
        self._held = bytearray()
        self._seen = 0

    @property
    def empty(self) -> bool:
        """Whether nothing waits for its end."""
        return not self._held

    def feed(self, chunk: bytes) -> Iterator[ServerSent]:
        """The events that are whole now. Raises ``Unavailable`` where one grows without end."""
        self._held += chunk
        end = end_of_events(self._held, self._seen)
        self._seen = max(len(self._held) - end - LONGEST_BLANK, 0)
        if not end:
            if len(self._held) > _LONGEST_EVENT:
                raise Unavailable("upstream_too_large", expected=f"events of at most {_LONGEST_EVENT} bytes")
            return iter(())
        whole = bytes(memoryview(self._held)[:end])
        del self._held[:end]
        return _events(whole)

    def end(self) -> Iterator[ServerSent]:
        """An event left without its blank line when the stream ended."""
        rest, self._held, self._seen = bytes(self._held), bytearray(), 0
        return _events(rest)


def first(data: bytes, start: int) -> tuple[ServerSent | None, int]:
    """The event or comment at ``data[start:]``, and where it ends; None where it carries nothing."""
    end = _end(data, start)
    raw = data[start:end]
    name, carried = _fields(raw)
    if carried is not None:
        return ServerSent(name, carried, raw), end
    return ServerSent("", b"", raw) if raw.startswith(b":") else None, end


def _events(data: bytes) -> Iterator[ServerSent]:
    start = 0
    while start < len(data):
        event, start = first(data, start)
        if event is not None:
            yield event


def _fields(raw: bytes) -> tuple[str, bytes | None]:
    if raw.startswith(_DATA) and raw.find(b"\n") == len(raw) - len(_END) and b"\r" not in raw:
        return "", raw[len(_DATA) : -len(_END)]
    name, lines = "", []
    for line in _LINE_END.split(raw):
        field, _, value = line.partition(b":")
        if field == b"data":
            lines.append(value.removeprefix(b" "))
        elif field == b"event":
            name = value.removeprefix(b" ").decode("utf-8", "replace")
    return name, b"\n".join(lines) if lines else None


def written(name: str, data: bytes) -> bytes:
    """One event whose data is one line, as JSON is."""
    return b"event: %b\ndata: %b\n\n" % (name.encode(), data) if name else b"data: %b\n\n" % data


def end_of_events(data: bytes | bytearray, start: int = 0, before: int | None = None) -> int:
    """Where the last whole event that ends in ``data[start:before]`` ends; 0 where there is none."""
    # Looking for one byte is so much cheaper that it pays to ask for it first: few servers write it.
    blank_lines = BLANK_LINES if data.find(b"\r", start, before) >= 0 else BLANK_LINES[:1]
    return max([at + len(blank) for blank in blank_lines if (at := data.rfind(blank, start, before)) >= 0], default=0)


def event_around(data: bytes, start: int, place: int) -> tuple[int, int]:
    """Begin and end of the event in which ``place`` lies; ``start`` is where an event before it ended."""
    return max(end_of_events(data, start, place), start), _end(data, place)


def _end(data: bytes, place: int) -> int:
    """Where the event ends in which ``place`` lies."""
    end = data.find(_END, place, place + _NEAR)
    if end >= 0 and data.find(b"\r", place, end) < 0:
        return end + len(_END)
    blank = _BLANK_LINE.search(data, place)
    return blank.end() if blank else len(data)


def document(event: bytes) -> bytes:
    """What the lines of an event carry."""
    return b"\n".join(line[5:].strip() for line in event.splitlines() if line.startswith(b"data:"))
