"""The ``anthropic`` package, unmodified: messages, tools, thinking, structure, images, counts, errors, as if asked directly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anthropic
import pytest
from pydantic import BaseModel
from speaking import SIMULATED, WIRES, Speaking

from daffa.worlds import Behaviour

ON = [f"on-{wire}" for wire in WIRES]
OTHERS = [model for model in ON if model != "on-anthropic"]
SYSTEM = "Réponds en français."
QUESTION = [{"role": "user", "content": "كم الساعة؟ 👋 what time is it"}]
CITY = {"type": "string", "enum": ["الرباط"]}
WEATHER = {
    "name": "weather",
    "description": "What the weather is.",
    "input_schema": {
        "type": "object",
        "properties": {"city": CITY, "days": {"type": "integer", "minimum": 2}},
        "required": ["city", "days"],
    },
}
CLOCK = {"name": "clock", "description": "What time it is.", "input_schema": {"type": "object", "properties": {}}}
TOOLS = [WEATHER, CLOCK]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PICTURE = "Please describe the picture of our new town hall in one sentence."
ODD = [Behaviour(chunk_bytes=1, chunks=7), Behaviour(crlf=True, comments=True), Behaviour(omit_usage=True, chunks=1)]


class Form(BaseModel):
    """What an answer must look like."""

    town: str
    people: int


FORM = {"type": "json_schema", "schema": {**Form.model_json_schema(), "additionalProperties": False}}
CALLING = {"messages": [{"role": "user", "content": "weather please"}], "tools": TOOLS}
IMAGE = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": PIXEL}}
ASKED: dict[str, dict[str, Any]] = {
    "words": {},
    "a system": {"system": [{"type": "text", "text": SYSTEM}]},
    "few words": {"max_tokens": 4},
    "a tool that is named": CALLING,
    "a tool that must be called": {"tools": TOOLS, "tool_choice": {"type": "any"}},
    "the tool that is chosen": {"tools": TOOLS, "tool_choice": {"type": "tool", "name": "clock"}},
    "no tool": {**CALLING, "tool_choice": {"type": "none"}},
    "a schema": {"output_config": {"format": FORM}},
    "an image": {"messages": [{"role": "user", "content": [{"type": "text", "text": PICTURE}, IMAGE]}]},
}
AMONG_THEMSELVES: dict[str, dict[str, Any]] = {
    "two tools": {"messages": [{"role": "user", "content": "weather and clock please"}], "tools": TOOLS},
    "a thought": {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    "a stop": {"stop_sequences": ["not a real"]},
    "a cache and a user": {"cache_control": {"type": "ephemeral"}, "metadata": {"user_id": "u-1"}},
}


@pytest.fixture
def through(house: Speaking) -> Iterator[anthropic.Anthropic]:
    """The client, before the house."""
    with anthropic.Anthropic(api_key=house.server.key, base_url=house.server.url, max_retries=0) as client:
        yield client


@pytest.fixture
def direct(house: Speaking) -> Iterator[anthropic.Anthropic]:
    """The client, before the provider itself."""
    with anthropic.Anthropic(api_key="none", base_url=house.direct.removesuffix("/v1"), max_retries=0) as client:
        yield client


def given(fields: dict[str, Any]) -> dict[str, Any]:
    """What is asked, where a test says no more."""
    return {"max_tokens": 500, "messages": QUESTION, **fields}


def ask(client: anthropic.Anthropic, model: str, **fields: Any) -> Any:
    """A whole answer, as plain values."""
    return client.messages.create(model=model, **given(fields)).model_dump()


def streamed(client: anthropic.Anthropic, model: str, **fields: Any) -> Any:
    """A streamed answer put together by the client itself, as plain values."""
    with client.messages.stream(model=model, **given(fields)) as stream:
        message = stream.get_final_message().model_dump()
    for block in message["content"]:
        block.pop("parsed_output", None)
    return message


def said(answer: dict[str, Any]) -> Any:
    """What an answer says, in whatever protocol it was given: text, calls without their ids, and why it ended."""
    text = "".join(block["text"] for block in answer["content"] if block["type"] == "text")
    calls = [(block["name"], block["input"]) for block in answer["content"] if block["type"] == "tool_use"]
    return text, calls, answer["stop_reason"]


@pytest.mark.parametrize("asked", {**ASKED, **AMONG_THEMSELVES})
def test_over_the_same_protocol_the_answer_is_the_direct_one(
    through: anthropic.Anthropic, direct: anthropic.Anthropic, asked: str
):
    """Whole and streamed, every field of the client's objects is what the provider itself would have given."""
    fields = {**ASKED, **AMONG_THEMSELVES}[asked]
    assert ask(through, "on-anthropic", **fields) == ask(direct, SIMULATED, **fields)
    assert streamed(through, "on-anthropic", **fields) == streamed(direct, SIMULATED, **fields)


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("model", OTHERS)
def test_over_another_protocol_the_answer_says_the_same(
    through: anthropic.Anthropic, direct: anthropic.Anthropic, model: str, asked: str
):
    """Whole and streamed, the words, the calls and the reason are those of the direct call, under the name that was asked."""
    expected = said(ask(direct, SIMULATED, **ASKED[asked]))
    whole = ask(through, model, **ASKED[asked])
    pieces = streamed(through, model, **ASKED[asked])
    assert (said(whole), said(pieces)) == (expected, expected)
    assert (whole["model"], pieces["model"], whole["role"], whole["type"]) == (model, model, "assistant", "message")
    assert whole["usage"]["input_tokens"] > 0
    assert whole["usage"] == pieces["usage"]


