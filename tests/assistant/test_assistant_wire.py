"""The assistant as the model ``daffa`` of a running house: the official client asks, and a tiny engine words."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from servers import Server, serving

from daffa.worlds.guichet import GUICHET

QUESTION = "Quel est le délai maximal de réponse de l'administration ?"
ENGINE = """
assistant_model = "guichet"

[[place]]
id = "rabat"
hw = "MA"
operator = "MA"
reach = ["MA"]
qual = 2
seal = 4
key = "state"
retention_days = 0
trains = false

[[model]]
id = "guichet"
wire = "llamacpp"
file = "models/guichet.gguf"
place = "rabat"
context = 16384
threads = 1
parallel = 1
capabilities = ["json_schema"]
"""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A house that a newcomer has just started: no place, no model."""
    with serving(tmp_path_factory.mktemp("house"), "") as server:
        yield server


@pytest.fixture
def client(house: Server) -> Iterator[openai.OpenAI]:
    """The official client, with the administrator's key."""
    with openai.OpenAI(base_url=house.url + "/v1", api_key=house.key, max_retries=0) as client:
        yield client


def ask(client: openai.OpenAI, question: str = QUESTION, **options: Any) -> Any:
    """One question."""
    messages = [{"role": "user", "content": question}]
    return client.chat.completions.create(**{"model": "daffa", "messages": messages} | options)


def test_a_newcomer_gets_a_cited_extract(client: openai.OpenAI):
    """With no model at all the first question is answered, and each annotation stands over the sentence that it supports."""
    raw = client.chat.completions.with_raw_response.create(model="daffa", messages=[{"role": "user", "content": QUESTION}])
    given = raw.parse()
    content, outcome = given.choices[0].message.content, given.model_extra["daffa"]
    assert "60 jours" in content
    assert raw.headers["x-daffa-decision"] == outcome["decisions"][0]
    assert raw.headers["x-daffa-model"] == "daffa"
    assert given.usage.total_tokens == given.usage.prompt_tokens + given.usage.completion_tokens > 0
    sentences = [sentence["text"] for sentence in outcome["sentences"]]
    annotations = json.loads(raw.text)["choices"][0]["message"]["annotations"]
    assert annotations
    for annotation in annotations:
        cited = annotation[annotation["type"]]
        assert content[cited["start_index"] : cited["end_index"]] in sentences


def test_a_stream_brings_sentence_by_sentence(client: openai.OpenAI):
    """The chunks join to the whole answer; each sentence comes with its citations, and the last chunk has the whole outcome."""
    whole = ask(client)
    stream = list(ask(client, stream=True, stream_options={"include_usage": True}))
    content = "".join(chunk.choices[0].delta.content or "" for chunk in stream if chunk.choices)
    assert content == whole.choices[0].message.content
    said = [chunk.model_extra["daffa"] for chunk in stream if "daffa" in chunk.model_extra]
    outcome = said.pop()
    assert [each["sentence"] for each in said] == outcome["sentences"]
    assert [citation for each in said for citation in each["citations"]] == outcome["citations"]
    assert stream[-1].usage == whole.usage


def test_nonsense_is_not_covered(client: openai.OpenAI):
    """What no text answers says so, in the content too, for a client that knows no extension."""
    given = ask(client, "Combien de bleu pèse un mardi ?")
    assert given.model_extra["daffa"]["status"] == "not_covered"
    assert given.choices[0].message.content == given.model_extra["daffa"]["message"]


@pytest.mark.parametrize(
    ("extension", "field"),
    [
        ({"colour": 1}, "daffa.colour"),
        ({"collections": "x"}, "daffa.collections"),
        ({"day": "yesterday"}, "daffa.day"),
        ({"language": "a b"}, "daffa.language"),
        ({"task": {"name": "dance"}}, "daffa.task.name"),
        ([], "daffa"),
    ],
)
def test_a_bad_extension_names_the_field(client: openai.OpenAI, extension: Any, field: str):
    """A field that cannot be is 400 in OpenAI's shape, with the field and what was expected."""
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, extra_body={"daffa": extension})
    assert caught.value.param == field
    assert caught.value.code in ("invalid_request_field", "invalid_field")


def test_more_answers_than_one_are_refused(client: openai.OpenAI):
    """There is one answer: who wants two is told so, and does not get one in silence."""
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, n=2)
    assert caught.value.param == "n"
    assert ask(client, n=1).choices[0].message.content


def test_what_the_assistant_rejects_is_said_in_the_callers_language(house: Server):
    """A question in French from a browser in Arabic: all of the error is in Arabic, in the answer and before a stream."""
    body = {"question": QUESTION, "collections": ["nothing"]}
    for door in ("ask", "stream"):
        reply = house.ask("POST", f"/api/assistant/{door}", body, Accept_Language="ar")
        assert (reply.status, reply.json["title"]) == (400, "assistant_rejects")
        assert not set("abcdefghijklmnopqrstuvwxyz") & set(reply.json["detail"].replace("nothing", ""))


def test_an_unknown_collection_is_refused_in_the_askers_language(client: openai.OpenAI):
    """Neither a stack trace nor an answer from elsewhere: the collection is named, in French to whoever asks in French."""
    with pytest.raises(openai.BadRequestError) as caught:
        ask(client, extra_body={"daffa": {"collections": ["nothing"]}})
    assert caught.value.code == "unknown_collection"
    assert "nothing" in caught.value.message


def test_a_client_of_another_protocol_asks_too(house: Server):
    """The gateway translates: somebody who speaks Anthropic's words gets the same sentences."""
    body = {"model": "daffa", "max_tokens": 500, "messages": [{"role": "user", "content": QUESTION}]}
    reply = house.ask("POST", "/v1/messages", body)
    assert reply.status == 200, reply
    assert "60 jours" in reply.json["content"][0]["text"]


def with_long_context(weights: bytes) -> bytes:
    """The tiny model, said to read so many tokens as a prompt with passages has: nearly one a letter."""
    name, number = b"llama.context_length", struct.Struct("<II")
    place = weights.index(name) + len(name)
    kind, _ = number.unpack_from(weights, place)
    return weights[:place] + number.pack(kind, 16384) + weights[place + number.size :]


def test_a_real_engine_words_or_is_withheld(tmp_path_factory: pytest.TempPathFactory):
    """The whole path with a real engine: two decisions, JSON by grammar, and nothing shown that no passage supports."""
    pytest.importorskip("xllamacpp", reason="the extra `engine` is not installed")
    data = tmp_path_factory.mktemp("engine")
    (data / "models").mkdir()
    (data / "models" / "guichet.gguf").write_bytes(with_long_context(GUICHET.read_bytes()))
    with serving(data, ENGINE) as server:
        reply = server.chat(QUESTION, "daffa")
        assert reply.status == 200
        outcome = reply.json["daffa"]
        entries, _ = server.history(outcome["decisions"][1])
    assert len(outcome["decisions"]) == 2
    assert entries
    assert outcome["status"] in ("answered", "partial", "not_covered")
    assert (outcome["model"], outcome["place"]) == ("guichet", "rabat")
    assert {sentence["verdict"] for sentence in outcome["sentences"]} <= {"verbatim", "supported"}
    by_id = {citation["id"]: citation for citation in outcome["citations"]}
    for sentence in outcome["sentences"]:
        if sentence["verdict"] == "verbatim":
            cited = by_id[sentence["cites"][0]]
            assert cited["text"][cited["start"] : cited["end"]] == sentence["text"]
