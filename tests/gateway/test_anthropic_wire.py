"""The wire to Anthropic's upstreams, over real sockets: addresses, headers, and nothing without a Permit for these bytes."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from daffa.audit import Audit, new_log_key
from daffa.decision import Actor, Basis, Door, Form, KeyHolder, Label, Level, Place, Purpose
from daffa.errors import Conflict, Refused
from daffa.gateway import Model
from daffa.gateway.clients.httptools_client import HttptoolsUpstream
from daffa.gateway.wires.anthropic import AnthropicWire
from daffa.guard import Guard, Permit
from daffa.policy import Law
from daffa.worlds import Provider

POLICIES = Path(__file__).parents[2] / "policies" / "ma"
RABAT = Place("rabat", "MA", "MA-04", "MA", frozenset({"MA"}), 2, 4, KeyHolder.STATE, 0, trains=False)
BODY = b'{"model":"sim","max_tokens":9,"messages":[{"role":"user","content":"hello"}]}'
COUNT = b'{"model":"sim","messages":[{"role":"user","content":"hello"}]}'


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    """A simulated provider."""
    provider = Provider("simulated provider in Rabat")
    await provider.start()
    yield provider
    await provider.stop()


@pytest.fixture
async def upstream() -> AsyncIterator[HttptoolsUpstream]:
    """The client for all upstreams."""
    upstream = HttptoolsUpstream(connect_seconds=5, idle_seconds=5)
    yield upstream
    await upstream.close()


@pytest.fixture
def model(provider: Provider) -> Model:
    """A model at home, and its key."""
    return Model(id="atlas", wire="anthropic", url=provider.url, upstream_model="sim", place="rabat", key="k-1")


@pytest.fixture
async def guard(tmp_path: Path) -> AsyncIterator[Guard]:
    """A real guard with a real log."""
    log = Audit.open(tmp_path / "audit", "wire/anthropic", new_log_key())
    yield Guard(Law.load(POLICIES), log, {"rabat": RABAT}, time.time)
    await log.close()


async def permit_for(guard: Guard, body: bytes) -> Permit:
    """A Permit for ``body`` to that model."""
    label = Label(Level.INTERNAL, form=Form.RAW, basis=frozenset[Basis]())
    actor = Actor("someone", "home", frozenset({"agent"}), "MA-04")
    question = guard.question(Door.GATEWAY, Purpose.PUBLIC_SERVICE, label, "rabat", actor)
    return await guard.admit(question, "atlas", body)


@pytest.mark.parametrize("end", ["/v1", "/v1/", "", "/"])
async def test_the_permitted_bytes_leave_as_they_are(
    model: Model, upstream: HttptoolsUpstream, guard: Guard, provider: Provider, end: str
):
    """To the vendor's paths below the address, with or without the version in it; with the vendor's headers."""
    wire = AnthropicWire(replace(model, url=provider.url.removesuffix("/v1") + end), upstream, time.time)
    for kind, body, path in (("chat", BODY, "/v1/messages"), ("count", COUNT, "/v1/messages/count_tokens")):
        response = await wire.send(await permit_for(guard, body), body, kind=kind, stream=False)
        assert response.status == 200
        response.close()
        received = provider.requests[-1]
        assert (received.path, received.body) == (path, body)
        assert received.headers["x-api-key"] == "k-1"
        assert received.headers["anthropic-version"] == "2023-06-01"
        assert "authorization" not in received.headers


async def test_without_its_permit_nothing_leaves(model: Model, upstream: HttptoolsUpstream, guard: Guard, provider: Provider):
    """Not for another place or model, not for other bytes, not a second time: the upstream's socket sees no byte."""
    permit = await permit_for(guard, BODY)
    for other, body in (({"place": "paris"}, BODY), ({"id": "atlas-2"}, BODY), ({}, BODY + b" ")):
        with pytest.raises(Refused):
            await AnthropicWire(replace(model, **other), upstream, time.time).send(permit, body, kind="chat", stream=False)
    assert (provider.bytes_received, provider.connections) == (0, 0)
    wire = AnthropicWire(model, upstream, time.time)
    (await wire.send(permit, BODY, kind="chat", stream=False)).close()
    with pytest.raises(Conflict):
        await wire.send(permit, BODY, kind="chat", stream=False)
    assert len(provider.requests) == 1
