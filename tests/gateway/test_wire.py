"""The wire and its Permit, over real sockets: whatever is wrong with a Permit, the upstream's socket sees no byte."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from daffa.audit import Audit, new_log_key
from daffa.decision import Actor, Basis, Door, Form, KeyHolder, Label, Level, Place, Purpose
from daffa.errors import Conflict, Refused, Unavailable
from daffa.gateway import Model
from daffa.gateway.clients.aiohttp_client import AiohttpUpstream
from daffa.gateway.wires.openai import OpenAIWire
from daffa.guard import Guard, Permit
from daffa.policy import Law
from daffa.worlds import Behaviour, World

POLICIES = Path(__file__).parents[2] / "policies" / "ma"
BODY = b'{"model":"sim","messages":[{"role":"user","content":"hello"}]}'
RABAT = Place("rabat", "MA", "MA-04", "MA", frozenset({"MA"}), 2, 4, KeyHolder.STATE, 0, trains=False)
PARIS = Place("paris", "FR", "FR-IDF", "FR", frozenset({"FR"}), retention_days=0, trains=False)


class Clock:
    """A clock that stands where it is put."""

    now = 1_000.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock at second 1000."""
    return Clock()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """The three simulated providers."""
    async with World() as world:
        yield world


@pytest.fixture
async def upstream() -> AsyncIterator[AiohttpUpstream]:
    """The client for all upstreams, patient for a moment."""
    upstream = AiohttpUpstream(idle_seconds=0.5)
    yield upstream
    await upstream.close()


@pytest.fixture
def model(world: World) -> Model:
    """The model at home."""
    return Model(id="atlas", wire="openai", url=world.home.url, upstream_model="sim", place="rabat")


@pytest.fixture
def wire(model: Model, upstream: AiohttpUpstream, clock: Clock) -> OpenAIWire:
    """The wire to it."""
    return OpenAIWire(model, upstream, clock)


@pytest.fixture
async def permit(tmp_path: Path, clock: Clock) -> AsyncIterator[Permit]:
    """A Permit for BODY to that model, from a real guard with a real log."""
    log = Audit.open(tmp_path / "audit", "wire/test", new_log_key())
    guard = Guard(Law.load(POLICIES), log, {"rabat": RABAT, "paris": PARIS}, clock)
    label = Label(Level.INTERNAL, form=Form.RAW, basis=frozenset[Basis]())
    actor = Actor("someone", "home", frozenset({"agent"}), "MA-04")
    question = guard.question(Door.GATEWAY, Purpose.PUBLIC_SERVICE, label, "rabat", actor)
    yield await guard.admit(question, "atlas", BODY)
    await log.close()


async def test_the_permitted_bytes_leave_as_they_are(wire: OpenAIWire, permit: Permit, world: World):
    """With its Permit the body reaches the upstream byte for byte."""
    response = await wire.send(permit, BODY, kind="chat", stream=False)
    assert response.status == 200
    assert world.home.requests[-1].body == BODY
    response.close()


@pytest.mark.parametrize(
    "other",
    [{"place": "paris"}, {"place": "rabat-2"}, {"id": "atlas-2"}],
    ids=["another_place", "a_place_of_nearly_the_same_name", "another_model"],
)
async def test_a_wire_that_the_permit_is_not_for_sends_nothing(
    model: Model, upstream: AiohttpUpstream, clock: Clock, permit: Permit, world: World, other: dict[str, str]
):
    """A wire of another place or model refuses the Permit before it opens a connection."""
    with pytest.raises(Refused):
        await OpenAIWire(replace(model, **other), upstream, clock).send(permit, BODY, kind="chat", stream=False)
    assert (world.home.bytes_received, world.home.connections) == (0, 0)


@pytest.mark.parametrize("body", [BODY + b" ", BODY[:-1], BODY.replace(b"hello", b"CIN12"), b""])
async def test_other_bytes_do_not_leave(wire: OpenAIWire, permit: Permit, world: World, body: bytes):
    """A Permit is for the bytes that were decided on, and for no others."""
    with pytest.raises(Refused):
        await wire.send(permit, body, kind="chat", stream=False)
    assert (world.home.bytes_received, world.home.connections) == (0, 0)


async def test_an_expired_permit_lets_nothing_out(wire: OpenAIWire, permit: Permit, clock: Clock, world: World):
    """From its last second on a Permit is void."""
    clock.now = permit.expires
    with pytest.raises(Refused):
        await wire.send(permit, BODY, kind="chat", stream=False)
    assert (world.home.bytes_received, world.home.connections) == (0, 0)


async def test_a_permit_is_good_for_one_request(wire: OpenAIWire, permit: Permit, world: World):
    """Used a second time, one after the other or at once, it lets nothing more out."""
    sent = (wire.send(permit, BODY, kind="chat", stream=False) for _ in range(5))
    tries = await asyncio.gather(*sent, return_exceptions=True)
    assert [type(each) for each in tries[1:]] == [Conflict] * 4
    tries[0].close()
    with pytest.raises(Conflict):
        await wire.send(permit, BODY, kind="chat", stream=False)
    assert len(world.home.requests) == 1


async def test_a_permit_is_spent_even_where_nothing_came_back(wire: OpenAIWire, permit: Permit, world: World):
    """Bytes that may have left are never sent again under the same Permit, not even by the client library."""
    world.home.behaviour = Behaviour(reset_after_bytes=0)
    with pytest.raises(Unavailable):
        await wire.send(permit, BODY, kind="chat", stream=False)
    world.home.behaviour = Behaviour()
    with pytest.raises(Conflict):
        await wire.send(permit, BODY, kind="chat", stream=False)
    assert len(world.home.requests) == 1


async def test_an_upstream_that_is_silent_is_not_waited_for(wire: OpenAIWire, permit: Permit, world: World):
    """A request that is read and never answered ends as a timeout."""
    world.home.behaviour = Behaviour(hang=True)
    with pytest.raises(Unavailable) as raised:
        await wire.send(permit, BODY, kind="chat", stream=False)
    assert raised.value.code == "upstream_timeout"
