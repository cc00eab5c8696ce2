"""Gemini's protocol against recordings written from its public documentation: requests read, answers read, whole and cut."""

import json
from pathlib import Path

import msgspec
import pytest

from daffa.errors import DaffaError, Invalid, Refused, Unavailable
from daffa.gateway import sse
from daffa.gateway.conversation import (
    Conversation,
    Failed,
    Format,
    Media,
    NotCarried,
    PartEnded,
    PartStarted,
    Piece,
    Reply,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
    Usage,
)
from daffa.gateway.dialects.gemini import COUNTING, IDIOM, LISTING, SURFACE
from daffa.gateway.metering import Reading, StreamMeter

GOLDEN = Path(__file__).parent / "golden" / "gemini"

REPLIES = {
    "text": Reply(
        id="kXq2aPf3Hs6",
        parts=(Text("Bonjour 👋 مرحبا, voici la réponse."),),
        finish="stop",
        usage=Usage(12, 9, cached=4),
    ),
    "tools": Reply(
        id="Zt9taKq",
        parts=(
            Thinking("**Which city?**\nTwo of them.", "gemini.CpcBAVSoXO4="),
            ToolCall("fc-1", "weather", '{"city":"Fès","days":12345678901234567890.5}'),
            ToolCall("aa38ec873", "now", "{}"),
        ),
        finish="tools",
        usage=Usage(80, 60, thought=40),
    ),
    "blocked": Reply(id="b1", parts=(), finish="filtered", usage=Usage(7)),
    "cut_short": Reply(id="c1", parts=(Text("Il était"),), finish="length", usage=Usage(3, 2)),
    "kept_back": Reply(id="d1", parts=(), finish="filtered", usage=Usage(3)),
}

WEATHER = {
    "type": "object",
    "properties": {
        "city": {"type": ["string", "null"], "enum": ["Fès", "Oujda", None]},
        "days": {"type": "array", "items": {"type": "integer"}, "minItems": 1},
    },
    "required": ["city"],
}

REQUESTS = {
    "curl": Conversation(
        turns=(
            Turn("system", (Text("You are Neko the cat respond like one"),)),
            Turn("user", (Text("Hello there"),)),
        ),
        stop=("Title",),
        temperature=1.0,
        max_tokens=800,
        top_p=0.8,
        top_k=10,
    ),
    "tools": Conversation(
        turns=(
            Turn("user", (Text("Quel temps fait-il à Fès et à Oujda ?"),)),
            Turn(
                "assistant",
                (
                    Thinking("Je regarde."),
                    ToolCall("call00001", "weather", '{"city":"Fès"}'),
                    ToolCall("b", "weather", '{"city":"Oujda"}'),
                ),
            ),
            Turn(
                "user",
                (
                    ToolResult("call00001", (Text("beau"),), "weather"),
                    ToolResult("b", (Text("panne"),), "weather", failed=True),
                ),
            ),
            Turn("assistant", (Text("Beau à Fès."),)),
            Turn("user", (Text("Et "), Text("demain ?"))),
        ),
        tools=(
            Tool("weather", "Le temps", WEATHER),
            Tool("now", schema={"type": "object", "properties": {}, "additionalProperties": False}),
        ),
        tool_choice=ToolChoice("named", "weather"),
        left_out=(
            "contents[1].parts[1].thoughtSignature",
            "safetySettings[0].threshold",
            "tools[0].functionDeclarations[0].response",
        ),
    ),
    "structured": Conversation(
        turns=(
            Turn(
                "user",
                (
                    Media("images", "image/png", data="//79+w=="),
                    Media("files", "application/pdf", url="https://example.org/plan.pdf"),
                    Text("Décris."),
                ),
            ),
        ),
        format=Format({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}),
        thinking_tokens=100,
        seed=7,
        left_out=("labels",),
    ),
}


def streamed(data: bytes, step: int):
    """The events of a stream that comes in pieces of ``step`` bytes."""
    reader, splitter = IDIOM.event_reader(), sse.Splitter()
    for start in range(0, len(data), step):
        for event in splitter.feed(data[start : start + step]):
            yield from reader.read(event.name, event.data)
    for event in splitter.end():
        yield from reader.read(event.name, event.data)
    yield from reader.end()


def request(raw: bytes, **more):
    """A request whose body is ``raw``, even one without contents."""
    fields = json.loads(raw)
    return SURFACE.read(json.dumps({"contents": [{"parts": [{"text": "?"}]}], **fields}).encode(), model="m", **more)


