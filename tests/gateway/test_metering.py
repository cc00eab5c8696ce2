"""Metering: usage is read off, every other byte passes untouched however it is cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.gateway.dialects.openai_chat import IDIOM
from daffa.gateway.metering import StreamMeter, WholeMeter

USAGE = '{"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":3}}'
DELTA = '{"choices":[{"delta":{"content":"é"}}],"usage":null}'


def stream(end: str, *, comments: bool) -> bytes:
    """A stream of three pieces, the usage event and [DONE], with the given line ends."""
    events = [f"data: {DELTA}{end}{end}"] * 3 + [f"data: {USAGE}{end}{end}", f"data: [DONE]{end}{end}"]
    return "".join((f": ping{end}{end}" if comments else "") + event for event in events).encode()


def cut(data: bytes, cuts: list[int]) -> list[bytes]:
    """``data`` cut at the given places."""
    ends = sorted({min(at, len(data)) for at in cuts} | {0, len(data)})
    return [data[start:end] for start, end in pairwise(ends)]


ends = st.sampled_from(["\n", "\r\n", "\r"])
cuts = st.lists(st.integers(0, 600), max_size=40)


@given(ends, st.booleans(), cuts)
def test_a_stream_passes_untouched_however_it_is_cut(end: str, comments: bool, where: list[int]):
    """Every byte comes out in order, and the usage is known."""
    data = stream(end, comments=comments)
    meter = StreamMeter(IDIOM, hide_usage=False)
    out = b"".join(meter.feed(piece) for piece in cut(data, where)) + meter.end()
    assert out == data
    assert (meter.tokens_in, meter.tokens_out, meter.bytes_out) == (7, 3, len(data))


@given(ends, st.booleans(), cuts)
def test_usage_that_the_client_did_not_ask_for_is_taken_out(end: str, comments: bool, where: list[int]):
    """Only the event that carries usage alone is missing; what stands around it is untouched."""
    data = stream(end, comments=comments)
    meter = StreamMeter(IDIOM, hide_usage=True)
    out = b"".join(meter.feed(piece) for piece in cut(data, where)) + meter.end()
    assert out == data.replace(f"data: {USAGE}{end}{end}".encode(), b"")
    assert (meter.tokens_in, meter.tokens_out) == (7, 3)


@given(st.binary(max_size=300), cuts)
def test_rubbish_passes_as_it_is(data: bytes, where: list[int]):
    """Bytes that are no events are neither lost nor changed."""
    meter = StreamMeter(IDIOM, hide_usage=True)
    assert b"".join(meter.feed(piece) for piece in cut(data, where)) + meter.end() == data


@given(st.binary(max_size=200))
def test_a_whole_answer_passes_whatever_it_is(data: bytes):
    """A whole answer is metered where it can be read and passes in any case."""
    meter = WholeMeter(IDIOM)
    assert meter.feed(data) == data
    assert meter.bytes_out == len(data)


def test_the_usage_of_a_whole_answer_is_read():
    """Tokens are taken from the answer's usage."""
    meter = WholeMeter(IDIOM)
    meter.feed(b'{"choices":[{"index":0}],"usage":{"prompt_tokens":11,"completion_tokens":5,"total_tokens":16}}')
    assert (meter.tokens_in, meter.tokens_out) == (11, 5)


def test_an_event_longer_than_what_is_held_passes_in_pieces():
    """What is too long to be usage is passed on while it comes, and what stands behind it is metered."""
    long, usage = b"data: " + b"x" * 1_000_000 + b"\n\n", f"data: {USAGE}\n\n".encode()
    meter = StreamMeter(IDIOM, hide_usage=True)
    passed = [meter.feed(long[start : start + 1_000]) for start in range(0, len(long), 1_000)]
    assert max(map(len, passed)) < 100_000
    assert b"".join([*passed, meter.feed(usage), meter.end()]) == long
    assert (meter.tokens_in, meter.tokens_out) == (7, 3)


def test_many_events_with_usage_are_metered_one_by_one():
    """Where every event counts, each is looked at once, and the last count stands."""
    events = "".join(
        f'data: {{"choices":[{{}}],"usage":{{"prompt_tokens":1,"completion_tokens":{n}}}}}\n\n' for n in range(3_000)
    )
    meter = StreamMeter(IDIOM, hide_usage=True)
    assert meter.feed(events.encode()) == events.encode()
    assert (meter.tokens_in, meter.tokens_out) == (1, 2_999)


@pytest.mark.parametrize(
    ("data", "done"),
    [
        (b"data: [DONE]\n\n", True),
        (b"data:[DONE]\r\n\r\n", True),
        (b": ping\r\rdata: [DONE]\r\r", True),
        (b'data: {"content":"data: [DONE]"}\n\n', False),
        (b": data: [DONE]\n\n", False),
    ],
)
def test_only_the_event_itself_ends_a_stream(data: bytes, done: bool):
    """A model that writes the word has not ended."""
    meter = StreamMeter(IDIOM, hide_usage=False)
    meter.feed(data)
    assert meter.done is done


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b'{"a":1', b'{"x":' + b"[" * 100_000, b"null"])
def test_a_whole_answer_that_is_no_object_is_not_readable(body: bytes):
    """The meter says whether what came is an answer at all."""
    meter = WholeMeter(IDIOM)
    meter.feed(body)
    assert not meter.readable


@pytest.mark.parametrize("tokens", ["-1", "1.5", "9007199254740993", "9" * 30, '"7"', "null", "[]", "{}"])
def test_absurd_counts_are_none(tokens: str):
    """Usage that cannot be true is not counted, and the answer is readable all the same."""
    meter = WholeMeter(IDIOM)
    meter.feed(f'{{"choices":[],"usage":{{"prompt_tokens":{tokens},"completion_tokens":2}}}}'.encode())
    assert (meter.readable, meter.tokens_in, meter.tokens_out) == (True, 0, 0)
