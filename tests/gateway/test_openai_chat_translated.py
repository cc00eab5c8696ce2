"""Chat completions read and written: what every server that speaks like OpenAI may say, and nothing lost on the way."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from openai_bodies import events_of as read_events
from openai_bodies import joined

from daffa.errors import Invalid, Unavailable
from daffa.gateway.conversation import (
    Conversation,
    Ended,
    Event,
    Failed,
    Media,
    NotCarried,
    Reply,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
    Turn,
    Usage,
)
from daffa.gateway.dialects import openai_chat
from daffa.gateway.dialects.openai_chat.surface import OpenAIChatSurface
from daffa.gateway.request import Request
from daffa.gateway.sse import Splitter

GOLDEN = Path(__file__).parent / "golden" / "openai_chat"
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


# Recordings

TEXT, WEATHER, NOW = Text("42"), ToolCall("call_a", "weather", '{"city":"Rabat"}'), ToolCall("call_b", "now", "{}")
COUNTED, THOUGHT = Usage(12, 7, 4, 2), Thinking("Let me see.")
RECORDED: dict[str, tuple] = {
    "text": ((Text("السلام عليكم 👋"),), "stop", COUNTED),
    "parallel_calls": ((WEATHER, NOW), "tools", COUNTED),
    "thoughts": ((THOUGHT, TEXT), "stop", COUNTED),
    "reasoning": ((THOUGHT, TEXT), "stop", COUNTED),
    "thinking_parts": ((THOUGHT, TEXT), "stop", COUNTED),
    "calls_all_of_index_zero": ((WEATHER, NOW), "tools", COUNTED),
    "calls_without_index": ((WEATHER, NOW), "tools", COUNTED),
    "calls_in_turns": ((WEATHER, NOW), "tools", COUNTED),
    "calls_without_id": (
        (ToolCall("call_chatcmpl-1-0", "weather", WEATHER.arguments), ToolCall("call_chatcmpl-1-1", "now", "{}")),
        "tools",
        COUNTED,
    ),
    "refusal": ((Text("I cannot."),), "filtered", COUNTED),
    "no_done": ((Text("Bonjour"),), "length", COUNTED),
    "filtered": ((Text("Bon"),), "filtered", None),
    "unknown_end": ((Text("Bon"),), "stop", None),
    "text_and_call": ((Text("I look."), WEATHER), "tools", COUNTED),
    "empty": ((), "stop", COUNTED),
}


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_answer(name: str):
    """What servers of many makers say is read the same whole, streamed, and streamed byte by byte."""
    parts, finish, usage = RECORDED[name]
    reply = Reply(id="chatcmpl-1", parts=parts, finish=finish, usage=usage)
    stream = (GOLDEN / f"{name}.sse").read_bytes()
    assert IDIOM.read_reply((GOLDEN / f"{name}.json").read_bytes()) == reply
    assert joined(events_of(stream)) == reply
    assert events_of(stream, list(range(len(stream)))) == events_of(stream)


def test_a_call_is_passed_on_as_it_comes():
    """Pieces of a call are not gathered: each goes out with the event in which it came."""
    reader = IDIOM.event_reader()
    counts = [
        len(list(reader.read("", event.data)))
        for event in Splitter().feed((GOLDEN / "parallel_calls.sse").read_bytes())
        if event.data
    ]
    # Begun; the first call, its two pieces; the second, which ends the first; its piece; nothing at the reason and the count.
    assert counts == [1, 1, 1, 1, 2, 1, 0, 0, 2]


def test_a_blank_between_the_pieces_of_a_call_waits():
    """A server that says something in the middle of a call is understood: the call stays one, and the words come after it."""
    deltas: list[dict[str, Any]] = [
        {"tool_calls": [{"index": 0, "id": "call_a", "function": {"name": "weather", "arguments": '{"city"'}}]},
        {"content": "\n"},
        {"tool_calls": [{"index": 0, "function": {"arguments": ':"Rabat"}'}}]},
        {"content": "Done."},
    ]
    chunks = [{"id": "chatcmpl-1", "choices": [{"delta": delta}]} for delta in deltas]
    data = b"".join(b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks) + b"data: [DONE]\n\n"
    assert joined(events_of(data)).parts == (WEATHER, Text("\nDone."))


@pytest.mark.parametrize("name", ["error_openai", "error_vllm"])
def test_an_error_in_mid_stream_is_told_in_its_words(name: str):
    """Whatever shape it has, the upstream's words are kept, and nothing follows."""
    *_, last = events_of((GOLDEN / f"{name}.sse").read_bytes())
    assert last == Failed("The server had an error")