def joined(events) -> Reply:
    """The reply that a stream of events is."""
    started, *between, ended = events
    parts = []
    for event in between:
        match event:
            case PartStarted(index=index, part=part):
                assert index == len(parts)
                parts.append([part, "", ""])
            case Piece(index=index, text=text):
                parts[index][1] += text
            case PartEnded(index=index, signature=signature):
                parts[index][2] = signature
    return Reply(id=started.id, parts=tuple(map(whole, parts)), finish=ended.finish, usage=ended.usage, stop=ended.stop)


def whole(part):
    """A part with its pieces put together."""
    kind, text, signature = part
    if isinstance(kind, ToolCall):
        return ToolCall(kind.id, kind.name, text)
    return Thinking(text, signature) if isinstance(kind, Thinking) else Text(text)


@pytest.mark.parametrize("name", REPLIES)
def test_a_recorded_answer_is_read_as_what_it_says(name):
    """Text, thoughts, signatures, calls without ids, refusals of the vendor and every count are read off a whole answer."""
    assert IDIOM.read_reply((GOLDEN / f"{name}.json").read_bytes()) == REPLIES[name]


@pytest.mark.parametrize("step", [1, 7, 1 << 20])
@pytest.mark.parametrize("name", REPLIES)
def test_a_recorded_stream_says_what_the_whole_answer_says(name, step):
    """Cut anywhere, with either line ending, a stream gives the parts, the reason of its end and the counts of the whole."""
    assert joined(streamed((GOLDEN / f"{name}.sse").read_bytes(), step)) == REPLIES[name]


@pytest.mark.parametrize("name", REQUESTS)
def test_a_recorded_request_is_read_whole(name):
    """Both spellings, single objects for lists, Google's schemas, calls without ids: a request is one conversation."""
    raw = (GOLDEN / f"request_{name}.json").read_bytes()
    assert SURFACE.converse(SURFACE.read(raw, model="m")) == REQUESTS[name]


@pytest.mark.parametrize("name", REQUESTS)
def test_counting_reads_the_same_request_in_its_frame(name):
    """``countTokens`` takes contents, or a whole request in ``generateContentRequest``."""
    raw = (GOLDEN / f"request_{name}.json").read_bytes()
    framed = b'{"generateContentRequest":' + raw + b"}"
    asked = COUNTING.read(framed, model="m")
    assert asked.kind == "count"
    left_out = tuple(f"generateContentRequest.{field}" for field in REQUESTS[name].left_out)
    assert COUNTING.converse(asked) == msgspec.structs.replace(REQUESTS[name], left_out=left_out)
    assert asked.question == SURFACE.read(raw, model="m").question
    assert COUNTING.write_reply(IDIOM.read_reply(b'{"totalTokens":31}'), asked) == b'{"totalTokens":31}'


