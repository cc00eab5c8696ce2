"""Requests written to slip past the label, the masking or the clock, in every protocol. Pure, no socket."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from daffa.errors import Invalid
from daffa.gateway.conversation import NotCarried, ToolCall, ToolResult
from daffa.gateway.dialect import Idiom, Surface
from daffa.gateway.dialects import anthropic, gemini, mistral, openai_chat, openai_embeddings
from daffa.gateway.masking import NotMasked, masked_body
from daffa.gateway.preparing import Prepared, prepare
from daffa.gateway.translating import Way

KEY = b"k" * 32
MAIL, PHONE = "s.amrani@example.ma", "0661234567"
IDIOMS: dict[str, Idiom] = {
    "openai": openai_chat.IDIOM,
    "anthropic": anthropic.IDIOM,
    "gemini": gemini.IDIOM,
    "mistral": mistral.IDIOM,
}
PNG = {"mimeType": "image/png", "data": "iVBORw0KGgo="}


def chat(*messages: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A body of chat completions."""
    return {"model": "m", "messages": [{"role": "user", "content": "bonjour"}, *messages], **fields}


def called(call_id: str, arguments: str, said: str) -> list[dict[str, Any]]:
    """A call of a tool and its result, in messages of chat completions."""
    function = {"name": "f", "arguments": arguments}
    call = {"id": call_id, "type": "function", "function": function}
    return [
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call_id, "content": said},
    ]


def prepared(surface: Surface, idiom: Idiom, body: dict[str, Any]) -> Prepared:
    """What would leave under pseudonyms."""
    return prepare(surface, idiom, surface.read(json.dumps(body).encode(), model="m"), "theirs", KEY)


@pytest.mark.parametrize("wire", IDIOMS)
@pytest.mark.parametrize("call_id", [MAIL, f"tel {PHONE}"])
def test_the_id_of_a_call_takes_nobody_along(wire: str, call_id: str):
    """Somebody's number as an id is replaced whole, or holds the body back: it leaves in no other signs, nor as its hash."""
    try:
        left = prepared(openai_chat.SURFACE, IDIOMS[wire], chat(*called(call_id, "{}", "x"))).body
    except NotMasked:
        return
    assert not any(word in left for word in (b"amrani", b"example", b"661234567"))
    # What is computed from a number of ten digits without a key is as good as the number.
    assert hashlib.sha256(call_id.encode()).hexdigest()[:9].encode() not in left


@pytest.mark.parametrize("spelled", ["systemInstruction", "system_instruction"])
@pytest.mark.parametrize("part", [{"inlineData": PNG}, {"file_data": {"file_uri": "https://a.example/b"}}, {"novel": {"x": 1}}])
@pytest.mark.parametrize("where", ["contents", "system"])
def test_what_is_no_text_is_opaque_wherever_it_stands(spelled: str, part: dict[str, Any], where: str):
    """In the instructions too, and of kinds that nobody here knows: nothing of it can be read."""
    parts = [{"text": "a"}, part]
    body: dict[str, Any] = {"contents": [{"parts": parts if where == "contents" else [{"text": "a"}]}]}
    if where == "system":
        body[spelled] = {"parts": parts}
    assert gemini.SURFACE.read(json.dumps(body).encode(), model="m").opaque


