"""Answers that are odd, or that repeat what was masked where no text is expected. Pure, no socket."""

from __future__ import annotations

import json
from typing import Any

import pytest

from daffa.errors import Unavailable
from daffa.gateway.dialect import Idiom, Surface
from daffa.gateway.dialects import anthropic, gemini, openai_chat, openai_responses
from daffa.gateway.masking import masked_body
from daffa.gateway.restoring import StreamRestorer
from daffa.gateway.sse import Splitter, written
from daffa.gateway.translating import Way

KEY = b"k" * 32
MAIL = "s.amrani@example.ma"
ASKED = {"model": "m", "messages": [{"role": "user", "content": MAIL}], "stream": True}
SURFACES: dict[str, tuple[Surface, dict[str, Any]]] = {
    "openai_chat": (openai_chat.SURFACE, ASKED),
    "openai_responses": (openai_responses.SURFACE, {"model": "m", "input": MAIL, "stream": True}),
    "anthropic": (anthropic.SURFACE, {**ASKED, "max_tokens": 9}),
    "gemini": (gemini.SURFACE, {"contents": [{"parts": [{"text": MAIL}]}]}),
}
IDIOMS: dict[str, Idiom] = {"openai_chat": openai_chat.IDIOM, "anthropic": anthropic.IDIOM, "gemini": gemini.IDIOM}
MASKED, ORIGINALS = masked_body(openai_chat.IDIOM, json.dumps(ASKED).encode(), KEY)
STAND_IN = json.loads(MASKED)["messages"][0]["content"]


def way(surface: str, idiom: str) -> Way:
    """The way back of an answer to the masked question."""
    spoken, body = SURFACES[surface]
    return Way(spoken, IDIOMS[idiom], spoken.read(json.dumps(body).encode(), model="m", stream=True), ORIGINALS)


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("idiom", IDIOMS)
def test_an_error_in_mid_stream_is_restored(surface: str, idiom: str):
    """It may repeat what it was asked: the client reads its own words."""
    error = {"type": "error", "error": {"type": "overloaded_error", "code": 529, "message": f"no: {STAND_IN}\n"}}
    event = written("error", json.dumps(error, indent=1).replace("\n", "\ndata: ").encode())
    try:
        said = way(surface, idiom).feed(event).decode()
    except Unavailable as reported:
        said = str(reported.facts["reason"])
    assert MAIL in said
    assert STAND_IN not in said


def test_what_came_before_an_error_in_one_write_is_not_lost():
    """Text and an error that arrive together: the client reads the text, and hears of the error afterwards."""
    text = written("", b'{"id":"c","choices":[{"index":0,"delta":{"content":"hello"}}]}')
    error = written("", b'{"error":{"message":"overloaded"}}')
    broken = way("anthropic", "openai_chat")
    assert b"hello" in broken.feed(text + error)
    with pytest.raises(Unavailable, match="overloaded"):
        broken.end()


@pytest.mark.parametrize("surface", SURFACES)
@pytest.mark.parametrize("idiom", IDIOMS)
@pytest.mark.parametrize("body", [b'{"novel":1}', b"{}"])
def test_an_upstream_that_says_no_reason_is_given_one(surface: str, idiom: str, body: bytes):
    """The message of an error is never empty where the error is written here."""
    error = json.loads(way(surface, idiom).whole(body, 400))
    assert error == json.loads(body) if surface == idiom else "400" in error["error"]["message"]


def test_how_likely_a_piece_was_is_said_once():
    """What was held back goes out in an event of its own, without what the first said beside its text."""
    choice = {"index": 0, "delta": {"content": STAND_IN[:4]}, "logprobs": {"content": [{"token": "a"}]}, "finish_reason": None}
    first = written("", json.dumps({"id": "c", "choices": [choice]}).encode())
    restorer, splitter = StreamRestorer(openai_chat.IDIOM, ORIGINALS), Splitter()
    events = [*(out for sent in splitter.feed(first) for out in restorer.feed(sent)), *restorer.end()]
    assert b"".join(event.data for event in events).count(b"logprobs") == 1
    assert "".join(json.loads(event.data)["choices"][0]["delta"]["content"] for event in events) == STAND_IN[:4]


def test_each_of_many_candidates_ends_by_itself():
    """A candidate that ends closes its own texts and nobody else's."""
    candidates = [{"content": {"parts": [{"text": "a"}]}}, {"content": {"parts": [{"text": "b"}]}, "finishReason": "STOP"}]
    assert gemini.IDIOM.closes({"candidates": candidates}) == {"0.thought", "1.text", "1.thought"}


@pytest.mark.parametrize("streamed", [False, True])
def test_arguments_that_are_an_object_are_restored(streamed: bool):
    """Beside a text, too: keys and values."""
    message = {"content": "a", "tool_calls": [{"index": 0, "function": {"name": "f", "arguments": {STAND_IN: STAND_IN}}}]}
    through = way("openai_chat", "openai_chat")
    if streamed:
        event = written("", json.dumps({"choices": [{"index": 0, "delta": message, "finish_reason": "stop"}]}).encode())
        said = (through.feed(event) + through.end()).removeprefix(b"data: ")
        restored = json.loads(said)["choices"][0]["delta"]
    else:
        restored = json.loads(through.whole(json.dumps({"choices": [{"message": message}]}).encode(), 200))["choices"][0][
            "message"
        ]
    assert restored["tool_calls"][0]["function"]["arguments"] == {MAIL: MAIL}
