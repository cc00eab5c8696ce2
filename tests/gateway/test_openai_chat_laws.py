"""The laws of chat completions read and written: nothing is lost on the way, and nothing fails unforeseen."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai_bodies import arguments, base64, joined, json_values, names, numbers, said, schemas, some, streams, words
from openai_bodies import events_of as read_events

from daffa.errors import Invalid, Unavailable
from daffa.gateway.conversation import (
    Conversation,
    Event,
)
from daffa.gateway.dialects import openai_chat
from daffa.gateway.dialects.openai_chat.surface import OpenAIChatSurface
from daffa.gateway.request import Request

SURFACE, IDIOM = OpenAIChatSurface(clock=lambda: 1_760_000_000.0), openai_chat.IDIOM
HELLO = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


def request(**fields: Any) -> Request:
    """A request with some fields changed."""
    return SURFACE.read(json.dumps({**HELLO, **fields}).encode())


def converse(**fields: Any) -> Conversation:
    """The conversation that it is."""
    return SURFACE.converse(request(**fields))


def events_of(data: bytes, cuts: Iterable[int] = ()) -> list[Event]:
    """The events of a stream that comes cut at some places."""
    return read_events(IDIOM.event_reader(), data, cuts)


texts = words | words.map(lambda text: [{"type": "text", "text": text}])
media = st.one_of(
    base64.map(lambda data: {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}),
    st.just({"type": "image_url", "image_url": {"url": "https://example.ma/a.png"}}),
    base64.map(lambda data: {"type": "input_audio", "input_audio": {"data": data, "format": "mp3"}}),
    base64.map(
        lambda data: {"type": "file", "file": {"file_data": f"data:application/pdf;base64,{data}", "filename": "a.pdf"}}
    ),
)
calls = st.builds(
    lambda name, text: {"id": f"c-{name}", "type": "function", "function": {"name": name, "arguments": text}}, names, arguments
)
messages = st.one_of(
    st.builds(lambda text: {"role": "system", "content": text}, texts),
    st.builds(
        lambda text, more: {"role": "user", "content": [{"type": "text", "text": text}, *more]},
        words,
        st.lists(media, max_size=2),
    ),
    st.builds(lambda text: {"role": "assistant", "content": text}, texts),
    st.builds(lambda some: {"role": "assistant", "content": None, "tool_calls": some}, st.lists(calls, min_size=1, max_size=2)),
    st.builds(lambda name, text: {"role": "tool", "tool_call_id": f"c-{name}", "content": text}, names, texts),
)
tools = st.builds(
    lambda name, schema, strict: {"type": "function", "function": {"name": name, "parameters": schema, "strict": strict}},
    names,
    schemas,
    st.none() | st.booleans(),
)
formats = st.one_of(
    st.sampled_from([{"type": "text"}, {"type": "json_object"}]),
    st.builds(lambda schema: {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}, schemas),
)
options = some(
    stream=st.booleans(),
    response_format=formats,
    max_tokens=st.integers(1, 99),
    temperature=numbers,
    top_p=numbers,
    seed=st.integers(0, 99),
    presence_penalty=numbers,
    frequency_penalty=numbers,
    stop=said | st.lists(said, max_size=2),
    reasoning_effort=st.sampled_from(["none", "minimal", "low", "medium", "high"]),
)


@given(st.lists(messages, min_size=1, max_size=5), options, st.lists(tools, max_size=2))
def test_a_conversation_written_reads_the_same(said: list, fields: dict, tools: list):
    """What is read of a request, written for an upstream and read again is the same conversation; so is what is left out."""
    first = converse(messages=said, **fields, **({"tools": tools, "tool_choice": "auto"} if tools else {}))
    written = IDIOM.write_request(first, "theirs")
    second = SURFACE.converse(SURFACE.read(written.body))
    assert second == first
    assert written.left_out == first.left_out == ()


@given(streams())
def test_a_stream_written_reads_the_same(events: list[Event]):
    """What a client would read of our stream is what the upstream said."""
    writer = SURFACE.event_writer(request(stream=True, stream_options={"include_usage": True}))
    assert events_of(b"".join(map(writer.write, events))) == events


@given(streams(), st.lists(st.integers(0, 3000), max_size=8))
def test_a_stream_may_be_cut_anywhere(events: list[Event], cuts: list[int]):
    """No cut, not even in the middle of a letter, changes what is read."""
    writer = SURFACE.event_writer(request(stream=True, stream_options={"include_usage": True}))
    assert events_of(b"".join(map(writer.write, events)), cuts) == events


@given(streams())
def test_a_whole_answer_is_its_stream_joined(events: list[Event]):
    """A client that does not stream reads the same answer."""
    reply = joined(events)
    assert IDIOM.read_reply(SURFACE.write_reply(reply, request())) == reply


@given(st.binary(max_size=80) | json_values.map(lambda value: json.dumps(value).encode()))
def test_nothing_unreadable_raises_anything_else(raw: bytes):
    """Whatever comes, a client's mistake is ``Invalid`` and an upstream's ``Unavailable``."""
    with pytest.raises(Invalid):
        SURFACE.read(raw)
    with pytest.raises(Unavailable):
        IDIOM.read_reply(raw)
    assert isinstance(IDIOM.error_message(raw), str)


body_fields = st.sampled_from(
    [
        "messages",
        "tools",
        "tool_choice",
        "response_format",
        "stop",
        "metadata",
        "stream_options",
        "seed",
        "temperature",
        "x",
        "n",
    ]
)


@given(st.dictionaries(body_fields, json_values, max_size=3))
def test_any_field_of_any_type_is_read_or_refused_by_name(fields: dict):
    """No body makes the reader fail in a way that nobody foresaw."""
    try:
        conversation = converse(**fields)
    except Invalid as error:
        named = error.facts.get("field")
    else:
        named = IDIOM.write_request(conversation, "m").body
    assert named


@given(
    st.recursive(
        json_values,
        lambda inner: st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(
                [
                    "choices",
                    "delta",
                    "message",
                    "content",
                    "tool_calls",
                    "function",
                    "arguments",
                    "index",
                    "id",
                    "name",
                    "finish_reason",
                    "usage",
                    "error",
                    "thinking",
                    "text",
                    "reasoning_content",
                ],
                inner | st.lists(inner, max_size=2),
            ),
        ),
        max_leaves=12,
    )
)
def test_any_answer_is_read_or_unreadable(document: Any):
    """No answer of an upstream makes the readers fail in a way that nobody foresaw; texts are found in it without failing."""
    raw = json.dumps(document).encode()
    for read in (IDIOM.read_reply, lambda raw: events_of(b"data: " + raw + b"\n\ndata: [DONE]\n\n")):
        with contextlib.suppress(Unavailable):
            read(raw)
    assert all(isinstance(slot.holder[slot.key], str) for slot in [*IDIOM.slots(document), *IDIOM.prompts([document])])
    assert all(isinstance(channel, str) for channel in IDIOM.closes(document))
    IDIOM.reading(raw)


# Texts, for those who mask and restore them


def test_every_text_of_a_request_has_a_slot():
    """Words of anybody's are found wherever they stand, in order; names of the protocol's, ids and data are not."""
    body = {
        **HELLO,
        "messages": [
            {"role": "system", "content": "1"},
            {
                "role": "user",
                "name": "2",
                "content": [
                    {"type": "text", "text": "3"},
                    {"type": "image_url", "image_url": {"url": "data:,x", "detail": "low"}},
                ],
            },
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f", "arguments": "4"}}],
            },
            {"role": "tool", "tool_call_id": "c", "content": "5"},
        ],
        "tools": [
            {
                "type": "function",
                "function": {
                    "name": "f",
                    "description": "6",
                    "parameters": {
                        "type": "object",
                        "properties": {"name": {"type": "string", "enum": ["7"], "examples": [{"name": "8"}]}},
                        "required": ["name"],
                    },
                },
            }
        ],
        "metadata": {"id": "9"},
        "stop": ["10"],
        "tool_choice": "auto",
        "new_field": {"deep": ["11"]},
    }
    slots = list(IDIOM.prompts(body))
    assert [slot.holder[slot.key] for slot in slots] == [str(number) for number in range(1, 12)]
    assert [slot.holder[slot.key] for slot in slots if slot.json] == ["4"]


def test_every_text_of_an_answer_has_a_slot():
    """Content, thoughts, refusals and arguments, whole and in events; the channel of each is closed where its choice ends."""
    message = {
        "content": "a",
        "reasoning_content": "b",
        "refusal": "c",
        "tool_calls": [{"index": 1, "function": {"arguments": "d"}}],
    }
    whole = list(IDIOM.slots({"choices": [{"index": 0, "message": message}]}))
    assert [(slot.channel, slot.holder[slot.key], slot.json) for slot in whole] == [
        (None, "a", False),
        (None, "b", False),
        (None, "c", False),
        (None, "d", True),
    ]
    event = {"choices": [{"index": 0, "delta": message}]}
    channels = [slot.channel for slot in IDIOM.slots(event)]
    assert len(set(channels)) == 4
    assert not list(IDIOM.closes(event))
    assert set(channels) <= set(IDIOM.closes({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
