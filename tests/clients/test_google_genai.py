"""The ``google-genai`` package, unmodified: content, streams, tools, schemas, images, counts and errors, as asked directly."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest
from google import genai
from google.genai import errors, types
from pydantic import BaseModel
from speaking import SIMULATED, WIRES, Speaking

from daffa.worlds import Behaviour

ON = [f"on-{wire}" for wire in WIRES]
QUESTION = "كم الساعة؟ 👋 what time is it"
PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
ODD = [Behaviour(chunk_bytes=1, chunks=7), Behaviour(crlf=True, comments=True), Behaviour(chunks=1)]


class Form(BaseModel):
    """What an answer must look like."""

    town: str
    people: int


def weather(city: str, days: int) -> str:
    """What the weather is."""
    return f"مشمس، 24° {city} {days}"


DECLARED = types.Tool(
    function_declarations=[
        types.FunctionDeclaration(
            name="weather",
            description="What the weather is.",
            parameters=types.Schema(
                type=types.Type.OBJECT,
                properties={
                    "city": types.Schema(type=types.Type.STRING, enum=["الرباط"]),
                    "days": types.Schema(type=types.Type.INTEGER, minimum=2),
                },
                required=["city", "days"],
            ),
        ),
        types.FunctionDeclaration(name="clock", description="What time it is."),
    ]
)


def calling(mode: str, *names: str) -> types.ToolConfig:
    """How functions may be called."""
    return types.ToolConfig(
        function_calling_config=types.FunctionCallingConfig(
            mode=types.FunctionCallingConfigMode(mode), allowed_function_names=list(names) or None
        )
    )


SAFETY = [
    types.SafetySetting(category=types.HarmCategory.HARM_CATEGORY_HATE_SPEECH, threshold=types.HarmBlockThreshold.BLOCK_NONE)
]
ASKED: dict[str, dict[str, Any]] = {
    "words": {"config": {"system_instruction": "Réponds en français.", "temperature": 0.5, "safety_settings": SAFETY}},
    "few words": {"config": {"max_output_tokens": 4}},
    "a tool that is named": {"contents": "weather please", "config": {"tools": [DECLARED]}},
    "a tool that must be called": {"config": {"tools": [DECLARED], "tool_config": calling("ANY")}},
    "the tool that is chosen": {"config": {"tools": [DECLARED], "tool_config": calling("ANY", "clock")}},
    "no tool": {"contents": "weather please", "config": {"tools": [DECLARED], "tool_config": calling("NONE")}},
    "a class": {"config": {"response_mime_type": "application/json", "response_schema": Form}},
    "a schema": {"config": {"response_mime_type": "application/json", "response_json_schema": Form.model_json_schema()}},
    "an image": {"contents": ["what is this?", types.Part.from_bytes(data=PIXEL, mime_type="image/png")]},
    "a conversation": {
        "contents": [
            types.Content(role="user", parts=[types.Part(text="un")]),
            types.Content(role="model", parts=[types.Part(text="deux")]),
            types.Content(role="user", parts=[types.Part(text="trois quatre")]),
        ]
    },
}


def opened(base: str, key: str, version: str = "v1beta") -> genai.Client:
    """The client, before a server; its own retries are off."""
    options = types.HttpOptions(
        base_url=base.removesuffix("/v1"),
        api_version=version,
        retry_options=types.HttpRetryOptions(attempts=1),
        headers={"X-Daffa-Purpose": "health_care", "X-Daffa-Label": "basis=law"},
    )
    return genai.Client(api_key=key, vertexai=False, http_options=options)


@pytest.fixture
def through(house: Speaking) -> Iterator[genai.Client]:
    """The client, before the house."""
    with opened(house.through, house.server.key) as client:
        yield client


@pytest.fixture
def direct(house: Speaking) -> Iterator[genai.Client]:
    """The client, before the provider itself."""
    with opened(house.direct, "none") as client:
        yield client


def ask(client: genai.Client, model: str, **fields: Any) -> types.GenerateContentResponse:
    """A whole answer."""
    return client.models.generate_content(model=model, **{"contents": QUESTION, **fields})


def streamed(client: genai.Client, model: str, **fields: Any) -> list[types.GenerateContentResponse]:
    """The pieces of a streamed answer."""
    return list(client.models.generate_content_stream(model=model, **{"contents": QUESTION, **fields}))


def plain(answer: types.GenerateContentResponse) -> dict[str, Any]:
    """All that an answer says; not the headers that it came with."""
    return answer.model_dump(exclude={"sdk_http_response"})


def said(*answers: types.GenerateContentResponse) -> Any:
    """What an answer says, in whatever protocol it was given: text, calls without their ids, and why it ended."""
    parts = [part for answer in answers for part in answer.candidates[0].content.parts or ()]
    calls = [(part.function_call.name, part.function_call.args or {}) for part in parts if part.function_call]
    return "".join(part.text or "" for part in parts), calls, answers[-1].candidates[0].finish_reason


@pytest.mark.parametrize("asked", ASKED)
def test_over_the_same_protocol_the_answer_is_the_direct_one(through: genai.Client, direct: genai.Client, asked: str):
    """Whole and streamed, every field of the client's objects is what the provider itself would have given."""
    assert plain(ask(through, "on-gemini", **ASKED[asked])) == plain(ask(direct, SIMULATED, **ASKED[asked]))
    pieces = [
        list(map(plain, streamed(client, model, **ASKED[asked])))
        for client, model in ((through, "on-gemini"), (direct, SIMULATED))
    ]
    assert pieces[0] == pieces[1]


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("model", [model for model in ON if model != "on-gemini"])
def test_over_another_protocol_the_answer_says_the_same(through: genai.Client, direct: genai.Client, model: str, asked: str):
    """Whole and streamed, the words, the calls and the reason are those of the direct call, and tokens are counted."""
    expected = said(ask(direct, SIMULATED, **ASKED[asked]))
    whole = ask(through, model, **ASKED[asked])
    assert said(whole) == expected
    pieces = streamed(through, model, **ASKED[asked])
    assert said(*pieces) == expected
    for answer in (whole, pieces[-1]):
        assert answer.usage_metadata.prompt_token_count > 0
        assert answer.usage_metadata.total_token_count > answer.usage_metadata.prompt_token_count
    assert (whole.response_id, whole.model_version) == (pieces[0].response_id, model)


