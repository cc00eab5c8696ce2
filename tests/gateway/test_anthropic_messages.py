"""Anthropic Messages as clients speak it: what is read, what travels untouched, what is refused or reported by name."""

import json
from typing import Any

import pytest

from daffa.errors import Invalid
from daffa.gateway.conversation import (
    Media,
    NotCarried,
    Part,
    Reply,
    Text,
    Usage,
)
from daffa.gateway.dialects.anthropic import COUNTING, IDIOM, SURFACE
from daffa.gateway.request import Request

HELLO = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "hello"}]}
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
PDF = {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}}
NOTE = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "AB12"}, "title": "Note"}
RESULT = {"type": "tool_result", "tool_use_id": "t"}
TOOL = {"name": "f", "input_schema": {"type": "object"}}


def read(**fields: Any) -> Request:
    """A request with some fields changed."""
    return SURFACE.read(json.dumps({**HELLO, **fields}).encode())


def user(*blocks: Any) -> dict[str, Any]:
    """The field ``messages`` with one message of the user's."""
    return {"messages": [{"role": "user", "content": list(blocks)}]}


@pytest.mark.parametrize(
    ("fields", "needs", "opaque"),
    [
        ({}, set(), False),
        ({"tools": [TOOL]}, {"tools"}, False),
        ({"output_config": {"format": {"type": "json_schema", "schema": {}}}}, {"json_schema"}, False),
        ({"output_format": {"type": "json_schema", "schema": {}}}, {"json_schema"}, False),
        ({"output_config": {"effort": "low"}}, set(), False),
        (user({"type": "text", "text": "a"}), set(), False),
        (user(IMAGE), {"images"}, True),
        (user(PDF), {"files"}, True),
        (user(NOTE), set(), False),
        (user({"type": "document", "source": {"type": "content", "content": [IMAGE]}}), {"images"}, True),
        (user({**RESULT, "content": "a"}), set(), False),
        (user({**RESULT, "content": [{"type": "text", "text": "a"}, IMAGE]}), {"images"}, True),
        (user({**RESULT, "content": [NOTE]}), set(), False),
        (user({**RESULT, "content": {"type": "of another kind"}}), set(), True),
        (user({"type": "thinking", "thinking": "a", "signature": "b"}), set(), False),
        (user({"type": "redacted_thinking", "data": "b"}), set(), True),
        (user({"type": "something_new"}), set(), True),
    ],
)
def test_needs_and_opaque_blocks_are_seen(fields: dict, needs: set, opaque: bool):
    """What a model must be able to do, and what cannot be read as text, is known before it is asked, at any depth."""
    request = read(**fields)
    assert (request.needs, request.opaque) == (needs, opaque)


def test_blocks_too_deep_to_be_looked_into_are_opaque():
    """A document in a result is read; what hides further down counts as what it may be."""
    block: dict[str, Any] = {"type": "text", "text": "hidden"}
    for _ in range(5):
        block = {**RESULT, "content": [block]}
    assert read(**user(block)).opaque


def test_texts_in_several_blocks_are_put_together():
    """Those of one message, results and documents too; the question is what the user typed last."""
    request = read(
        system=[{"type": "text", "text": "12"}, {"type": "text", "text": "34"}],
        messages=[
            {"role": "user", "content": [{"type": "text", "text": "quelle "}, NOTE, {"type": "text", "text": "heure ?"}]},
            {"role": "assistant", "content": [{"type": "tool_use", "id": "t", "name": "f", "input": {}}]},
            {
                "role": "user",
                "content": [{**RESULT, "content": [{"type": "text", "text": "AB"}, {"type": "text", "text": "12"}]}],
            },
        ],
    )
    assert request.joined == ("1234", "quelle AB12heure ?", "AB12")
    assert request.question == "quelle heure ?"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"model": None}, "model"),
        ({"model": ""}, "model"),
        ({"max_tokens": None}, "max_tokens"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"max_tokens": 10**40}, "max_tokens"),
        ({"messages": []}, "messages"),
        ({"messages": "hello"}, "messages"),
        ({"messages": [{"content": "a"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"text": "a"}]}]}, "messages[0].content[0].type"),
        ({"system": 7}, "system"),
        ({"stream": "yes"}, "stream"),
    ],
)
def test_a_wrong_field_is_named(body: dict, field: str):
    """Each wrong type or missing field is refused with its name and what was expected."""
    with pytest.raises(Invalid) as raised:
        read(**body)
    assert (raised.value.code, raised.value.facts["field"]) == ("invalid_request_field", field)


