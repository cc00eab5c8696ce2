"""Conversations of any protocol for an Anthropic upstream, and answers of any for an Anthropic client, at their edges."""

import json
from typing import Any

import pytest

from daffa.errors import Invalid, Unavailable
from daffa.gateway.conversation import (
    Conversation,
    Format,
    Media,
    NotCarried,
    PartEnded,
    PartStarted,
    Piece,
    Reply,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
)
from daffa.gateway.dialects.anthropic import IDIOM, SURFACE
from daffa.gateway.request import Request

HELLO = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "hello"}]}


def read(**fields: Any) -> Request:
    """A request with some fields changed."""
    return SURFACE.read(json.dumps({**HELLO, **fields}).encode())


def asked(*turns: Turn, **fields: Any) -> Any:
    """The body that an upstream is sent."""
    given = turns or (Turn("user", (Text("hello"),)),)
    return json.loads(IDIOM.write_request(Conversation(turns=given, **fields), "theirs").body)


def test_turns_alternate_and_results_come_first():
    """Turns of one role that follow each other are one; a text before a result goes behind it; empty texts vanish."""
    body = asked(
        Turn("system", (Text("a"),)),
        Turn("system", (Text(""), Text("b"))),
        Turn("user", (Text("c"),)),
        Turn("assistant", (ToolCall("t", "f"), Text(""))),
        Turn("user", (Text("d"),)),
        Turn("user", (ToolResult("t", ()),)),
        Turn("assistant", (Text(""),)),
        Turn("user", (Text("e"),)),
    )
    assert body["system"] == [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]
    assert body["messages"] == [
        {"role": "user", "content": "c"},
        {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {}}]},
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "t"},
                {"type": "text", "text": "d"},
                {"type": "text", "text": "e"},
            ],
        },
    ]


def test_a_system_turn_that_had_to_move_is_reported():
    """There is one place for them; where one stood later, the client learns that it stands there now."""
    turns = (Turn("user", (Text("a"),)), Turn("system", (Text("b"),)), Turn("user", (Text("c"),)))
    written = IDIOM.write_request(Conversation(turns=turns), "theirs")
    assert written.left_out == ("messages[1] (moved)",)
    assert json.loads(written.body)["system"] == [{"type": "text", "text": "b"}]


def test_ids_that_the_protocol_does_not_allow_are_made_anew_in_the_same_way():
    """Call and result still meet, and two ids that differ never become one."""
    calls = [ToolCall(each, "f") for each in ("functions.f:0", "functions.f;0", "fine_1-A")]
    results = tuple(ToolResult(call.id, ()) for call in calls)
    body = asked(Turn("assistant", tuple(calls)), Turn("user", results))
    called, answered = ([*map(dict.values, message["content"])] for message in body["messages"])
    ids = [list(values)[1] for values in called]
    assert ids == [list(values)[1] for values in answered]
    assert len(set(ids)) == 3
    assert ids[2] == "fine_1-A"
    assert all(each.replace("_", "").replace("-", "").isalnum() for each in ids)


@pytest.mark.parametrize("arguments", ["{", "[1]", "7", '{"a":}', "nothing"])
def test_arguments_that_are_no_object_are_an_error_both_ways(arguments: str):
    """Never an empty object instead: not to the upstream, and not to the client."""
    call = ToolCall("t", "f", arguments)
    with pytest.raises(Invalid) as raised:
        asked(Turn("assistant", (call,)))
    assert "messages[0]" in raised.value.facts["field"]
    with pytest.raises(Unavailable) as broken:
        SURFACE.write_reply(Reply(id="x", parts=(call,), finish="tools"), read())
    assert broken.value.code == "upstream_unreadable"


def test_a_call_that_the_length_cut_short_is_not_half_told():
    """The reason says that the answer is not whole; calls before it stand."""
    reply = Reply(id="x", parts=(ToolCall("a", "f", "{}"), ToolCall("b", "f", '{"x"')), finish="length")
    message = json.loads(SURFACE.write_reply(reply, read()))
    assert [block["id"] for block in message["content"]] == ["a"]
    assert message["stop_reason"] == "max_tokens"