@pytest.mark.parametrize("model", ON)
def test_a_round_with_a_tool(through: genai.Client, model: str):
    """The call comes, its result goes back with the client's own objects, and the answer takes it up."""
    contents = [types.Content(role="user", parts=[types.Part(text="weather please")])]
    first = ask(through, model, contents=contents, config={"tools": [DECLARED]})
    (call,) = first.function_calls
    assert call.args == {"city": "الرباط", "days": 2}
    result = types.Part.from_function_response(name="weather", response={"result": "مشمس، 24°"})
    contents += [first.candidates[0].content, types.Content(role="user", parts=[result])]
    last = ask(through, model, contents=contents, config={"tools": [DECLARED]})
    assert (last.candidates[0].finish_reason, "مشمس" in last.text) == (types.FinishReason.STOP, True)


@pytest.mark.parametrize("model", ON)
def test_the_client_calls_python_functions_by_itself(through: genai.Client, model: str):
    """A plain function as a tool: the client asks, calls it, asks again, and the answer takes the result up."""
    answer = through.chats.create(model=model, config={"tools": [weather]}).send_message("weather please")
    assert "مشمس" in answer.text


@pytest.mark.parametrize("model", ON)
def test_a_class_comes_back_as_its_object(through: genai.Client, model: str):
    """``parsed`` is an object of the class that was asked for, whole and put together from pieces."""
    answer = ask(through, model, **ASKED["a class"])
    assert isinstance(answer.parsed, Form)


@pytest.mark.parametrize("behaviour", ODD, ids=lambda how: repr(how)[:60])
@pytest.mark.parametrize("model", ON)
def test_odd_streams_say_the_same(house: Speaking, through: genai.Client, model: str, behaviour: Behaviour):
    """Byte by byte, with CRLF and comments: nothing is lost of words or arguments."""
    if model == "on-gemini" and behaviour.comments:
        pytest.skip("the client itself cannot read comments, and over its own protocol bytes pass as they are")
    asked = ASKED["a tool that is named"]
    whole = [said(ask(through, model)), said(ask(through, model, **asked))]
    house.provider.behaviour = behaviour
    assert [said(*streamed(through, model)), said(*streamed(through, model, **asked))] == whole


