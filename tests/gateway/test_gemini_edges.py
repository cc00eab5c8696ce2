"""Edges of Gemini's dialect: signatures, names, system turns, arguments, placeholders, and what cannot be said."""

import json

import pytest

from daffa.errors import Invalid, Unavailable
from daffa.gateway import sse
from daffa.gateway.conversation import (
    Conversation,
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
)
from daffa.gateway.dialects.gemini import IDIOM, SURFACE
from daffa.gateway.masking import NotMasked, masked_body
from daffa.gateway.restoring import StreamRestorer, restored_whole


def asked(raw=b'{"contents":[{"parts":[{"text":"?"}]}],"generationConfig":{"thinkingConfig":{"includeThoughts":true}}}'):
    """A request whose client wants to see thoughts."""
    return SURFACE.read(raw, model="m", stream=True)


def written(conversation: Conversation, model="gemini-3-flash"):
    """The request as JSON, and what was left out."""
    made = IDIOM.write_request(conversation, model)
    return json.loads(made.body), made.left_out


def test_a_call_of_another_model_bears_googles_mark_and_its_own_signature_comes_back():
    """Gemini 3 wants a signature on the first call of a turn: its own where a client kept it, else its documented stand-in."""
    call, other = ToolCall("1", "f"), ToolCall("2", "f")
    results = Turn("user", (ToolResult("1", (Text("x"),)), ToolResult("2", (Text("y"),))))
    turns = (Turn("user", (Text("?"),)), Turn("assistant", (call, other)), results)
    parts = written(Conversation(turns=turns))[0]["contents"][1]["parts"]
    assert [part.get("thoughtSignature") for part in parts] == ["skip_thought_signature_validator", None]
    assert all(
        "thoughtSignature" not in part
        for part in written(Conversation(turns=turns), "gemini-2.5-pro")[0]["contents"][1]["parts"]
    )
    kept = (turns[0], Turn("assistant", (Thinking("", "gemini.QUJD"), call, other)), results)
    parts = written(Conversation(turns=kept))[0]["contents"][1]["parts"]
    assert [part.get("thoughtSignature") for part in parts] == ["QUJD", None]
    foreign = (turns[0], Turn("assistant", (Thinking("hm", "another vendor's"), call, other)), results)
    body, left_out = written(Conversation(turns=foreign))
    assert body["contents"][1]["parts"][0]["thoughtSignature"] == "skip_thought_signature_validator"
    assert left_out == ("messages[1].parts[0] (thinking)",)


def test_a_foreign_signature_survives_a_client_of_gemini():
    """Another vendor's signature goes to the client as base64, and comes back as it was."""
    reply = Reply(id="r", parts=(Thinking("hm", "sig==é"), Text("a")), finish="stop")
    parts = json.loads(SURFACE.write_reply(reply, asked()))["candidates"][0]["content"]["parts"]
    history = {"contents": [{"role": "model", "parts": parts}, {"role": "user", "parts": [{"text": "?"}]}]}
    turns = SURFACE.converse(SURFACE.read(json.dumps(history).encode(), model="m")).turns
    assert turns[0].parts == reply.parts


def test_thoughts_are_shown_to_those_who_ask_alone():
    """Without ``includeThoughts`` a client sees no thought, whole or streamed."""
    quiet = SURFACE.read(b'{"contents":[{"parts":[{"text":"?"}]}]}', model="m")
    reply = Reply(id="r", parts=(Thinking("secret thought", "s"), Text("a")), finish="stop")
    assert b"secret" not in SURFACE.write_reply(reply, quiet)
    writer = SURFACE.event_writer(quiet)
    thought = [PartStarted(0, Thinking("")), Piece(0, "secret"), PartEnded(0, "s")]
    assert b"".join(writer.write(event) for event in thought) == b""


def test_results_get_the_name_of_their_call_and_orphans_are_refused():
    """Gemini wants the function's name with a result; other protocols say the id alone."""
    turns = (
        Turn("user", (Text("?"),)),
        Turn("assistant", (ToolCall("1", "f"),)),
        Turn("user", (ToolResult("1", (Text("x"),)),)),
    )
    result = written(Conversation(turns=turns))[0]["contents"][2]["parts"][0]["functionResponse"]
    assert result == {"id": "1", "name": "f", "response": {"output": "x"}}
    with pytest.raises(Invalid):
        written(Conversation(turns=(Turn("user", (ToolResult("9", (Text("x"),)),)),)))


