"""Recordings of Anthropic's answers and of a client's request, read as they stand in the public reference."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from anthropic_bodies import events_of, joined

from daffa.errors import Unavailable
from daffa.gateway.conversation import (
    Failed,
    Format,
    Media,
    PartStarted,
    Reply,
    Started,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
    Usage,
)
from daffa.gateway.dialects.anthropic import IDIOM, SURFACE
from daffa.gateway.metering import StreamMeter

GOLDEN = Path(__file__).parent / "golden" / "anthropic"
SAID = (Text("un, deux"),)
REPLIES = {
    "text": Reply(
        id="msg_013Zva2CMHLNnXjNJJKqJ2EF",
        parts=(Text("مرحبا! 👋 Hello"),),
        finish="stop",
        usage=Usage(tokens_in=2112, tokens_out=30, cached=2000),
    ),
    "thinking": Reply(
        id="msg_think",
        parts=(Thinking("27 * 453 = 12231", "EqQBCgIYAhIM1gbcDa9GJwZA2b3h"), Text("12231")),
        finish="stop",
        usage=Usage(tokens_in=20, tokens_out=60, thought=40),
    ),
    "tools": Reply(
        id="msg_tools",
        parts=(
            Text("Je regarde."),
            ToolCall("toolu_01", "get_weather", '{"city":"الرباط","days":2}'),
            ToolCall("toolu_02", "clock", "{}"),
        ),
        finish="tools",
        usage=Usage(tokens_in=377, tokens_out=65),
    ),
    "too_long": Reply(id="msg_too_long", parts=SAID, finish="length", usage=Usage(9, 4)),
    "context_full": Reply(id="msg_context_full", parts=SAID, finish="length", usage=Usage(9, 4)),
    "stopped": Reply(id="msg_stopped", parts=SAID, finish="stop", usage=Usage(9, 4), stop=", trois"),
    "refused": Reply(id="msg_refused", parts=SAID, finish="filtered", usage=Usage(9, 4)),
    "empty": Reply(id="msg_empty", parts=(), finish="stop", usage=Usage(9, 3)),
}


@pytest.mark.parametrize("name", REPLIES)
def test_an_answer_is_read_whole(name: str):
    """Every kind of block, reason and count of a whole message."""
    assert IDIOM.read_reply((GOLDEN / f"{name}.json").read_bytes()) == REPLIES[name]


@pytest.mark.parametrize("name", REPLIES)
@pytest.mark.parametrize("size", [None, 1, 7])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"])
def test_a_stream_joined_is_the_whole_answer(name: str, size: int | None, newline: bytes):
    """However it is cut, and whatever ends its lines."""
    stream = (GOLDEN / f"{name}.sse").read_bytes().replace(b"\n", newline)
    assert joined(events_of(stream, size)) == REPLIES[name]


@pytest.mark.parametrize("name", REPLIES)
def test_the_meter_counts_alike_whole_and_streamed(name: str):
    """Also where the last event counts what was written alone, and what was read stands in the first."""
    whole = IDIOM.reading((GOLDEN / f"{name}.json").read_bytes())
    meter = StreamMeter(IDIOM, hide_usage=False)
    stream = (GOLDEN / f"{name}.sse").read_bytes()
    assert b"".join(meter.feed(stream[start : start + 11]) for start in range(0, len(stream), 11)) + meter.end() == stream
    usage = REPLIES[name].usage
    assert (meter.tokens_in, meter.tokens_out) == (whole.tokens_in, whole.tokens_out) == (usage.tokens_in, usage.tokens_out)
    assert meter.done


def test_an_error_in_mid_stream_is_the_upstreams_own_words():
    """Nothing follows it, and nothing is missing."""
    events = events_of((GOLDEN / "overloaded.sse").read_bytes())
    assert events == [Started("msg_over", Usage(9, 1)), PartStarted(0, Text("")), Failed("Overloaded")]


@pytest.mark.parametrize("name", REPLIES)
def test_a_stream_that_ends_too_soon_broke_off(name: str):
    """Cut after any of its events before a reason to stop was given, it is an error; after that it is an answer."""
    stream = (GOLDEN / f"{name}.sse").read_bytes()
    ends = [at + 2 for at in range(len(stream)) if stream.startswith(b"\n\n", at)]
    for cut in ends[:-2]:
        with pytest.raises(Unavailable) as raised:
            events_of(stream[:cut])
        assert raised.value.code == "upstream_broke_off"
    assert joined(events_of(stream[: ends[-2]])) == REPLIES[name]


def test_events_out_of_their_order_are_unreadable():
    """No block before the message, none twice at once, no piece of one that never began or has ended."""
    stream = (GOLDEN / "tools.sse").read_bytes()
    events = [event + b"\n\n" for event in stream.split(b"\n\n") if event]
    for broken in (
        events[1:],
        [*events[:2], *events[1:]],
        [events[0], *events],
        [*events[:1], *events[2:]],
        [*events[:4], events[2]],
    ):
        with pytest.raises(Unavailable) as raised:
            events_of(b"".join(broken))
        assert raised.value.code == "upstream_unreadable"


def test_the_request_of_an_agent_is_read_whole():
    """Everything that other protocols can say is carried; the rest is named."""
    request = SURFACE.read((GOLDEN / "request_agent.json").read_bytes())
    assert (request.model, request.stream, request.answer_tokens) == ("sonnet-4-5", True, 32000)
    assert request.needs == {"tools", "json_schema", "images", "files"}
    assert (request.opaque, request.question, request.metadata) == (True, "Alors ?", {"daffa_label": "level=internal"})
    read = SURFACE.converse(request)
    assert read.turns == (
        Turn("system", (Text("You are an agent."), Text("Be brief."))),
        Turn("user", (Text("ما الطقس في الرباط؟"),)),
        Turn(
            "assistant",
            (
                Thinking("I need the weather.", "EqQB"),
                Text("Un instant."),
                ToolCall("toolu_1", "weather", '{"city":"الرباط","at":1.5}'),
                ToolCall("toolu_2", "map", "{}"),
            ),
        ),
        Turn(
            "user",
            (
                ToolResult("toolu_1", (Text("مشمس"),)),
                ToolResult("toolu_2", (Text("no map"), Media("images", "image/png", "iVBORw0KGgo=")), failed=True),
                Media("files", "application/pdf", "JVBERi0=", name="carte.pdf"),
                Media("images", url="https://example.org/a.png"),
                Text("Alors ?"),
            ),
        ),
    )
    weather = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    assert read.tools == (
        Tool("weather", "The weather", weather, strict=True),
        Tool("map", schema={"type": "object", "properties": {}}),
    )
    assert (read.tool_choice, read.parallel_calls) == (ToolChoice("auto"), False)
    assert (read.thinking_tokens, read.effort, read.format) == (10000, "medium", Format({"type": "object"}))
    assert (read.max_tokens, read.temperature, read.top_p, read.top_k, read.stop) == (32000, 1, 0.95, 40, ("\n\nHuman:",))
    assert set(read.left_out) == {
        "system[1].cache_control",
        "messages[2].content[0].cache_control",
        "tools[1].eager_input_streaming",
        "metadata.user_id",
        "service_tier",
        "context_management",
    }


def test_the_request_of_an_agent_is_written_as_it_was():
    """Read and written again, it asks for the same; what was left out is gone, and nothing else."""
    raw = (GOLDEN / "request_agent.json").read_bytes()
    written = IDIOM.write_request(SURFACE.converse(SURFACE.read(raw)), "theirs")
    before, after = json.loads(raw), json.loads(written.body)
    for holder, key in (
        (before, "metadata"),
        (before, "service_tier"),
        (before, "context_management"),
        (before, "inference_geo"),
        (before["system"][1], "cache_control"),
        (before["messages"][1]["content"][3], "caller"),
        (before["messages"][2]["content"][0], "cache_control"),
        (before["tools"][1], "eager_input_streaming"),
        (before["tools"][1], "type"),
    ):
        del holder[key]
    before["messages"][0]["content"] = before["messages"][0]["content"][0]["text"]
    before["messages"][2]["content"].sort(key=lambda block: block["type"] != "tool_result")
    assert after == {**before, "model": "theirs"}
    assert written.left_out == ()


def test_the_recordings_keep_the_protocols_own_order():
    """message_start, blocks one after the other, message_delta, message_stop: what the writer is held to as well."""
    for name in REPLIES:
        kinds = [line[7:] for line in (GOLDEN / f"{name}.sse").read_text().splitlines() if line.startswith("event: ")]
        kinds = [kind for kind in kinds if kind not in ("ping", "something_new")]
        assert (kinds[0], kinds[-2:]) == ("message_start", ["message_delta", "message_stop"])
        follows = {"content_block_start": {"content_block_delta", "content_block_stop"}}
        for before, after in pairwise(kinds[1:-2]):
            assert after in follows.get(before, {"content_block_start", "content_block_delta", "content_block_stop"})