@pytest.mark.parametrize(
    ("thinking", "shown"),
    [
        (None, False),
        ({"type": "disabled"}, False),
        ({"type": "enabled", "budget_tokens": 1024}, True),
        ({"type": "adaptive"}, True),
        ({"type": "adaptive", "display": "omitted"}, False),
    ],
)
def test_thoughts_are_shown_to_who_asked_for_them(thinking: dict | None, shown: bool):
    """A client that did not ask finds the text first, as it expects; blocks are numbered as they come to it."""
    request = read(thinking=thinking)
    reply = Reply(id="x", parts=(Thinking("hm", "s"), Text("a")), finish="stop")
    assert [block["type"] for block in json.loads(SURFACE.write_reply(reply, request))["content"]] == ["thinking"] * shown + [
        "text"
    ]
    writer = SURFACE.event_writer(request)
    events = [
        PartStarted(0, Thinking("")),
        Piece(0, "hm"),
        PartEnded(0, "s"),
        PartStarted(1, Text("")),
        Piece(1, "a"),
        PartEnded(1),
    ]
    written = b"".join(map(writer.write, events))
    assert (b"thinking" in written, b"signature" in written, b'"index":1' in written) == (shown,) * 3


@pytest.mark.parametrize(
    ("fields", "limit"),
    [
        ({}, 4096),
        ({"max_tokens": 7}, 7),
        ({"effort": "none"}, 4096),
        ({"effort": "low"}, 16_384),
        ({"thinking_tokens": 2000}, 6096),
        ({"thinking_tokens": 100}, 5120),
        ({"thinking_tokens": 0}, 4096),
    ],
)
def test_the_limit_that_the_protocol_demands(fields: dict, limit: int):
    """What the client says; else as many as every model can write, with room for thoughts where there are any."""
    assert asked(**fields)["max_tokens"] == limit


@pytest.mark.parametrize(
    ("fields", "thinking", "config"),
    [
        ({"effort": "none"}, {"type": "disabled"}, None),
        ({"thinking_tokens": 0}, {"type": "disabled"}, None),
        ({"thinking_tokens": 100}, {"type": "enabled", "budget_tokens": 1024}, None),
        ({"effort": "minimal"}, {"type": "adaptive"}, {"effort": "low"}),
        ({"effort": "high"}, {"type": "adaptive"}, {"effort": "high"}),
        ({"thinking_tokens": 2000, "effort": "high"}, {"type": "enabled", "budget_tokens": 2000}, {"effort": "high"}),
    ],
)
def test_effort_is_thinking(fields: dict, thinking: dict, config: dict | None):
    """A number of tokens is a budget; a word leaves the number to the model."""
    body = asked(**fields)
    assert (body["thinking"], body.get("output_config")) == (thinking, config)


@pytest.mark.parametrize(
    ("fields", "choice"),
    [
        ({}, None),
        ({"tool_choice": ToolChoice("required")}, {"type": "any"}),
        ({"tool_choice": ToolChoice("named", "f")}, {"type": "tool", "name": "f"}),
        ({"parallel_calls": False}, {"type": "auto", "disable_parallel_tool_use": True}),
        ({"tool_choice": ToolChoice("none"), "parallel_calls": False}, {"type": "none"}),
    ],
)
def test_tools_are_chosen(fields: dict, choice: dict | None):
    """Which tool, and whether several at once, in the protocol's one field for both."""
    assert asked(tools=(Tool("f"),), **fields).get("tool_choice") == choice


