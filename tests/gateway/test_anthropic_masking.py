"""What is masked in a request to an Anthropic upstream comes back in texts, thoughts and arguments, whole and in any pieces."""

from __future__ import annotations

import functools
import json
from itertools import pairwise
from typing import Any

import pytest
from anthropic_bodies import events_of, joined
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.gateway.conversation import Text, Thinking, ToolCall
from daffa.gateway.dialects import openai_chat
from daffa.gateway.dialects.anthropic import IDIOM, SURFACE
from daffa.gateway.masking import NotMasked, masked_body
from daffa.gateway.preparing import prepare
from daffa.gateway.translating import Way
from daffa.privacy import Originals

KEY = b"k" * 32
MAIL, PHONE, CIN = "s.amrani@example.ma", "0661234567", "AB123456"
SAID = f"Écrivez « {MAIL} » ou au {PHONE}; CIN {CIN}."
CALL = {"type": "tool_use", "id": "t", "name": "send", "input": {"to": [MAIL], "note": f'he said "{PHONE}"'}}
RESULT = {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": f"sent to {MAIL}"}]}
BODY: dict[str, Any] = {
    "model": "m",
    "max_tokens": 9,
    "system": [{"type": "text", "text": SAID}],
    "messages": [
        {"role": "user", "content": SAID},
        {"role": "assistant", "content": [{"type": "thinking", "thinking": PHONE, "signature": "s"}, CALL]},
        {"role": "user", "content": [RESULT]},
    ],
    "metadata": {"user_id": MAIL},
    "stop_sequences": [CIN],
    "thinking": {"type": "adaptive"},
}
RAW = json.dumps(BODY, ensure_ascii=False).encode()


def answered(text: str, arguments: str, cuts: list[int]) -> bytes:
    """A stream whose thought, text and arguments are cut at ``cuts``, as an upstream sends it."""
    blocks = [("thinking", "thinking_delta", "thinking", text), ("text", "text_delta", "text", text)]
    blocks.append(("tool_use", "input_json_delta", "partial_json", arguments))
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": {"id": "m", "content": [], "usage": {"input_tokens": 3}}}
    ]
    for index, (kind, delta, field, said) in enumerate(blocks):
        more = {"id": "t", "name": "send", "input": {}} if kind == "tool_use" else {field: ""}
        events.append({"type": "content_block_start", "index": index, "content_block": {"type": kind, **more}})
        places = [0, *sorted(cut % (len(said) + 1) for cut in cuts), len(said)]
        for start, end in pairwise(places):
            events.append({"type": "content_block_delta", "index": index, "delta": {"type": delta, field: said[start:end]}})
        if kind == "thinking":
            signed = {"type": "signature_delta", "signature": "sig"}
            events.append({"type": "content_block_delta", "index": index, "delta": signed})
        events.append({"type": "content_block_stop", "index": index})
    events.append(
        {"type": "message_delta", "delta": {"stop_reason": "tool_use", "stop_sequence": None}, "usage": {"output_tokens": 5}}
    )
    events.append({"type": "message_stop"})
    return b"".join(b"event: %b\ndata: %b\n\n" % (event["type"].encode(), json.dumps(event).encode()) for event in events)


@functools.cache
def masked_once() -> tuple[bytes, Originals]:
    """The request as it leaves, and what its placeholders stand for."""
    return masked_body(IDIOM, RAW, KEY)


def as_masked(text: str) -> str:
    """``text`` as it leaves: each value's placeholder is where the value alone was masked."""
    masked = json.loads(masked_once()[0])
    alone = {
        MAIL: masked["metadata"]["user_id"],
        CIN: masked["stop_sequences"][0],
        PHONE: masked["messages"][1]["content"][0]["thinking"],
    }
    for value, placeholder in alone.items():
        text = text.replace(value, placeholder)
    return text


