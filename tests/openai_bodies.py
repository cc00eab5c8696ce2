"""Bodies and answers in OpenAI's protocols, by chance: what the properties of the dialects are tried on."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from daffa.gateway.conversation import (
    Ended,
    Event,
    PartEnded,
    PartStarted,
    Piece,
    Reply,
    Started,
    Text,
    Thinking,
    ToolCall,
    Usage,
)
from daffa.gateway.dialect import EventReader
from daffa.gateway.sse import Splitter

words = st.text(max_size=12)
said = st.text(min_size=1, max_size=12)
names = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(words, json_values, max_size=3)
arguments = objects.map(lambda value: json.dumps(value, ensure_ascii=False))
base64 = st.binary(max_size=9).map(lambda data: data.hex()[: len(data) // 3 * 4])
schemas = st.fixed_dictionaries({"type": st.just("object"), "properties": objects})
numbers = st.integers(0, 100).map(lambda number: number / 50)


def some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any of the fields, or null."""
    return st.fixed_dictionaries({}, optional={name: st.none() | field for name, field in fields.items()})


usages = st.builds(Usage, *[st.integers(0, 10_000)] * 4)


@st.composite
def streams(draw: st.DrawFn, *, thoughts: bool = True) -> list[Event]:
    """The events of one answer: parts one after the other, no two texts side by side, each with something in it."""
    events: list[Event] = [Started("chatcmpl-" + draw(names))]
    called = draw(st.integers(0, 2))
    kinds: list[Any] = draw(st.sampled_from([[], [Text], [Thinking], [Thinking, Text]] if thoughts else [[], [Text]]))
    for kind in kinds:
        index = len([event for event in events if isinstance(event, PartStarted)])
        pieces = draw(st.lists(said, min_size=1, max_size=4))
        events += [PartStarted(index, kind("")), *(Piece(index, piece) for piece in pieces), PartEnded(index)]
    for number in range(called):
        index = len(kinds) + number
        text = draw(arguments)
        cut = draw(st.integers(0, len(text)))
        pieces = [piece for piece in (text[:cut], text[cut:]) if piece]
        call = ToolCall(f"call_{number}", draw(names), "")
        events += [PartStarted(index, call), *(Piece(index, piece) for piece in pieces), PartEnded(index)]
    finish = draw(st.sampled_from(["length", "filtered", "tools" if called else "stop"]))
    return [*events, Ended(finish, draw(st.none() | usages))]


def joined(events: Iterable[Event]) -> Reply:
    """What the events of a stream are together."""
    reply_id, parts, pieces, ended = "", {}, {}, None
    for event in events:
        if isinstance(event, Started):
            reply_id = event.id
        elif isinstance(event, PartStarted):
            assert event.index == len(parts), "parts come in order"
            parts[event.index], pieces[event.index] = event.part, []
        elif isinstance(event, Piece):
            pieces[event.index].append(event.text)
        elif isinstance(event, Ended):
            ended = event
    assert ended is not None, "a stream ends"
    whole = [_whole(part, "".join(pieces[index])) for index, part in parts.items()]
    return Reply(id=reply_id, parts=tuple(whole), finish=ended.finish, usage=ended.usage, stop=ended.stop)


def _whole(part: Text | Thinking | ToolCall, text: str) -> Text | Thinking | ToolCall:
    return ToolCall(part.id, part.name, text) if isinstance(part, ToolCall) else type(part)(text)


def events_of(reader: EventReader, data: bytes, cuts: Iterable[int] = ()) -> list[Event]:
    """The events of a stream that comes cut at some places."""
    splitter, events = Splitter(), list[Event]()
    places = sorted({min(cut, len(data)) for cut in cuts})
    for start, end in zip([0, *places], [*places, len(data)], strict=True):
        for event in splitter.feed(data[start:end]):
            if event.data:
                events += reader.read(event.name, event.data)
    for event in splitter.end():
        events += reader.read(event.name, event.data)
    return [*events, *reader.end()]