def test_what_the_gateway_must_know_is_read_off_a_request():
    """Model and stream come from the path; needs, joined texts, the question and the limit from the body."""
    structured = SURFACE.read((GOLDEN / "request_structured.json").read_bytes(), model="m", stream=True)
    assert (structured.model, structured.stream, structured.wants_usage) == ("m", True, True)
    assert structured.needs == {"images", "files", "json_schema"}
    assert structured.opaque
    tools = SURFACE.read((GOLDEN / "request_tools.json").read_bytes(), model="m")
    assert (tools.needs, tools.opaque, tools.question) == ({"tools"}, False, "Et demain ?")
    assert tools.joined == ("Et demain ?",)
    curl = SURFACE.read((GOLDEN / "request_curl.json").read_bytes(), model="m")
    assert (curl.answer_tokens, curl.question, curl.metadata) == (800, "Hello there", {})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"tools": [{"googleSearch": {}}]}, "tools[0].googleSearch"),
        ({"cached_content": "cachedContents/1"}, "cachedContent"),
        ({"contents": [{"parts": [{"text": "a", "video_metadata": {"fps": 1}}]}]}, "contents[0].parts[0].videoMetadata"),
        (
            {"contents": [{"role": "model", "parts": [{"executableCode": {"code": "1"}}]}]},
            "contents[0].parts[0].executableCode",
        ),
        ({"contents": [{"parts": [{"fileData": {"fileUri": "gs://b/o"}}]}]}, "contents[0].parts[0].fileData.fileUri"),
        ({"generationConfig": {"candidateCount": 2}}, "generationConfig.candidateCount"),
        ({"generationConfig": {"responseModalities": ["IMAGE"]}}, "generationConfig.responseModalities"),
        ({"generationConfig": {"responseMimeType": "text/x.enum"}}, "generationConfig.responseMimeType"),
        ({"safetySettings": [{"category": "c", "threshold": "BLOCK_LOW_AND_ABOVE"}]}, "safetySettings[0].threshold"),
        ({"something_new": 1}, "somethingNew"),
        ({"generationConfig": {"somethingNew": {}}}, "generationConfig.somethingNew"),
    ],
)
def test_what_only_gemini_can_say_is_refused_by_name(body, field):
    """A field that no other protocol has is never dropped in silence: the error names it."""
    with pytest.raises(NotCarried) as refused:
        SURFACE.converse(request(json.dumps(body).encode()))
    assert refused.value.facts["field"] == field


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"contents": []}, "contents"),
        ({"contents": "hi"}, "contents"),
        ({"contents": [{"parts": [{"text": 1}]}]}, "contents[0].parts[0].text"),
        ({"contents": [{"role": "robot", "parts": [{"text": "a"}]}]}, "contents[0].role"),
        ({"contents": [{"parts": [{"functionResponse": {"name": "f"}}]}]}, "contents[0].parts[0].functionResponse.name"),
        (
            {"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": "é"}}]}]},
            "contents[0].parts[0].inlineData.data",
        ),
        ({"systemInstruction": {"parts": []}, "system_instruction": {"parts": []}}, "system_instruction"),
        ({"generationConfig": {"maxOutputTokens": 0}}, "generationConfig.maxOutputTokens"),
        (
            {"toolConfig": {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["x"]}}},
            "toolConfig.functionCallingConfig.allowedFunctionNames",
        ),
        ([], "body"),
    ],
)
def test_a_wrong_field_is_named(body, field):
    """What Google would refuse, or read in one of two ways, is refused with the field and what was expected."""
    raw = json.dumps({"contents": [{"parts": [{"text": "?"}]}], **body} if isinstance(body, dict) else body)
    with pytest.raises(Invalid) as wrong:
        SURFACE.converse(SURFACE.read(raw.encode(), model="m"))
    assert wrong.value.facts["field"] == field


def test_calling_is_narrowed_to_the_functions_that_are_allowed():
    """Of a list of allowed names, the other functions are not shown; VALIDATED makes every schema strict."""
    tools = [{"functionDeclarations": [{"name": name} for name in "abc"]}]
    calling = {"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["a", "c"]}}
    narrowed = SURFACE.converse(request(json.dumps({"tools": tools, "toolConfig": calling}).encode()))
    assert ([tool.name for tool in narrowed.tools], narrowed.tool_choice) == (["a", "c"], ToolChoice("required"))
    validated = {"functionCallingConfig": {"mode": "VALIDATED"}}
    strict = SURFACE.converse(request(json.dumps({"tools": tools, "toolConfig": validated}).encode()))
    assert ([tool.strict for tool in strict.tools], strict.tool_choice) == ([True] * 3, ToolChoice("auto"))


def test_a_patched_request_keeps_everything_but_second_copies_of_a_key():
    """Unknown fields and the digits of numbers pass; of a key said twice the last travels; the path says the model."""
    raw = (
        b'{"model":"models/other","contents":[{"role":"user","role":"user","parts":[{"text":"hidden","text":"shown"}]}],'
        b'"generation_config":{"temperature":0.10,"temperature":0.20},"new_field":{"n":12345678901234567890.10,"n":0.10}}'
    )
    body = IDIOM.patched(SURFACE.read(raw, model="m"), "gemini-2.5-flash")
    assert body == (
        b'{"contents":[{"role":"user","parts":[{"text":"shown"}]}],"generation_config":{"temperature":0.20},'
        b'"new_field":{"n":12345678901234567890.10,"n":0.10}}'
    )


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (b'{"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":4,"thoughtsTokenCount":5}}', Reading(3, 9)),
        (b'{"usageMetadata":{"promptTokenCount":3,"toolUsePromptTokenCount":2}}', Reading(5, 0)),
        (b'{"candidates":[]}', Reading()),
        (b'{"usageMetadata":"many"}', Reading()),
        (b'{"usageMetadata":{"promptTokenCount":-3}}', Reading()),
        (b'{"totalTokens":9}', Reading()),
        (b"[]", None),
        (b"data", None),
    ],
)
def test_the_meter_reads_what_is_counted(document, expected):
    """Thoughts count as written, what tools read as read; a count of tokens is no usage, and nonsense is none either."""
    assert IDIOM.reading(document) == expected