@pytest.mark.parametrize("model", ON)
def test_an_error_in_mid_stream_is_an_error(house: Speaking, through: genai.Client, model: str):
    """The client raises in the middle, after the words that had come."""
    house.provider.behaviour = Behaviour(mid_stream_error=2, gap=0.02)
    words: list[str] = []
    with pytest.raises(errors.APIError, match="simulated failure"):
        words += [piece.text for piece in through.models.generate_content_stream(model=model, contents=QUESTION)]


@pytest.mark.parametrize("version", ["v1", "v1beta"])
def test_both_versions_of_the_path_are_served(house: Speaking, version: str):
    """``google-genai`` asks under ``/v1``, older clients under ``/v1beta``: models are listed, named and asked under both."""
    with opened(house.through, house.server.key, version) as client:
        names = [model.name for model in client.models.list()]
        assert {"models/auto", "models/on-gemini"} <= set(names)
        assert client.models.get(model="on-gemini").name == "models/on-gemini"
        assert ask(client, "models/on-gemini").text


@pytest.mark.parametrize("model", ["on-gemini", "on-anthropic"])
def test_tokens_are_counted(through: genai.Client, direct: genai.Client, model: str):
    """The number is the provider's own, for contents of one part and of several."""
    for contents in (QUESTION, [types.Content(role="user", parts=[types.Part(text="un deux")])]):
        counted = through.models.count_tokens(model=model, contents=contents).total_tokens
        assert counted == direct.models.count_tokens(model=SIMULATED, contents=contents).total_tokens > 0


@pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")  # the client's own
async def test_the_asynchronous_client_streams(house: Speaking):
    """The same over the client's other transport."""
    client = opened(house.through, house.server.key)
    try:
        stream = await client.aio.models.generate_content_stream(model="on-gemini", contents=QUESTION)
        pieces = [piece async for piece in stream]
        assert said(*pieces) == said(await client.aio.models.generate_content(model="on-gemini", contents=QUESTION))
    finally:
        await client.aio.aclose()
        client.close()


def test_errors_have_googles_names(house: Speaking, through: genai.Client):
    """By status: no key, no such model, a bad field, what another protocol cannot say, and a provider that fails."""
    with opened(house.through, "wrong") as stranger, pytest.raises(errors.ClientError) as denied:
        ask(stranger, "on-gemini")
    assert (denied.value.code, denied.value.status) == (401, "UNAUTHENTICATED")
    with pytest.raises(errors.ClientError) as unknown:
        ask(through, "no-such-model")
    assert (unknown.value.code, unknown.value.status) == (404, "NOT_FOUND")
    with pytest.raises(errors.ClientError) as bad:
        ask(through, "on-gemini", config={"max_output_tokens": -1})
    assert (bad.value.code, bad.value.status) == (400, "INVALID_ARGUMENT")
    assert "maxOutputTokens" in bad.value.message
    with pytest.raises(errors.ClientError) as own:
        ask(through, "on-openai", config={"tools": [types.Tool(google_search=types.GoogleSearch())]})
    assert (own.value.code, "tools[0].googleSearch" in own.value.message) == (400, True)
    house.provider.behaviour = Behaviour(fail_status=500)
    with pytest.raises(errors.ServerError):
        ask(through, "on-gemini")


@pytest.mark.parametrize("model", ON)
def test_what_the_provider_finds_wrong_is_said(house: Speaking, through: genai.Client, model: str):
    """A refusal of the upstream's keeps its status and its words in every protocol."""
    house.provider.behaviour = Behaviour(fail_status=400)
    with pytest.raises(errors.ClientError, match="simulated failure") as raised:
        ask(through, model)
    assert (raised.value.code, raised.value.status) == (400, "INVALID_ARGUMENT")


def test_what_was_left_out_is_told(through: genai.Client):
    """A filter that is turned off is missed by nobody where there is none: the answer says that it was left out."""
    headers = ask(through, "on-openai", config={"safety_settings": SAFETY}).sdk_http_response.headers
    assert headers["x-daffa-left-out"] == "safetySettings[0].threshold"
