"""OpenAI responses: read whole or refused by name, answered whole or in the strict order of their events."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import Response, ResponseStreamEvent
from openai_bodies import joined, json_values, streams
from pydantic import TypeAdapter

from daffa.errors import Invalid, Unavailable
from daffa.gateway.conversation import (
    Conversation,
    Ended,
    Event,
    Failed,
    Format,
    Media,
    NotCarried,
    PartEnded,
    PartStarted,
    Piece,
    Reply,
    Started,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
    Turn,
    Usage,
)
from daffa.gateway.dialects.openai_responses.surface import OpenAIResponsesSurface
from daffa.gateway.request import Request
from daffa.gateway.sse import Splitter

SURFACE = OpenAIResponsesSurface(clock=lambda: 1_760_000_000.0)
HELLO = {"model": "m", "input": "hello"}
EVENTS: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
REPLY = Reply(
    id="x1",
    parts=(Thinking("hm", "sealed"), Text("السلام 👋"), ToolCall("c1", "f", '{"a":1}')),
    finish="tools",
    usage=Usage(12, 7, 4, 2),
)


def request(**fields: Any) -> Request:
    """A request with some fields changed."""
    return SURFACE.read(json.dumps({**HELLO, **fields}).encode())


def converse(**fields: Any) -> Conversation:
    """The conversation that it is."""
    return SURFACE.converse(request(**fields))


def whole(reply: Reply = REPLY, **fields: Any) -> dict[str, Any]:
    """A whole answer, which the official client's types accept."""
    body = SURFACE.write_reply(reply, request(**fields))
    Response.model_validate_json(body, strict=True)
    return json.loads(body)


def streamed(events: list[Event], **fields: Any) -> list[dict[str, Any]]:
    """A stream's documents, each of which the official client's types accept; its events bear the names of their types."""
    writer = SURFACE.event_writer(request(stream=True, **fields))
    sent = list(Splitter().feed(b"".join(map(writer.write, events))))
    assert sent[-1].data == b"[DONE]"
    documents = [json.loads(event.data) for event in sent[:-1]]
    assert [event.name for event in sent[:-1]] == [document["type"] for document in documents]
    for document in documents:
        EVENTS.validate_python(document)
    return documents


# Laws


@given(streams())
def test_events_come_in_their_strict_order(events: list[Event]):
    """Numbers go up by one; what is added is done; deltas joined are the text; the last event holds what was done."""
    documents = streamed(events)
    assert [document["sequence_number"] for document in documents] == list(range(len(documents)))
    kinds = [document["type"].removeprefix("response.") for document in documents]
    assert kinds[:2] == ["created", "in_progress"]
    assert kinds[-1] in ("completed", "incomplete")
    open_item, output, deltas = None, [], []
    for kind, document in zip(kinds[2:-1], documents[2:-1], strict=True):
        if kind == "output_item.added":
            assert open_item is None
            open_item, deltas = document["item"], []
            assert document["output_index"] == len(output)
        elif kind == "output_item.done":
            assert document["item"]["id"] == open_item["id"]
            output.append(document["item"])
            open_item = None
        else:
            assert document["item_id"] == open_item["id"]
        if kind.endswith(".delta"):
            deltas.append(document["delta"])
        if kind.endswith((".text.done", "_text.done", "arguments.done")):
            assert document.get("text", document.get("arguments")) == "".join(deltas)
    ended = documents[-1]["response"]
    assert [{**item, "status": None} for item in ended["output"]] == [{**item, "status": None} for item in output]


@given(streams())
def test_a_stream_ends_with_the_whole_answer(events: list[Event]):
    """The response in the last event is what a client gets that does not stream."""
    ended = streamed(events)[-1]["response"]
    reply = joined(events)
    assert json.loads(SURFACE.write_reply(reply, request(stream=True))) == ended


