"""``langchain-openai``, unmodified: messages, streams, tools and structured output, over every wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from langchain_core.messages import AIMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.tools import tool
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from pydantic import BaseModel, SecretStr
from speaking import SIMULATED, VECTORS, WIRES, Speaking

ON = [f"on-{wire}" for wire in WIRES]
QUESTION = [SystemMessage("Sois bref."), HumanMessage("كم الساعة؟ 👋 what time is it")]


class Form(BaseModel):
    """What an answer must look like."""

    town: str
    people: int


@tool
def weather(city: str) -> str:
    """What the weather is in a city."""
    return f"{city}: مشمس، 24°"


@pytest.fixture
def before(house: Speaking) -> Iterator[Callable[..., ChatOpenAI]]:
    """Makes the client, before the house; the model ``sim`` is the provider's own, asked directly."""
    with httpx.Client() as client:

        def made(model: str, **more: Any) -> ChatOpenAI:
            url, key = (house.direct, "none") if model == SIMULATED else (house.through, house.server.key)
            return ChatOpenAI(model=model, base_url=url, api_key=SecretStr(key), max_retries=0, http_client=client, **more)

        yield made


@pytest.mark.parametrize("responses", [False, True], ids=["chat", "responses"])
@pytest.mark.parametrize("model", ON)
def test_the_answer_says_what_the_direct_one_does(before: Callable[..., ChatOpenAI], model: str, responses: bool):
    """``invoke`` and ``stream`` give the words of the direct call, by either of OpenAI's protocols."""
    expected = before(SIMULATED).invoke(QUESTION).text
    chat = before(model, use_responses_api=responses)
    assert chat.invoke(QUESTION).text == expected
    assert "".join(chunk.text for chunk in chat.stream(QUESTION)) == expected


def test_over_the_same_protocol_the_message_is_the_direct_one(before: Callable[..., ChatOpenAI]):
    """Every field of the message, its usage and what it says of the answer are the same."""
    ours, theirs = (before(model).invoke(QUESTION) for model in ("on-openai", SIMULATED))
    assert ours.model_copy(update={"id": ""}) == theirs.model_copy(update={"id": ""})


@pytest.mark.parametrize("responses", [False, True], ids=["chat", "responses"])
@pytest.mark.parametrize("model", ON)
def test_a_round_with_a_tool(before: Callable[..., ChatOpenAI], model: str, responses: bool):
    """The call comes, whole and streamed; its result goes back, and the answer takes it up."""
    chat = before(model, use_responses_api=responses).bind_tools([weather])
    messages: list[Any] = [HumanMessage("weather please")]
    first = chat.invoke(messages)
    assert isinstance(first, AIMessage)
    (call,) = first.tool_calls
    assert (call["name"], call["args"]) == ("weather", {"city": "simulated"})
    pieces = list(chat.stream(messages))
    together = pieces[0]
    for piece in pieces[1:]:
        together += piece
    assert [(each["name"], each["args"]) for each in together.tool_calls] == [("weather", {"city": "simulated"})]
    messages += [first, ToolMessage(weather.invoke(call["args"]), tool_call_id=call["id"])]
    assert "مشمس" in chat.invoke(messages).text


@pytest.mark.parametrize(
    ("model", "method"),
    # By a call this client forbids two calls at once, which Gemini cannot be told.
    [
        (model, method)
        for model in ON
        for method in ("json_schema", "function_calling")
        if (model, method) != ("on-gemini", "function_calling")
    ],
)
def test_structured_output(before: Callable[..., ChatOpenAI], model: str, method: Any):
    """An object of the class that was asked for, by a schema or by a call."""
    assert isinstance(before(model).with_structured_output(Form, method=method).invoke(QUESTION), Form)


async def test_the_asynchronous_stream_is_the_same(before: Callable[..., ChatOpenAI]):
    """``astream`` over another protocol gives the words of ``ainvoke``, and counts them."""
    async with httpx.AsyncClient() as client:
        chat = before("on-anthropic", stream_usage=True, http_async_client=client)
        whole = await chat.ainvoke(QUESTION)
        pieces = [piece async for piece in chat.astream(QUESTION)]
    assert "".join(piece.text for piece in pieces) == whole.text
    assert sum(piece.usage_metadata["total_tokens"] for piece in pieces if piece.usage_metadata) > 0


def test_embeddings(house: Speaking):
    """Vectors of documents and of a query are the direct ones."""
    with httpx.Client() as client:
        given: dict[str, Any] = {"check_embedding_ctx_length": False, "max_retries": 0, "http_client": client}
        ours, theirs = (
            OpenAIEmbeddings(model=model, base_url=url, api_key=SecretStr(key), **given)
            for model, url, key in ((VECTORS, house.through, house.server.key), (SIMULATED, house.direct, "none"))
        )
        assert ours.embed_documents(["un", "deux"]) == theirs.embed_documents(["un", "deux"])
        assert ours.embed_query("trois") == theirs.embed_query("trois")
