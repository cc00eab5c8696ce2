"""A GGUF file through the whole house: the official client asks, the law decides, the engine answers. Real processes."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openai
import pytest
from servers import Server, serving
from sockets import ANSWER, Upstream, answer

from daffa.worlds.guichet import GUICHET
from daffa.worlds.guichet.file import read
from daffa.worlds.guichet.lines import DONT_KNOW, LESSONS
from daffa.worlds.guichet.speaking import prompt, sureness

pytest.importorskip("xllamacpp", reason="the extra `engine` is not installed")

FRENCH = "Quand la commune ouvre-t-elle ?"
OPENS = "La commune ouvre de 8 h 30 à 16 h 30, du lundi au vendredi."
HOURS = {
    "type": "object",
    "properties": {"opens": {"type": "string", "pattern": "^[0-9]{2}:[0-9]{2}$"}, "closes": {"enum": ["12:00", "16:30"]}},
    "required": ["opens", "closes"],
    "additionalProperties": False,
}
ENGINES = """
[[model]]
id = "guichet"
wire = "llamacpp"
file = "models/guichet.gguf"
place = "rabat"
context = 512
threads = 1
parallel = 2
attempts = 1
capabilities = ["json_schema"]
fallback = ["raw"]
"""


@pytest.fixture(scope="module")
def relay() -> Iterator[Upstream]:
    """The other lawful model, whose server is scripted."""
    with Upstream() as relay:
        yield relay


@pytest.fixture(scope="module")
def house(relay: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A house that serves the tiny model twice, and can ask another."""
    data = tmp_path_factory.mktemp("house")
    (data / "models").mkdir()
    (data / "models" / "guichet.gguf").write_bytes(GUICHET.read_bytes())
    second = ENGINES.replace('id = "guichet"', 'id = "guichet-2"').replace('fallback = ["raw"]', "")
    with serving(data, relay.config("breaker_failures = 0") + ENGINES + second) as server:
        for model in ("guichet", "guichet-2"):
            eventually(lambda model=model: server.chat(FRENCH, model).headers.get("x-daffa-model") == model)
        yield server


@pytest.fixture
def client(house: Server) -> Iterator[openai.OpenAI]:
    """The official client, with the administrator's key."""
    with openai.OpenAI(base_url=house.url + "/v1", api_key=house.key, max_retries=0) as client:
        yield client


def eventually(holds: Callable[[], Any]) -> Any:
    """Wait until something holds, for at most half a minute."""
    end = time.monotonic() + 30
    while not (found := holds()):
        assert time.monotonic() < end, "it never came to hold"
        time.sleep(0.05)
    return found


def ask(client: openai.OpenAI, question: str, **options: Any) -> Any:
    """One question, greedily."""
    messages = [{"role": "user", "content": question}]
    return client.chat.completions.create(
        **{"model": "guichet", "messages": messages, "temperature": 0, "max_tokens": 100} | options
    )


def engines(house: Server) -> dict[str, int]:
    """The process of each model's engine."""
    found = {}
    for number in Path(f"/proc/{house.process.pid}/task/{house.process.pid}/children").read_text().split():
        words = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
        if any(word.endswith(b"child.py") for word in words):
            found[json.loads(words[-2])["name"]] = int(number)
    return found


def test_greedy_answers_are_those_of_the_recipe(client: openai.OpenAI):
    """Every lesson is answered as the recipe's own forward pass would, token by token, and its tokens are counted."""
    shape, weights, words = read(GUICHET)
    for lesson in LESSONS:
        question = lesson.questions[0]
        given = ask(client, question)
        assert given.choices[0].message.content == lesson.answer
        assert sureness(shape, weights, words, question, lesson.answer) > 0
        assert given.choices[0].finish_reason == "stop"
        assert given.usage.prompt_tokens == len(prompt(words, question))
        assert given.usage.completion_tokens == len(words.encode(lesson.answer)) + 1