def test_a_stream_that_breaks_off_is_no_answer():
    """Neither a reason nor the mark at the end: nobody is told that this was all."""
    with pytest.raises(Unavailable) as raised:
        events_of((GOLDEN / "broken_off.sse").read_bytes())
    assert raised.value.code == "upstream_broke_off"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"error": {"message": "no such model", "type": "x"}}, "no such model"),
        ({"error": "no such model"}, "no such model"),
        ({"object": "error", "message": "no such model"}, "no such model"),
        ({"detail": [{"loc": ["body", "n"], "msg": "too large"}, {"msg": "too late"}]}, "body.n: too large; too late"),
        ({"message": {"detail": [{"loc": ["body", "n"], "msg": "too large"}]}}, "body.n: too large"),
        ([{"error": {"message": "x"}}], ""),
        ({"choices": []}, ""),
    ],
)
def test_the_words_of_an_error_are_found(said: Any, words: str):
    """OpenAI, Ollama, vLLM, FastAPI and Mistral say what is wrong at five places."""
    assert IDIOM.error_message(json.dumps(said).encode()) == words


# Requests


def test_a_request_is_read_whole():
    """Every field that another protocol may have arrives in the conversation."""
    read = converse(
        messages=[
            {"role": "developer", "content": "Be short."},
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Look"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
                ],
            },
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": ""}}],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "7"},
            {"role": "tool", "tool_call_id": "c2", "content": [{"type": "text", "text": "8"}]},
            {"role": "user", "content": "And?"},
        ],
        tools=[{"type": "function", "function": {"name": "f", "description": "d"}}],
        tool_choice={"type": "function", "function": {"name": "f"}},
        parallel_tool_calls=False,
        response_format={
            "type": "json_schema",
            "json_schema": {"name": "n", "description": "why", "schema": {"type": "object"}, "strict": True},
        },
        max_completion_tokens=9,
        max_tokens=8,
        stop="END",
        top_k=4,
    )
    assert read.turns == (
        Turn("system", (Text("Be short."),)),
        Turn("user", (Text("Look"), Media("images", "image/png", "AAAA"))),
        Turn("assistant", (ToolCall("c1", "f", "{}"),)),
        Turn("user", (ToolResult("c1", (Text("7"),), "f"), ToolResult("c2", (Text("8"),)), Text("And?"))),
    )
    assert read.tools == (Tool("f", "d"),)
    assert (read.tool_choice.mode, read.tool_choice.name, read.parallel_calls) == ("named", "f", False)
    assert (read.format.name, read.format.strict) == ("n", True)
    assert read.format.schema == {"description": "why", "type": "object"}
    assert (read.max_tokens, read.stop, read.top_k) == (9, ("END",), 4)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"n": 2}, "n"),
        ({"logprobs": True}, "logprobs"),
        ({"logit_bias": {"1": 2}}, "logit_bias"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"verbosity": "low"}, "verbosity"),
        ({"reasoning_effort": "xhigh"}, "reasoning_effort"),
        ({"web_search_options": {}}, "web_search_options"),
        ({"functions": [{"name": "f"}]}, "functions"),
        ({"guided_json": {}}, "guided_json"),
        ({"tools": [{"type": "custom", "custom": {"name": "f"}}]}, "tools[0].type"),
        ({"tool_choice": {"type": "allowed_tools", "allowed_tools": {}}}, "tool_choice.type"),
        ({"response_format": {"type": "grammar"}}, "response_format.type"),
        ({"stream_options": {"new": 1}}, "stream_options.new"),
        ({"messages": [{"role": "critic", "content": "a"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": "a", "weight": 0}]}, "messages[0].weight"),
        ({"messages": [{"role": "user", "content": [{"type": "video_url"}]}]}, "messages[0].content[0].type"),
        (
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "a", "cache_control": {}}]}]},
            "messages[0].content[0].cache_control",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_id": "f"}}]}]},
            "messages[0].content[0].file.file_id",
        ),
        ({"messages": [{"role": "assistant", "audio": {"id": "a"}}]}, "messages[0].audio"),
    ],
)
def test_what_only_openai_can_say_is_refused_by_name(fields: dict, field: str):
    """A field that would change the answer is never dropped: the path to it is named."""
    with pytest.raises(NotCarried) as raised:
        converse(**fields)
    assert raised.value.facts["field"] == field


def test_what_is_lost_without_harm_is_reported():
    """Fields about the asker, the vendor's storage and its price are left out, each by name; nulls say nothing."""
    read = converse(
        user="u",
        store=True,
        service_tier="flex",
        prediction={"type": "content", "content": "a"},
        metadata={"a": "b"},
        stream_options={"include_obfuscation": False},
        n=None,
        logprobs=False,
        unknown=None,
        safety_identifier=None,
        messages=[
            {
                "role": "user",
                "name": "Amina",
                "content": [{"type": "image_url", "image_url": {"url": "https://a", "detail": "high"}}],
            }
        ],
    )
    assert set(read.left_out) == {
        "user",
        "store",
        "service_tier",
        "prediction",
        "metadata",
        "stream_options.include_obfuscation",
        "messages[0].name",
        "messages[0].content[0].image_url.detail",
    }
    assert converse(metadata={"daffa_label": "level=internal"}, store=False).left_out == ()


