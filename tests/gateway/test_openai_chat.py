"""The OpenAI chat surface: what is read, what travels untouched, what is refused by name."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.errors import Invalid
from daffa.gateway.dialects.openai_chat import IDIOM, SURFACE
from daffa.gateway.request import Request

HELLO = {"model": "m", "messages": [{"role": "user", "content": "hello"}]}


def read(**fields: object) -> Request:
    """A request with some fields changed."""
    return SURFACE.read(json.dumps({**HELLO, **fields}).encode())


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(min_size=1).map("x_{}".format), json_values, max_size=5))
def test_fields_that_we_do_not_know_travel_as_they_are(unknown: dict):
    """Only the model's name changes on the way upstream."""
    body = json.loads(IDIOM.patched(read(**unknown), "theirs"))
    assert body == {**HELLO, **unknown, "model": "theirs"}


def test_numbers_and_escapes_keep_their_bytes():
    """A field that is not ours to read is forwarded byte for byte."""
    raw = b'{"model":"m","messages":[{"role":"user","content":"\\u0627\\/"}],"temperature":1.50,"seed":1e2}'
    body = IDIOM.patched(SURFACE.read(raw), "t")
    assert b'"content":"\\u0627\\/"' in body
    assert b'"temperature":1.50' in body
    assert b'"seed":1e2' in body


def test_a_stream_always_asks_for_usage():
    """Usage is asked for in streams, other options stay, and the client's own wish is remembered."""
    silent = read(stream=True, stream_options={"include_obfuscation": False})
    assert json.loads(IDIOM.patched(silent, "t"))["stream_options"] == {
        "include_obfuscation": False,
        "include_usage": True,
    }
    assert not silent.wants_usage
    null = read(stream=True, stream_options=None)
    assert json.loads(IDIOM.patched(null, "t"))["stream_options"] == {"include_usage": True}
    wishing = read(stream=True, stream_options={"include_usage": True})
    assert wishing.wants_usage
    assert "stream_options" not in json.loads(IDIOM.patched(read(), "t"))


def test_the_last_of_two_equal_keys_is_what_is_read_and_sent():
    """A body cannot show one model to us and another one to the upstream."""
    raw = b'{"model":"seen","messages":[{"role":"user","content":"a"}],"model":"sent"}'
    request = SURFACE.read(raw)
    assert request.model == "sent"
    assert IDIOM.patched(request, "t").count(b'"model"') == 1


def test_of_a_key_given_twice_inside_of_a_message_only_the_last_travels():
    """Nobody behind us can be shown an image where we saw a text."""
    image, text = '[{"type":"image_url","image_url":{"url":"data:,x"}}]', '"hello"'
    part = '{"type":"image_url","type":"text","image_url":{"url":"data:,x"},"text":"hello"}'
    for content in (
        f'"content":{image},"content":{text}',
        f'"content": [ {part} ]',
        f'"content":{text},"cont\\u0065nt":[{part}]',
    ):
        raw = f'{{"model":"m","messages":[{{"role":"user",{content}}}]}}'.encode()
        request = SURFACE.read(raw)
        sent = IDIOM.patched(request, "t")
        assert not request.opaque
        assert sent.count(b'"content"') == 1
        assert sent.count(b'"type"') <= 1
        assert b'"type":"image_url"' not in sent


def test_texts_in_several_parts_are_put_together():
    """The texts of one message are joined, those of several messages are not; a part that is no text says nothing."""
    parts = [
        {"type": "text", "text": "AB12"},
        {"type": "image_url"},
        {"type": "text", "text": "3456"},
        {"type": "text", "text": 7},
    ]
    request = read(messages=[{"role": "user", "content": parts}, {"role": "user", "content": [parts[0]]}])
    assert request.joined == ("AB123456",)


