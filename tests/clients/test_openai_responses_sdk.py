"""The ``openai`` package, unmodified: ``responses`` whole, streamed, with tools and structured output, over every wire."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai.types.responses import Response
from pydantic import BaseModel
from speaking import SIMULATED, WIRES, Speaking

from daffa.worlds import Behaviour

ON = [f"on-{wire}" for wire in WIRES]
QUESTION = "كم الساعة؟ 👋 what time is it"
TOOLS: list[Any] = [
    {
        "type": "function",
        "name": "weather",
        "description": "What the weather is.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "enum": ["الرباط"]}},
            "required": ["city"],
            "additionalProperties": False,
        },
        "strict": True,
    }
]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class Form(BaseModel):
    """What an answer must look like."""

    town: str
    people: int


@pytest.fixture
def client(house: Speaking) -> Iterator[openai.OpenAI]:
    """The client, before the house."""
    with openai.OpenAI(api_key=house.server.key, base_url=house.through, max_retries=0) as client:
        yield client


def streamed(client: openai.OpenAI, model: str, **fields: Any) -> tuple[list[str], Response]:
    """The types of a stream's events, and the response that the client put together of them."""
    with client.responses.stream(model=model, **{"input": QUESTION, **fields}) as stream:
        kinds = [event.type for event in stream]
        return kinds, stream.get_final_response()


def said(response: Response) -> Any:
    """What a response says, without ids."""
    calls = [(item.name, json.loads(item.arguments)) for item in response.output if item.type == "function_call"]
    return response.output_text, calls, response.status


@pytest.mark.parametrize("model", ON)
def test_words_are_those_of_a_direct_chat(house: Speaking, client: openai.OpenAI, model: str):
    """Whole and streamed, the text is what the provider says to the same question."""
    with openai.OpenAI(api_key="none", base_url=house.direct, max_retries=0) as direct:
        messages: list[Any] = [{"role": "system", "content": "Sois bref."}, {"role": "user", "content": QUESTION}]
        expected = direct.chat.completions.create(model=SIMULATED, messages=messages).choices[0].message.content
    whole = client.responses.create(model=model, input=QUESTION, instructions="Sois bref.")
    kinds, last = streamed(client, model, instructions="Sois bref.")
    assert said(whole) == said(last) == (expected, [], "completed")
    assert whole.usage is not None
    assert last.usage is not None
    assert whole.usage.total_tokens > 0
    assert whole.instructions == "Sois bref."
    assert kinds[:4] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
    ]
    assert kinds[-4:] == [
        "response.output_text.done",
        "response.content_part.done",
        "response.output_item.done",
        "response.completed",
    ]


@pytest.mark.parametrize("model", ON)
def test_a_round_with_a_tool(client: openai.OpenAI, model: str):
    """The call comes, whole or streamed; the client sends its items back with the result, and the answer takes it up."""
    given: list[Any] = [{"role": "user", "content": "weather please"}]
    first = client.responses.create(model=model, input=given, tools=TOOLS, store=False)
    kinds, same = streamed(client, model, input=given, tools=TOOLS, store=False)
    assert said(first) == said(same) == ("", [("weather", {"city": "الرباط"})], "completed")
    assert "response.function_call_arguments.done" in kinds
    (call,) = first.output
    given += [*first.output, {"type": "function_call_output", "call_id": call.call_id, "output": "مشمس، 24°"}]
    last = client.responses.create(model=model, input=given, tools=TOOLS, store=False)
    assert "مشمس" in last.output_text


def test_thoughts_are_items_and_go_back_sealed(house: Speaking, client: openai.OpenAI):
    """A model that thinks gives its thought before its call; sent back, the vendor finds its own seal on it again."""
    given: list[Any] = [{"role": "user", "content": "weather please"}]
    asked: dict[str, Any] = {"tools": TOOLS, "reasoning": {"effort": "low"}, "include": ["reasoning.encrypted_content"]}
    first = client.responses.create(model="on-anthropic", input=given, **asked)
    kinds, same = streamed(client, "on-anthropic", input=given, **asked)
    assert [item.type for item in first.output] == [item.type for item in same.output] == ["reasoning", "function_call"]
    assert "response.reasoning_summary_text.delta" in kinds
    thought, call = first.output
    assert thought.summary[0].text == same.output[0].summary[0].text != ""
    given += [*first.output, {"type": "function_call_output", "call_id": call.call_id, "output": "24°"}]
    assert "24°" in client.responses.create(model="on-anthropic", input=given, **asked).output_text
    assert thought.encrypted_content.encode() in house.provider.requests[-1].body