@given(st.binary(max_size=80) | json_values.map(lambda value: json.dumps(value).encode()))
def test_what_is_no_request_is_invalid(raw: bytes):
    """Whatever bytes come, the mistake is the client's."""
    with pytest.raises(Invalid):
        SURFACE.read(raw)


fields = st.sampled_from(
    [
        "input",
        "instructions",
        "tools",
        "tool_choice",
        "text",
        "reasoning",
        "include",
        "metadata",
        "stream_options",
        "x",
        "top_p",
    ]
)
items = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["message", "function_call", "function_call_output", "reasoning", "x"]) | json_values,
        "role": st.sampled_from(["user", "assistant", "system"]) | json_values,
        **dict.fromkeys(["content", "output", "summary", "arguments", "call_id", "name"], json_values),
    },
)


@given(st.dictionaries(fields, json_values | st.lists(items, max_size=3), max_size=3))
def test_any_field_of_any_type_is_read_or_refused_by_name(fields: dict):
    """No body makes the reader fail in a way that nobody foresaw."""
    try:
        named: Any = converse(**fields).turns
    except Invalid as error:
        named = error.facts.get("field")
    assert named or fields.get("input") == []


# Requests


def test_a_request_is_read_whole():
    """Every field that another protocol may have arrives in the conversation; items of one answer are one turn."""
    read = converse(
        instructions="Be short.",
        input=[
            {"role": "developer", "content": "In Arabic."},
            {
                "type": "message",
                "role": "user",
                "content": [
                    {"type": "input_text", "text": "Look"},
                    {"type": "input_image", "detail": "auto", "image_url": "data:image/png;base64,AAAA"},
                    {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,BBBB"},
                ],
            },
            {
                "type": "reasoning",
                "id": "rs",
                "summary": [{"type": "summary_text", "text": "hm"}],
                "encrypted_content": "sealed",
            },
            {
                "type": "message",
                "id": "msg",
                "status": "completed",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "I look.", "annotations": [], "logprobs": []}],
            },
            {"type": "function_call", "id": "fc", "call_id": "c1", "name": "f", "arguments": '{"a":1}', "status": "completed"},
            {"type": "function_call_output", "call_id": "c1", "output": "7"},
            {"type": "function_call_output", "call_id": "c2", "output": [{"type": "input_text", "text": "8"}]},
            {"role": "user", "content": "And?"},
        ],
        tools=[{"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}, "strict": True}],
        tool_choice={"type": "function", "name": "f"},
        parallel_tool_calls=False,
        text={"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}, "strict": True}},
        reasoning={"effort": "low"},
        max_output_tokens=9,
    )
    assert read.turns == (
        Turn("system", (Text("Be short."),)),
        Turn("system", (Text("In Arabic."),)),
        Turn(
            "user",
            (Text("Look"), Media("images", "image/png", "AAAA"), Media("files", "application/pdf", "BBBB", name="a.pdf")),
        ),
        Turn("assistant", (Thinking("hm", "sealed"), Text("I look."), ToolCall("c1", "f", '{"a":1}'))),
        Turn("user", (ToolResult("c1", (Text("7"),), "f"), ToolResult("c2", (Text("8"),)), Text("And?"))),
    )
    assert read.tools == (Tool("f", "d", {"type": "object"}, strict=True),)
    assert (read.tool_choice.name, read.parallel_calls, read.effort, read.max_tokens) == ("f", False, "low", 9)
    assert read.format == Format({"type": "object"}, "n", strict=True)
    assert read.left_out == ()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"conversation": "conv_1"}, "conversation"),
        ({"background": True}, "background"),
        ({"prompt": {"id": "p"}}, "prompt"),
        ({"top_logprobs": 3}, "top_logprobs"),
        ({"include": ["message.output_text.logprobs"]}, "include"),
        ({"context_management": [{"type": "compaction"}]}, "context_management"),
        ({"text": {"verbosity": "low"}}, "text.verbosity"),
        ({"text": {"format": {"type": "grammar"}}}, "text.format.type"),
        ({"reasoning": {"effort": "max"}}, "reasoning.effort"),
        ({"reasoning": {"mode": "pro"}}, "reasoning.mode"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"tools": [{"type": "mcp", "server_label": "x"}]}, "tools[0].type"),
        ({"tool_choice": {"type": "file_search"}}, "tool_choice.type"),
        ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "input[0].type"),
        ({"input": [{"type": "web_search_call", "id": "ws"}]}, "input[0].type"),
        ({"input": [{"role": "user", "content": [{"type": "input_image", "file_id": "f"}]}]}, "input[0].content[0].file_id"),
        ({"new_field": 1}, "new_field"),
    ],
)
def test_what_cannot_be_carried_is_refused_by_name(fields: dict, field: str):
    """What the vendor would keep, search or run for the client is no chat that any model could be asked."""
    with pytest.raises(NotCarried) as raised:
        converse(**fields)
    assert raised.value.facts["field"] == field


