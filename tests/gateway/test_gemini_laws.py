"""Laws of Gemini's dialect: what is written is read again, a stream is its answer, and no bytes break a reader."""

import contextlib
import itertools
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.errors import Invalid, Unavailable
from daffa.gateway import sse
from daffa.gateway.conversation import (
    Conversation,
    Ended,
    Format,
    Media,
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
from daffa.gateway.dialects.gemini import COUNTING, IDIOM, SURFACE

TEXTS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=20) | st.sampled_from(
    ["سلام 👋🏽", '"\\\n', "\u2028"]
)
NAMES = st.sampled_from(["weather", "now", "find"])
OBJECTS = st.dictionaries(TEXTS, TEXTS | st.integers(-(2**53), 2**53) | st.none() | st.lists(TEXTS, max_size=2), max_size=3)
ARGUMENTS = OBJECTS.map(lambda found: msgspec.json.encode(found).decode())
MEDIA = st.builds(
    Media,
    st.just("images"),
    st.just("image/png"),
    data=st.binary(max_size=8).map(msgspec.to_builtins),
    name=st.just("") | TEXTS,
) | st.just(Media("files", "application/pdf", url="https://example.org/a.pdf"))
SCHEMAS = st.just({"type": "object", "properties": {"a": {"type": "string", "description": "é"}}})


@st.composite
def conversations(draw):
    """Conversations as Gemini can hold them: the system first, each turn of calls answered by the next."""
    turns = [Turn("system", tuple(draw(st.lists(TEXTS.map(Text), min_size=1, max_size=2))))] if draw(st.booleans()) else []
    calls = 0
    for _ in range(draw(st.integers(1, 3))):
        turns.append(Turn("user", tuple(draw(st.lists(TEXTS.map(Text) | MEDIA, min_size=1, max_size=3)))))
        made = [ToolCall(f"c{calls + n}", draw(NAMES), draw(ARGUMENTS)) for n in range(draw(st.integers(0, 2)))]
        calls += len(made)
        said = tuple(Text(text) for text in draw(st.lists(TEXTS, min_size=0 if made else 1, max_size=2)))
        turns.append(Turn("assistant", (*said, *made)))
        if made:
            turns.append(Turn("user", tuple(draw(results(call)) for call in made)))
    tools = tuple(Tool(name, draw(st.just("") | TEXTS), draw(SCHEMAS)) for name in draw(st.sets(NAMES)))
    choices = [None, ToolChoice("auto"), ToolChoice("none"), ToolChoice("required")]
    choice = draw(st.sampled_from([*choices, ToolChoice("named", tools[0].name)])) if tools else None
    effort = draw(st.none() | st.sampled_from(["none", "minimal", "low", "medium", "high"]))
    return Conversation(
        turns=tuple(turns),
        tools=tools,
        tool_choice=choice,
        format=draw(st.none() | st.just(Format()) | SCHEMAS.map(Format)),
        max_tokens=draw(st.none() | st.integers(1, 1 << 20)),
        temperature=draw(st.none() | st.floats(0, 2)),
        top_p=draw(st.none() | st.floats(0, 1)),
        top_k=draw(st.none() | st.integers(1, 100)),
        stop=tuple(draw(st.lists(TEXTS, max_size=2))),
        seed=draw(st.none() | st.integers(0, 2**31)),
        presence_penalty=draw(st.none() | st.floats(-2, 2)),
        frequency_penalty=draw(st.none() | st.floats(-2, 2)),
        effort=effort,
        thinking_tokens=draw(st.none() | st.integers(1, 1 << 16)) if effort is None else None,
    )


def results(call: ToolCall):
    """Results of ``call``."""
    return st.builds(
        lambda text, media, failed: ToolResult(call.id, (Text(text), *media), call.name, failed),
        TEXTS,
        st.lists(MEDIA, max_size=1),
        st.booleans(),
    )


@st.composite
def replies(draw):
    """Replies as Gemini can give them: no two texts side by side."""
    kinds = draw(st.lists(st.sampled_from(["text", "call"]), max_size=4))
    parts = []
    for number, kind in enumerate(kinds):
        if kind == "call":
            parts.append(ToolCall(f"c{number}", draw(NAMES), draw(ARGUMENTS)))
        elif not parts or isinstance(parts[-1], ToolCall):
            parts.append(Text(draw(TEXTS)))
    if draw(st.booleans()):
        parts.insert(0, Thinking(draw(TEXTS)))
    called = any(isinstance(part, ToolCall) for part in parts)
    thought = draw(st.integers(0, 9))
    return Reply(
        id=draw(st.text("abc123", min_size=1, max_size=8)),
        parts=tuple(parts),
        finish=draw(st.sampled_from(["tools" if called else "stop", "length", "filtered"])),
        usage=Usage(draw(st.integers(0, 999)), thought + draw(st.integers(0, 999)), draw(st.integers(0, 9)), thought),
    )


