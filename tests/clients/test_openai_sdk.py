"""The ``openai`` package, unmodified: chat, tools, structured output, images, embeddings and errors, as if asked directly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from pydantic import BaseModel
from speaking import SIMULATED, VECTORS, WIRES, Speaking

from daffa.worlds import Behaviour

ON = [f"on-{wire}" for wire in WIRES]
QUESTION = [{"role": "system", "content": "Réponds en français."}, {"role": "user", "content": "كم الساعة؟ 👋 what time is it"}]
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "What the weather is.",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string", "enum": ["الرباط"]}, "days": {"type": "integer", "minimum": 2}},
                "required": ["city", "days"],
            },
        },
    },
    {
        "type": "function",
        "function": {"name": "clock", "description": "What time it is.", "parameters": {"type": "object", "properties": {}}},
    },
]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
ODD = [
    Behaviour(chunk_bytes=1, chunks=7),
    Behaviour(crlf=True, comments=True),
    Behaviour(omit_done=True),
    Behaviour(chunks=1),
]


class Form(BaseModel):
    """What an answer must look like."""

    town: str
    people: int


@pytest.fixture
def through(house: Speaking) -> Iterator[openai.OpenAI]:
    """The client, before the house."""
    with openai.OpenAI(api_key=house.server.key, base_url=house.through, max_retries=0) as client:
        yield client


@pytest.fixture
def direct(house: Speaking) -> Iterator[openai.OpenAI]:
    """The client, before the provider itself."""
    with openai.OpenAI(api_key="none", base_url=house.direct, max_retries=0) as client:
        yield client


def ask(client: openai.OpenAI, model: str, **fields: Any) -> Any:
    """A whole answer, as plain values."""
    return client.chat.completions.create(model=model, **{"messages": QUESTION, **fields}).model_dump()


def streamed(client: openai.OpenAI, model: str, **fields: Any) -> Any:
    """A streamed answer put together by the client itself, as plain values."""
    with client.chat.completions.stream(model=model, **{"messages": QUESTION, **fields}) as stream:
        stream.until_done()  # and no further: of an answer that is cut short the client makes an error
        return stream.current_completion_snapshot.model_dump()


def said(answer: dict[str, Any]) -> Any:
    """What an answer says, in whatever protocol it was given: text, calls without their ids, and why it ended."""
    (choice,) = answer["choices"]
    calls = choice["message"]["tool_calls"] or []
    called = [(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in calls]
    return choice["message"]["content"] or "", called, choice["finish_reason"]


CALLING = {"messages": [{"role": "user", "content": "weather please"}], "tools": TOOLS}
ASKED: dict[str, dict[str, Any]] = {
    "words": {},
    "few words": {"max_completion_tokens": 4},
    "a tool that is named": CALLING,
    "a tool that must be called": {"tools": TOOLS, "tool_choice": "required"},
    "the tool that is chosen": {"tools": TOOLS, "tool_choice": {"type": "function", "function": {"name": "clock"}}},
    "no tool": {**CALLING, "tool_choice": "none"},
    "a schema": {
        "response_format": {
            "type": "json_schema",
            "json_schema": {
                "name": "form",
                "strict": True,
                "schema": Form.model_json_schema() | {"additionalProperties": False},
            },
        }
    },
}


@pytest.mark.parametrize("asked", ASKED)
def test_over_the_same_protocol_the_answer_is_the_direct_one(through: openai.OpenAI, direct: openai.OpenAI, asked: str):
    """Whole and streamed, every field of the client's objects is what the provider itself would have given."""
    assert ask(through, "on-openai", **ASKED[asked]) == ask(direct, SIMULATED, **ASKED[asked])
    assert streamed(through, "on-openai", **ASKED[asked]) == streamed(direct, SIMULATED, **ASKED[asked])


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("model", ON[1:])
def test_over_another_protocol_the_answer_says_the_same(through: openai.OpenAI, direct: openai.OpenAI, model: str, asked: str):
    """Whole and streamed, the words, the calls and the reason are those of the direct call."""
    expected = said(ask(direct, SIMULATED, **ASKED[asked]))
    whole = ask(through, model, **ASKED[asked])
    assert said(whole) == expected
    assert said(streamed(through, model, **ASKED[asked])) == expected
    assert whole["usage"]["total_tokens"] > 0