def test_nothing_personal_is_left_and_all_of_it_is_known():
    """In instructions, questions, thoughts, arguments, results, stops and the user's name; the frame stays what it was."""
    masked, originals = masked_once()
    assert not any(value.encode() in masked for value in (MAIL, PHONE, CIN))
    sent = json.loads(masked)
    for slot in IDIOM.prompts(sent):
        restored = originals.restore(json.dumps(slot.holder[slot.key]), json_depth=1)
        slot.holder[slot.key] = json.loads(restored)
    assert sent == BODY


def test_what_stands_in_a_number_or_a_name_is_not_sent():
    """Of a schema, whose names and numbers the protocol reads, nothing can be masked: it does not leave."""
    for schema in ({"maximum": 212661234567}, {"properties": {MAIL: {}}}):
        tools = [{"name": "f", "input_schema": {"type": "object", **schema}}]
        with pytest.raises(NotMasked):
            masked_body(IDIOM, json.dumps({**BODY, "tools": tools}).encode(), KEY)


def test_arguments_are_masked_with_their_keys_and_numbers_and_come_back():
    """They are the client's own altogether; a model that repeats them is read as if nothing had been masked."""
    arguments = {MAIL: [{CIN: 1}], "phone": 212661234567, "at": 1.5}
    messages = [{"role": "assistant", "content": [{**CALL, "input": arguments}]}]
    body, originals = masked_body(IDIOM, json.dumps({**BODY, "messages": messages}).encode(), KEY)
    assert not any(value.encode() in body for value in (MAIL, CIN, "661234567"))
    answer = {"id": "m", "type": "message", "content": json.loads(body)["messages"][0]["content"]}
    way = Way(SURFACE, IDIOM, SURFACE.read(RAW), originals)
    restored = json.loads(way.whole(json.dumps(answer).encode(), 200))["content"][0]["input"]
    assert restored == {**arguments, "phone": "212661234567"}


@settings(deadline=None)
@given(st.lists(st.integers(0, 400), max_size=12), st.integers(1, 60))
def test_what_was_masked_comes_back_however_it_is_cut(cuts: list[int], size: int):
    """Through the same protocol and through another: the thought, the text and the arguments are whole again."""
    _, originals = masked_once()
    stream = answered(as_masked(SAID), json.dumps({"to": as_masked(MAIL)}), cuts)
    request = SURFACE.read(RAW)
    sent = through(Way(SURFACE, IDIOM, request, originals), stream, size)
    reply = joined(events_of(sent))
    assert reply.parts == (Thinking(SAID, "sig"), Text(SAID), ToolCall("t", "send", json.dumps({"to": MAIL})))
    asked = openai_chat.SURFACE.read(
        json.dumps({"model": "m", "messages": [{"role": "user", "content": "a"}], "stream": True}).encode()
    )
    chunks = through(Way(openai_chat.SURFACE, IDIOM, asked, originals), stream, size)
    read = openai_chat.IDIOM.event_reader()
    texts = [event for line in chunks.split(b"\n\n") if line.startswith(b"data: ") for event in read.read("", line[6:])]
    assert SAID in "".join(getattr(event, "text", "") for event in texts)


def through(way: Way, stream: bytes, size: int) -> bytes:
    """What the client gets of a stream that comes in pieces of ``size`` bytes."""
    return b"".join(way.feed(stream[at : at + size]) for at in range(0, len(stream), size)) + way.end()


def test_a_whole_answer_is_restored():
    """In texts, in arguments at any depth, and in the stop that was found."""
    prepared = prepare(SURFACE, IDIOM, SURFACE.read(RAW), "theirs", KEY)
    assert prepared.originals is not None
    sent = json.loads(prepared.body)
    answer = {
        "id": "m",
        "type": "message",
        "content": [{"type": "text", "text": sent["messages"][0]["content"]}, sent["messages"][1]["content"][1]],
        "stop_reason": "stop_sequence",
        "stop_sequence": sent["stop_sequences"][0],
    }
    way = Way(SURFACE, IDIOM, SURFACE.read(RAW), prepared.originals)
    restored = json.loads(way.whole(json.dumps(answer).encode(), 200))
    assert restored["content"] == [{"type": "text", "text": SAID}, CALL]
    assert restored["stop_sequence"] == CIN
