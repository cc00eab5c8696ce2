"""Read the usage off an answer as it passes. Events pass untouched; knows bytes, no client and no upstream's protocol."""

from __future__ import annotations

import re
from typing import NamedTuple, Protocol

from . import sse

__all__ = ["Counts", "Meter", "Reading", "StreamMeter", "WholeMeter"]

# Bytes of one event beyond which it is no longer held back: usage is never that long.
_LONGEST_HELD = 1 << 16
# Of a whole answer in JSON, what a token takes.
_BYTES_PER_TOKEN = 4


class Reading(NamedTuple):
    """What one JSON document says: tokens in and out so far, where it counts them, and whether it says nothing else."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    alone: bool = False


class Counts(Protocol):
    """How a protocol counts; see ``dialect.Idiom``."""

    usage_mark: re.Pattern[bytes]
    done_mark: re.Pattern[bytes]

    def reading(self, document: bytes) -> Reading | None:
        """What one JSON document says; ``None`` where it is not readable."""
        ...


class Meter:
    """What came: tokens in and out, bytes out, and whether the answer said that it is done.

    ``feed`` passes on what may go to the client now, ``end`` the rest. ``counted`` says whether the answer has told its
    tokens; ``guess`` is how many came out as far as its size tells.
    """

    __slots__ = ("_counts", "bytes_out", "counted", "done", "tokens_in", "tokens_out")

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        self.tokens_in = 0
        self.tokens_out = 0
        self.bytes_out = 0
        self.done = False
        self.counted = False

    def feed(self, chunk: bytes) -> bytes:
        """Count ``chunk``; here it passes as it is."""
        self.bytes_out += len(chunk)
        return chunk

    def end(self) -> bytes:
        """What was held back when the answer ended."""
        return b""

    @property
    def guess(self) -> int:
        """Tokens out, by the size of the answer."""
        return self.bytes_out // _BYTES_PER_TOKEN

    def _note(self, document: bytes) -> Reading | None:
        reading = self._counts.reading(document)
        if reading is not None and reading.tokens_in is not None:
            self.tokens_in = reading.tokens_in
        if reading is not None and reading.tokens_out is not None:
            self.tokens_out = reading.tokens_out
            self.counted = True
        return reading


class WholeMeter(Meter):
    """Meters an answer that comes whole.

    Attributes:
        readable: whether it is an answer at all: a JSON object.
    """

    __slots__ = ("readable",)

    def __init__(self, counts: Counts) -> None:
        super().__init__(counts)
        self.readable = False

    def feed(self, chunk: bytes) -> bytes:
        """Read the usage; the body itself passes as it is."""
        self.readable = self._note(chunk) is not None
        self.bytes_out += len(chunk)
        return chunk


class StreamMeter(Meter):
    """Meters a stream of server-sent events.

    Args:
        counts: how the upstream's protocol counts.
        hide_usage: drop the event that carries usage alone, since the client did not ask for it.
    """

    __slots__ = ("_events", "_held", "_hide_usage")

    def __init__(self, counts: Counts, *, hide_usage: bool) -> None:
        super().__init__(counts)
        self._hide_usage = hide_usage
        self._held = bytearray()
        self._events = 0

    def feed(self, chunk: bytes) -> bytes:
        """The whole events that can pass now, untouched; the rest waits for its end."""
        if not self._held and chunk.endswith(sse.BLANK_LINES):
            return self._pass(chunk)
        seen = max(len(self._held) - sse.LONGEST_BLANK, 0)
        self._held += chunk
        end = sse.end_of_events(self._held, seen)
        if len(self._held) - end > _LONGEST_HELD:
            end = len(self._held)
        passing = bytes(memoryview(self._held)[:end])
        del self._held[:end]
        return self._pass(passing)

    def end(self) -> bytes:
        """An event left without its blank line when the stream ended."""
        rest, self._held = bytes(self._held), bytearray()
        return self._pass(rest)

    @property
    def guess(self) -> int:
        """A token an event, for most of what an event carries is not text."""
        return self._events

    def _pass(self, data: bytes) -> bytes:
        kept, start, looked = [], 0, 0
        for found in self._counts.usage_mark.finditer(data):
            if found.start() < looked:
                continue
            begin, looked = sse.event_around(data, looked, found.start())
            reading = self._note(sse.document(data[begin:looked]))
            if reading is not None and reading.alone and self._hide_usage:
                kept.append(data[start:begin])
                start = looked
        passed = b"".join([*kept, data[start:]]) if kept else data
        self.done = self.done or self._counts.done_mark.search(passed) is not None
        if not (self.done and self.counted):  # else nobody will have to guess
            self._events += data.count(b"data:")
        return super().feed(passed)