def test_what_is_lost_without_harm_is_reported():
    """Nothing is stored here, which a client that asks for it is told; so with all that is only billed or shown."""
    read = converse(
        store=True,
        truncation="auto",
        user="u",
        service_tier="flex",
        metadata={"a": "b"},
        max_tool_calls=3,
        reasoning={"effort": "low", "summary": "auto"},
        include=["reasoning.encrypted_content"],
    )
    assert set(read.left_out) == {
        "store",
        "truncation",
        "user",
        "service_tier",
        "metadata",
        "max_tool_calls",
        "reasoning.summary",
    }
    assert converse(store=False, truncation="disabled", metadata={"daffa_label": "x"}, background=False).left_out == ()


@pytest.mark.parametrize(
    ("fields", "needs", "opaque", "question"),
    [
        ({}, set(), False, "hello"),
        ({"input": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}, set(), False, "a"),
        ({"tools": [{"type": "function", "name": "f"}]}, {"tools"}, False, "hello"),
        ({"text": {"format": {"type": "json_schema", "name": "n", "schema": {}}}}, {"json_schema"}, False, "hello"),
        ({"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}]}, {"images"}, True, ""),
        (
            {"input": [{"type": "function_call_output", "call_id": "c", "output": [{"type": "input_file"}]}]},
            {"files"},
            True,
            "",
        ),
        ({"input": [{"type": "computer_call_output", "output": None}]}, set(), True, ""),
    ],
)
def test_needs_and_opaque_parts_are_seen(fields: dict, needs: set, opaque: bool, question: str):
    """What a model must be able to do, and what cannot be read as text, is known before it is asked."""
    read = request(**fields)
    assert (read.needs, read.opaque, read.question) == (needs, opaque, question)


def test_texts_in_several_parts_are_put_together():
    """A number cut over two parts is seen as a model reads it, also in what a tool gave."""
    parts = [{"type": "input_text", "text": "AB12"}, {"type": "input_text", "text": "3456"}]
    read = request(
        input=[{"role": "user", "content": parts}, {"type": "function_call_output", "call_id": "c", "output": parts}]
    )
    assert read.joined == ("AB123456", "AB123456")


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b'{"input":"a"}', "model"),
        (b'{"model":"m"}', "input"),
        (b'{"model":"m","input":[]}', "input"),
        (b'{"model":"m","input":[7]}', "input[0]"),
        (b'{"model":"m","input":"a","stream":"yes"}', "stream"),
        (b'{"model":"m","input":"a","max_output_tokens":0}', "max_output_tokens"),
    ],
)
def test_a_wrong_field_is_named(raw: bytes, field: str):
    """Each wrong type or missing field is refused with its name and what was expected."""
    with pytest.raises(Invalid) as raised:
        SURFACE.read(raw)
    assert raised.value.facts["field"] == field