@pytest.mark.parametrize("step", [1, 100, 1 << 20])
def test_a_stream_passes_the_meter_untouched(step):
    """The meter passes Gemini's bytes as they came, counts the last usage and knows the end."""
    data, meter = (GOLDEN / "tools.sse").read_bytes(), StreamMeter(IDIOM, hide_usage=False)
    passed = b"".join(meter.feed(data[start : start + step]) for start in range(0, len(data), step)) + meter.end()
    assert (passed, meter.tokens_in, meter.tokens_out, meter.done) == (data, 80, 60, True)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"error":{"code":400,"message":"Invalid value","status":"INVALID_ARGUMENT"}}', "Invalid value"),
        (b'[{"error":{"code":429,"message":"Slow down","status":"RESOURCE_EXHAUSTED"}}]', "Slow down"),
        (b'{"error":"x"}', ""),
        (b"<html>", ""),
        (b"[]", ""),
    ],
)
def test_an_error_is_said_in_the_upstreams_words(body, said):
    """The message of an error is found in either of Google's shapes, and nowhere else."""
    assert IDIOM.error_message(body) == said


def test_a_stream_that_breaks_says_so():
    """An error event is a failure in the upstream's words; an end without its reason is a broken stream."""
    failed = IDIOM.event_reader().read("", b'{"error":{"code":503,"message":"overloaded","status":"UNAVAILABLE"}}')
    assert list(failed) == [Failed("overloaded")]
    reader = IDIOM.event_reader()
    list(reader.read("", b'{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}'))
    with pytest.raises(Unavailable) as broken:
        list(reader.end())
    assert broken.value.code == "upstream_broke_off"


@pytest.mark.parametrize(
    "document",
    [
        b"[]",
        b'{"error":{"message":"x"}}',
        b'{"candidates":[]}',
        b'{"candidates":[{"content":{"parts":[{"text":1}]},"finishReason":"STOP"}]}',
        b'{"candidates":[{"content":{"parts":[{"inlineData":{"data":"AA=="}}]},"finishReason":"STOP"}]}',
        b'{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":[1]}}]},"finishReason":"STOP"}]}',
        b'{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]}',
    ],
)
def test_an_answer_that_cannot_be_told_is_none(document):
    """What no other protocol can say, and what Gemini says of itself that it is broken, lets another model answer."""
    with pytest.raises(Unavailable):
        IDIOM.read_reply(document)


def test_errors_have_googles_shape_and_the_code_of_the_house():
    """``code`` is the status, ``status`` Google's name of it, and the details name the house's code and the field."""
    wrong = Invalid("invalid_request_field", field="contents", expected="a list")
    error = json.loads(SURFACE.error_body(wrong, 400, "fr"))["error"]
    assert (error["code"], error["status"]) == (400, "INVALID_ARGUMENT")
    assert error["message"] == wrong.say("fr")
    assert error["details"][0]["metadata"] == {"code": "invalid_request_field", "field": "contents"}
    refused = Refused("refused_by_policy", rules="x")
    body = json.loads(SURFACE.error_body(refused, 451, "en", {"decision": "o#1"}))["error"]
    assert (body["code"], body["status"], body["decision"]) == (451, "PERMISSION_DENIED", "o#1")
    assert SURFACE.error_event(DaffaError("upstream_broke_off"), "en").startswith(b'data: {"error":{"code":502')
    said = json.loads(SURFACE.upstream_error("no such field", 400))["error"]
    assert said == {"code": 400, "message": "no such field", "status": "INVALID_ARGUMENT"}


def test_models_are_listed_as_google_lists_them():
    """Names begin with ``models/``; the facts of the place stand beside them."""
    rows = [{"id": "auto", "object": "model"}, {"id": "atlas", "daffa": {"place": "rabat"}}]
    models = json.loads(LISTING.models(rows))["models"]
    assert [model["name"] for model in models] == ["models/auto", "models/atlas"]
    assert models[1]["daffa"] == {"place": "rabat"}
    assert json.loads(LISTING.model(rows[0])) == models[0]
