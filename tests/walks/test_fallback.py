"""Fallback inside the lawful set: an upstream that fails is replaced by a lawful one, never by another."""

from __future__ import annotations

from collections.abc import Iterator

import openai
import pytest
from servers import Reply, Server, serving

from daffa.worlds import Behaviour, World


@pytest.fixture(scope="module")
def providers() -> Iterator[World]:
    """The three simulated providers."""
    with World.in_thread() as world:
        yield world


@pytest.fixture(scope="module")
def house(providers: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that prefers the cheapest and is patient for a second."""
    config = "idle_seconds = 1.0\n" + providers.config(prefer=("price",))
    with serving(tmp_path_factory.mktemp("house"), config) as server:
        yield server


@pytest.fixture
def world(providers: World) -> World:
    """The providers, well behaved and with nothing received yet."""
    for provider in providers.providers:
        provider.behaviour = Behaviour()
        provider.requests.clear()
    return providers


@pytest.fixture
def server(house: Server, world: World) -> Server:
    """The server, with no memory of failures."""
    for model in ("atlas-home", "seine-paris", "potomac-virginia"):
        assert house.chat("hello", model).status == 200
    for provider in world.providers:
        provider.requests.clear()
    return house


def last_two(server: Server, reply: Reply) -> list[tuple[str, str]]:
    """Place and outcome of the decision of ``reply`` and of the one before it."""
    entries, outcomes = server.history(reply.headers["x-daffa-decision"])
    tries = [(entry["place"], outcomes[at]["status"]) for at, entry in enumerate(entries) if entry["kind"] == "decision"]
    return tries[-2:]


def outcome_of(server: Server, stream: openai.Stream) -> dict:
    """The outcome of the decision of a stream."""
    reference = stream.response.headers["x-daffa-decision"]
    return server.history(reference)[1][int(reference.rpartition("#")[2])]


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(fail_status=500),
        Behaviour(fail_status=429),
        Behaviour(fail_status=401),
        Behaviour(reset_after_bytes=0),
        Behaviour(reset_after_bytes=20),
        Behaviour(hang=True),
    ],
    ids=lambda behaviour: repr(behaviour)[:80] if isinstance(behaviour, Behaviour) else None,
)
def test_the_next_lawful_model_answers(world: World, server: Server, behaviour: Behaviour):
    """When the cheapest fails before an answer has begun, the next one answers, under a decision of its own."""
    world.virginia.behaviour = behaviour
    reply = server.chat("hello")
    assert (reply.status, reply.headers["x-daffa-place"]) == (200, "paris")
    assert last_two(server, reply) == [("virginia", "failed"), ("paris", "answered")]


def test_fallback_never_leaves_the_lawful_set(world: World, server: Server):
    """When home fails, a question with an identity-card number is not answered by anybody abroad."""
    world.home.behaviour = Behaviour(fail_status=503)
    before = world.paris.bytes_received + world.virginia.bytes_received
    reply = server.chat("CIN AB123456")
    assert (reply.status, reply.json["error"]["code"]) == (503, "no_model_answered")
    assert world.paris.bytes_received + world.virginia.bytes_received == before


def test_a_model_asked_for_by_name_has_no_substitute(world: World, server: Server):
    """Who names a model gets that model or an error."""
    world.paris.behaviour = Behaviour(fail_status=500)
    reply = server.chat("hello", "seine-paris")
    assert reply.status == 503
    assert len(world.virginia.requests) == 0


def test_an_error_of_the_clients_own_is_passed_on(world: World, server: Server):
    """A 400 of the upstream is the client's to mend: it comes back as it is, and nobody else is asked."""
    world.virginia.behaviour = Behaviour(fail_status=400)
    reply = server.chat("hello")
    assert (reply.status, reply.headers["x-daffa-place"]) == (400, "virginia")
    assert "error" in reply.json
    assert len(world.paris.requests) == 0


def test_a_stream_that_breaks_ends_with_an_error_event(world: World, server: Server):
    """After the first byte there is no other model: the client gets an error event, and the outcome says failed."""
    world.virginia.behaviour = Behaviour(reset_after_bytes=400, gap=0.02)
    client = openai.OpenAI(api_key=server.key, base_url=f"{server.url}/v1", max_retries=0)
    stream = client.chat.completions.create(model="auto", stream=True, messages=[{"role": "user", "content": "a b c d e f g"}])
    with pytest.raises(openai.APIError):
        list(stream)
    assert outcome_of(server, stream)["status"] == "failed"


@pytest.mark.parametrize("behaviour", [Behaviour(chunk_bytes=1), Behaviour(crlf=True), Behaviour(comments=True, chunk_bytes=3)])
def test_a_stream_is_the_same_however_it_is_cut(world: World, server: Server, behaviour: Behaviour):
    """Single bytes, CR LF and comments change nothing for the official client, and usage is recorded."""
    world.virginia.behaviour = behaviour
    client = openai.OpenAI(api_key=server.key, base_url=f"{server.url}/v1", max_retries=0)
    asked = {"messages": [{"role": "user", "content": "un deux trois"}], "stream": True}
    stream = client.chat.completions.create(model="auto", **asked)
    through = list(stream)
    direct = list(openai.OpenAI(api_key="x", base_url=world.virginia.url).chat.completions.create(model="sim", **asked))
    assert [chunk.choices[0].delta.content for chunk in through] == [chunk.choices[0].delta.content for chunk in direct]
    outcome = outcome_of(server, stream)
    assert outcome["status"] == "answered"
    assert outcome["tokens_out"] > 0


def test_a_client_that_leaves_frees_the_upstream(world: World, server: Server):
    """When the client goes away in mid-stream, the upstream's connection ends and the outcome says so."""
    world.virginia.behaviour = Behaviour(gap=0.2, chunks=100)
    client = openai.OpenAI(api_key=server.key, base_url=f"{server.url}/v1", max_retries=0)
    stream = client.chat.completions.create(model="auto", stream=True, messages=[{"role": "user", "content": "long " * 100}])
    next(iter(stream))
    stream.close()
    client.close()
    assert outcome_of(server, stream)["status"] == "client_gone"
