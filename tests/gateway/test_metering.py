"""Metering: usage is read off, every other byte passes untouched however it is cut."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from daffa.gateway.metering import StreamMeter, WholeMeter
from daffa.gateway.surfaces import openai_chat

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
    meter = StreamMeter(openai_chat.usage_of, hide_usage=False)
    out = b"".join(meter.feed(piece) for piece in cut(data, where)) + meter.end()
    assert out == data
    assert (meter.tokens_in, meter.tokens_out, meter.bytes_out) == (7, 3, len(data))


@given(ends, st.booleans(), cuts)
def test_usage_that_the_client_did_not_ask_for_is_taken_out(end: str, comments: bool, where: list[int]):
    """Only the event that carries usage alone is missing; what stands around it is untouched."""
    data = stream(end, comments=comments)
    meter = StreamMeter(openai_chat.usage_of, hide_usage=True)
    out = b"".join(meter.feed(piece) for piece in cut(data, where)) + meter.end()
    assert out == data.replace(f"data: {USAGE}{end}{end}".encode(), b"")
    assert (meter.tokens_in, meter.tokens_out) == (7, 3)


@given(st.binary(max_size=300), cuts)
def test_rubbish_passes_as_it_is(data: bytes, where: list[int]):
    """Bytes that are no events are neither lost nor changed."""
    meter = StreamMeter(openai_chat.usage_of, hide_usage=True)
    assert b"".join(meter.feed(piece) for piece in cut(data, where)) + meter.end() == data


@given(st.binary(max_size=200))
def test_a_whole_answer_passes_whatever_it_is(data: bytes):
    """A whole answer is metered where it can be read and passes in any case."""
    meter = WholeMeter(openai_chat.usage_of)
    assert meter.feed(data) == data
    assert meter.bytes_out == len(data)


def test_the_usage_of_a_whole_answer_is_read():
    """Tokens are taken from the answer's usage."""
    meter = WholeMeter(openai_chat.usage_of)
    meter.feed(b'{"choices":[{"index":0}],"usage":{"prompt_tokens":11,"completion_tokens":5,"total_tokens":16}}')
    assert (meter.tokens_in, meter.tokens_out) == (11, 5)
