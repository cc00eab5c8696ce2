"""Read the usage off an answer as it passes. Events pass untouched; knows bytes, no client and no upstream."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

__all__ = ["Meter", "StreamMeter", "WholeMeter"]


class Usage(Protocol):
    """Tokens as an upstream counted them."""

    @property
    def prompt_tokens(self) -> int: ...
    @property
    def completion_tokens(self) -> int: ...


ReadUsage = Callable[[bytes], "tuple[Usage | None, bool]"]


class Meter:
    """What came: tokens in and out, bytes out, and whether the answer said that it is done.

    ``feed`` passes on what may go to the client now, ``end`` the rest.
    """

    def __init__(self, read_usage: ReadUsage) -> None:
        self._read_usage = read_usage
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

    def _note(self, document: bytes) -> bool:
        usage, alone = self._read_usage(document)
        if usage is not None:
            self.tokens_in, self.tokens_out = usage.prompt_tokens, usage.completion_tokens
        return alone


class WholeMeter(Meter):
    """Meters an answer that comes whole."""

    def feed(self, chunk: bytes) -> bytes:
        """Read the usage; the body itself passes as it is."""
        self._note(chunk)
        return super().feed(chunk)


class StreamMeter(Meter):
    """Meters a stream of server-sent events.

    Args:
        read_usage: reads one JSON document.
        hide_usage: drop the event that carries usage alone, since the client did not ask for it.
    """

    def __init__(self, read_usage: ReadUsage, *, hide_usage: bool) -> None:
        super().__init__(read_usage)
        self._hide_usage = hide_usage
        self._rest = b""

    def feed(self, chunk: bytes) -> bytes:
        """The whole events that can pass now, untouched; the rest waits for its end."""
        data = self._rest + chunk if self._rest else chunk
        end = _end_of_events(data)
        self._rest = data[end:]
        return self._pass(data[:end])

    def end(self) -> bytes:
        """An event left without its blank line when the stream ended."""
        rest, self._rest = self._rest, b""
        return self._pass(rest)

    def _pass(self, data: bytes) -> bytes:
        kept, start = [], 0
        for found in _USAGE.finditer(data):
            begin, end = _event_around(data, found.start())
            if begin >= start and self._note(_document(data[begin:end])) and self._hide_usage:
                kept.append(data[start:begin])
                start = end
        passed = b"".join([*kept, data[start:]]) if kept else data[start:]
        self.done = self.done or b"[DONE]" in passed
        return super().feed(passed)


# Many upstreams say "usage": null in every event: those are not looked at.
_USAGE = re.compile(rb'"usage"\s*:\s*\{')
_BLANK_LINES = (b"\n\n", b"\r\n\r\n", b"\r\r")
_BLANK_LINE = re.compile(b"|".join(_BLANK_LINES))


def _end_of_events(data: bytes, before: int | None = None) -> int:
    """Where the last whole event (that ends ``before`` there) ends; 0 where there is none."""
    return max((at + len(blank) for blank in _BLANK_LINES if (at := data.rfind(blank, 0, before)) >= 0), default=0)


def _event_around(data: bytes, place: int) -> tuple[int, int]:
    """Begin and end of the event in which ``place`` lies."""
    end = _BLANK_LINE.search(data, place)
    return _end_of_events(data, place), end.end() if end else len(data)


def _document(event: bytes) -> bytes:
    """What the lines of an event carry."""
    return b"\n".join(line[5:].strip() for line in event.splitlines() if line.startswith(b"data:"))