@pytest.mark.parametrize(
    ("message", "field"),
    [
        (
            {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "{"}}]},
            "messages[0].tool_calls[0].function.arguments",
        ),
        (
            {"role": "assistant", "tool_calls": [{"id": "c", "function": {"name": "f", "arguments": "[1]"}}]},
            "messages[0].tool_calls[0].function.arguments",
        ),
        ({"role": "assistant", "tool_calls": [{"function": {"name": "f"}}]}, "messages[0].tool_calls[0].id"),
        ({"role": "tool", "content": "a"}, "messages[0].tool_call_id"),
        ({"role": "user", "content": [{"type": "text"}]}, "messages[0].content[0].text"),
        ({"role": "user", "content": [{"type": "text", "text": 7}]}, "messages[0].content[0].text"),
    ],
)
def test_what_is_wrong_inside_of_a_message_is_named(message: dict, field: str):
    """A mistake that the first reading does not see is named by its path when the request is translated."""
    with pytest.raises(Invalid) as raised:
        converse(messages=[message])
    assert (raised.value.code, raised.value.facts["field"]) == ("invalid_request_field", field)


def test_texts_side_by_side_are_lines_of_one_string():
    """What comes in several parts without an image is written as servers that read no parts want it, in every role."""
    parts = (Text("Be short."), Text("In Arabic."))
    turns = tuple(Turn(role, parts) for role in ("system", "user", "assistant"))
    body = json.loads(IDIOM.write_request(Conversation(turns=(*turns, Turn("user", (ToolResult("c", parts),)))), "m").body)
    assert [message["content"] for message in body["messages"]] == ["Be short.\nIn Arabic."] * 4


def test_what_nests_too_deep_is_refused():
    """What could be read but no longer written inside of another body is refused before anybody is asked."""
    schema: dict[str, Any] = {}
    for _ in range(300):
        schema = {"properties": {"a": schema}}
    with pytest.raises(Invalid, match="deeper"):
        converse(tools=[{"type": "function", "function": {"name": "f", "parameters": schema}}])


def test_thoughts_and_failures_of_another_protocol_are_reported():
    """What chat completions have no place for is left out by name, and what a tool showed goes to the next message."""
    image = Media("images", "image/png", "AAAA")
    turns = (
        Turn("assistant", (Thinking("hm"), ToolCall("c", "f"))),
        Turn("user", (ToolResult("c", (Text("seen"), image), failed=True), Text("well?"))),
    )
    written = IDIOM.write_request(Conversation(turns=turns, thinking_tokens=3000), "m")
    body = json.loads(written.body)
    assert [message["role"] for message in body["messages"]] == ["assistant", "tool", "user"]
    assert body["messages"][1]["content"] == "seen"
    assert [part["type"] for part in body["messages"][2]["content"]] == ["image_url", "text"]
    assert body["reasoning_effort"] == "low"
    assert len(written.left_out) == 4


@pytest.mark.parametrize(
    ("model", "field"),
    [
        ("mistral-small", "max_tokens"),
        ("gpt-4o", "max_tokens"),
        ("gpt-oss-120b", "max_tokens"),
        ("gpt-5.6-sol", "max_completion_tokens"),
        ("o4-mini", "max_completion_tokens"),
    ],
)
def test_the_most_tokens_are_told_as_the_model_understands(model: str, field: str):
    """OpenAI's models that think want a field of another name, which most servers do not know."""
    assert json.loads(IDIOM.write_request(Conversation(turns=(), max_tokens=5), model).body)[field] == 5


# Answers


def test_a_client_that_does_not_ask_for_usage_gets_no_event_for_it():
    """The event without a choice comes to those who asked for it alone."""
    events = [*events_of((GOLDEN / "text.sse").read_bytes())]
    silent, asking = (
        b"".join(map(SURFACE.event_writer(asked).write, events))
        for asked in (request(stream=True), request(stream=True, stream_options={"include_usage": True}))
    )
    assert b'"usage"' not in silent
    assert asking.count(b'"usage":{') == 1
    assert silent.endswith(b"data: [DONE]\n\n")


def test_usage_told_at_the_beginning_is_told_at_the_end():
    """Where an upstream counts what it read in its first event alone, the client gets both counts."""
    events = events_of((GOLDEN / "text.sse").read_bytes())
    events = [msgspec.structs.replace(events[0], usage=Usage(30, 1, 5)), *events[1:-1], Ended("stop", Usage(0, 7))]
    writer = SURFACE.event_writer(request(stream=True, stream_options={"include_usage": True}))
    assert events_of(b"".join(map(writer.write, events)))[-1] == Ended("stop", Usage(30, 7, 5))


def test_an_event_of_a_megabyte_and_many_calls_are_read():
    """A long text comes through whole, and a thousand calls one after the other."""
    text = "س" * 500_000
    data = b"data: " + json.dumps({"id": "x", "choices": [{"delta": {"content": text}, "finish_reason": "stop"}]}).encode()
    assert joined(events_of(data)).parts == (Text(text),)
    calls = [{"index": at, "id": f"c{at}", "function": {"name": "f", "arguments": "{}"}} for at in range(1000)]
    data = b"data: " + json.dumps({"id": "x", "choices": [{"delta": {"tool_calls": calls}, "finish_reason": "stop"}]}).encode()
    assert len(joined(events_of(data)).parts) == 1000