@pytest.mark.parametrize("field", ["x", "metadata", "tools"])
def test_what_is_not_read_is_checked_all_the_same(field: str):
    """Deep nesting and bytes that are no UTF-8 are refused wherever they stand."""
    head = b'{"model":"m","messages":[{"role":"user","content":"a"}],"%b":' % field.encode()
    for value in (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b"[" * 100_000 + b"]" * 100_000, b'"\xff"', b'["\xc3("]'):
        with pytest.raises(Invalid):
            SURFACE.read(head + value + b"}")


def test_what_is_declared_to_us_does_not_travel():
    """Label, purpose and conversation are taken out of the metadata; what else stands there travels."""
    body = json.loads(IDIOM.patched(read(metadata={"a": "1", "daffa_label": "level=secret", "daffa_conversation": "c"}), "t"))
    assert body["metadata"] == {"a": "1"}
    assert "metadata" not in json.loads(IDIOM.patched(read(metadata={"daffa_purpose": "research"}), "t"))


def test_metadata_that_declares_nothing_is_not_decoded():
    """Only the two declarations are read of the client's metadata."""
    assert read(metadata={"a": [1, 2], "daffa_label": "level=secret"}).metadata == {"daffa_label": "level=secret"}


@pytest.mark.parametrize(
    ("fields", "needs", "opaque"),
    [
        ({}, set(), False),
        ({"tools": [{"type": "function"}]}, {"tools"}, False),
        ({"functions": [{"name": "f"}]}, {"tools"}, False),
        ({"response_format": {"type": "json_schema", "json_schema": {}}}, {"json_schema"}, False),
        ({"response_format": {"type": "text"}}, set(), False),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]}, set(), False),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {}}]}]}, {"images"}, True),
        ({"messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}, {"audio"}, True),
        ({"messages": [{"role": "user", "content": [{"type": "something_new"}]}]}, set(), True),
    ],
)
def test_needs_and_opaque_parts_are_seen(fields: dict, needs: set, opaque: bool):
    """What a model must be able to do, and what cannot be read as text, is known before it is asked."""
    request = read(**fields)
    assert request.needs == needs
    assert request.opaque is opaque


@pytest.mark.parametrize(
    ("raw", "field"),
    [
        (b'{"messages":[{"role":"user","content":"a"}]}', "model"),
        (b'{"model":"","messages":[{"role":"user","content":"a"}]}', "model"),
        (b'{"model":7,"messages":[{"role":"user","content":"a"}]}', "model"),
        (b'{"model":"m","messages":[]}', "messages"),
        (b'{"model":"m","messages":"hello"}', "messages"),
        (b'{"model":"m","messages":[{"content":"a"}]}', "messages[0].role"),
        (b'{"model":"m","messages":[{"role":"user","content":7}]}', "messages[0].content"),
        (b'{"model":"m","messages":[{"role":"user","content":"a"}],"stream":"yes"}', "stream"),
        (b'{"model":"m","messages":[{"role":"user","content":"a"}],"max_tokens":0}', "max_tokens"),
        (b'{"model":"m","messages":[{"role":"user","content":"a"}],"max_tokens":%b}' % (b"9" * 400), "max_tokens"),
        (b"[1]", "body"),
    ],
)
def test_a_wrong_field_is_named(raw: bytes, field: str):
    """Each wrong type or missing field is refused with its name and what was expected."""
    with pytest.raises(Invalid) as raised:
        SURFACE.read(raw)
    assert raised.value.code == "invalid_request_field"
    assert raised.value.facts["field"] == field
    assert raised.value.facts["expected"]


@pytest.mark.parametrize("raw", [b"", b"{", b'{"model":}', b"\xff\xfe", b'{"model":"\xff"}', b"[" * 100_000])
def test_what_is_no_json_is_refused(raw: bytes):
    """Malformed JSON is an error with the parser's reason, never a crash."""
    with pytest.raises(Invalid) as raised:
        SURFACE.read(raw)
    assert raised.value.code in ("invalid_json", "invalid_request_field")


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(raw: bytes):
    """No body makes the reader fail in another way than by ``Invalid``."""
    try:
        SURFACE.read(raw)
    except Invalid:
        return
