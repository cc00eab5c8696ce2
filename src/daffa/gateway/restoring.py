"""Put what was masked back into an answer, whole or as its events come. Knows texts by their slots; no key and no finder.

A model's words come in pieces cut anywhere, and each piece is in an event of its own: what may be the beginning of a
placeholder is held back until the next piece of the same text, and goes out at the latest with the event that closes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from typing import Any

import msgspec

from daffa.privacy import ByteRestorer, Originals, Restorer

from . import sse
from .dialect import Idiom, Slot
from .sse import ServerSent

__all__ = ["StreamRestorer", "restored_whole"]

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
# Bytes of an event beside what it carries, as ``sse.written`` writes it.
_AROUND = len(sse.written("", b""))
# From so many events on it is cheaper to look at them as one.
_MANY = 2
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def restored_whole(idiom: Idiom, originals: Originals, body: bytes) -> bytes:
    """A whole answer with what its placeholders stand for; one that is no JSON object, or an error, byte by byte."""
    try:
        document = _decode(body)
        slots = list(idiom.slots(document)) if isinstance(document, dict) else []
    except _UNREADABLE:
        slots = []
    if not slots:
        restorer = ByteRestorer(originals, json_depth=1)
        return restorer.feed(body) + restorer.end()
    return _encode(document) if _put_back(originals, slots) else body


class StreamRestorer:
    """Restores the events of one stream.

    Args:
        idiom: where the upstream's protocol has texts.
        originals: what placeholders stand for.
    """

    def __init__(self, idiom: Idiom, originals: Originals) -> None:
        self._idiom = idiom
        self._originals = originals
        self._open: dict[str, tuple[Restorer, ServerSent]] = {}

    def feed_all(self, chunk: bytes, documents: Sequence[bytes]) -> bytes:
        """The same for all events of one read, where they are as ``sse.documents`` has them."""
        if len(documents) < _MANY:
            return b"".join([event.raw for event in self.feed(ServerSent("", documents[0], chunk))])
        passed = self._untouched(documents)
        if passed == len(documents):
            return chunk
        said = [chunk[: sum(map(len, documents[:passed])) + passed * _AROUND]]
        for carried in documents[passed:]:
            said += [event.raw for event in self.feed(ServerSent("", carried, sse.written("", carried)))]
        return b"".join(said)

    def feed(self, event: ServerSent) -> Iterator[ServerSent]:
        """What goes out instead of ``event``: itself untouched where nothing in it was masked."""
        if (piece := self._idiom.piece(event.data)) is not None:
            yield self._of_one_text(event, *piece)
            return
        try:
            document = _decode(event.data) if event.data else None
        except _UNREADABLE:
            document = None
        if not isinstance(document, dict):
            if event.data:  # the mark at the end, or nothing that we can read: no text goes on after it
                yield from self.end()
            yield event
            return
        slots = list(self._idiom.slots(document))
        closed = self._idiom.closes(document)
        here = {slot.channel for slot in slots}
        for channel in [name for name in self._open if name in closed and name not in here]:
            yield from self._rest_of(channel)
        if not slots:
            yield self._said_otherwise(event)
            return
        changed = _put_back(self._originals, [slot for slot in slots if slot.channel is None])
        for slot in slots:
            if slot.channel is not None:
                changed |= self._piece(slot, slot.channel, event, last=slot.channel in closed)
        yield _with_data(event, _encode(document)) if changed else event

    def end(self) -> Iterator[ServerSent]:
        """What is still held back when the stream ends."""
        for channel in list(self._open):
            yield from self._rest_of(channel)

    def _untouched(self, documents: Sequence[bytes]) -> int:
        """How many events at the beginning, two or more, are pieces of one text in which nothing was masked.

        They are looked at as one: what comes together is not held back piece by piece.
        """
        channel, texts = "", list[str]()
        for carried in documents:
            piece = self._idiom.piece(carried)
            if piece is None or (texts and piece[0] != channel):
                break
            channel = piece[0]
            texts.append(piece[1])
        if len(texts) < _MANY:
            return 0
        known, text = self._open.get(channel), "".join(texts)
        restorer = copy(known[0]) if known else Restorer(self._originals)
        if restorer.feed(text) != text:
            return 0
        last = documents[len(texts) - 1]
        self._open[channel] = restorer, ServerSent("", last, b"")
        return len(texts)

    def _of_one_text(self, event: ServerSent, channel: str, text: str) -> ServerSent:
        """The next piece of one text, which is all that ``event`` says."""
        known = self._open.get(channel)
        restorer = known[0] if known else Restorer(self._originals)
        self._open[channel] = restorer, event
        after = restorer.feed(text)
        if after == text:
            return event
        document = _decode(event.data)
        for slot in self._idiom.slots(document):
            slot.holder[slot.key] = after
        return _with_data(event, _encode(document))

    def _said_otherwise(self, event: ServerSent) -> ServerSent:
        """An event that has no text of a model's, but may be an error that repeats what it was asked."""
        said = event.data.decode()
        restored = self._originals.restore(said, json_depth=1)
        return event if restored == said else _with_data(event, _encode(_decode(restored)))

    def _piece(self, slot: Slot, channel: str, event: ServerSent, *, last: bool) -> bool:
        known = self._open.get(channel)
        restorer = known[0] if known else Restorer(self._originals, json_depth=int(slot.json))
        before = slot.holder[slot.key]
        after = restorer.feed(before)
        if last:
            after += restorer.end()
            self._open.pop(channel, None)
        else:
            self._open[channel] = restorer, event
        slot.holder[slot.key] = after
        return bool(after != before)

    def _rest_of(self, channel: str) -> Iterator[ServerSent]:
        """An event like the last of its channel, with what was held back and nothing else."""
        restorer, event = self._open.pop(channel)
        held = restorer.end()
        if not held:
            return
        document = _decode(event.data)
        self._idiom.repeatable(document)
        for slot in self._idiom.slots(document):
            slot.holder[slot.key], held = (held, "") if slot.channel == channel else ("", held)
        yield _with_data(event, _encode(document))


def _put_back(originals: Originals, slots: list[Slot]) -> bool:
    changed = False
    for slot in slots:
        before = slot.holder[slot.key]
        after = _restored(originals, before, json=slot.json)
        slot.holder[slot.key] = after
        changed |= after != before
    return changed


def _restored(originals: Originals, value: Any, *, json: bool) -> Any:
    """A text, or an object, in which keys may be somebody's too."""
    if isinstance(value, str):
        return originals.restore(value, json_depth=int(json))
    written = _encode(value).decode()
    restored = originals.restore(written, json_depth=1)
    return value if restored == written else _decode(restored)


def _with_data(event: ServerSent, data: bytes) -> ServerSent:
    return ServerSent(event.name, data, sse.written(event.name, data))