def test_a_conversation_that_the_vendor_keeps_is_refused():
    """What was said before would not be in the request that is decided on; the vendor's clients then send all of it."""
    for thread in ({"type": "create"}, {"type": "continue", "previous_message_id": "m"}):
        with pytest.raises(NotCarried) as raised:
            read(thread=thread)
        error = json.loads(SURFACE.error_body(raised.value, 400, "en"))["error"]
        assert (error["code"], error["details"]["error_code"]) == ("field_not_carried", "thread_unsupported_request")
    assert not read(thread=None).stream


def test_a_count_needs_no_limit():
    """``/v1/messages/count_tokens`` has neither ``max_tokens`` nor a stream, and asks for no answer."""
    counted = COUNTING.read(b'{"model":"m","messages":[{"role":"user","content":"a"}],"stream":true}')
    assert (counted.kind, counted.answer_tokens, counted.stream) == ("count", 0, False)
    assert COUNTING.count_reply(14) == b'{"input_tokens":14}'
    assert COUNTING.write_reply(Reply(id="", parts=(), finish="stop", usage=Usage(14)), counted) == b'{"input_tokens":14}'


def test_what_is_not_ours_to_read_keeps_its_bytes():
    """Numbers, escapes and fields of tomorrow travel as they came; the gateway's own declarations stay here."""
    raw = (
        b'{"model":"m","max_tokens":5,"temperature":1.50,"messages":[{"role":"user","content":[{"type":"text",'
        b'"text":"\\u0627\\/","tomorrow":[1e2]}]}],"metadata":{"user_id":"u","daffa_label":"level=internal"},"new":{"a":1.0}}'
    )
    sent = IDIOM.patched(SURFACE.read(raw), "theirs")
    for kept in (b'"text":"\\u0627\\/"', b'"tomorrow":[1e2]', b'"temperature":1.50', b'"new":{"a":1.0}', b'"user_id":"u"'):
        assert kept in sent
    assert b"daffa_label" not in sent
    assert json.loads(sent)["model"] == "theirs"


@pytest.mark.parametrize(
    "content",
    [
        '"content":[%(image)s],"content":"hello"',
        '"content":[{"type":"image","type":"text","text":"hello"}]',
        '"content":[{"type":"tool_result","tool_use_id":"t","content":[%(image)s],"content":"hello"}]',
        '"content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"image","type":"text","text":"hello"}]}]',
        '"content":[{"type":"document","source":{"type":"base64","type":"text","data":"hello"}}]',
        '"content":[{"type":"document","source":{"type":"content","content":[%(image)s],"content":"hello"}}]',
    ],
)
def test_of_a_key_given_twice_only_the_last_travels(content: str):
    """Nobody behind us can be shown an image or a file where we saw a text."""
    twice = content % {"image": json.dumps(IMAGE)}
    request = SURFACE.read(('{"model":"m","max_tokens":5,"messages":[{"role":"user",' + twice + "}]}").encode())
    sent = IDIOM.patched(request, "theirs")
    assert not request.opaque
    assert b'"image"' not in sent
    assert b'"base64"' not in sent


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"x_new": 1}, "x_new"),
        ({"container": "c"}, "container"),
        ({"inference_geo": "us"}, "inference_geo"),
        ({"mcp_servers": []}, "mcp_servers"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"metadata": {"x": 1}}, "metadata.x"),
        ({"thinking": {"type": "between_tools"}}, "thinking.type"),
        ({"output_config": {"task_budget": {}}}, "output_config.task_budget"),
        ({"output_config": {"effort": "huge"}}, "output_config.effort"),
        ({"tools": [{"type": "web_search_20250305", "name": "web_search"}]}, "tools[0].type"),
        ({"tools": [{**TOOL, "defer_loading": True}]}, "tools[0].defer_loading"),
        ({"tools": [{**TOOL, "input_examples": [{}]}]}, "tools[0].input_examples"),
        ({"tools": [{**TOOL, "allowed_callers": ["code_execution_20250825"]}]}, "tools[0].allowed_callers"),
        (user({"type": "text", "text": "a"}, {"type": "search_result"}), "messages[0].content[1].type"),
        (user({"type": "image", "source": {"type": "file", "file_id": "f"}}), "messages[0].content[0].source.type"),
        (user({**IMAGE, "transformations": {"oversized": "resize"}}), "messages[0].content[0].transformations"),
        (user({**PDF, "citations": {"enabled": True}}), "messages[0].content[0].citations"),
        (user({**PDF, "context": "c"}), "messages[0].content[0].context"),
        (user({**RESULT, "content": [{"type": "tool_reference"}]}), "messages[0].content[0].content[0].type"),
        ({"messages": [*HELLO["messages"], {"role": "assistant", "content": "The answer is ("}]}, "messages[1].role"),
    ],
)
def test_what_no_other_protocol_can_say_is_refused_by_name(fields: dict, field: str):
    """The client learns which field stands in the way."""
    with pytest.raises(NotCarried) as raised:
        SURFACE.converse(read(**fields))
    assert raised.value.facts["field"] == field


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"messages": [{"role": "tool", "content": "a"}]}, "messages[0].role"),
        (user({"type": "tool_use", "id": "t", "name": "f", "input": {}}), "messages[0].content[0].type"),
        (user({**RESULT, "content": [{**RESULT, "content": "a"}]}), "messages[0].content[0].content[0].type"),
        (user({"type": "text"}), "messages[0].content[0].text"),
        (user({"type": "image"}), "messages[0].content[0].source"),
        ({"tools": [{"name": "f"}]}, "tools[0].input_schema"),
        ({"tool_choice": {"type": "tool"}}, "tool_choice.name"),
        ({"stop_sequences": ["a", 7]}, "stop_sequences[1]"),
        ({"temperature": "hot"}, "temperature"),
        ({"top_k": True}, "top_k"),
    ],
)
def test_what_the_protocol_does_not_have_is_named(fields: dict, field: str):
    """A request that its own protocol refuses is refused here with the field, before anything leaves."""
    with pytest.raises(Invalid) as raised:
        SURFACE.converse(read(**fields))
    assert (raised.value.code, raised.value.facts["field"]) == ("invalid_request_field", field)


