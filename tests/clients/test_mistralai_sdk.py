"""The ``mistralai`` package, unmodified: a dialect near OpenAI's, whole, streamed, with tools, over every wire."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from mistralai.client import Mistral
from mistralai.client.errors import SDKError
from pydantic import BaseModel
from speaking import MISTRAL, SIMULATED, VECTORS, WIRES, Speaking

ON = [MISTRAL, *(f"on-{wire}" for wire in WIRES)]
QUESTION: list[Any] = [{"role": "user", "content": "كم الساعة؟ 👋 what time is it"}]
TOOLS: list[Any] = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "What the weather is.",
            "parameters": {
                "type": "object",
                "properties": {"city": {"type": "string", "enum": ["الرباط"]}},
                "required": ["city"],
            },
        },
    }
]


class Form(BaseModel):
    """What an answer must look like."""

    town: str
    people: int


@pytest.fixture
def through(house: Speaking) -> Iterator[Mistral]:
    """The client, before the house."""
    with Mistral(api_key=house.server.key, server_url=house.server.url) as client:
        yield client


@pytest.fixture
def direct(house: Speaking) -> Iterator[Mistral]:
    """The client, before the provider itself, which speaks as Mistral's own servers do."""
    with Mistral(api_key="none", server_url=house.as_mistral.removesuffix("/v1")) as client:
        yield client


def ask(client: Mistral, model: str, **fields: Any) -> Any:
    """A whole answer, as plain values."""
    return client.chat.complete(model=model, **{"messages": QUESTION, **fields}).model_dump()


def said(answer: Any) -> Any:
    """What an answer says, without ids."""
    (choice,) = answer["choices"]
    calls = choice["message"].get("tool_calls") or []
    called = [(call["function"]["name"], json.loads(call["function"]["arguments"])) for call in calls]
    return choice["message"]["content"] or "", called, choice["finish_reason"]


def streamed(client: Mistral, model: str, **fields: Any) -> Any:
    """What a stream says."""
    text, calls, finish = "", {}, None
    with client.chat.stream(model=model, **{"messages": QUESTION, **fields}) as stream:
        for event in stream:
            for choice in event.data.choices:
                text += choice.delta.content or ""
                for call in choice.delta.tool_calls or []:
                    _name, pieces = calls.setdefault(call.index, (call.function.name, []))
                    pieces.append(call.function.arguments)
                finish = choice.finish_reason or finish
    return text, [(name, json.loads("".join(pieces))) for name, pieces in calls.values()], finish


CALLING = {"messages": [{"role": "user", "content": "weather please"}], "tools": TOOLS}


@pytest.mark.parametrize("asked", [{}, {"max_tokens": 4}, CALLING], ids=["words", "few words", "a call"])
@pytest.mark.parametrize("model", ON)
def test_the_answer_says_what_the_direct_one_does(through: Mistral, direct: Mistral, model: str, asked: dict):
    """Whole and streamed; over Mistral's own protocol every field is the same."""
    expected = ask(direct, SIMULATED, **asked)
    whole = ask(through, model, **asked)
    assert said(whole) == said(expected)
    if model == MISTRAL:
        assert whole == expected
    if model == "on-openai" and asked is CALLING:
        pytest.skip(
            "this client reads no stream of OpenAI's in which a call comes in pieces, nor would it if it asked directly"
        )
    assert streamed(through, model, **asked) == said(expected)


@pytest.mark.parametrize("model", ON)
def test_a_round_with_a_tool(through: Mistral, model: str):
    """The call comes, its result goes back with the client's own objects and the tool's name, and the answer takes it up."""
    messages: list[Any] = list(CALLING["messages"])
    first = through.chat.complete(model=model, messages=messages, tools=TOOLS).choices[0].message
    (call,) = first.tool_calls
    messages += [first, {"role": "tool", "tool_call_id": call.id, "name": "weather", "content": "مشمس، 24°"}]
    assert "مشمس" in through.chat.complete(model=model, messages=messages, tools=TOOLS).choices[0].message.content


@pytest.mark.parametrize("model", ON)
def test_structured_output_is_parsed(through: Mistral, model: str):
    """``parse`` gives an object of the class that was asked for."""
    parsed = through.chat.parse(Form, model=model, messages=QUESTION)
    assert isinstance(parsed.choices[0].message.parsed, Form)


@pytest.mark.parametrize("model", ON)
def test_an_image_arrives(house: Speaking, through: Mistral, model: str):
    """An image as this client writes it, its URL without an object around it, reaches the provider."""
    content = [
        {"type": "text", "text": "what is this?"},
        {"type": "image_url", "image_url": "data:image/png;base64,iVBORw0KGgo="},
    ]
    answer = ask(through, model, messages=[{"role": "user", "content": content}])
    assert "what is this?" in said(answer)[0]
    assert b"iVBORw0KGgo=" in house.provider.requests[0].body


def test_embeddings_and_models(house: Speaking, through: Mistral):
    """Vectors are the direct ones, and the list of models is read."""
    with Mistral(api_key="none", server_url=house.direct.removesuffix("/v1")) as direct:
        ours, theirs = (
            client.embeddings.create(model=model, inputs=["un", "deux"]).model_dump()
            for client, model in ((through, VECTORS), (direct, SIMULATED))
        )
    assert ours == theirs
    assert set(ON) <= {model.id for model in through.models.list().data}


def test_an_error_is_the_clients_own(through: Mistral):
    """Status and words are where this client looks for them."""
    with pytest.raises(SDKError) as raised:
        ask(through, "gpt-17")
    assert raised.value.status_code == 404
    assert "unknown_model" in raised.value.body
