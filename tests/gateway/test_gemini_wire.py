"""The wire to Gemini's servers, over real sockets: the path says what is asked, and no byte leaves without its Permit."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from daffa.audit import Audit, new_log_key
from daffa.decision import Actor, Basis, Door, Form, KeyHolder, Label, Level, Place, Purpose
from daffa.errors import Refused
from daffa.gateway import Model
from daffa.gateway.clients.aiohttp_client import AiohttpUpstream
from daffa.gateway.conversation import Conversation, Text, Turn
from daffa.gateway.dialects import gemini
from daffa.gateway.wires.gemini import GeminiWire
from daffa.guard import Guard, Permit
from daffa.policy import Law
from daffa.worlds import World

POLICIES = Path(__file__).parents[2] / "policies" / "ma"
RABAT = Place("rabat", "MA", "MA-04", "MA", frozenset({"MA"}), 2, 4, KeyHolder.STATE, 0, trains=False)
BODY = b'{"contents":[{"parts":[{"text":"hello there"}]}]}'


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """The simulated providers."""
    async with World() as world:
        yield world


@pytest.fixture
async def wire(world: World) -> AsyncIterator[GeminiWire]:
    """The wire of one model at home."""
    upstream = AiohttpUpstream(idle_seconds=5)
    url = world.home.url.removesuffix("/v1") + "/v1beta/"
    yield GeminiWire(Model("atlas", "gemini", url, "sim", "rabat", key="k-home"), upstream, lambda: 1_000.0)
    await upstream.close()


@pytest.fixture
async def permit(tmp_path: Path) -> AsyncIterator[Callable[[bytes], Any]]:
    """Permits for bodies to that model."""
    log = Audit.open(tmp_path / "audit", "wire/test", new_log_key())
    guard = Guard(Law.load(POLICIES), log, {"rabat": RABAT}, lambda: 1_000.0)

    async def made(body: bytes) -> Permit:
        label = Label(Level.INTERNAL, form=Form.RAW, basis=frozenset[Basis]())
        actor = Actor("someone", "home", frozenset({"agent"}), "MA-04")
        question = guard.question(Door.GATEWAY, Purpose.PUBLIC_SERVICE, label, "rabat", actor)
        return await guard.admit(question, "atlas", body)

    yield made
    await log.close()


async def answered(response: Any) -> bytes:
    """The body of a response."""
    return b"".join([chunk async for chunk in response.chunks()])


@pytest.mark.parametrize(
    ("kind", "stream", "call"),
    [("chat", False, "generateContent"), ("chat", True, "streamGenerateContent?alt=sse"), ("count", False, "countTokens")],
)
async def test_the_path_says_what_is_asked_of_which_model(
    world: World, wire: GeminiWire, permit: Callable[[bytes], Any], kind: Any, stream: bool, call: str
):
    """Model, kind and stream stand in the path, the key in Google's header, and the bytes are those that were decided on."""
    response = await wire.send(await permit(BODY), BODY, kind=kind, stream=stream)
    assert response.status == 200
    assert await answered(response)
    (received,) = world.home.requests
    assert (received.path, received.body) == (f"/v1beta/models/sim:{call}", BODY)
    assert received.headers["x-goog-api-key"] == "k-home"
    assert "authorization" not in received.headers


async def test_what_another_client_counts_is_framed_by_the_idiom(
    world: World, wire: GeminiWire, permit: Callable[[bytes], Any]
):
    """A whole conversation is counted, its system text too."""
    turns = (Turn("system", (Text("un deux"),)), Turn("user", (Text("trois"),)))
    body = gemini.COUNTING_IDIOM.write_request(Conversation(turns=turns), "sim").body
    response = await wire.send(await permit(body), body, kind="count", stream=False)
    assert json.loads(await answered(response)) == {"totalTokens": 3}
    assert json.loads(world.home.requests[0].body)["generateContentRequest"]["model"] == "models/sim"


async def test_other_bytes_do_not_leave(world: World, wire: GeminiWire, permit: Callable[[bytes], Any]):
    """A Permit is for the bytes that were decided on, and for no others."""
    with pytest.raises(Refused):
        await wire.send(await permit(BODY), BODY + b" ", kind="chat", stream=False)
    assert (world.home.bytes_received, world.home.connections) == (0, 0)