@pytest.mark.parametrize(
    ("fields", "left_out"),
    [
        ({"cache_control": {"type": "ephemeral"}}, "cache_control"),
        ({"speed": "fast"}, "speed"),
        ({"diagnostics": {"previous_message_id": None}}, "diagnostics"),
        ({"user_profile_id": "p"}, "user_profile_id"),
        ({"thinking": {"type": "adaptive", "display": "omitted"}}, "thinking.display"),
        ({"output_config": {"effort": "max"}}, "output_config.effort"),
        ({"thinking": {"type": "disabled"}, "output_config": {"effort": "low"}}, "output_config.effort"),
        (user({"type": "text", "text": "a", "citations": [{}]}), "messages[0].content[0].citations"),
    ],
)
def test_what_the_answer_does_not_depend_on_is_left_out_and_reported(fields: dict, left_out: str):
    """By its path, so that the client can look it up."""
    assert SURFACE.converse(read(**fields)).left_out == (left_out,)


def test_null_says_nothing():
    """A field that is null is a field that was not said, whatever its name."""
    names = ("container", "mcp_servers", "thinking", "output_config", "tools", "tool_choice", "system", "metadata", "x")
    assert SURFACE.converse(read(**dict.fromkeys(names))) == SURFACE.converse(read())


@pytest.mark.parametrize(
    ("block", "parts"),
    [
        (NOTE, (Text("Note\n\nAB12"),)),
        ({**NOTE, "title": None, "context": "Du maire."}, (Text("Du maire.\n\nAB12"),)),
        ({"type": "document", "source": {"type": "content", "content": "a"}, "title": "T"}, (Text("T\n\n"), Text("a"))),
        ({"type": "document", "source": {"type": "url", "url": "https://a/b.pdf"}}, (Media("files", url="https://a/b.pdf"),)),
        ({"type": "text", "text": ""}, (Text(""),)),
    ],
)
def test_documents_that_are_text_can_be_read_by_any_model(block: dict, parts: tuple[Part, ...]):
    """Their title and context stand above them; other files stay files."""
    assert SURFACE.converse(read(**user(block))).turns[0].parts == parts


def test_a_text_of_a_megabyte_and_a_deep_value_pass():
    """Long texts and nested arguments are carried as they are, both ways."""
    long = "ط" * 500_000
    deep: Any = 1
    for _ in range(200):
        deep = {"a": deep}
    blocks = [{"type": "tool_use", "id": "t", "name": "f", "input": deep}]
    messages = [
        {"role": "user", "content": long},
        {"role": "assistant", "content": blocks},
        *user({**RESULT, "content": long})["messages"],
    ]
    body = IDIOM.write_request(SURFACE.converse(read(messages=messages)), "theirs").body
    assert json.loads(body)["messages"] == messages
