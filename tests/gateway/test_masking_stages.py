"""What is taken out of a request comes back in the answer, however the upstream cuts it. Pure stages, no socket."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa import privacy
from daffa.decision import Category
from daffa.errors import Invalid
from daffa.gateway import labelling
from daffa.gateway.dialects.openai_chat import IDIOM, SURFACE
from daffa.gateway.masking import NotMasked, conversation_of, key_of, masked_body
from daffa.gateway.sse import Splitter
from daffa.gateway.translating import Passing, Way, way_back

KEY = b"k" * 32
MAIL, PHONE, CIN = "s.amrani@example.ma", "0661234567", "AB123456"
SAID = f"Répondez à {MAIL} ou au {PHONE}; CIN {CIN}."


def asked(*texts: str, **fields: object) -> bytes:
    """A request's body with one message for each text."""
    return json.dumps({"model": "m", "messages": [{"role": "user", "content": text} for text in texts], **fields}).encode()


def chunk(delta: dict, finish: str | None = None, index: int = 0) -> dict:
    """One event of an answer."""
    return {
        "id": "c",
        "object": "chat.completion.chunk",
        "choices": [{"index": index, "delta": delta, "finish_reason": finish}],
    }


def stream(*events: dict) -> bytes:
    """The events as an upstream sends them."""
    return b"".join(b"data: " + json.dumps(event).encode() + b"\n\n" for event in events) + b"data: [DONE]\n\n"


def through(way: Way, data: bytes, cuts: list[int]) -> list[dict]:
    """What the client reads of ``data`` that came in pieces."""
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    sent = b"".join(way.feed(data[a:b]) for a, b in pairwise(places)) + way.end()
    splitter = Splitter()
    events = [*splitter.feed(sent), *splitter.end()]
    assert events[-1].data == b"[DONE]"
    return [json.loads(event.data) for event in events[:-1]]


def text_of(events: list[dict], name: str = "content", index: int = 0) -> str:
    """All pieces of one text together."""
    deltas = [c["delta"] for event in events for c in event["choices"] if c["index"] == index]
    return "".join(delta.get(name) or "" for delta in deltas)


def test_nothing_personal_is_left_and_all_of_it_is_known():
    """Each value has a placeholder in the body that leaves, and the body shows nobody any more."""
    body, originals = masked_body(IDIOM, asked(SAID, "plain"), KEY)
    assert len(originals) == 3
    assert not any(value.encode() in body for value in (MAIL, PHONE, CIN))
    assert Category.PERSONAL not in labelling.found_label(body).categories
    assert originals.restore(json.loads(body)["messages"][0]["content"]) == SAID


def test_arguments_of_tools_are_masked_inside_their_json():
    """The arguments of an earlier call are JSON in a string: what is masked there leaves JSON behind, numbers included."""
    arguments = json.dumps({"to": MAIL, "phone": 661234567, "note": 'he said "yes"', MAIL: [PHONE]})
    call = {"id": "1", "type": "function", "function": {"name": "send", "arguments": arguments}}
    raw = json.dumps({"model": "m", "messages": [{"role": "assistant", "content": None, "tool_calls": [call]}]}).encode()
    body, originals = masked_body(IDIOM, raw, KEY)
    inside = json.loads(json.loads(body)["messages"][0]["tool_calls"][0]["function"]["arguments"])
    assert inside["note"] == 'he said "yes"'
    assert MAIL.encode() not in body
    assert originals.restore(inside["to"]) == MAIL


def test_what_is_cut_over_two_messages_is_not_sent():
    """Two texts that only together show somebody cannot be masked: the body may not leave as pseudonymised."""
    with pytest.raises(NotMasked):
        masked_body(IDIOM, asked("appelez le 06612", "34567 merci"), KEY)


def test_what_stands_in_a_name_of_the_protocol_is_not_sent():
    """An identifier that hides where no text is expected cannot be masked, and holds the body back."""
    with pytest.raises(NotMasked):
        masked_body(IDIOM, asked("hello", tools=[{"type": "function", "function": {"name": MAIL}}]), KEY)


