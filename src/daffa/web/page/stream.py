"""An answer under way as server-sent events, each a part of a page for htmx to put in. Knows templates; no request.

A sentence at a time, so that whoever listens hears sentences; at the end the turn as it stands on a page that is loaded anew.
Source: the WHATWG HTML standard, 9.2 (server-sent events); ``<hx-partial>`` of htmx 4.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

import msgspec

from daffa.assistant import Citation, Sentence, Turn

from .answer import Source, line_of, sources_of
from .answering import name_of
from .desk import Answering, Event
from .turn import Place, TurnShown, turn_of, under_way
from .view import Written, fragment
from .who import Guest

__all__ = ["ended", "events_of"]


async def events_of(answering: Answering, written: Written, guest: Guest, place: Place, name: str) -> AsyncGenerator[bytes]:
    """Every sentence of the answer under way as ``name`` as it is released, then the whole turn; ``guest`` follows it."""
    within = name_of(place.conversation, place.number) if place.conversation else ""
    sources: dict[str, Source] = {}
    async with aclosing(answering.follow()) as events:
        async for event in events:
            if "sentence" in event:
                sources |= _new_sources(event, within, len(sources))
                sentence = msgspec.convert(event["sentence"], Sentence)
                line = line_of(sentence, sources, event.get("language", ""))
                yield _event(fragment(written, "streamed.html", line=line))
    yield _last(under_way(answering, place, name), written, guest)


async def ended(turn: Turn, written: Written, guest: Guest, place: Place) -> AsyncGenerator[bytes]:
    """A turn that nobody works on any more."""
    yield _last(turn_of(turn, place.conversation), written, guest)


def _new_sources(event: Event, within: str, before: int) -> dict[str, Source]:
    return sources_of(msgspec.convert(event.get("citations", []), list[Citation]), within, before)


def _last(turn: TurnShown, written: Written, guest: Guest) -> bytes:
    return _event(fragment(written, "ended.html", turn=turn, guest=guest))


def _event(text: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in text.splitlines())
    return f"{lines}\n".encode()