def test_system_turns_are_hoisted_and_those_that_moved_are_reported():
    """One place holds all system texts; a request of system turns alone is asked as the user's."""
    turns = (Turn("system", (Text("a"),)), Turn("user", (Text("?"),)), Turn("system", (Text("b"),)), Turn("user", (Text("!"),)))
    body, left_out = written(Conversation(turns=turns))
    assert body["systemInstruction"] == {"parts": [{"text": "a"}, {"text": "b"}]}
    assert left_out == ("messages[2] (moved)",)
    body, left_out = written(Conversation(turns=turns[:1]))
    assert (body, left_out) == ({"contents": [{"role": "user", "parts": [{"text": "a"}]}]}, ("messages[0] (moved)",))


@pytest.mark.parametrize(
    ("conversation", "field"),
    [
        (
            Conversation(turns=(Turn("user", (Text("a"),)),), tools=(Tool("f"), Tool("g")), parallel_calls=False),
            "parallel_calls",
        ),
        (Conversation(turns=(Turn("user", (Text("a"),)),), effort="maximal"), "effort"),
        (
            Conversation(turns=(Turn("system", (Media("images", data=""),)), Turn("user", (Text("a"),)))),
            "messages[0] (no text, of the system)",
        ),
    ],
)
def test_what_gemini_cannot_say_is_refused_by_name(conversation, field):
    """What would change the answer is never dropped."""
    with pytest.raises(NotCarried) as refused:
        written(conversation)
    assert refused.value.facts["field"] == field


def test_arguments_that_are_no_object_are_refused_both_ways():
    """On the way in the field is named; on the way back the upstream was unreadable; no arguments are an empty object."""
    for wrong in ("[1]", "{", "null", '{"a":1} x'):
        with pytest.raises(Invalid):
            written(Conversation(turns=(Turn("assistant", (ToolCall("1", "f", wrong),)),)))
        with pytest.raises(Unavailable):
            SURFACE.write_reply(Reply(id="r", parts=(ToolCall("1", "f", wrong),), finish="tools"), asked())
    said = SURFACE.write_reply(Reply(id="r", parts=(ToolCall("1", "f", " "),), finish="tools"), asked())
    assert b'"args":{}' in said


def test_a_placeholder_in_an_answer_is_put_back_however_it_is_cut():
    """What was masked in a request is restored in texts cut anywhere, in arguments and beside a reason of the end."""
    body = json.dumps(
        {
            "contents": [
                {"role": "user", "parts": [{"text": "Écrivez à amina@example.ma svp"}]},
                {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"to": ["amina@example.ma"]}}}]},
                {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {"output": "amina@example.ma"}}}]},
            ],
            "system_instruction": {"parts": [{"text": "de amina@example.ma"}]},
            "unknown": {"x": ["amina@example.ma"]},
        }
    ).encode()
    masked, originals = masked_body(IDIOM, body, b"k" * 32)
    assert b"amina" not in masked
    stand_in = json.loads(masked)["contents"][1]["parts"][0]["functionCall"]["args"]["to"][0]
    whole = {
        "candidates": [
            {"content": {"parts": [{"text": f"à {stand_in}"}, {"functionCall": {"name": "f", "args": {"to": stand_in}}}]}}
        ]
    }
    restored = json.loads(restored_whole(IDIOM, originals, json.dumps(whole).encode()))
    assert restored["candidates"][0]["content"]["parts"][0]["text"] == "à amina@example.ma"
    assert restored["candidates"][0]["content"]["parts"][1]["functionCall"]["args"] == {"to": "amina@example.ma"}
    for step in range(1, len(stand_in) + 1):
        pieces = [stand_in[start : start + step] for start in range(0, len(stand_in), step)]
        candidates = [{"content": {"parts": [{"text": piece}], "role": "model"}, "index": 0} for piece in pieces]
        candidates[-1]["finishReason"] = "STOP"
        restorer, said, splitter = StreamRestorer(IDIOM, originals), "", sse.Splitter()
        data = b"".join(sse.written("", json.dumps({"candidates": [one]}).encode()) for one in candidates)
        for event in [*(out for sent in splitter.feed(data) for out in restorer.feed(sent)), *restorer.end()]:
            said += json.loads(event.data)["candidates"][0]["content"]["parts"][0]["text"]
        assert said == "amina@example.ma"


