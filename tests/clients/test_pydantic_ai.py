"""``pydantic-ai``, unmodified: an agent with a tool, by chat completions and by responses, over every wire."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import openai
import pytest
from pydantic import BaseModel
from pydantic_ai import Agent, ModelHTTPError, NativeOutput
from pydantic_ai.messages import ToolCallPart, ToolReturnPart
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider
from speaking import SIMULATED, WIRES, Speaking

ON = [f"on-{wire}" for wire in WIRES]
SPOKEN = [OpenAIChatModel, OpenAIResponsesModel]
QUESTION = "كم الساعة؟ 👋 what time is it"


class Form(BaseModel):
    """What an answer must look like."""

    town: str
    people: int


@pytest.fixture
async def before(house: Speaking) -> AsyncIterator[Callable[..., Any]]:
    """Makes the client's model, before the house; ``sim`` is the provider's own, asked directly."""
    async with (
        openai.AsyncOpenAI(base_url=house.through, api_key=house.server.key, max_retries=0) as through,
        openai.AsyncOpenAI(base_url=house.direct, api_key="none", max_retries=0) as direct,
    ):

        def made(model: str, spoken: Any = OpenAIChatModel) -> Any:
            return spoken(model, provider=OpenAIProvider(openai_client=direct if model == SIMULATED else through))

        yield made


@pytest.mark.parametrize("spoken", SPOKEN)
@pytest.mark.parametrize("model", ON)
async def test_the_answer_says_what_the_direct_one_does(before: Callable[..., Any], model: str, spoken: Any):
    """Whole and streamed, the words are those of the direct call."""
    expected = (await Agent(before(SIMULATED), instructions="Sois bref.").run(QUESTION)).output
    agent = Agent(before(model, spoken), instructions="Sois bref.")
    assert (await agent.run(QUESTION)).output == expected
    async with agent.run_stream(QUESTION) as stream:
        pieces = [piece async for piece in stream.stream_text(delta=True, debounce_by=None)]
    assert "".join(pieces) == expected
    assert len(pieces) > 1


@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("spoken", SPOKEN)
@pytest.mark.parametrize("model", ON)
async def test_an_agent_uses_its_tool(before: Callable[..., Any], model: str, spoken: Any, streaming: bool):
    """The agent is told to call, calls, sends the result, and answers with it."""
    agent = Agent(before(model, spoken))

    @agent.tool_plain
    def weather(city: str) -> str:
        """What the weather is in a city."""
        return f"{city}: مشمس، 24°"

    if streaming:
        async with agent.run_stream("weather please") as stream:
            output, messages = await stream.get_output(), stream.all_messages()
    else:
        run = await agent.run("weather please")
        output, messages = run.output, run.all_messages()
    parts = [part for message in messages for part in message.parts]
    (call,) = [part for part in parts if isinstance(part, ToolCallPart)]
    (result,) = [part for part in parts if isinstance(part, ToolReturnPart)]
    assert (call.tool_name, call.args_as_dict()) == ("weather", {"city": "simulated"})
    assert result.tool_call_id == call.tool_call_id
    assert "مشمس" in output


@pytest.mark.parametrize("output", [Form, NativeOutput(Form)], ids=["tool", "schema"])
@pytest.mark.parametrize("spoken", SPOKEN)
@pytest.mark.parametrize("model", ON)
async def test_structured_output(before: Callable[..., Any], model: str, spoken: Any, output: Any):
    """An object of the class that was asked for, by a call or by a schema."""
    run = await Agent(before(model, spoken), output_type=output).run(QUESTION)
    assert isinstance(run.output, Form)
    assert run.usage.output_tokens > 0


async def test_a_conversation_goes_on(house: Speaking, before: Callable[..., Any]):
    """A second question is sent with the first one and its answer."""
    agent = Agent(before("on-anthropic", OpenAIResponsesModel))
    first = await agent.run("one")
    second = await agent.run("two", message_history=first.all_messages())
    assert "two" in second.output
    assert b"one" in house.provider.requests[-1].body


async def test_an_error_is_the_clients_own(before: Callable[..., Any]):
    """Status and code are where this client looks for them."""
    with pytest.raises(ModelHTTPError) as raised:
        await Agent(before("gpt-17")).run("a")
    assert (raised.value.status_code, raised.value.body["code"]) == (404, "unknown_model")
