"""The walk: one question goes through one recorded decision and comes back answered, or is refused with its reasons.

Three simulated upstreams (home, Paris, Virginia) and one real server, over real sockets.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import openai
import pytest
from servers import Server, serving

from daffa.audit import Reader
from daffa.worlds import World

PLAIN = "How do I word a polite reminder?"
CIN = "Écris à M. Alaoui, CIN AB123456, que son dossier est complet."
RIB = "تحقق من هذا الحساب قبل التحويل: 007 780 0001234567890123 96"
HEALTH = {"X_Daffa_Label": "level=confidential; categories=health,personal", "X_Daffa_Purpose": "health_care"}


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The three simulated providers."""
    with World.in_thread() as world:
        yield world


@pytest.fixture(scope="module")
def cheap(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that prefers the cheapest."""
    with serving(tmp_path_factory.mktemp("cheap"), world.config(prefer=("price",)), forked=False) as server:
        yield server


@pytest.fixture(scope="module")
def usual(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with the preferences that come without being asked for."""
    config = world.config()
    with serving(tmp_path_factory.mktemp("usual"), config.split("\n", 1)[1]) as server:
        yield server


def client_of(server: Server, **options: object) -> openai.OpenAI:
    """The official client."""
    return openai.OpenAI(api_key=server.key, base_url=f"{server.url}/v1", max_retries=0, **options)


def entry_of(server: Server, reference: str) -> dict:
    """The entry of a decision, from the static files alone."""
    origin, _, index = reference.partition("#")
    assert origin == (server.data / "origin").read_text()
    return server.entries(int(index), 1)[0]


def test_the_official_client_is_answered_whole(cheap: Server):
    """An unmodified openai client gets an answer, with usage."""
    answer = client_of(cheap).chat.completions.create(model="auto", messages=[{"role": "user", "content": PLAIN}])
    assert "Virginia" in (answer.choices[0].message.content or "")
    assert answer.usage is not None
    assert answer.usage.completion_tokens > 0


def test_the_official_client_is_answered_in_a_stream(cheap: Server, world: World):
    """An unmodified openai client streams; usage comes only where it asked for it, and the text equals the direct call's."""
    asked = {"messages": [{"role": "user", "content": PLAIN}], "stream": True}
    through = list(client_of(cheap).chat.completions.create(model="potomac-virginia", **asked))
    direct = list(openai.OpenAI(api_key="x", base_url=world.virginia.url).chat.completions.create(model="sim", **asked))

    def text(chunks: list) -> str:
        return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)

    assert text(through) == text(direct)
    assert all(chunk.choices and chunk.usage is None for chunk in through)
    wishing = client_of(cheap).chat.completions.create(model="auto", stream_options={"include_usage": True}, **asked)
    assert list(wishing)[-1].usage is not None


def test_models_are_listed(cheap: Server):
    """The client's model list names auto, every model of the catalogue, and the assistant."""
    assert [model.id for model in client_of(cheap).models.list()] == [
        "auto",
        "atlas-home",
        "seine-paris",
        "potomac-virginia",
        "daffa",
    ]
    assert client_of(cheap).models.retrieve("seine-paris").id == "seine-paris"


def test_an_internal_question_goes_to_the_cheapest_lawful_model(cheap: Server):
    """With prefer = ["price"] a question without personal data may leave, and does."""
    assert cheap.chat(PLAIN).headers["x-daffa-place"] == "virginia"


def test_by_default_an_internal_question_stays_home(usual: Server):
    """Home comes first where nobody said otherwise."""
    assert usual.chat(PLAIN).headers["x-daffa-place"] == "rabat"


@pytest.mark.parametrize("text", [CIN, RIB, json.dumps(CIN)])
def test_an_identifier_stays_home_in_any_case(cheap: Server, usual: Server, world: World, text: str):
    """An identity-card number or a bank account number is found in the text and never leaves, however cheap abroad is."""
    before = world.paris.bytes_received + world.virginia.bytes_received
    for server in (cheap, usual):
        reply = server.chat(text)
        assert (reply.status, reply.headers["x-daffa-place"]) == (200, "rabat")
        assert "personal" in reply.headers["x-daffa-label"]
    assert world.paris.bytes_received + world.virginia.bytes_received == before


def test_a_confidential_health_question_is_answered_at_home(cheap: Server):
    """Health data has a lawful place: home."""
    reply = cheap.chat("Summarise the state of the patient in bed 12.", **HEALTH)
    assert (reply.status, reply.headers["x-daffa-place"]) == (200, "rabat")


@pytest.mark.parametrize(("accept", "language"), [("fr-MA", "fr"), ("ar", "ar"), ("en-GB,fr;q=0.5", "en")])
def test_a_secret_question_to_a_foreign_model_is_refused_with_its_reasons(
    cheap: Server, world: World, accept: str, language: str
):
    """451 with rule ids and their sentences in the caller's language and in all three; that upstream saw no byte."""
    before = world.virginia.bytes_received
    reply = cheap.chat("agenda", "potomac-virginia", X_Daffa_Label="level=secret", Accept_Language=accept)
    error = reply.json["error"]
    assert (reply.status, error["code"], error["type"]) == (451, "refused_by_policy", "policy_refusal")
    assert error["rules"]
    for rule in error["rules"]:
        assert set(rule["sentences"]) == {"fr", "ar", "en"}
        assert rule["sentence"] == rule["sentences"][language]
    assert error["candidates"][0]["place"] == "virginia"
    assert world.virginia.bytes_received == before
    entry = entry_of(cheap, reply.headers["x-daffa-decision"])
    assert (entry["verdict"], entry["place"]) == ("refuse", "virginia")
    assert entry["rules"] == [rule["id"] for rule in error["rules"]]


def test_the_named_entry_is_in_the_log(cheap: Server):
    """X-Daffa-Decision names the entry of this very decision, and holds neither the text nor the model nor the caller."""
    reply = cheap.chat(CIN)
    entry = entry_of(cheap, reply.headers["x-daffa-decision"])
    assert (entry["kind"], entry["verdict"], entry["place"], entry["door"]) == ("decision", "allow", "rabat", "gateway")
    assert {place for place, _ in entry["refused"]} == {"paris", "virginia"}
    assert "AB123456" not in json.dumps(entry)
    assert "administrator" not in json.dumps(entry)


def test_the_entry_is_durable_before_the_first_byte_leaves(world: World, tmp_path: Path):
    """When the upstream has seen the request, a power cut finds the decision in the log."""
    with serving(tmp_path, world.config()) as server:
        world.home.behaviour.hang = True
        seen = len(world.home.requests)
        try:
            asking = threading.Thread(target=_until_cut, args=(server,), daemon=True)
            asking.start()
            while len(world.home.requests) == seen:
                assert asking.is_alive()
            server.kill()
        finally:
            world.home.behaviour.hang = False
        asking.join()
    with serving(tmp_path) as again:
        again.chat(PLAIN)
        assert [entry["kind"] for entry in again.entries(1, 3)] == ["decision", "decision", "outcome"]


def _until_cut(server: Server) -> None:
    with pytest.raises(OSError, match=r".*"):
        server.chat(PLAIN)


def test_the_log_verifies_afterwards(cheap: Server):
    """After all that, every entry verifies from the static files, and so does a receipt."""
    reply = cheap.chat(PLAIN)
    assert reply.status == 200
    report = Reader(cheap.data / "audit").verify()
    assert report.size > 0
