"""A simulated provider as its clients meet it: the official client, and raw sockets for what no client should do."""

import asyncio
import contextlib
import hashlib
import json

import aiohttp
import openai
import pytest

from daffa.worlds import Behaviour, Provider

QUESTION = "Quels papiers faut-il pour une carte d'identité ? كيف حالك"


@pytest.fixture
async def provider():
    """One running provider with two models."""
    provider = Provider("simulated provider in Fez", models=("sim", "sim-2"))
    await provider.start()
    yield provider
    await provider.stop()


@pytest.fixture
async def client(provider):
    """The official client, without retries."""
    async with openai.AsyncOpenAI(base_url=provider.url, api_key="k-1", max_retries=0, timeout=5) as client:
        yield client


def ask(client, text=QUESTION, **more):
    """One question to the model ``sim``."""
    return client.chat.completions.create(model="sim", messages=[{"role": "user", "content": text}], **more)


async def collect(pieces, into: list):
    """Put what comes into ``into``, which outlives an error on the way."""
    async for piece in pieces:
        into.append(piece)  # noqa: PERF401


async def raw(provider, data: bytes) -> bytes:
    """What the provider writes back to ``data``, up to the end of the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", int(provider.url.split(":")[2].split("/")[0]))
    writer.write(data)
    try:
        return await asyncio.wait_for(reader.read(), 5)
    finally:
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def http(body: dict, path="/v1/chat/completions", *headers: str) -> bytes:
    """A POST request as bytes, after which the connection closes."""
    data = json.dumps(body).encode()
    head = ["POST " + path + " HTTP/1.1", "host: x", f"content-length: {len(data)}", "connection: close", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + data


async def test_a_whole_answer_says_who_simulates_and_echoes_the_question(client):
    """A whole answer names the simulated provider, the digest and the text of the question, and counts its words."""
    answer = await ask(client)
    text = answer.choices[0].message.content
    assert "simulated provider in Fez" in text
    assert "not a real model" in text
    assert hashlib.sha256(QUESTION.encode()).hexdigest()[:16] in text
    assert text.endswith(QUESTION)
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.prompt_tokens == len(QUESTION.split())
    assert answer.usage.completion_tokens == len(text.split())
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


async def test_a_stream_says_the_same_as_the_whole_answer(client):
    """The pieces of a stream put together are the whole answer; the usage comes last and only where asked for."""
    whole = await ask(client)
    chunks = [chunk async for chunk in await ask(client, stream=True, stream_options={"include_usage": True})]
    said = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert said == whole.choices[0].message.content
    assert [chunk.usage for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert chunks[-1].usage == whole.usage
    assert chunks[-1].choices == []
    assert chunks[-2].choices[0].finish_reason == "stop"
    assert all(chunk.usage is None and chunk.choices for chunk in [c async for c in await ask(client, stream=True)])


async def test_the_same_question_gets_the_same_bytes(provider):
    """Answers depend on nothing but the question: two are equal byte for byte, streamed or not."""
    body = {"model": "sim", "messages": [{"role": "user", "content": "encore"}]}
    for streamed in (False, True):
        request = http(body | {"stream": streamed})
        assert await raw(provider, request) == await raw(provider, request)


async def test_models_are_listed(client):
    """The list of models holds those that the provider was made with."""
    assert [model.id async for model in client.models.list()] == ["sim", "sim-2"]


async def test_every_byte_and_every_connection_is_counted(provider):
    """The byte count is the sum of all bytes sent, of requests, of garbage and of requests cut short."""
    request = http({"model": "sim", "messages": [{"role": "user", "content": "combien ?"}]})
    assert (provider.bytes_received, provider.connections, provider.requests) == (0, 0, [])
    await raw(provider, request)
    assert (provider.bytes_received, provider.connections) == (len(request), 1)
    assert b"400" in await raw(provider, b"not HTTP at all\r\n\r\n")
    _, writer = await asyncio.open_connection("127.0.0.1", int(provider.url.split(":")[2].split("/")[0]))
    writer.write(b"POST /v1/chat")
    await writer.drain()
    while provider.bytes_received < len(request) + 19 + 13:
        await asyncio.sleep(0.001)
    writer.close()
    await writer.wait_closed()
    assert provider.bytes_received == len(request) + 19 + 13
    assert provider.connections == 3
    assert len(provider.requests) == 1


async def test_requests_are_kept_as_they_came(provider, client):
    """A request is kept with its path, its headers and the very bytes of its body."""
    await ask(client)
    received = provider.requests[-1]
    assert (received.method, received.path) == ("POST", "/v1/chat/completions")
    assert received.headers["authorization"] == "Bearer k-1"
    assert json.loads(received.body)["messages"][0]["content"] == QUESTION


async def test_two_requests_sent_at_once_are_answered_in_order(provider):
    """Requests pipelined on one connection are answered in the order in which they came."""
    first, second = (http({"model": "sim", "messages": [{"role": "user", "content": text}]}) for text in ("un", "deux"))
    both = await raw(provider, first.replace(b"connection: close\r\n", b"") + second)
    assert both.index(b": un") < both.index(b": deux")
    assert provider.connections == 1


async def test_a_client_that_waits_for_100_continue_is_told_to_go_on(provider):
    """The head of a request with ``Expect: 100-continue`` is answered before its body."""
    body = {"model": "sim", "messages": [{"role": "user", "content": "oui"}]}
    assert (await raw(provider, http(body, "/v1/chat/completions", "expect: 100-continue"))).startswith(b"HTTP/1.1 100 ")


TOOL = {
    "type": "function",
    "function": {
        "name": "find_office",
        "parameters": {
            "type": "object",
            "required": ["city", "floor"],
            "properties": {"city": {"enum": ["Fez", "Oujda"]}, "floor": {"type": "integer", "minimum": 2}, "x": {}},
        },
    },
}


async def test_a_tool_is_called_where_the_question_names_it(client):
    """A question that names a given function gets a call of it with arguments of its schema, whole and streamed alike."""
    answer = await ask(client, "call find_office please", tools=[TOOL])
    call = answer.choices[0].message.tool_calls[0]
    assert answer.choices[0].finish_reason == "tool_calls"
    assert call.function.name == "find_office"
    assert json.loads(call.function.arguments) == {"city": "Fez", "floor": 2}
    chunks = [chunk async for chunk in await ask(client, "call find_office please", tools=[TOOL], stream=True)]
    calls = [chunk.choices[0].delta.tool_calls[0] for chunk in chunks if chunk.choices[0].delta.tool_calls]
    assert calls[0].id == call.id
    assert "".join(each.function.arguments for each in calls) == call.function.arguments


async def test_a_tool_is_not_called_unasked(client):
    """Without its name in the question, or with ``tool_choice`` none, or after its result, there is text and no call."""
    said = [
        await ask(client, "bonjour", tools=[TOOL]),
        await ask(client, "call find_office", tools=[TOOL], tool_choice="none"),
        await client.chat.completions.create(
            model="sim",
            tools=[TOOL],
            messages=[
                {"role": "user", "content": "call find_office"},
                {"role": "tool", "tool_call_id": "1", "content": "the find_office result"},
            ],
        ),
    ]
    assert all(answer.choices[0].message.tool_calls is None for answer in said)
    assert said[2].choices[0].message.content.endswith("the find_office result")


async def test_a_forced_tool_is_called(client):
    """``tool_choice`` forces a call whatever the question says."""
    forced = {"type": "function", "function": {"name": "find_office"}}
    for choice in ("required", forced):
        answer = await ask(client, "bonjour", tools=[TOOL], tool_choice=choice)
        assert answer.choices[0].message.tool_calls[0].function.name == "find_office"


async def test_a_json_schema_is_obeyed(client):
    """With a JSON schema the text is a JSON value of this schema, references and recursion included."""
    node = {"type": "object", "required": ["v"], "properties": {"v": {"type": "string"}, "next": {"$ref": "#/$defs/n"}}}
    schema = {"$defs": {"n": node}, "type": "object", "required": ["n", "ok"]}
    schema["properties"] = {"n": {"anyOf": [{"$ref": "#/$defs/n"}, {"type": "null"}]}, "ok": {"type": "boolean"}}
    shape = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema}}
    answer = await ask(client, response_format=shape)
    assert json.loads(answer.choices[0].message.content) == {"n": {"v": "simulated"}, "ok": False}
    looped = {"type": "json_schema", "json_schema": {"name": "n", "schema": {"$ref": "#"}}}
    assert json.loads((await ask(client, response_format=looped)).choices[0].message.content) is None


async def test_max_tokens_cuts_the_answer(client):
    """An answer ends at the given number of simulated tokens, and says that it was cut."""
    answer = await ask(client, max_completion_tokens=3)
    assert len(answer.choices[0].message.content.split()) == answer.usage.completion_tokens == 3
    assert answer.choices[0].finish_reason == "length"


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"model": "gpt", "messages": [{"role": "user", "content": "x"}]}, 404, "model"),
        ({"messages": [{"role": "user", "content": "x"}]}, 400, "model"),
        ({"model": "sim", "messages": []}, 400, "messages"),
        ({"model": "sim", "messages": "x"}, 400, "messages"),
        ({"model": "sim", "messages": [{"role": "user"}], "n": 2}, 400, "n"),
        ({"model": "sim", "messages": [{"role": "user"}], "max_tokens": -1}, 400, "max_tokens"),
        ({"model": "sim", "messages": [{"role": "user"}], "tools": 7}, 400, None),
        ([], 400, None),
    ],
)
async def test_a_bad_request_is_refused_by_field(provider, body, status, param):
    """A request of the wrong shape gets an error object that names the field; the connection lives on."""
    async with aiohttp.ClientSession() as session, session.post(provider.url + "/chat/completions", json=body) as answer:
        assert answer.status == status
        assert (await answer.json())["error"]["param"] == param


async def test_what_is_not_json_or_not_here_is_refused(provider):
    """A body that is no JSON gets 400; an unknown address or method gets 404."""
    async with aiohttp.ClientSession() as session:
        async with session.post(provider.url + "/chat/completions", data=b'{"model":') as answer:
            assert (answer.status, (await answer.json())["error"]["code"]) == (400, "invalid_json")
        async with session.get(provider.url + "/chat/completions") as answer:
            assert answer.status == 404


@pytest.mark.parametrize("status", [401, 429, 500, 503])
async def test_a_failure_is_the_ordered_status(provider, client, status):
    """``fail_status`` answers every request by this status, with ``Retry-After`` where ordered, until it is turned off."""
    provider.behaviour.fail_status, provider.behaviour.retry_after = status, 7
    with pytest.raises(openai.APIStatusError) as failure:
        await ask(client)
    assert failure.value.status_code == status
    assert failure.value.response.headers["retry-after"] == "7"
    provider.behaviour.fail_status = None
    assert (await ask(client)).choices


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(chunk_bytes=1),
        Behaviour(chunk_bytes=7, crlf=True, comments=True),
        Behaviour(crlf=True),
        Behaviour(comments=True),
        Behaviour(omit_done=True),
        Behaviour(close=True),
        Behaviour(delay=0.02, gap=0.001),
        Behaviour(chunks=1),
        Behaviour(chunks=500),
    ],
    ids=repr,
)
async def test_lawful_oddities_change_no_word(provider, client, behaviour):
    """However a stream is cut, ended, commented or delayed, a true client reads the same text."""
    plain = (await ask(client)).choices[0].message.content
    provider.behaviour = behaviour
    chunks = [chunk async for chunk in await ask(client, stream=True)]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == plain
    if behaviour.chunks:
        assert len([chunk for chunk in chunks if chunk.choices[0].delta.content is not None]) == behaviour.chunks + 1


async def test_oddities_are_on_the_wire(provider):
    """Comments, CR LF and the missing end are really in the bytes."""
    request = http({"model": "sim", "stream": True, "messages": [{"role": "user", "content": "x"}]})
    plain = await raw(provider, request)
    assert b"data: [DONE]\n\n" in plain
    assert b"\n:" not in plain
    provider.behaviour = Behaviour(crlf=True, comments=True, omit_done=True, wrong_content_type="text/html")
    odd = await raw(provider, request)
    assert b": still here\r\ndata: {" in odd
    assert b"}\r\n\r\n" in odd
    assert b"[DONE]" not in odd
    assert b"content-type: text/html\r\n" in odd


async def test_small_writes_arrive_as_small_reads(provider):
    """With ``chunk_bytes`` the peer that reads at once sees the answer in many pieces."""
    provider.behaviour.chunk_bytes = 16
    async with aiohttp.ClientSession() as session:
        body = {"model": "sim", "stream": True, "messages": [{"role": "user", "content": "x" * 300}]}
        async with session.post(provider.url + "/chat/completions", json=body) as answer:
            pieces = [piece async for piece in answer.content.iter_any()]
    assert len(pieces) > 20


async def test_hang_never_answers(provider, client):
    """A hanging provider reads the request, answers nothing, and can still be stopped."""
    provider.behaviour.hang = True
    with pytest.raises(openai.APITimeoutError):
        await ask(client, timeout=0.2)
    assert len(provider.requests) == 1


async def test_a_stream_breaks_off_with_an_error_event(provider, client):
    """``mid_stream_error`` lets this many pieces pass and then sends an error in place of the rest."""
    provider.behaviour.mid_stream_error = 2
    said = []
    stream = await ask(client, stream=True)
    with pytest.raises(openai.APIError, match="mid-stream"):
        await collect(stream, said)
    assert [chunk.choices[0].delta.content for chunk in said] == ["", "Simulation ", "by "]


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_reset_lets_so_many_bytes_pass(provider, streamed):
    """``reset_after_bytes`` ends the connection by a TCP reset after this many bytes of body; 0 before the head."""
    body = {"model": "sim", "stream": streamed, "messages": [{"role": "user", "content": "x"}]}
    provider.behaviour.reset_after_bytes = 40
    async with aiohttp.ClientSession() as session:
        async with session.post(provider.url + "/chat/completions", json=body) as answer:
            read = []
            with pytest.raises(aiohttp.ClientError):
                await collect(answer.content.iter_any(), read)
            assert len(b"".join(read)) == 40
        provider.behaviour.reset_after_bytes = 0
        with pytest.raises(aiohttp.ClientError):
            await session.post(provider.url + "/chat/completions", json=body)


async def test_broken_json_and_missing_usage(provider, client):
    """``broken_json`` sends JSON that no reader accepts; ``omit_usage`` counts no token, asked or not."""
    provider.behaviour.omit_usage = True
    assert (await ask(client)).usage is None
    chunks = [chunk async for chunk in await ask(client, stream=True, stream_options={"include_usage": True})]
    assert all(chunk.usage is None for chunk in chunks)
    provider.behaviour.broken_json = True
    answer = await raw(provider, http({"model": "sim", "messages": [{"role": "user", "content": "x"}]}))
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.partition(b"\r\n\r\n")[2])


@pytest.mark.parametrize(
    ("language", "word"), [("en", "not a real model"), ("fr", "pas un vrai modèle"), ("ar", "لا نموذج حقيقي")]
)
async def test_the_sentence_around_the_echo_has_a_language(provider, client, language, word):
    """The answer says in the chosen language that no real model spoke."""
    provider.behaviour.language = language
    assert word in (await ask(client)).choices[0].message.content


async def test_a_provider_comes_back_on_its_port(provider, client):
    """A stopped provider refuses connections; started anew it answers at the same address."""
    url = provider.url
    await ask(client)
    await provider.stop()
    with pytest.raises(openai.APIConnectionError):
        await ask(client)
    await provider.start()
    assert provider.url == url
    assert (await ask(client)).choices


async def test_misuse_is_said():
    """A provider that was never started has no address; one that runs is not started twice."""
    provider = Provider("simulated provider in Fez")
    with pytest.raises(RuntimeError, match="never started"):
        _ = provider.url
    await provider.start()
    with pytest.raises(RuntimeError, match="is running"):
        await provider.start()
    await provider.stop()
    await provider.stop()


async def test_old_requests_are_let_go(provider):
    """Of very many requests the last thousand at least are kept, and not all."""
    request = http({"model": "sim", "messages": [{"role": "user", "content": "x"}]}).replace(b"connection: close\r\n", b"")
    await raw(provider, request * 2_500 + b"GET /end HTTP/1.1\r\nconnection: close\r\n\r\n")
    assert 1_000 <= len(provider.requests) <= 2_000
    assert provider.requests[-1].path == "/end"