def test_a_conversation_and_a_word_of_the_system_are_understood(client: openai.OpenAI):
    """What came before in a conversation is part of the prompt, as the model's own template writes it."""
    before = [
        {"role": "system", "content": "Réponds en une phrase."},
        {"role": "user", "content": "Raconte une histoire."},
        {"role": "assistant", "content": DONT_KNOW["fr"]},
        {"role": "user", "content": FRENCH},
    ]
    assert ask(client, "", messages=before).choices[0].message.content == OPENS


def test_the_pieces_of_a_stream_are_the_whole_answer(client: openai.OpenAI):
    """A streamed answer comes in many pieces that join to the same text, and its usage at the end."""
    stream = list(ask(client, FRENCH, stream=True, stream_options={"include_usage": True}))
    pieces = [chunk.choices[0].delta.content for chunk in stream if chunk.choices and chunk.choices[0].delta.content]
    assert len(pieces) > 20
    assert "".join(pieces) == OPENS
    assert stream[-1].usage.completion_tokens == ask(client, FRENCH).usage.completion_tokens


@pytest.mark.parametrize("question", ["When is the town hall open?", "Tell me a story.", "أين أطلب عقد الازدياد؟"])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_schema_is_kept_to(client: openai.OpenAI, question: str, stream: bool):
    """Asked for JSON of a schema, the model says that and nothing else, even where it would have said something else."""
    form = {"type": "json_schema", "json_schema": {"name": "hours", "schema": HOURS, "strict": True}}
    given = ask(client, question, response_format=form, stream=stream)
    chunks = [chunk.choices[0].delta.content or "" for chunk in given if chunk.choices] if stream else []
    hours = json.loads("".join(chunks) if stream else given.choices[0].message.content)
    assert hours.keys() == {"opens", "closes"}
    assert hours["closes"] in ("12:00", "16:30")
    assert len(hours["opens"]) == 5
    assert hours["opens"][2] == ":"


def test_what_an_engine_did_is_in_the_log(house: Server):
    """A question to a model of the house is decided and recorded as any other, with its place and its tokens."""
    reply = house.chat(FRENCH, "guichet-2")
    assert (reply.headers["x-daffa-model"], reply.headers["x-daffa-place"]) == ("guichet-2", "rabat")
    entries, outcomes = house.history(reply.headers["x-daffa-decision"])
    outcome = outcomes[len(entries) - 1]
    assert outcome["status"] == "answered"
    assert outcome["tokens_out"] == reply.json["usage"]["completion_tokens"] > 20


def test_a_prompt_that_is_too_long_is_the_clients_to_mend(client: openai.OpenAI):
    """More tokens than the engine keeps memory for are refused with its own words, and the house goes on."""
    with pytest.raises(openai.BadRequestError, match="context"):
        ask(client, "x" * 1200)
    assert ask(client, FRENCH).choices[0].message.content == OPENS


def test_while_an_engine_is_away_the_next_lawful_model_answers(house: Server, relay: Upstream):
    """A model that falls back does so when its engine is killed; one that does not says 503; both come back by themselves."""
    relay.script = [answer(ANSWER)]
    for model, meanwhile in (("guichet", (200, "raw")), ("guichet-2", (503, None))):
        before = eventually(lambda model=model: engines(house).get(model))
        os.kill(before, signal.SIGKILL)
        reply = house.chat(FRENCH, model)
        assert (reply.status, reply.headers.get("x-daffa-model")) == meanwhile
        eventually(lambda model=model: house.chat(FRENCH, model).headers.get("x-daffa-model") == model)
        assert engines(house)[model] != before


def test_no_engine_outlives_a_house_that_is_killed(house: Server):
    """After kill -9 of the house its engines are gone within seconds, and their sockets with them."""
    running = engines(house)
    socket = next(json.loads(words[-2])["socket"] for words in map(words_of, running.values()))
    assert len(running) == 2
    house.kill()
    eventually(lambda: not any(Path(f"/proc/{number}").exists() for number in running.values()))
    eventually(lambda: not Path(socket).parent.exists())


def words_of(pid: int) -> list[bytes]:
    """The words of a process's command."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
