"""OpenAI embeddings: what is read, what travels untouched, and that nothing is translated."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai_bodies import json_values

from daffa.errors import Invalid, Unavailable
from daffa.gateway.conversation import Conversation, NotCarried, Reply
from daffa.gateway.dialects.openai_embeddings import IDIOM, SURFACE
from daffa.gateway.metering import Reading


def raw(**fields: Any) -> bytes:
    """A body with some fields changed."""
    return json.dumps({"model": "m", "input": "نص", **fields}).encode()


@given(st.dictionaries(st.text(min_size=1).map("x_{}".format), json_values, max_size=4))
def test_fields_that_we_do_not_know_travel_as_they_are(unknown: dict):
    """Only the model's name changes on the way upstream."""
    body = json.loads(IDIOM.patched(SURFACE.read(raw(**unknown)), "theirs"))
    assert body == {"model": "theirs", "input": "نص", **unknown}


@given(st.binary(max_size=60) | json_values.map(lambda value: json.dumps(value).encode()))
def test_what_is_no_request_is_invalid(body: bytes):
    """Whatever bytes come, the mistake is the client's."""
    with pytest.raises(Invalid):
        SURFACE.read(body)


@pytest.mark.parametrize(
    ("given", "opaque", "question"),
    [("a", False, "a"), (["a", "b"], False, "b"), ([1, 2], True, ""), ([[1], [2, 3]], True, ""), (["a", [1]], True, "a")],
)
def test_tokens_cannot_be_read_as_text(given: Any, opaque: bool, question: str):
    """Numbers instead of words are as opaque as an image; the capability is needed in any case."""
    read = SURFACE.read(raw(input=given))
    assert (read.opaque, read.question, read.kind, read.stream) == (opaque, question, "embeddings", False)
    assert read.needs == {"embeddings"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"input": []}, "input"),
        ({"input": {}}, "input"),
        ({"input": [1.5]}, "input[0]"),
        ({"dimensions": 0}, "dimensions"),
        ({"model": ""}, "model"),
    ],
)
def test_a_wrong_field_is_named(fields: dict, field: str):
    """Each wrong type or missing field is refused with its name."""
    with pytest.raises(Invalid) as raised:
        SURFACE.read(raw(**fields))
    assert raised.value.facts["field"] == field


def test_the_last_of_two_equal_keys_is_what_is_read_and_sent():
    """A body cannot show one text to us and another one to the upstream."""
    body = b'{"model":"m","input":[1],"input":"seen"}'
    request = SURFACE.read(body)
    assert (request.opaque, IDIOM.patched(request, "t")) == (False, b'{"model":"t","input":"seen"}')


def test_usage_is_read_off_the_answer():
    """What was read is counted; vectors hold no text to put back, requests do hold texts to mask."""
    answer = {"object": "list", "data": [{"embedding": [0.1]}], "usage": {"prompt_tokens": 5, "total_tokens": 5}}
    assert IDIOM.reading(json.dumps(answer).encode()) == Reading(5, 0)
    assert IDIOM.reading(b'{"data":[]}') == Reading()
    assert IDIOM.reading(b"[1") is None
    assert (list(IDIOM.slots(answer)), list(IDIOM.closes(answer))) == ([], [])
    body = {"model": "m", "input": ["a", "b"], "encoding_format": "float", "user": "c"}
    assert [slot.holder[slot.key] for slot in IDIOM.prompts(body)] == ["a", "b", "c"]


def test_nothing_is_translated():
    """No other protocol asks for vectors, and none answers in them."""
    request = SURFACE.read(raw())
    reply = Reply(id="x", parts=(), finish="stop")
    for refused in (
        lambda: SURFACE.converse(request),
        lambda: SURFACE.write_reply(reply, request),
        lambda: SURFACE.event_writer(request),
        lambda: IDIOM.write_request(Conversation(turns=()), "m"),
    ):
        with pytest.raises(NotCarried):
            refused()
    for unreadable in (lambda: IDIOM.read_reply(b"{}"), IDIOM.event_reader):
        with pytest.raises(Unavailable):
            unreadable()