def events_of(reply: Reply, step: int):
    """A reply as events, each text in pieces of ``step`` characters."""
    yield Started(reply.id)
    for index, part in enumerate(reply.parts):
        if isinstance(part, ToolCall):
            yield PartStarted(index, ToolCall(part.id, part.name, ""))
            text = part.arguments
        else:
            yield PartStarted(index, type(part)(""))
            text = part.text
        for start in range(0, len(text), step):
            yield Piece(index, text[start : start + step])
        yield PartEnded(index)
    yield Ended(reply.finish, reply.usage)


def joined(events) -> Reply:
    """The reply that events are."""
    started, *between, ended = events
    texts, parts = {}, {}
    for event in between:
        if isinstance(event, PartStarted):
            parts[event.index], texts[event.index] = event.part, ""
        elif isinstance(event, Piece):
            texts[event.index] += event.text
    made = [
        ToolCall(part.id, part.name, texts[index]) if isinstance(part, ToolCall) else type(part)(texts[index])
        for index, part in sorted(parts.items())
    ]
    return Reply(id=started.id, parts=tuple(made), finish=ended.finish, usage=ended.usage)


def asked(raw=b'{"contents":[{"parts":[{"text":"?"}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true}}}'):
    """A request whose client wants to see thoughts."""
    return SURFACE.read(raw, model="m", stream=True)


def read_stream(data: bytes, cuts):
    """The events of a stream cut at ``cuts``."""
    reader, splitter = IDIOM.event_reader(), sse.Splitter()
    places = sorted({0, *(cut % (len(data) + 1) for cut in cuts), len(data)})
    for start, end in itertools.pairwise(places):
        for event in splitter.feed(data[start:end]):
            yield from reader.read(event.name, event.data)
    for event in splitter.end():
        yield from reader.read(event.name, event.data)
    yield from reader.end()


@given(conversations())
def test_a_written_request_is_read_as_the_same_conversation(conversation):
    """Gemini's own reader finds in a written request what was to be written; nothing is left out."""
    written = IDIOM.write_request(conversation, "gemini-3-flash")
    assert written.left_out == ()
    again = SURFACE.converse(SURFACE.read(written.body, model="m"))
    signatures = tuple(field for field in again.left_out if field.endswith("thoughtSignature"))
    assert msgspec.structs.replace(again, left_out=()) == conversation
    assert signatures == again.left_out  # Google's mark on calls that another model made


@given(replies())
def test_a_written_reply_is_read_as_the_same_reply(reply):
    """Gemini's own reader finds in a written answer what was to be said."""
    assert IDIOM.read_reply(SURFACE.write_reply(reply, asked())) == reply


@given(replies(), st.integers(1, 5), st.lists(st.integers(0, 10_000), max_size=5))
def test_a_stream_cut_anywhere_is_its_whole_answer(reply, step, cuts):
    """However texts and bytes are cut, the events that are read make the reply that was written."""
    writer = SURFACE.event_writer(asked())
    data = b"".join(writer.write(event) for event in events_of(reply, step))
    assert joined(read_stream(data, cuts)) == reply


@given(st.binary(max_size=60) | OBJECTS.map(lambda found: json.dumps(found).encode()))
def test_no_bytes_break_a_reader(data):
    """Arbitrary bytes and arbitrary JSON are refused as invalid or unreadable, and in no other way."""
    for surface in (SURFACE, COUNTING):
        with pytest.raises(Invalid):
            surface.converse(surface.read(data, model="m"))
    with pytest.raises(Unavailable):
        IDIOM.read_reply(data)
    IDIOM.reading(data)
    IDIOM.error_message(data)


WORDS = st.sampled_from(
    "contents parts text role functionCall functionResponse inlineData fileData thought thoughtSignature name args id response"
    " tools functionDeclarations parameters generationConfig responseSchema type items properties anyOf nullable toolConfig"
    " functionCallingConfig mode allowedFunctionNames safetySettings candidates content finishReason usageMetadata index error"
    " message promptFeedback blockReason totalTokens generateContentRequest responseMimeType thinkingConfig"
    " systemInstruction".split()
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(allow_nan=False, allow_infinity=False) | WORDS | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(WORDS, JSON, max_size=5))
def test_nothing_that_looks_like_the_protocol_breaks_a_reader(document):
    """JSON of the protocol's own words in any order is read or refused by name, and texts are found in it or not."""
    raw, refused = json.dumps(document).encode(), []
    for surface in (SURFACE, COUNTING):
        try:
            request = surface.read(raw, model="m")
            IDIOM.patched(request, "m")
            surface.converse(request)
        except Invalid as error:
            refused.append(error.facts["field"])
    assert all(refused)
    with contextlib.suppress(Unavailable):
        IDIOM.read_reply(raw)
    for slot in [*IDIOM.prompts(document), *IDIOM.slots(document)]:
        assert isinstance(slot.holder[slot.key], str)
    list(IDIOM.closes(document))
    IDIOM.reading(raw)


@pytest.mark.parametrize("deep", [b"[" * 100_000, b'{"contents":' * 100_000, b'{"a":' * 100_000 + b"1" + b"}" * 100_000])
def test_deep_nesting_is_refused(deep):
    """A body that nests without end is invalid, not a crash."""
    with pytest.raises(Invalid):
        SURFACE.read(deep, model="m")
