"""Streams of Anthropic's upstreams as events, and events as the reply that they are together."""

from __future__ import annotations

from daffa.gateway.conversation import Ended, Event, PartEnded, PartStarted, Piece, Reply, Started, Text, Thinking, ToolCall
from daffa.gateway.dialects.anthropic import IDIOM
from daffa.gateway.sse import Splitter


def events_of(stream: bytes, size: int | None = None) -> list[Event]:
    """The events of a stream that comes in pieces of ``size`` bytes."""
    splitter, reader = Splitter(), IDIOM.event_reader()
    step, events = size or len(stream), []
    for start in range(0, len(stream), step):
        for sent in splitter.feed(stream[start : start + step]):
            events += reader.read(sent.name, sent.data) if sent.data else []
    for sent in splitter.end():
        events += reader.read(sent.name, sent.data)
    return [*events, *reader.end()]


def joined(events: list[Event]) -> Reply:
    """The reply that a stream's events are together."""
    started, ended = events[0], events[-1]
    assert isinstance(started, Started)
    assert isinstance(ended, Ended)
    parts, texts, signatures = {}, {}, {}
    for event in events[1:-1]:
        match event:
            case PartStarted():
                parts[event.index], texts[event.index] = event.part, ""
            case Piece():
                texts[event.index] += event.text
            case PartEnded():
                signatures[event.index] = event.signature
    assert list(parts) == list(range(len(parts))) == list(signatures)
    whole = []
    for index, part in parts.items():
        match part:
            case Text():
                whole.append(Text(texts[index]))
            case Thinking():
                whole.append(Thinking(texts[index], signatures[index]))
            case ToolCall():
                whole.append(ToolCall(part.id, part.name, texts[index]))
    return Reply(id=started.id, parts=tuple(whole), finish=ended.finish, usage=ended.usage, stop=ended.stop)