def test_a_call_is_never_made_twice_by_what_is_held_back():
    """The beginning of a placeholder beside a call goes out with it: no second event repeats the call."""
    masked, originals = masked_body(IDIOM, b'{"contents":[{"parts":[{"text":"amina@example.ma"}]}]}', b"k" * 32)
    stand_in = json.loads(masked)["contents"][0]["parts"][0]["text"]
    parts = [{"text": stand_in[:3]}, {"functionCall": {"name": "f", "args": {"a": "b"}}}]
    first = sse.written("", json.dumps({"candidates": [{"content": {"parts": parts}, "index": 0}]}).encode())
    last = sse.written("", b'{"candidates":[{"finishReason":"STOP","index":0}]}')
    restorer, splitter = StreamRestorer(IDIOM, originals), sse.Splitter()
    events = [*(out for sent in splitter.feed(first + last) for out in restorer.feed(sent)), *restorer.end()]
    assert b"".join(event.data for event in events).count(b"functionCall") == 1
    assert stand_in[:3].encode() in events[0].data


def test_names_of_the_protocol_are_no_texts():
    """Names, ids, base64 and the words of schemas are no slots; descriptions, texts and unknown fields are."""
    document = {
        "contents": [
            {
                "role": "user",
                "parts": [{"text": "T"}, {"inlineData": {"mimeType": "image/png", "data": "AAAA", "displayName": "D"}}],
            },
            {
                "role": "model",
                "parts": [{"functionCall": {"id": "i", "name": "f", "args": {"name": "A"}}, "thoughtSignature": "s"}],
            },
        ],
        "tools": [
            {
                "functionDeclarations": [
                    {"name": "f", "parameters": {"type": "OBJECT", "properties": {"type": {"description": "S"}}}}
                ]
            }
        ],
        "generationConfig": {"responseMimeType": "application/json", "stopSequences": ["Q"]},
        "novel": {"name": "N", "id": ["M"]},
    }
    slots = list(IDIOM.prompts(document))
    assert sorted(slot.holder[slot.key] for slot in slots if slot.key != "args") == ["D", "M", "N", "Q", "S", "T"]
    assert [slot.holder[slot.key] for slot in slots if slot.key == "args"] == [{"name": "A"}]


def test_very_long_events_are_read_whole():
    """A megabyte of text, or of arguments, in one event is one piece."""
    text = "م" * (1 << 20)
    event = json.dumps({"candidates": [{"content": {"parts": [{"text": text}]}, "finishReason": "STOP"}]}).encode()
    pieces = [event.text for event in IDIOM.event_reader().read("", event) if isinstance(event, Piece)]
    assert pieces == [text]
    call = {"functionCall": {"name": "f", "args": {"a": text}}}
    reply = IDIOM.read_reply(json.dumps({"candidates": [{"content": {"parts": [call]}, "finishReason": "STOP"}]}).encode())
    assert json.loads(reply.parts[0].arguments) == {"a": text}


def test_texts_are_found_however_deep_they_nest():
    """What nests as deep as a body may is masked like any other; arguments, down to where nobody can vouch for them."""
    deep: object = "amina@example.ma"
    for _ in range(500):
        deep = [deep]
    assert [slot.holder[slot.key] for slot in IDIOM.prompts({"novel": deep})] == ["amina@example.ma"]
    call = {"role": "model", "parts": [{"functionCall": {"name": "f", "args": {"a": deep}}}]}
    with pytest.raises(NotMasked):
        masked_body(IDIOM, json.dumps({"contents": [call]}).encode(), b"k" * 32)
    answer = {"candidates": [{"content": {"parts": [{"executableCode": {"code": deep}}]}}]}
    assert [slot.holder[slot.key] for slot in IDIOM.slots(answer)] == ["amina@example.ma"]


@pytest.mark.parametrize(
    ("tools", "choice"),
    [((Tool("f"),), None), ((Tool("f"), Tool("g")), ToolChoice("named", "f")), ((Tool("f"), Tool("g")), ToolChoice("none"))],
)
def test_one_call_at_a_time_is_left_out_where_one_tool_can_be_called(tools: tuple[Tool, ...], choice: ToolChoice | None):
    """Gemini cannot say it, and where no two tools can be called nobody misses it."""
    asked = Conversation(turns=(Turn("user", (Text("a"),)),), tools=tools, tool_choice=choice, parallel_calls=False)
    assert "parallel_calls" in IDIOM.write_request(asked, "gemini-3").left_out