@pytest.mark.parametrize(
    ("item", "field"),
    [
        ({"type": "function_call", "call_id": "c", "name": "f", "arguments": "{"}, "input[0].arguments"),
        ({"type": "function_call_output", "output": "a"}, "input[0].call_id"),
        ({"type": "function_call_output", "call_id": "c"}, "input[0].output"),
        ({"role": "user"}, "input[0].content"),
        ({"role": "user", "content": [{"type": "input_text"}]}, "input[0].content[0].text"),
    ],
)
def test_what_is_wrong_inside_of_an_item_is_named(item: dict, field: str):
    """A mistake that the first reading does not see is named by its path."""
    with pytest.raises(Invalid) as raised:
        converse(input=[item])
    assert (raised.value.code, raised.value.facts["field"]) == ("invalid_request_field", field)


# Answers


def test_a_whole_answer_has_every_part_as_an_item():
    """A thought with its seal, a message and a call; what was asked is repeated, and that nothing is stored."""
    tools = [{"type": "function", "name": "f"}]
    said = whole(tools=tools, instructions="Be short.", temperature=0.5, metadata={"a": "b"}, store=True)
    thought, message, call = said["output"]
    assert (thought["summary"][0]["text"], thought["encrypted_content"]) == ("hm", "sealed")
    assert message["content"][0]["text"] == "السلام 👋"
    assert (call["call_id"], call["name"], call["arguments"]) == ("c1", "f", '{"a":1}')
    assert (said["id"], said["status"], said["store"], said["model"]) == ("resp_x1", "completed", False, "m")
    assert (said["instructions"], said["temperature"], said["metadata"]) == ("Be short.", 0.5, {"a": "b"})
    assert said["tools"] == [{"type": "function", "name": "f", "description": None, "parameters": None, "strict": None}]
    assert said["usage"] == {
        "input_tokens": 12,
        "input_tokens_details": {"cached_tokens": 4, "cache_write_tokens": 0},
        "output_tokens": 7,
        "output_tokens_details": {"reasoning_tokens": 2},
        "total_tokens": 19,
    }


def test_an_answer_sent_back_is_the_turn_that_it_was():
    """A client that keeps the conversation itself sends our items back, and no word, seal or call is lost."""
    read = converse(input=[{"role": "user", "content": "hello"}, *whole()["output"]])
    assert read.turns[1] == Turn("assistant", REPLY.parts)
    assert read.left_out == ()


@pytest.mark.parametrize(("finish", "reason"), [("length", "max_output_tokens"), ("filtered", "content_filter")])
def test_an_answer_that_is_not_complete_says_why(finish: Any, reason: str):
    """The response and its last item are incomplete, whole and streamed."""
    said = whole(Reply(id="x", parts=(Text("Bon"),), finish=finish))
    assert (said["status"], said["incomplete_details"], said["output"][0]["status"]) == (
        "incomplete",
        {"reason": reason},
        "incomplete",
    )
    events = [Started("x"), PartStarted(0, Text("")), Piece(0, "Bon"), PartEnded(0), Ended(finish)]
    last = streamed(events)[-1]
    assert (last["type"], last["response"]) == ("response.incomplete", said)


def test_a_stream_that_fails_says_so():
    """What was done stays in the response, with the upstream's words; an error of ours is read in both of its shapes."""
    events = [Started("x"), PartStarted(0, Text("")), Piece(0, "Bon"), PartEnded(0), Failed("it burns")]
    last = streamed(events)[-1]
    assert last["type"] == "response.failed"
    assert (last["response"]["status"], last["response"]["error"]["message"]) == ("failed", "it burns")
    (event,) = Splitter().feed(SURFACE.error_event(Unavailable("upstream_broke_off", reason="x"), "en"))
    said = json.loads(event.data)
    assert (event.name, said["type"], said["code"], said["error"]["code"]) == (
        "error",
        "error",
        "upstream_broke_off",
        "upstream_broke_off",
    )
