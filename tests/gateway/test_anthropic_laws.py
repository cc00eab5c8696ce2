"""Laws of the Anthropic dialect: what is written is read again, however it is cut; any bytes are read or refused."""

import json
from typing import Any

import pytest
from anthropic_bodies import events_of, joined
from hypothesis import example, given, settings
from hypothesis import strategies as st

from daffa.errors import Invalid, Unavailable
from daffa.gateway.conversation import (
    Conversation,
    Ended,
    Event,
    Format,
    Media,
    NotCarried,
    PartEnded,
    PartStarted,
    Piece,
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
from daffa.gateway.dialects.anthropic import COUNTING, COUNTING_IDIOM, IDIOM, SURFACE
from daffa.gateway.request import Request

HELLO = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "hello"}]}
ASKED = SURFACE.read(json.dumps({**HELLO, "thinking": {"type": "adaptive"}}).encode())

words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12)
ids = st.from_regex(r"[a-zA-Z0-9_-]{1,12}", fullmatch=True)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(words, inner, max_size=2),
    max_leaves=4,
)
objects = st.dictionaries(words, json_values, max_size=3)
arguments = objects.map(lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")))
texts = words.map(Text)
images = st.builds(Media, st.just("images"), st.just("image/png"), st.just("iVBORw0KGgo=")) | st.builds(
    Media, st.just("images"), url=st.just("https://example.org/a.png")
)
files = st.builds(Media, st.just("files"), st.just("application/pdf"), st.just("JVBERi0="), name=st.just("") | words)
calls = st.builds(ToolCall, ids, ids, arguments)
results = st.builds(ToolResult, ids, st.lists(texts | images, max_size=2).map(tuple), failed=st.booleans())
thoughts = st.builds(Thinking, words, ids)


@st.composite
def conversations(draw: st.DrawFn) -> Conversation:
    """What Anthropic's protocol can say whole."""
    turns = [Turn("system", tuple(draw(st.lists(texts, min_size=1, max_size=2))))] if draw(st.booleans()) else []
    for _ in range(draw(st.integers(0, 2))):
        turns.append(Turn("user", tuple(draw(st.lists(texts | images | files, min_size=1, max_size=3)))))
        turns.append(Turn("assistant", tuple(draw(st.lists(texts | thoughts | calls, min_size=1, max_size=3)))))
    last = (*draw(st.lists(results, max_size=2)), *draw(st.lists(texts, min_size=1, max_size=2)))
    schemas = objects.map(lambda schema: {"type": "object", **schema})
    strict = st.none() | st.booleans()
    tools = tuple(draw(st.lists(st.builds(Tool, ids, words, schemas, strict), max_size=2)))
    choices = st.builds(ToolChoice, st.sampled_from(["auto", "required"])) | st.builds(ToolChoice, st.just("named"), ids)
    choice = draw(st.none() | choices) if tools else None
    return Conversation(
        turns=(*turns, Turn("user", last)),
        stream=draw(st.booleans()),
        tools=tools,
        tool_choice=choice,
        parallel_calls=draw(st.none() | st.booleans()) if choice is not None else None,
        format=draw(st.none() | st.builds(Format, objects)),
        max_tokens=draw(st.integers(1, 10_000)),
        temperature=draw(st.none() | st.floats(0, 1)),
        top_p=draw(st.none() | st.floats(0, 1)),
        top_k=draw(st.none() | st.integers(1, 100)),
        stop=tuple(draw(st.lists(words, max_size=2))),
        effort=draw(st.sampled_from([None, "none", "low", "medium", "high"])),
    )


@settings(deadline=None)
@given(conversations())
def test_a_conversation_written_is_read_again(conversation: Conversation):
    """What this protocol can say goes out and comes back the same."""
    written = IDIOM.write_request(conversation, "theirs")
    assert written.left_out == ()
    assert SURFACE.converse(SURFACE.read(written.body)) == conversation


@settings(deadline=None)
@given(conversations())
def test_a_conversation_to_be_counted_has_no_answers_fields(conversation: Conversation):
    """What is counted is what would be asked, without the limits and the chances of an answer."""
    counted = json.loads(COUNTING_IDIOM.write_request(conversation, "theirs").body)
    asked = json.loads(IDIOM.write_request(conversation, "theirs").body)
    unsaid = {"max_tokens", "stream", "temperature", "top_p", "top_k", "stop_sequences"}
    assert counted == {name: value for name, value in asked.items() if name not in unsaid}
    assert COUNTING.read(json.dumps(counted).encode()).kind == "count"


@st.composite
def streams(draw: st.DrawFn) -> list[Event]:
    """A stream of events as the conversation's rules have it."""
    usage = draw(st.builds(lambda read, cached, thought: Usage(read + cached, 7, cached, thought), *[st.integers(0, 99)] * 3))
    events: list[Event] = [Started(draw(ids), Usage(usage.tokens_in, 1, usage.cached))]
    for index in range(draw(st.integers(0, 3))):
        part = draw(st.sampled_from([Text(""), Thinking("")]) | st.builds(ToolCall, ids, ids, st.just("")))
        events.append(PartStarted(index, part))
        if isinstance(part, ToolCall):
            text = draw(arguments)
            at = draw(st.integers(1, len(text) - 1))
            events += [Piece(index, text[:at]), Piece(index, text[at:])]
        else:
            events += [Piece(index, text) for text in draw(st.lists(words, max_size=3))]
        events.append(PartEnded(index, draw(ids) if isinstance(part, Thinking) else ""))
    finish = draw(st.sampled_from(["stop", "length", "tools", "filtered"]))
    stop = draw(st.none() | words) if finish == "stop" else None
    return [*events, Ended(finish, usage, stop)]


@settings(deadline=None)
@given(streams(), st.integers(1, 50))
def test_a_stream_written_is_read_again(events: list[Event], size: int):
    """Event by event, whatever the pieces that the bytes come in."""
    writer = SURFACE.event_writer(ASKED)
    assert events_of(b"".join(map(writer.write, events)), size) == events


@settings(deadline=None)
@given(streams())
def test_a_reply_written_whole_is_the_stream_joined(events: list[Event]):
    """A client that streams and one that does not are told the same."""
    reply = joined(events)
    again = IDIOM.read_reply(SURFACE.write_reply(reply, ASKED))
    assert again == reply


@settings(deadline=None)
@given(st.binary(max_size=200))
@example(b"[" * 100_000)
@example(b'{"type":"message_start"}')
@example(b'{"type":"content_block_delta","index":1e400}')
def test_any_bytes_are_read_or_refused(raw: bytes):
    """Neither a client's bytes nor an upstream's make a reader fail in another way than by its error."""
    for read in (SURFACE.read, COUNTING.read):
        with pytest.raises(Invalid):
            read(raw)
    for answered in (IDIOM.read_reply, COUNTING_IDIOM.read_reply):
        with pytest.raises(Unavailable):
            answered(raw)
    with pytest.raises(Unavailable):
        list(IDIOM.event_reader().read("", raw))
    assert isinstance(IDIOM.error_message(raw), str)
    IDIOM.reading(raw)


loose = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["text", "tool_use", "tool_result", "document", "image", "base64", "user", "assistant", "system", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "content", "source", "input", "id", "name", "tool_use_id", "role", "data", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)
FIELDS = (
    "messages system tools tool_choice thinking output_config output_format metadata stop_sequences stream max_tokens top_k x"
)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(FIELDS.split()), loose, max_size=4), st.lists(loose, max_size=3))
def test_any_json_is_read_translated_and_patched_or_refused(fields: dict[str, Any], content: list[Any]):
    """Shapes that are nearly right: what is read can be patched and looked through; translation carries or refuses."""
    raw = json.dumps({**HELLO, "messages": [{"role": "user", "content": content}], **fields}).encode()
    try:
        request = SURFACE.read(raw)
    except Invalid:
        return
    sent = json.loads(IDIOM.patched(request, "theirs"))
    assert {**json.loads(raw), "model": "theirs"} == sent
    assert all(isinstance(slot.holder[slot.key], (str, dict)) for slot in IDIOM.prompts(sent))
    try:
        IDIOM.write_request(SURFACE.converse(request), "theirs")
    except (Invalid, NotCarried):
        return


@settings(deadline=None)
@given(st.lists(loose, max_size=3), loose, loose)
def test_any_answer_is_looked_through(content: list[Any], delta: Any, block: Any):
    """Every text is found and nothing else, whatever an upstream says."""
    document = {"type": "content_block_delta", "index": 0, "content": content, "delta": delta, "content_block": block}
    assert all(isinstance(slot.holder[slot.key], (str, dict)) for slot in IDIOM.slots(document))
    assert all(isinstance(channel, str) for channel in IDIOM.closes(document))


def test_a_reply_names_the_model_that_was_asked_for():
    """The client sees its own name of the model, whoever answered."""
    request: Request = ASKED
    reply = Reply(id="x", parts=(), finish="stop")
    assert json.loads(SURFACE.write_reply(reply, request))["model"] == "m"