@pytest.mark.parametrize("model", ON)
def test_a_round_with_a_tool(through: anthropic.Anthropic, model: str):
    """The call comes, its result goes back with the client's own objects, and the answer takes it up."""
    messages: list[Any] = [{"role": "user", "content": "weather please"}]
    first = through.messages.create(model=model, max_tokens=500, messages=messages, tools=TOOLS)
    (call,) = (block for block in first.content if block.type == "tool_use")
    assert (first.stop_reason, call.input) == ("tool_use", {"city": "الرباط", "days": 2})
    result = {"type": "tool_result", "tool_use_id": call.id, "content": [{"type": "text", "text": "مشمس، 24°"}]}
    messages += [first.to_param(), {"role": "user", "content": [result]}]
    last = through.messages.create(model=model, max_tokens=500, messages=messages, tools=TOOLS)
    assert (last.stop_reason, "مشمس" in last.content[0].text) == ("end_turn", True)


@pytest.mark.parametrize("model", ON)
def test_the_clients_own_runner_of_tools_runs(through: anthropic.Anthropic, model: str):
    """It first asks the vendor to keep the conversation, hears that nobody does, and sends all of it in each turn."""

    @anthropic.beta_tool
    def weather(city: str = "الرباط") -> str:
        """What the weather is."""
        return f"مشمس {city}"

    messages = [{"role": "user", "content": "weather please"}]
    runner = through.beta.messages.tool_runner(model=model, max_tokens=500, tools=[weather], messages=messages)
    turns = list(runner)
    assert [turn.stop_reason for turn in turns] == ["tool_use", "end_turn"]
    assert "مشمس" in turns[-1].content[0].text


@pytest.mark.parametrize("model", ON)
def test_structured_output_is_parsed(through: anthropic.Anthropic, model: str):
    """``parse`` gives an object of the class that was asked for."""
    parsed = through.messages.parse(model=model, max_tokens=500, messages=QUESTION, output_format=Form).parsed_output
    assert isinstance(parsed, Form)


@pytest.mark.parametrize("model", ON)
def test_events_come_in_the_protocols_own_order(through: anthropic.Anthropic, model: str):
    """The message starts, each block starts, says something and stops, the message is told why it ends, and ends."""
    with through.messages.create(model=model, max_tokens=500, stream=True, **CALLING) as stream:
        kinds = [(event.type, getattr(event, "index", None)) for event in stream]
    assert (kinds[0], kinds[-2:]) == (("message_start", None), [("message_delta", None), ("message_stop", None)])
    assert kinds[1] == ("content_block_start", 0)
    assert set(kinds[2:-3]) == {("content_block_delta", 0)}
    assert kinds[-3] == ("content_block_stop", 0)


@pytest.mark.parametrize("behaviour", ODD, ids=lambda how: repr(how)[:60])
@pytest.mark.parametrize("model", ON)
def test_odd_streams_say_the_same(house: Speaking, through: anthropic.Anthropic, model: str, behaviour: Behaviour):
    """Byte by byte, with CRLF and comments, without a count: nothing is lost of words or arguments."""
    if model == "on-anthropic" and behaviour.omit_usage:
        pytest.skip("a stream without counts is none that this client can read, and is passed on as it is")
    whole = [said(ask(through, model)), said(ask(through, model, **CALLING))]
    house.provider.behaviour = behaviour
    assert [said(streamed(through, model)), said(streamed(through, model, **CALLING))] == whole


@pytest.mark.parametrize("model", ON)
def test_an_error_in_mid_stream_is_an_error(house: Speaking, through: anthropic.Anthropic, model: str):
    """The client raises in the middle, with the provider's words."""
    house.provider.behaviour = Behaviour(mid_stream_error=2, gap=0.02)
    with (
        through.messages.create(model=model, stream=True, **given({})) as stream,
        pytest.raises(anthropic.APIStatusError, match="simulated failure"),
    ):
        list(stream)


@pytest.mark.parametrize("model", ON)
def test_what_the_provider_finds_wrong_is_said(through: anthropic.Anthropic, model: str):
    """A refusal of the upstream's keeps its status and its words in every protocol."""
    broken = {"name": "f", "input_schema": {"type": "object", "required": 7}}
    with pytest.raises(anthropic.BadRequestError) as raised:
        ask(through, model, messages=[{"role": "user", "content": "a"}], tools=[broken], tool_choice={"type": "any"})
    assert raised.value.type == "invalid_request_error"
    assert raised.value.api_message