@pytest.mark.parametrize("model", ON)
def test_structured_output_is_parsed(client: openai.OpenAI, model: str):
    """``parse`` gives an object of the class that was asked for, and so does a stream."""
    assert isinstance(client.responses.parse(model=model, input=QUESTION, text_format=Form).output_parsed, Form)
    with client.responses.stream(model=model, input=QUESTION, text_format=Form) as stream:
        assert isinstance(stream.get_final_response().output_parsed, Form)


@pytest.mark.parametrize("model", ON)
def test_an_image_arrives(house: Speaking, client: openai.OpenAI, model: str):
    """The bytes of an image reach the provider, however its protocol writes them."""
    content = [
        {"type": "input_text", "text": "what is this?"},
        {"type": "input_image", "image_url": f"data:image/png;base64,{PIXEL}"},
    ]
    response = client.responses.create(model=model, input=[{"role": "user", "content": content}])
    assert "what is this?" in response.output_text
    assert PIXEL.encode() in house.provider.requests[0].body


@pytest.mark.parametrize(
    "behaviour", [Behaviour(chunk_bytes=1, chunks=7), Behaviour(crlf=True, comments=True)], ids=["bytes", "crlf"]
)
@pytest.mark.parametrize("model", ON)
def test_odd_streams_say_the_same(house: Speaking, client: openai.OpenAI, model: str, behaviour: Behaviour):
    """Byte by byte, with CRLF and comments: nothing is lost of words or arguments."""
    whole = [said(client.responses.create(model=model, input=asked, tools=TOOLS)) for asked in (QUESTION, "weather")]
    house.provider.behaviour = behaviour
    assert [said(streamed(client, model, input=asked, tools=TOOLS)[1]) for asked in (QUESTION, "weather")] == whole


@pytest.mark.parametrize("model", ON)
def test_an_answer_that_is_cut_short_is_incomplete(client: openai.OpenAI, model: str):
    """Too few tokens: the status and the reason say so, and the last event bears the name."""
    whole = client.responses.create(model=model, input=QUESTION, max_output_tokens=3)
    with client.responses.create(model=model, input=QUESTION, max_output_tokens=3, stream=True) as stream:
        *_, last = stream
    assert (whole.status, whole.incomplete_details.reason) == ("incomplete", "max_output_tokens")
    assert (last.type, said(last.response)) == ("response.incomplete", said(whole))


@pytest.mark.parametrize("model", ON)
def test_an_error_in_mid_stream_is_an_error(house: Speaking, client: openai.OpenAI, model: str):
    """The client raises in the middle, in the upstream's words."""
    house.provider.behaviour = Behaviour(mid_stream_error=2, gap=0.02)
    with (
        client.responses.create(model=model, input=QUESTION, stream=True) as stream,
        pytest.raises(openai.APIError, match="simulated failure"),
    ):
        assert [event.type for event in stream] == []


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"previous_response_id": "resp_1"}, "previous_response_id"),
        ({"background": True}, "background"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
    ],
)
def test_what_would_be_kept_or_run_elsewhere_is_refused(client: openai.OpenAI, fields: dict, field: str):
    """Nothing is stored here and no tool of a vendor's is run: the client learns the field."""
    with pytest.raises(openai.BadRequestError) as raised:
        client.responses.create(model="on-openai", input=QUESTION, **fields)
    assert (raised.value.code, raised.value.param) == ("field_not_carried", field)


def test_that_nothing_is_stored_is_reported(client: openai.OpenAI):
    """A client that asks for storage gets its answer, and is told."""
    raw = client.responses.with_raw_response.create(model="on-openai", input=QUESTION, store=True, user="amina")
    assert set(raw.headers["x-daffa-left-out"].replace(" ", "").split(",")) == {"store", "user"}
    assert raw.parse().store is False if hasattr(raw.parse(), "store") else json.loads(raw.text)["store"] is False


def test_errors_are_of_the_clients_own_classes(client: openai.OpenAI):
    """A bad field, no such model, and what the law refuses."""
    with pytest.raises(openai.BadRequestError) as raised:
        client.responses.create(model="on-openai", input=[])
    assert raised.value.param == "input"
    with pytest.raises(openai.NotFoundError):
        client.responses.create(model="gpt-17", input="a")
    headers = {"X-Daffa-Label": "purposes=health_care", "X-Daffa-Purpose": "statistics"}
    with pytest.raises(openai.APIStatusError) as refused:
        client.responses.create(model="on-openai", input="a", extra_headers=headers)
    assert (refused.value.status_code, refused.value.code) == (451, "refused_by_policy")