def test_what_says_something_of_a_part_is_not_opaque():
    """Thoughts, calls and their results are texts."""
    call = {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": "s"}
    parts = [{"text": "a", "thought": True}, call, {"functionResponse": {"name": "f", "response": {}}}, {"novel": None}]
    assert not gemini.SURFACE.read(json.dumps({"contents": [{"parts": parts}]}).encode(), model="m").opaque


def test_of_an_instruction_that_is_given_twice_one_travels():
    """An image that only the first of two equal keys shows reaches nobody."""
    part = b'{"inlineData":{"data":"secret"},"inlineData":null,"text":"b"}'
    raw = b'{"contents":[{"parts":[{"text":"a"}]}],"systemInstruction":{"parts":[%b]}}' % part
    request = gemini.SURFACE.read(raw, model="m")
    assert request.opaque or b"secret" not in gemini.IDIOM.patched(request, "theirs")


@pytest.mark.parametrize("idiom", [openai_chat.IDIOM, mistral.IDIOM, openai_embeddings.IDIOM])
def test_a_number_beyond_all_numbers_is_not_vouched_for(idiom: Idiom):
    """The surface did not look at it, and who masks cannot read the body: it does not leave as pseudonymised."""
    with pytest.raises(NotMasked):
        masked_body(idiom, b'{"model":"m","messages":[],"novel":1e999}', KEY)


@pytest.mark.parametrize("wire", IDIOMS)
def test_json_with_escapes_in_a_text_is_masked_inside(wire: str):
    """What a tool said, as most write JSON: the letters of a name are escapes there, and a finder must see through them."""
    said = json.dumps({"nom": "السيد كريم بناني", "courriel": f"\u200b{MAIL}", "note": "\n"})
    left = prepared(openai_chat.SURFACE, IDIOMS[wire], chat(*called("123456789", "{}", said)))
    assert left.originals is not None
    assert len(left.originals) == 2
    assert b"amrani" not in left.body
    assert "بناني" not in left.body.decode()
    assert b"u0628" not in left.body


@pytest.mark.parametrize("wire", IDIOMS)
def test_keys_and_numbers_of_arguments_are_masked_in_every_protocol(wire: str):
    """Whether they are a text there or an object."""
    arguments = json.dumps({MAIL: {"phone": 212661234567}})
    left = prepared(openai_chat.SURFACE, IDIOMS[wire], chat(*called("123456789", arguments, "x")))
    assert not any(word in left.body for word in (b"amrani", b"661234567"))


@pytest.mark.parametrize("wire", ["openai", "anthropic", "gemini"])
def test_keys_of_arguments_are_restored_in_every_protocol(wire: str):
    """A model that makes a key of somebody's name is understood, where arguments are an object too."""
    body, originals = masked_body(openai_chat.IDIOM, json.dumps(chat({"role": "user", "content": MAIL})).encode(), KEY)
    stand_in = json.loads(body)["messages"][1]["content"]
    arguments = {stand_in: {"to": [stand_in]}}
    answers = {
        "openai": {
            "choices": [
                {
                    "message": {"tool_calls": [{"id": "1", "function": {"name": "f", "arguments": json.dumps(arguments)}}]},
                    "finish_reason": "tool_calls",
                }
            ]
        },
        "anthropic": {
            "id": "m",
            "type": "message",
            "role": "assistant",
            "content": [{"type": "tool_use", "id": "t", "name": "f", "input": arguments}],
            "stop_reason": "tool_use",
            "usage": {"input_tokens": 1, "output_tokens": 1},
        },
        "gemini": {
            "candidates": [{"content": {"parts": [{"functionCall": {"name": "f", "args": arguments}}]}, "finishReason": "STOP"}]
        },
    }
    request = openai_chat.SURFACE.read(json.dumps(chat()).encode())
    way = Way(openai_chat.SURFACE, IDIOMS[wire], request, originals)
    message = json.loads(way.whole(json.dumps(answers[wire]).encode(), 200))["choices"][0]["message"]
    assert json.loads(message["tool_calls"][0]["function"]["arguments"]) == {MAIL: {"to": [MAIL]}}


def test_a_label_that_a_question_for_vectors_declares_is_heard():
    """It raises the label as everywhere, and does not travel."""
    declared = {"daffa_label": "level=secret", "daffa_purpose": "research"}
    raw = json.dumps({"model": "m", "input": "a", "metadata": {**declared, "team": "b"}}).encode()
    request = openai_embeddings.SURFACE.read(raw)
    assert request.metadata == declared
    assert json.loads(openai_embeddings.IDIOM.patched(request, "theirs"))["metadata"] == {"team": "b"}


def test_results_find_their_calls_in_any_order():
    """By id; without one, the first call of the name that waits, and none twice."""
    names = ["a", "b", "a", "c"]
    calls = [{"functionCall": {"name": name, "args": {}}} for name in names[:3]]
    calls.append({"functionCall": {"id": "own", "name": "c", "args": {}}})
    given = [{"functionResponse": {"name": name, "response": {"output": name}}} for name in ("b", "a")]
    given += [{"functionResponse": {"id": "own", "name": "c", "response": {"output": "c"}}}, {**given[1]}]
    body = {"contents": [{"parts": [{"text": "x"}]}, {"role": "model", "parts": calls}, {"role": "user", "parts": given}]}
    turns = gemini.SURFACE.converse(gemini.SURFACE.read(json.dumps(body).encode(), model="m")).turns
    ids = [part.id for part in turns[1].parts if isinstance(part, ToolCall)]
    assert [part.call for part in turns[2].parts if isinstance(part, ToolResult)] == [ids[1], ids[0], "own", ids[2]]
    body["contents"][2]["parts"].append(given[1])
    with pytest.raises(Invalid):
        gemini.SURFACE.converse(gemini.SURFACE.read(json.dumps(body).encode(), model="m"))


@pytest.mark.parametrize(
    "body",
    [
        chat(Messages=[{"role": "user", "content": "else"}]),
        chat(MODEL="dearer"),
        chat({"role": "user", "content": "a", "Content": [{"type": "image_url"}]}),
        chat({"role": "user", "content": [{"type": "text", "text": "a", "tYpe": "image_url"}]}),
        chat(meſſages=[]),
        {"model": "m", "input": "a", "Input": [1, 2]},
    ],
)
def test_a_field_that_differs_in_its_case_alone_is_refused(body: dict[str, Any]):
    """Some servers take ``Messages`` for ``messages``: they would answer to another request than the one decided on."""
    surface, idiom = openai_chat.SURFACE, openai_chat.IDIOM
    if "input" in body:
        surface, idiom = openai_embeddings.SURFACE, openai_embeddings.IDIOM
    with pytest.raises(Invalid):
        prepared(surface, idiom, body)


def test_names_of_a_clients_own_may_be_spelled_in_any_way():
    """A tool's field may be called ``Type``, and a server's own field ``Mode``."""
    function = {"name": "f", "parameters": {"type": "object", "properties": {"Type": {}, "Content": {}}}}
    tool = {"type": "function", "function": function}
    assert prepared(openai_chat.SURFACE, openai_chat.IDIOM, chat(tools=[tool], Mode="x")).body


@pytest.mark.parametrize(("fields", "answers"), [({}, 1), ({"n": None}, 1), ({"n": 3}, 3)])
def test_each_of_several_answers_is_counted_on(fields: dict[str, Any], answers: int):
    """What is kept of a budget is for all answers that are asked for."""
    assert openai_chat.SURFACE.read(json.dumps(chat(**fields)).encode()).answers == answers
    config = {"candidateCount": fields.get("n")}
    body = {"contents": [{"parts": [{"text": "a"}]}], "generationConfig": config}
    assert gemini.SURFACE.read(json.dumps(body).encode(), model="m").answers == answers


@pytest.mark.parametrize("name", ["generateContentRequest", "generate_content_request"])
def test_beside_a_whole_request_nothing_is_counted(name: str):
    """Contents that stand beside it would leave without a look at them."""
    whole = {"model": "m", "contents": [{"parts": [{"text": "a"}]}]}
    assert not gemini.COUNTING.read(json.dumps({"model": "m", name: whole}).encode(), model="m").opaque
    with pytest.raises(Invalid):
        gemini.COUNTING.read(json.dumps({name: whole, "contents": [{"parts": [{"inlineData": PNG}]}]}).encode(), model="m")


@pytest.mark.parametrize("calls", [[None], [1], {"a": 1}, "x"])
def test_what_is_no_call_is_left_to_the_models_server(calls: Any):
    """It is no error of ours: the server says in its words what it does not read."""
    body = chat({"role": "assistant", "content": None, "tool_calls": calls})
    assert json.loads(prepared(openai_chat.SURFACE, mistral.IDIOM, body).body)["messages"][1]["tool_calls"] == calls


def test_a_field_of_any_length_is_named_in_short():
    """Its name is the client's own: an error that repeats it stays one."""
    with pytest.raises(NotCarried) as refused:
        prepared(openai_chat.SURFACE, gemini.IDIOM, chat(**{"x" * 100_000: 1}))
    assert len(refused.value.say("en")) < 1000