def test_errors_are_of_the_clients_own_classes(house: Speaking, through: anthropic.Anthropic):
    """By status: no key, no such model, a bad field, what the law refuses, and a provider that fails."""
    with (
        anthropic.Anthropic(api_key="wrong", base_url=house.server.url, max_retries=0) as stranger,
        pytest.raises(anthropic.AuthenticationError),
    ):
        ask(stranger, "on-anthropic")
    with pytest.raises(anthropic.NotFoundError, match="on-anthropic") as missing:
        ask(through, "sonnet-17")
    assert missing.value.type == "not_found_error"
    with pytest.raises(anthropic.BadRequestError, match="max_tokens"):
        ask(through, "on-anthropic", max_tokens=-1)
    with pytest.raises(anthropic.APIStatusError) as refused:
        ask(through, "on-anthropic", extra_headers={"X-Daffa-Label": "purposes=health_care", "X-Daffa-Purpose": "statistics"})
    assert (refused.value.status_code, refused.value.type) == (451, "permission_error")
    assert refused.value.error_code == "refused_by_policy"
    assert refused.value.body["error"]["candidates"]


@pytest.mark.parametrize(("status", "raised"), [(429, anthropic.APIStatusError), (529, anthropic.InternalServerError)])
def test_a_provider_that_is_busy_is_an_error_that_can_be_tried_again(
    house: Speaking, through: anthropic.Anthropic, status: int, raised: type[anthropic.APIStatusError]
):
    """Where no lawful model answers, the client's own retries take over: its class and status say so."""
    house.provider.behaviour = Behaviour(fail_status=status)
    with pytest.raises(raised) as error:
        ask(through, "on-anthropic")
    assert error.value.status_code in (429, 503, 529)
    assert error.value.type in ("rate_limit_error", "overloaded_error")


@pytest.mark.parametrize("model", OTHERS)
def test_what_another_protocol_cannot_say_is_refused_or_reported(through: anthropic.Anthropic, model: str):
    """A container would change the answer: the client learns the field. A cache mark would not: a header names it."""
    with pytest.raises(anthropic.BadRequestError, match="container") as raised:
        ask(through, model, extra_body={"container": "c-1"})
    assert raised.value.error_code == "field_not_carried"
    answer = through.messages.with_raw_response.create(
        model=model, max_tokens=500, messages=QUESTION, metadata={"user_id": "u-1"}
    )
    assert answer.headers["x-daffa-left-out"] == "metadata.user_id"
    assert answer.parse().content


def test_what_the_vendor_alone_understands_passes_between_its_own(house: Speaking, through: anthropic.Anthropic):
    """Same protocol, same bytes: the provider gets every field that the client sent, and the key stays here."""
    thinking = {"type": "enabled", "budget_tokens": 1024}
    ask(through, "on-anthropic", thinking=thinking, cache_control={"type": "ephemeral"}, extra_body={"service_tier": "auto"})
    received = house.provider.requests[-1]
    assert received.path == "/v1/messages"
    assert received.headers["anthropic-version"] == "2023-06-01"
    assert house.server.key not in received.headers.values()
    assert b'"cache_control":' in received.body
    assert b'"service_tier":' in received.body


async def test_the_asynchronous_client_does_the_same(house: Speaking, through: anthropic.Anthropic):
    """Many requests at once, over every wire, each answered as alone."""
    import asyncio

    alone = {model: said(ask(through, model)) for model in ON}
    async with anthropic.AsyncAnthropic(api_key=house.server.key, base_url=house.server.url, max_retries=0) as client:
        asked = [(model, client.messages.create(model=model, **given({}))) for model in ON * 4]
        answers = await asyncio.gather(*(waiting for _, waiting in asked))
    assert [said(answer.model_dump()) for answer in answers] == [alone[model] for model, _ in asked]


def test_tokens_are_counted_by_the_provider(through: anthropic.Anthropic, direct: anthropic.Anthropic):
    """Over its own protocol the count is the provider's."""
    fields = {"messages": QUESTION, "system": SYSTEM, "tools": TOOLS}
    counted = through.messages.count_tokens(model="on-anthropic", **fields).input_tokens
    assert counted == direct.messages.count_tokens(model=SIMULATED, **fields).input_tokens > 0


@pytest.mark.parametrize("model", OTHERS)
def test_tokens_are_counted_where_the_upstream_counts_none(through: anthropic.Anthropic, model: str):
    """Over another protocol the client gets a number as well."""
    assert through.messages.count_tokens(model=model, messages=QUESTION).input_tokens > 0


def test_the_list_of_models_is_read(through: anthropic.Anthropic):
    """``models.list`` and ``models.retrieve`` give the catalogue."""
    assert {*ON, "auto"} <= {model.id for model in through.models.list()}
    assert through.models.retrieve(ON[0]).id == ON[0]