WRITTEN = st.lists(
    st.sampled_from([MAIL, PHONE, CIN, "bonjour ", "السلام ", "😀", "[", "_", " ", "[PERSON_", "\\", '"', "\n"]), max_size=12
).map(" ".join)


@given(WRITTEN, st.lists(st.integers(0, 10_000), max_size=30), st.lists(st.integers(0, 200), max_size=20))
def test_restoring_is_the_inverse_of_masking_for_every_split(text: str, cuts: list[int], pieces: list[int]):
    """A model that repeats what it was told is read by the client as if nothing had been masked, whole and in any pieces."""
    body, originals = masked_body(IDIOM, asked(text), KEY) if _maskable(text) else (asked(text), privacy.Originals())
    repeated = json.loads(body)["messages"][0]["content"]
    places = [0, *sorted(cut % (len(repeated) + 1) for cut in pieces), len(repeated)]
    deltas = [repeated[a:b] for a, b in pairwise(places)]
    request = SURFACE.read(asked(text, stream=True))
    events = [chunk({"content": piece}) for piece in deltas]
    way = Way(SURFACE, IDIOM, request, originals)
    assert text_of(through(way, stream(*events, chunk({}, "stop")), cuts)) == text
    whole = json.dumps({"choices": [{"message": {"role": "assistant", "content": repeated}}]}).encode()
    assert json.loads(Way(SURFACE, IDIOM, request, originals).whole(whole, 200))["choices"][0]["message"]["content"] == text


def _maskable(text: str) -> bool:
    try:
        masked_body(IDIOM, asked(text), KEY)
    except NotMasked:
        return False
    return True


@given(st.lists(st.integers(0, 400), max_size=25))
def test_arguments_are_restored_as_json_however_they_are_cut(pieces: list[int]):
    """What comes back inside the arguments of a call is escaped as their JSON asks."""
    value = f'"{MAIL}" \\ ادريس'
    masked, originals = masked_body(IDIOM, asked(MAIL), KEY)
    placeholder = json.loads(masked)["messages"][0]["content"]
    originals.put(placeholder[1:-1], value)
    arguments = json.dumps({"to": placeholder, "n": 1})
    places = [0, *sorted(cut % (len(arguments) + 1) for cut in pieces), len(arguments)]
    deltas = [arguments[a:b] for a, b in pairwise(places)]
    calls = [chunk({"tool_calls": [{"index": 0, "function": {"arguments": piece}}]}) for piece in deltas]
    way = Way(SURFACE, IDIOM, SURFACE.read(asked("x", stream=True)), originals)
    read = through(way, stream(*calls, chunk({}, "tool_calls")), [7, 11])
    said = [d for event in read for c in event["choices"] for d in c["delta"].get("tool_calls", [])]
    assert json.loads("".join(each["function"]["arguments"] for each in said)) == {"to": value, "n": 1}


def test_two_answers_at_once_do_not_mix():
    """With ``n`` = 2 each choice has its own unfinished placeholder."""
    masked, originals = masked_body(IDIOM, asked(MAIL), KEY)
    placeholder = json.loads(masked)["messages"][0]["content"]
    half = len(placeholder) // 2
    events = [
        chunk({"content": placeholder[:half]}, index=0),
        chunk({"content": "no, " + placeholder[:half]}, index=1),
        chunk({"content": placeholder[half:]}, index=0),
        chunk({}, "stop", index=0),
        chunk({}, "length", index=1),
    ]
    read = through(Way(SURFACE, IDIOM, SURFACE.read(asked("x", stream=True)), originals), stream(*events), [])
    assert text_of(read) == MAIL
    assert text_of(read, index=1) == "no, " + placeholder[:half]