@pytest.mark.parametrize("model", ON)
def test_a_round_with_a_tool(through: openai.OpenAI, model: str):
    """The call comes, its result goes back with the client's own objects, and the answer takes it up."""
    messages: list[Any] = [{"role": "user", "content": "weather please"}]
    first = through.chat.completions.create(model=model, messages=messages, tools=TOOLS).choices[0].message
    (call,) = first.tool_calls
    assert json.loads(call.function.arguments) == {"city": "الرباط", "days": 2}
    messages += [first, {"role": "tool", "tool_call_id": call.id, "content": "مشمس، 24°"}]
    last = through.chat.completions.create(model=model, messages=messages, tools=TOOLS).choices[0]
    assert (last.finish_reason, "مشمس" in last.message.content) == ("stop", True)


@pytest.mark.parametrize("model", ON)
def test_an_image_arrives(house: Speaking, through: openai.OpenAI, model: str):
    """The bytes of an image and the words beside it reach the provider, however its protocol writes them."""
    content = [
        {"type": "text", "text": "what is this?"},
        {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
    ]
    for answer in (ask, streamed):
        house.provider.requests.clear()
        assert "what is this?" in said(answer(through, model, messages=[{"role": "user", "content": content}]))[0]
        assert PIXEL.encode() in house.provider.requests[0].body


def test_thoughts_come_beside_the_words(through: openai.OpenAI):
    """A model that thinks says so in ``reasoning_content``, whole and streamed, where most servers put it."""
    whole = ask(through, "on-anthropic", reasoning_effort="low")["choices"][0]["message"]
    parts = streamed(through, "on-anthropic", reasoning_effort="low")["choices"][0]["message"]
    assert whole["reasoning_content"] == parts["reasoning_content"] != ""
    assert whole["content"] == parts["content"] != ""


@pytest.mark.parametrize("model", ON)
def test_structured_output_is_parsed(through: openai.OpenAI, model: str):
    """``parse`` gives an object of the class that was asked for."""
    parsed = through.chat.completions.parse(model=model, messages=QUESTION, response_format=Form).choices[0].message.parsed
    assert isinstance(parsed, Form)


@pytest.mark.parametrize("behaviour", ODD, ids=lambda how: repr(how)[:60])
@pytest.mark.parametrize("model", ON)
def test_odd_streams_say_the_same(house: Speaking, through: openai.OpenAI, model: str, behaviour: Behaviour):
    """Byte by byte, with CRLF and comments, without the mark at the end: nothing is lost of words or arguments."""
    whole = [said(ask(through, model)), said(ask(through, model, **CALLING))]
    house.provider.behaviour = behaviour
    if model == "on-openai" and behaviour.omit_done:
        pytest.skip("what the provider's own protocol leaves out is passed on as it is")
    assert [said(streamed(through, model)), said(streamed(through, model, **CALLING))] == whole


@pytest.mark.parametrize("model", ON)
def test_usage_comes_in_the_stream_to_those_who_ask(through: openai.OpenAI, model: str):
    """With ``include_usage`` the last event counts; without it no event does."""
    given = {"model": model, "messages": QUESTION, "stream": True}
    with through.chat.completions.create(**given, stream_options={"include_usage": True}) as stream:
        counted = [chunk.usage for chunk in stream if chunk.usage]
    with through.chat.completions.create(**given) as stream:
        uncounted = [chunk.usage for chunk in stream if chunk.usage]
    assert (len(counted), counted[0].completion_tokens > 0, uncounted) == (1, True, [])


@pytest.mark.parametrize("model", ON)
def test_an_error_in_mid_stream_is_an_error(house: Speaking, through: openai.OpenAI, model: str):
    """The client raises in the middle, after the words that had come."""
    house.provider.behaviour = Behaviour(mid_stream_error=2, gap=0.02)
    words = []
    with (
        through.chat.completions.create(model=model, messages=QUESTION, stream=True) as stream,
        pytest.raises(openai.APIError, match="simulated failure"),
    ):
        words += [chunk.choices[0].delta.content for chunk in stream if chunk.choices]
    assert words == []


WRONG = {
    "on-openai": ({"n": 2}, "one choice at a time"),
    "on-anthropic": ({"messages": [{"role": "tool", "tool_call_id": "call", "content": "7"}]}, "do not match"),
    "on-gemini": ({"messages": [{"role": "tool", "tool_call_id": "call", "content": "7"}]}, "call"),
}


@pytest.mark.parametrize("model", ON)
def test_what_the_provider_finds_wrong_is_said(through: openai.OpenAI, model: str):
    """A refusal of the upstream's keeps its status and its words in every protocol."""
    fields, words = WRONG[model]
    with pytest.raises(openai.BadRequestError, match=words) as raised:
        ask(through, model, **fields)
    assert raised.value.type == "invalid_request_error"


def test_errors_are_of_the_clients_own_classes(house: Speaking, through: openai.OpenAI):
    """By status: no key, no such model, a bad field, what the law refuses, and a provider that fails."""
    with (
        openai.OpenAI(api_key="wrong", base_url=house.through, max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError),
    ):
        ask(stranger, "on-openai")
    with pytest.raises(openai.NotFoundError, match="on-openai"):
        ask(through, "gpt-17")
    with pytest.raises(openai.BadRequestError) as raised:
        ask(through, "on-openai", max_tokens=0)
    assert raised.value.param == "max_tokens"
    with pytest.raises(openai.APIStatusError) as refused:
        ask(through, "on-openai", extra_headers={"X-Daffa-Label": "purposes=health_care", "X-Daffa-Purpose": "statistics"})
    assert (refused.value.status_code, refused.value.code) == (451, "refused_by_policy")
    house.provider.behaviour = Behaviour(fail_status=500)
    with pytest.raises(openai.InternalServerError):
        ask(through, "on-openai")


@pytest.mark.parametrize("model", ON[1:])
def test_what_another_protocol_cannot_say_is_refused_or_reported(through: openai.OpenAI, model: str):
    """``logprobs`` would change the answer: the client learns the field. ``user`` would not: it is named in a header."""
    with pytest.raises(openai.BadRequestError) as raised:
        ask(through, model, logprobs=True)
    assert (raised.value.code, raised.value.param) == ("field_not_carried", "logprobs")
    answer = through.chat.completions.with_raw_response.create(model=model, messages=QUESTION, user="amina")
    assert answer.headers["x-daffa-left-out"] == "user"
    assert answer.parse().choices[0].message.content


def test_embeddings_are_the_direct_ones(through: openai.OpenAI, direct: openai.OpenAI):
    """Texts, lists and tokens, as numbers or in base64, of a length that is asked for."""
    for given in ("نص", ["one", "deux"], [[1, 2], [3]]):
        for more in ({}, {"encoding_format": "float"}, {"dimensions": 3}):
            ours, theirs = (
                client.embeddings.create(model=model, input=given, **more).model_dump()
                for client, model in ((through, VECTORS), (direct, SIMULATED))
            )
            assert ours == theirs
    with pytest.raises(openai.BadRequestError, match="dimensions"):
        through.embeddings.create(model=VECTORS, input="a", dimensions=10_000)


def test_a_model_that_speaks_gives_no_embeddings(through: openai.OpenAI):
    """Who asks a model for what it cannot do is told what it lacks."""
    with pytest.raises(openai.BadRequestError, match="embeddings"):
        through.embeddings.create(model="on-openai", input="a")


async def test_the_asynchronous_client_does_the_same(house: Speaking, through: openai.OpenAI):
    """Twenty requests at once, over every wire, each answered as alone."""
    import asyncio

    alone = {model: said(ask(through, model)) for model in ON}
    async with openai.AsyncOpenAI(api_key=house.server.key, base_url=house.through, max_retries=0) as client:
        asked = [(model, client.chat.completions.create(model=model, messages=QUESTION)) for model in ON * 7]
        answers = await asyncio.gather(*(waiting for _, waiting in asked))
    assert [said(answer.model_dump()) for answer in answers] == [alone[model] for model, _ in asked]


def test_the_list_of_models_is_read(through: openai.OpenAI):
    """``models.list`` and ``models.retrieve`` give the catalogue."""
    assert {*ON, VECTORS, "auto"} <= {model.id for model in through.models.list()}
    assert through.models.retrieve(ON[0]).id == ON[0]
