"""A simulated provider as Anthropic's own client meets it: what it says, and what it refuses as the real one does."""

import anthropic
import pytest

from daffa.worlds import Behaviour, Provider

QUESTION = "Quels papiers faut-il pour une carte d'identité ? كيف حالك"
TOOL = {
    "name": "weather",
    "input_schema": {"type": "object", "properties": {"days": {"type": "integer"}}, "required": ["days"]},
}
OTHER = {"name": "clock", "input_schema": {"type": "object"}}


@pytest.fixture
async def provider():
    """One running provider."""
    provider = Provider("simulated provider in Fez")
    await provider.start()
    yield provider
    await provider.stop()


@pytest.fixture
async def client(provider):
    """The official client, without retries."""
    base = provider.url.removesuffix("/v1")
    async with anthropic.AsyncAnthropic(base_url=base, api_key="k-1", max_retries=0, timeout=5) as client:
        yield client


def ask(client, text=QUESTION, **more):
    """One question to the model ``sim``."""
    fields = {"max_tokens": 500, "messages": [{"role": "user", "content": text}], **more}
    return client.messages.create(model="sim", **fields)


async def joined(client, text=QUESTION, **more):
    """The same, streamed and put together by the client."""
    messages = [{"role": "user", "content": text}]
    async with client.messages.stream(model="sim", max_tokens=500, messages=messages, **more) as stream:
        return (await stream.get_final_message()).model_dump(exclude={"content": {"__all__": {"parsed_output"}}})


@pytest.mark.parametrize(
    ("text", "more", "kinds", "reason"),
    [
        (QUESTION, {}, ["text"], "end_turn"),
        (QUESTION, {"stop_sequences": ["not a real"]}, ["text"], "stop_sequence"),
        (QUESTION, {"thinking": {"type": "enabled", "budget_tokens": 1024}}, ["thinking", "text"], "end_turn"),
        ("weather?", {"tools": [TOOL]}, ["tool_use"], "tool_use"),
        ("weather and clock?", {"tools": [TOOL, OTHER]}, ["tool_use", "tool_use"], "tool_use"),
        ("x", {"output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}}}, ["text"], "end_turn"),
    ],
)
async def test_a_stream_is_the_whole_answer(client, text, more, kinds, reason):
    """Texts, thoughts and calls, whole and in events, with the same counts and the same reason to stop."""
    whole = (await ask(client, text, **more)).model_dump()
    assert ([block["type"] for block in whole["content"]], whole["stop_reason"]) == (kinds, reason)
    assert await joined(client, text, **more) == whole


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"extra_body": {"max_completion_tokens": 3}}, "max_completion_tokens: Extra inputs"),
        ({"metadata": {"daffa_label": "level=internal"}}, "metadata.daffa_label: Extra inputs"),
        ({"messages": [{"role": "user", "content": ""}]}, "must be non-empty"),
        ({"messages": [{"role": "tool", "content": "a"}]}, "Input should be"),
        ({"messages": [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t"}]}]}, "do not match"),
        ({"extra_headers": {"anthropic-version": ""}, "extra_body": {"max_tokens": None}}, "max_tokens: Field required"),
    ],
)
async def test_what_the_real_one_refuses_is_refused(client, fields, complaint):
    """Unknown fields, empty texts, foreign roles, results without their calls, and no limit."""
    with pytest.raises(anthropic.BadRequestError, match=complaint):
        await ask(client, **fields)


async def test_errors_have_the_vendors_types(provider, client):
    """A model that is not there, a failure that is ordered, and an error in the middle of a stream."""
    with pytest.raises(anthropic.NotFoundError):
        await client.messages.create(model="other", max_tokens=5, messages=[{"role": "user", "content": "a"}])
    provider.behaviour = Behaviour(fail_status=529)
    with pytest.raises(anthropic.OverloadedError) as raised:
        await ask(client)
    assert raised.value.type == "overloaded_error"
    provider.behaviour = Behaviour(mid_stream_error=2)
    with pytest.raises(anthropic.APIStatusError, match="simulated failure"):
        await joined(client)


async def test_tokens_are_counted(client):
    """By words, as in an answer's usage; a limit has no place there."""
    counted = await client.messages.count_tokens(model="sim", messages=[{"role": "user", "content": QUESTION}])
    assert counted.input_tokens == len(QUESTION.split())
    with pytest.raises(anthropic.BadRequestError, match="Extra inputs"):
        await client.messages.count_tokens(
            model="sim", messages=[{"role": "user", "content": "a"}], extra_body={"max_tokens": 5}
        )
