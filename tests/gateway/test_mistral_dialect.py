"""Mistral's own servers: what the idiom changes of an OpenAI request, and that it changes nothing else."""

import json

from hypothesis import given
from hypothesis import strategies as st

from daffa.gateway.conversation import Conversation, Text, ToolCall, ToolResult, Turn
from daffa.gateway.dialects import mistral, openai_chat

IDIOM = mistral.IDIOM


def patched(**fields):
    """A client's request as it leaves."""
    body = {"model": "m", "messages": [{"role": "user", "content": "?"}], **fields}
    return json.loads(IDIOM.patched(openai_chat.SURFACE.read(json.dumps(body).encode()), "mistral-small-latest"))


def test_names_that_differ_are_changed_and_what_would_be_refused_is_left():
    """``seed`` and ``max_completion_tokens`` have other names there; who asks and how usage comes is not said at all."""
    body = patched(seed=7, max_completion_tokens=9, user="u", store=True, stream=True, stream_options={"include_usage": True})
    assert (body["random_seed"], body["max_tokens"], body["stream"], body["model"]) == (7, 9, True, "mistral-small-latest")
    assert not {"seed", "max_completion_tokens", "user", "store", "stream_options"} & set(body)


def test_everything_else_passes():
    """Fields of Mistral's own and those that it will refuse in its own words travel as they came."""
    body = patched(safe_prompt=True, logit_bias={"1": 2}, temperature=0.10, metadata={"a": "b"})
    assert (body["safe_prompt"], body["logit_bias"], body["temperature"], body["metadata"]) == (
        True,
        {"1": 2},
        0.10,
        {"a": "b"},
    )


def test_what_clients_send_back_of_an_answer_is_cleaned():
    """An assistant's message of OpenAI's client has fields that say nothing; thoughts are not read there either."""
    message = {"role": "assistant", "content": "a", "refusal": None, "annotations": [], "audio": None, "function_call": None}
    again = patched(messages=[{"role": "user", "content": "?"}, {**message, "reasoning_content": "hm", "tool_calls": None}])
    assert again["messages"][1] == {"role": "assistant", "content": "a", "tool_calls": None}


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=40))
def test_an_id_has_nine_letters_and_stays_with_its_result(name):
    """Whoever made the id of a call, Mistral gets one that it takes, the same for the result; its own pass as they are."""
    call = {"id": name, "type": "function", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": name, "content": "x"},
    ]
    sent = patched(messages=messages)["messages"]
    made = sent[1]["tool_calls"][0]["id"]
    assert made == sent[2]["tool_call_id"]
    assert len(made) == 9
    assert made.isascii()
    assert made.isalnum()
    assert (made == name) == (len(name) == 9 and name.isascii() and name.isalnum())


def test_another_protocol_is_written_in_the_same_way():
    """What comes translated has Mistral's names and ids too."""
    turns = (
        Turn("user", (Text("?"),)),
        Turn("assistant", (ToolCall("toolu_01A", "f"),)),
        Turn("user", (ToolResult("toolu_01A", (Text("x"),)),)),
    )
    body = json.loads(IDIOM.write_request(Conversation(turns=turns, seed=3, stream=True), "m").body)
    assert body["random_seed"] == 3
    assert "stream_options" not in body
    assert len(body["messages"][1]["tool_calls"][0]["id"]) == 9
    assert body["messages"][1]["tool_calls"][0]["id"] == body["messages"][2]["tool_call_id"]
