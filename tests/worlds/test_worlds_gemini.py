"""A simulated provider in Gemini's words, as its official client meets it, and what it refuses as Google does."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from daffa.worlds import Behaviour, Provider

FUNCTION = {"name": "weather", "parameters": {"type": "OBJECT", "properties": {"d": {"type": "INTEGER"}}, "required": ["d"]}}


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    """One running provider with a model of either kind."""
    provider = Provider("simulated provider in Fez", models=("sim", "gemini-3-sim"))
    await provider.start()
    yield provider
    await provider.stop()


async def ask(provider: Provider, call: str, body: Any, *, model: str = "sim", version: str = "v1beta") -> tuple[int, Any]:
    """The status and the body of an answer; a stream as its text."""
    url = f"{provider.url.removesuffix('/v1')}/{version}/models/{model}:{call}"
    async with aiohttp.ClientSession() as session, session.post(url, json=body) as response:
        stream = response.content_type == "text/event-stream"
        return response.status, await (response.text() if stream else response.json())


def said(text: str, **more: Any) -> dict[str, Any]:
    """A question."""
    return {"contents": [{"role": "user", "parts": [{"text": text}]}], **more}


async def test_the_same_question_gets_the_same_words_as_in_chat_completions(provider: Provider):
    """One script of answers for every protocol: words, counts of tokens and the end are the same."""
    _, answer = await ask(provider, "generateContent", said("encore une fois"))
    url = f"{provider.url}/chat/completions"
    chat = {"model": "sim", "messages": [{"role": "user", "content": "encore une fois"}]}
    async with aiohttp.ClientSession() as session, session.post(url, json=chat) as response:
        completion = await response.json()
    assert answer["candidates"][0]["content"]["parts"][0]["text"] == completion["choices"][0]["message"]["content"]
    assert answer["usageMetadata"]["totalTokenCount"] == completion["usage"]["total_tokens"]
    assert answer["candidates"][0]["finishReason"] == "STOP"


async def test_a_stream_is_a_list_unless_events_are_asked_for(provider: Provider):
    """Without ``alt=sse`` Google answers with a JSON array of the same documents."""
    _, array = await ask(provider, "streamGenerateContent", said("encore"))
    _, events = await ask(provider, "streamGenerateContent?alt=sse", said("encore"))
    assert isinstance(array, list)
    assert events.count("data: ") == len(array)
    assert "[DONE]" not in events


async def test_both_spellings_and_both_versions_are_read(provider: Provider):
    """``system_instruction`` and ``systemInstruction`` say the same, under ``/v1`` as under ``/v1beta``."""
    answers = [
        await ask(provider, "generateContent", said("a", **{name: {"parts": {"text": "s"}}}), version=version)
        for name, version in (("systemInstruction", "v1"), ("system_instruction", "v1beta"))
    ]
    assert answers[0] == answers[1]
    assert await ask(provider, "countTokens", {"generateContentRequest": said("a b c")}) == (200, {"totalTokens": 3})


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({}, "contents is not specified"),
        (said("a", novelty=1), 'Unknown name "novelty"'),
        (said("a", generationConfig={"maxTokens": 1}), 'Unknown name "maxTokens"'),
        ({"contents": [{"role": "user", "parts": []}]}, "must not be empty"),
        ({"contents": [{"role": "assistant", "parts": [{"text": "a"}]}]}, "valid role"),
        ({"contents": [{"role": "model", "parts": [{"functionCall": {"name": "f"}}]}]}, "number of function response parts"),
        (said("a", generationConfig={"responseSchema": {"type": "OBJECT"}}), "JSON response mime type"),
        (said("a", generationConfig={"candidateCount": 2}), "one choice"),
        ([], "documented shape"),
    ],
)
async def test_what_google_refuses_is_refused(provider: Provider, body: Any, words: str):
    """Unknown names, empty parts, calls without results: 400, in Google's shape."""
    status, answer = await ask(provider, "generateContent", body)
    assert (status, answer["error"]["code"], answer["error"]["status"]) == (400, 400, "INVALID_ARGUMENT")
    assert words in answer["error"]["message"]


async def test_gemini_3_signs_its_calls_and_wants_them_back(provider: Provider):
    """The first call of a turn without its signature is refused."""
    question = said("weather", tools=[{"functionDeclarations": [FUNCTION]}])
    _, first = await ask(provider, "generateContent", question, model="gemini-3-sim")
    content = first["candidates"][0]["content"]
    assert content["parts"][0]["thoughtSignature"]
    result = {"role": "user", "parts": [{"functionResponse": {"name": "weather", "response": {"output": "beau"}}}]}
    again = question | {"contents": [*question["contents"], content, result]}
    status, last = await ask(provider, "generateContent", again, model="gemini-3-sim")
    assert (status, "beau" in last["candidates"][0]["content"]["parts"][0]["text"]) == (200, True)
    del content["parts"][0]["thoughtSignature"]
    status, refused = await ask(provider, "generateContent", again, model="gemini-3-sim")
    assert (status, "thought_signature" in refused["error"]["message"]) == (400, True)


async def test_failures_come_in_googles_shape(provider: Provider):
    """A status, an error in mid-stream, and a model that does not exist."""
    assert (await ask(provider, "generateContent", said("a"), model="none"))[1]["error"]["status"] == "NOT_FOUND"
    provider.behaviour = Behaviour(fail_status=429)
    assert (await ask(provider, "generateContent", said("a")))[1]["error"]["status"] == "RESOURCE_EXHAUSTED"
    provider.behaviour = Behaviour(mid_stream_error=1)
    _, events = await ask(provider, "streamGenerateContent?alt=sse", said("a"))
    assert (events.count("data: "), '"error"' in events) == (2, True)


async def test_models_are_listed(provider: Provider):
    """Names begin with ``models/``."""
    url = provider.url.removesuffix("/v1") + "/v1beta/models"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert [model["name"] for model in (await response.json())["models"]] == ["models/sim", "models/gemini-3-sim"]