def test_what_is_held_back_goes_out_before_the_end():
    """A stream that ends in half a placeholder gives that half before the event that ends it, and loses nothing."""
    masked, originals = masked_body(IDIOM, asked(MAIL), KEY)
    half = json.loads(masked)["messages"][0]["content"][:6]
    way = Way(SURFACE, IDIOM, SURFACE.read(asked("x", stream=True)), originals)
    read = through(way, stream(chunk({"content": half}), chunk({}, "stop")), [])
    assert text_of(read) == half
    assert read[-1]["choices"][0]["finish_reason"] == "stop"


def test_a_call_that_ends_in_its_first_event_is_named_once():
    """What was held back of the only piece of a call's arguments goes out in an event that does not name the call again."""
    masked, originals = masked_body(IDIOM, asked(MAIL), KEY)
    half = json.loads(masked)["messages"][0]["content"][:6]
    call = {"index": 0, "id": "call_1", "type": "function", "function": {"name": "f", "arguments": half}}
    way = Way(SURFACE, IDIOM, SURFACE.read(asked("x", stream=True)), originals)
    read = through(way, stream(chunk({"role": "assistant", "tool_calls": [call]}), chunk({}, "length")), [])
    deltas = [choice["delta"] for event in read for choice in event["choices"]]
    calls = [call for delta in deltas for call in delta.get("tool_calls", [])]
    assert [call.get("id") for call in calls] == ["call_1", None]
    assert [call["function"].get("name") for call in calls] == ["f", None]
    assert "".join(call["function"]["arguments"] for call in calls) == half
    assert [delta.get("role") for delta in deltas].count("assistant") == 1


def test_an_untouched_event_passes_as_its_bytes():
    """Where nothing was masked in an event, its bytes are the upstream's own: odd spaces and unknown fields included."""
    _, originals = masked_body(IDIOM, asked(MAIL), KEY)
    odd = b'event: x\r\ndata: {"choices" : [ {"delta":{"content":"hello "},"logprobs":null} ], "odd": 1e3}\r\n\r\n'
    way = Way(SURFACE, IDIOM, SURFACE.read(asked("x", stream=True)), originals)
    assert way.feed(b": ping\n\n" + odd) == b": ping\n\n" + odd


def test_where_nothing_is_masked_or_translated_bytes_pass():
    """The same protocol and nothing masked: no stage looks at the bytes."""
    way = way_back(SURFACE, IDIOM, SURFACE.read(asked("x")), None)
    assert type(way) is Passing
    assert way.feed(b"\x00\xff") == b"\x00\xff"
    assert way.whole(b"anything", 200) == b"anything"


def test_an_error_of_the_upstream_is_restored_too():
    """An upstream that quotes the question in its error quotes what the client had written."""
    masked, originals = masked_body(IDIOM, asked(MAIL), KEY)
    placeholder = json.loads(masked)["messages"][0]["content"]
    error = json.dumps({"error": {"message": f"cannot read {placeholder}"}}).encode()
    way = Way(SURFACE, IDIOM, SURFACE.read(asked("x")), originals)
    assert json.loads(way.whole(error, 400))["error"]["message"] == f"cannot read {MAIL}"


def test_a_conversation_has_one_key_and_another_has_another():
    """Named conversations keep their placeholders; no name, no link: each request then has its own."""
    named = key_of(KEY, "home", "key-1", "c-1")
    assert named == key_of(KEY, "home", "key-1", "c-1")
    others = [("rabat", "key-1", "c-1"), ("home", "key-2", "c-1"), ("home", "key-1", "c-2")]
    assert named not in [key_of(KEY, *other) for other in others]
    assert key_of(KEY, "home", "key-1", "") != key_of(KEY, "home", "key-1", "")


@pytest.mark.parametrize("name", [7, "x" * 201, ["a"]])
def test_a_conversation_is_named_by_a_short_string(name: object):
    """Anything else is refused by field."""
    with pytest.raises(Invalid, match="conversation"):
        conversation_of(None, {"daffa_conversation": name})
