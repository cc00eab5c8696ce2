"""Where Anthropic's protocol has texts, how it says errors, and how it lists models."""

import json
from typing import Any

import pytest

from daffa.errors import Invalid, Refused, Unavailable
from daffa.gateway.dialects.anthropic import IDIOM, LISTING, SURFACE
from daffa.gateway.request import Request

HELLO = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "hello"}]}
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
NOTE = {"type": "document", "source": {"type": "text", "media_type": "text/plain", "data": "AB12"}, "title": "Note"}
RESULT = {"type": "tool_result", "tool_use_id": "t"}
TOOL = {"name": "f", "input_schema": {"type": "object"}}


def read(**fields: Any) -> Request:
    """A request with some fields changed."""
    return SURFACE.read(json.dumps({**HELLO, **fields}).encode())


def user(*blocks: Any) -> dict[str, Any]:
    """The field ``messages`` with one message of the user's."""
    return {"messages": [{"role": "user", "content": list(blocks)}]}


def test_every_text_of_a_request_is_found_and_no_name_or_bytes():
    """What may hold somebody's data is masked; ids, signatures and base64 stay what they are."""
    body = json.loads(
        IDIOM.patched(
            read(
                system="S0",
                messages=[
                    {"role": "user", "content": "S1"},
                    {
                        "role": "assistant",
                        "content": [
                            {"type": "thinking", "thinking": "S2", "signature": "sig"},
                            {"type": "redacted_thinking", "data": "opaque"},
                            {
                                "type": "tool_use",
                                "id": "t",
                                "name": "f",
                                "input": {"id": "S3", "data": ["S4", 1], "type": "S5"},
                            },
                        ],
                    },
                    {"role": "user", "content": [{**RESULT, "content": [{"type": "text", "text": "S6"}]}, NOTE, IMAGE]},
                ],
                stop_sequences=["S7"],
                metadata={"user_id": "S8"},
                tools=[{**TOOL, "description": "S9"}],
            ),
            "theirs",
        )
    )
    slots = list(IDIOM.prompts(body))
    found = {slot.holder[slot.key] for slot in slots if slot.key != "input"}
    assert found == {f"S{number}" for number in (0, 1, 2, 6, 7, 8, 9)} | {"AB12", "Note", "object"}
    assert [slot.holder[slot.key] for slot in slots if slot.key == "input"] == [{"id": "S3", "data": ["S4", 1], "type": "S5"}]


def test_a_body_of_any_depth_is_looked_through():
    """As deep as the parser goes: neither a request nor an answer can make the walk fail."""
    deep: Any = "S"
    for _ in range(900):
        deep = [deep]
    body = {"messages": [{"role": "assistant", "content": [{"type": "novel", "words": deep}]}]}
    assert [slot.holder[slot.key] for slot in IDIOM.prompts(body)] == ["S"]
    assert [slot.holder[slot.key] for slot in IDIOM.slots({"content": body["messages"]})] == ["S"]
    nested: Any = {"type": "text", "text": "a"}
    for _ in range(150):
        nested = {"type": "document", "source": {"type": "content", "content": [nested]}}
    with pytest.raises(Invalid):
        SURFACE.converse(read(**user(nested)))


def test_every_text_of_an_answer_is_found_by_its_channel():
    """A block is one text in many events; it is closed by its signature or its end."""
    text, arguments = (
        {"type": "content_block_delta", "index": index, "delta": delta}
        for index, delta in ((0, {"type": "text_delta", "text": "a"}), (1, {"type": "input_json_delta", "partial_json": "{"}))
    )
    assert [(slot.channel, slot.key, slot.json) for slot in IDIOM.slots(text)] == [("0", "text", False)]
    assert [(slot.channel, slot.key, slot.json) for slot in IDIOM.slots(arguments)] == [("1", "partial_json", True)]
    signed = {"type": "content_block_delta", "index": 2, "delta": {"type": "signature_delta", "signature": "s"}}
    assert list(IDIOM.slots(signed)) == []
    assert [list(IDIOM.closes(event)) for event in (text, signed, {"type": "content_block_stop", "index": 1})] == [
        [],
        ["2"],
        ["1"],
    ]
    whole = {
        "content": [{"type": "text", "text": "a"}, {"type": "tool_use", "id": "t", "name": "f", "input": {"x": ["b"]}}],
        "stop_sequence": "c",
    }
    assert [slot.holder[slot.key] for slot in IDIOM.slots(whole)] == ["a", {"x": ["b"]}, "c"]


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "invalid_request_error"),
        (401, "authentication_error"),
        (403, "permission_error"),
        (404, "not_found_error"),
        (413, "request_too_large"),
        (422, "invalid_request_error"),
        (429, "rate_limit_error"),
        (451, "permission_error"),
        (500, "api_error"),
        (502, "api_error"),
        (503, "overloaded_error"),
        (504, "timeout_error"),
        (529, "overloaded_error"),
    ],
)
def test_errors_have_the_vendors_own_types(status: int, kind: str):
    """By status; with our code, where the vendor's clients look for one and where all our surfaces have it."""
    error = json.loads(SURFACE.error_body(Refused("refused_by_policy", rules="a"), status, "en", {"decision": "o#1"}))
    assert (error["type"], error["error"]["type"]) == ("error", kind)
    assert error["error"]["code"] == error["error"]["details"]["error_code"] == "refused_by_policy"
    assert error["error"]["decision"] == "o#1"
    said = json.loads(SURFACE.upstream_error("what it said", status))
    assert said == {"type": "error", "error": {"type": kind, "message": "what it said"}}


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_an_error_in_mid_stream_is_one_event(language: str):
    """Named ``error``, its sentence in the client's language."""
    event = SURFACE.error_event(Unavailable("upstream_broke_off", reason="x"), language)
    name, data = event.decode().removesuffix("\n\n").split("\n")
    assert name == "event: error"
    assert json.loads(data.removeprefix("data: "))["error"]["message"] == Unavailable("upstream_broke_off", reason="x").say(
        language
    )


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"type":"error","error":{"type":"invalid_request_error","message":"max_tokens: too many"}}', "max_tokens: too many"),
        (b'{"error":"plain"}', "plain"),
        (b'{"error":null}', ""),
        (b"<html>", ""),
        (b"[1]", ""),
    ],
)
def test_what_an_upstream_found_wrong_is_read(body: bytes, message: str):
    """Its words, or nothing."""
    assert IDIOM.error_message(body) == message


def test_models_are_listed_as_the_vendor_lists_them():
    """One page, with what the house knows beside what the vendor's clients read."""
    rows = [{"id": "auto", "object": "model"}, {"id": "atlas", "object": "model", "daffa": {"place": "rabat"}}]
    listed = json.loads(LISTING.models(rows))
    assert (listed["has_more"], listed["first_id"], listed["last_id"]) == (False, "auto", "atlas")
    assert listed["data"][1] == json.loads(LISTING.model(rows[1]))
    assert (listed["data"][1]["type"], listed["data"][1]["daffa"]) == ("model", {"place": "rabat"})
    assert json.loads(LISTING.models([])) == {"data": [], "has_more": False, "first_id": None, "last_id": None}