@pytest.mark.parametrize(
    ("turn", "fields", "field"),
    [
        (None, {"temperature": 1.5}, "temperature"),
        (Turn("assistant", (Text("The answer is ("),)), {}, "messages[0].role"),
        (None, {"presence_penalty": 0.5}, "presence_penalty"),
        (None, {"frequency_penalty": -1.0}, "frequency_penalty"),
        (None, {"tool_choice": ToolChoice("required")}, "tool_choice"),
        (None, {"format": Format(), "tools": (Tool("f"),)}, "format"),
        (None, {"effort": "huge"}, "effort"),
        (Turn("user", (Media("audio", "audio/wav", "AA=="),)), {}, "messages[0].content (audio)"),
        (Turn("user", (Media("files", "text/csv", "AA=="),)), {}, "messages[0].content (text/csv)"),
        (Turn("user", (Media("images", "", "AA=="),)), {}, "messages[0].content (images)"),
        (Turn("system", (Media("images", "image/png", "AA=="),)), {}, "messages[0].content"),
    ],
)
def test_what_this_protocol_cannot_say_is_refused_by_name(turn: Turn | None, fields: dict, field: str):
    """Nothing that would change the answer is dropped on the way to an Anthropic upstream."""
    with pytest.raises(NotCarried) as raised:
        asked(*([turn] if turn else []), **fields)
    assert raised.value.facts["field"] == field


@pytest.mark.parametrize(
    ("media", "block"),
    [
        (
            Media("images", "image/jpg", "AA=="),
            {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": "AA=="}},
        ),
        (
            Media("files", "", "AA==", name="a.pdf"),
            {
                "type": "document",
                "source": {"type": "base64", "media_type": "application/pdf", "data": "AA=="},
                "title": "a.pdf",
            },
        ),
        (
            Media("files", "text/plain", "2YbYtQ=="),
            {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "نص"}},
        ),
        (Media("files", url="https://a/b"), {"type": "document", "source": {"type": "url", "url": "https://a/b"}}),
    ],
)
def test_images_and_files_are_blocks(media: Media, block: dict):
    """Pictures, documents and plain text, each with the source that the protocol has for it."""
    assert asked(Turn("user", (media,)))["messages"][0]["content"] == [block]
    with pytest.raises(Invalid):
        asked(Turn("user", (Media("files", "text/plain", "no base64"),)))


def test_what_an_anthropic_upstream_is_not_told_is_reported():
    """A seed, and thoughts of another vendor's model; penalties of nothing are nothing."""
    turns = (Turn("user", (Text("a"),)), Turn("assistant", (Thinking("hm"), Text("b"))), Turn("user", (Text("c"),)))
    written = IDIOM.write_request(Conversation(turns=turns, seed=7, presence_penalty=0.0), "theirs")
    assert set(written.left_out) == {"seed", "messages[1] (thinking)"}
    assert json.loads(written.body)["messages"][1]["content"] == "b"


def test_json_without_a_schema_is_the_arguments_of_one_tool():
    """The protocol has no such form: a tool that must be called gives it, whole and streamed, and the client sees text."""
    body = asked(format=Format())
    assert body["tools"][0]["input_schema"] == {"type": "object"}
    assert body["tool_choice"] == {"type": "tool", "name": body["tools"][0]["name"]}
    use = {"type": "tool_use", "id": "t", "name": body["tools"][0]["name"], "input": {"a": 1}}
    whole = IDIOM.read_reply(json.dumps({"id": "m", "content": [use], "stop_reason": "tool_use"}).encode())
    assert (whole.parts, whole.finish) == ((Text('{"a": 1}'),), "stop")
    empty = IDIOM.read_reply(json.dumps({"id": "m", "content": [{**use, "input": {}}], "stop_reason": "tool_use"}).encode())
    assert empty.parts == (Text("{}"),)


def test_a_schema_is_said_as_the_protocol_says_it():
    """Beside what else stands in the same field."""
    body = asked(format=Format({"type": "object"}, name="form"), effort="low")
    assert body["output_config"] == {"effort": "low", "format": {"type": "json_schema", "schema": {"type": "object"}}}
