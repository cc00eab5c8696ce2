"""Put what was masked back into an answer, whole or as its events come. Knows texts by their slots; no key and no finder.

A model's words come in pieces cut anywhere, and each piece is in an event of its own: what may be the beginning of a
placeholder is held back until the next piece of the same text, and goes out at the latest with the event that closes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from daffa.privacy import ByteRestorer, Originals, Restorer

from . import sse
from .alike import Alike, like
from .dialect import Idiom, Slot
from .sse import ServerSent

__all__ = ["StreamRestorer", "restored_whole"]

_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


def restored_whole(idiom: Idiom, originals: Originals, body: bytes) -> bytes:
    """A whole answer with what its placeholders stand for; one that is no JSON object, or an error, byte by byte."""
    document = _object(body)
    slots = list(idiom.slots(document)) if document is not None else []
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
        self._alike: Alike | None = None
        self._last: tuple[ServerSent, str, str] | None = None

    def read(self, chunk: bytes) -> bytes:
        """What goes out instead of the whole events that came in one read; those like the last in one go."""
        said: list[bytes] = []
        at = 0
        while at < len(chunk):
            alike, texts = self._alike_at(chunk, at)
            if alike is not None:
                end = at + alike.size(texts)
                said.append(self._of_alike(alike, texts, chunk[at:end]))
            else:
                event, end = sse.first(chunk, at)
                said += [each.raw for each in self.feed(event)] if event is not None else ()
            at = end
        return b"".join(said)

    def _alike_at(self, chunk: bytes, at: int) -> tuple[Alike | None, list[bytes]]:
        """What the events at ``chunk[at:]`` have in common with one before them, and their texts; None if they have not."""
        if self._alike is not None and (texts := self._alike.texts(chunk, at)):
            return self._alike, texts
        alike, self._last = like(*self._last) if self._last is not None else None, None
        if alike is None or not (texts := alike.texts(chunk, at)) or not alike.sure(self._idiom.piece):
            return None, []
        self._alike = alike
        return alike, texts

    def feed(self, event: ServerSent) -> Iterator[ServerSent]:
        """What goes out instead of ``event``: itself untouched where nothing in it was masked."""
        is_object = event.data.lstrip()[:1] == b"{"
        if is_object and (piece := self._idiom.piece(event.data)) is not None:
            yield self._of_one_text(event, *piece)
            return
        if not is_object or (document := _object(event.data)) is None:
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

    def _of_alike(self, alike: Alike, texts: list[bytes], raw: bytes) -> bytes:
        """The next pieces of one text, all that the events ``raw`` say: looked at as one, for most have nothing masked."""
        restorer = self._restorer_of(alike.channel, alike.event)
        if restorer.passes(b"".join(texts).decode()):
            return raw
        return b"".join([alike.written(restorer.feed(text.decode())) for text in texts])

    def _of_one_text(self, event: ServerSent, channel: str, text: str) -> ServerSent:
        """The next piece of one text, which is all that ``event`` says."""
        self._last = event, channel, text
        after = self._restorer_of(channel, event).feed(text)
        if after == text:
            return event
        document = _decode(event.data)
        for slot in self._idiom.slots(document):
            slot.holder[slot.key] = after
        return _with_data(event, _encode(document))

    def _restorer_of(self, channel: str, event: ServerSent, *, json: bool = False) -> Restorer:
        """What restores a channel, of which ``event`` is the last from now on."""
        known = self._open.get(channel)
        restorer = known[0] if known else Restorer(self._originals, json_depth=int(json))
        self._open[channel] = restorer, event
        return restorer

    def _said_otherwise(self, event: ServerSent) -> ServerSent:
        """An event that has no text of a model's, but may be an error that repeats what it was asked."""
        said = event.data.decode()
        restored = self._originals.restore(said, json_depth=1)
        return event if restored == said else _with_data(event, _encode(_decode(restored)))

    def _piece(self, slot: Slot, channel: str, event: ServerSent, *, last: bool) -> bool:
        restorer = self._restorer_of(channel, event, json=slot.json)
        before = slot.holder[slot.key]
        after = restorer.feed(before)
        if last:
            after += restorer.end()
            del self._open[channel]
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


def _object(data: bytes) -> dict[str, Any] | None:
    try:
        document = _decode(data)
    except _UNREADABLE:
        return None
    return document if isinstance(document, dict) else None


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
