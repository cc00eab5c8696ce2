"""Budgets and limits at the front door: never overspent by requests at once, equal to the log, and whole after a kill -9.

One real server before simulated providers; the rules are set over the API.
"""

from __future__ import annotations

import asyncio
import json
import math
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from servers import Server, serving

from daffa.worlds import Behaviour, World

PRICE_IN, PRICE_OUT = 2.0, 5.0  # money per million tokens: as many millionths per token
MOST_AT_ONCE = 200


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The simulated providers."""
    with World.in_thread() as world:
        yield world


def config(world: World) -> str:
    """One dear model at home."""
    return f"""
[[place]]
id = "rabat"
hw = "MA"
region = "MA-04"
operator = "MA"
reach = ["MA"]
qual = 2
key = "state"
retention_days = 0
trains = false

[[model]]
id = "atlas"
wire = "openai"
url = "{world.home.url}"
upstream_model = "sim"
place = "rabat"
price_in = {PRICE_IN}
price_out = {PRICE_OUT}
"""


def key_of(server: Server, name: str) -> str:
    """The token of a new organisation's key."""
    server.ask("POST", "/api/organisations", {"id": name, "name": name, "region": "MA-04", "floor": "level=internal"})
    made = server.ask("POST", "/api/keys", {"organisation": name, "name": "k", "roles": ["agent"], "floor": "level=internal"})
    assert made.status == 201, made.json
    return str(made.json["token"])


def rule(server: Server, organisation: str, measure: str, most: int, period: str = "total") -> None:
    """A rule about an organisation."""
    wanted = {"scope": "organisation", "subject": organisation, "measure": measure, "period": period, "most": most}
    set_ = server.ask("PUT", "/api/quota", wanted)
    assert set_.status == 200, set_.json


def standing(server: Server, organisation: str) -> dict:
    """How the one rule about an organisation stands."""
    return server.ask("GET", f"/api/quota?scope=organisation&subject={organisation}").json[0]


def charges(server: Server, organisation: str) -> list[int]:
    """What each of an organisation's outcomes in the log cost, from the tokens that it names, in millionths."""
    decisions, outcomes = {}, []
    index = 0
    while (found := server.ask("GET", f"/api/audit/entries/{index}")).status == 200:
        entry, details = found.json["entry"], found.json["details"]
        if entry["kind"] == "decision" and details["organisation"] == organisation:
            decisions[index] = entry
        elif entry["kind"] == "outcome":
            outcomes.append(entry)
        index += 1
    mine = [outcome for outcome in outcomes if outcome["decision"] in decisions]
    return [math.ceil(PRICE_IN * each["tokens_in"] + PRICE_OUT * each["tokens_out"]) for each in mine]


async def at_once(server: Server, token: str, count: int, **fields: object) -> Counter[int]:
    """The statuses of ``count`` questions that are asked together, each on a connection of its own."""
    address = urlsplit(server.url)
    body = json.dumps(
        {"model": "atlas", "messages": [{"role": "user", "content": "a b c d"}], "max_tokens": 20, **fields}
    ).encode()
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n"
    asked = head.encode() + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    async def one() -> int:
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(asked)
        answer = await reader.read()
        writer.close()
        return int(answer.split(b" ", 2)[1])

    return Counter(await asyncio.gather(*(one() for _ in range(count))))


def test_a_budget_is_never_overspent_by_requests_at_once(world: World, tmp_path: Path):
    """Of 200 at once some are answered and the others hear 429; what was spent is what the log says, and within the budget."""
    with serving(tmp_path, config(world)) as server:
        token = key_of(server, "fes")
        rule(server, "fes", "money", 6_000)
        statuses = asyncio.run(at_once(server, token, MOST_AT_ONCE))
        assert set(statuses) == {200, 429}
        after = standing(server, "fes")
        assert after["spent"] == sum(charges(server, "fes"))
        assert after["spent"] <= 6_000
        assert after["reserved"] == 0
        assert len(charges(server, "fes")) == statuses[200]


def test_a_limit_of_requests_is_exact(world: World, tmp_path: Path):
    """Five in all are five, however many ask at once; who is refused hears when to come back, in the protocol's own words."""
    with serving(tmp_path, config(world)) as server:
        token = key_of(server, "agadir")
        rule(server, "agadir", "requests", 5, "day")
        assert asyncio.run(at_once(server, token, 40)) == {200: 5, 429: 35}
        reply = server.ask(
            "POST", "/v1/chat/completions", {"model": "atlas", "messages": [{"role": "user", "content": "a"}]}, key=token
        )
        assert (reply.status, reply.json["error"]["code"], reply.json["error"]["type"]) == (
            429,
            "limit_reached",
            "rate_limit_error",
        )
        assert int(reply.headers["retry-after"]) > 0
        assert server.chat("a", "atlas").status == 200  # nobody else is held back


def test_what_was_under_way_at_a_kill_is_given_back(world: World, tmp_path: Path):
    """Killed in mid-stream with much of a budget reserved: after the restart spent equals the log, and nothing is kept."""
    world.home.behaviour = Behaviour(gap=0.2, chunks=50)
    try:
        with serving(tmp_path, config(world)) as server:
            token = key_of(server, "oujda")
            rule(server, "oujda", "money", 20_000)
            world.home.behaviour = Behaviour()
            assert asyncio.run(at_once(server, token, 5)) == {200: 5}
            world.home.behaviour = Behaviour(gap=0.2, chunks=50)
            before = len(world.home.requests)
            asyncio.run(killed_in_mid_stream(server, token, lambda: len(world.home.requests) - before))
        world.home.behaviour = Behaviour()
        with serving(tmp_path) as server:
            after = standing(server, "oujda")
            assert after["spent"] == sum(charges(server, "oujda")) > 0
            assert after["reserved"] == 0
            assert after["left"] == 20_000 - after["spent"]
    finally:
        world.home.behaviour = Behaviour()


async def killed_in_mid_stream(server: Server, token: str, reached: object) -> None:
    """Begin ten streams, wait until all have reached the provider, and kill the server."""
    tasks = [asyncio.create_task(at_once(server, token, 1, stream=True)) for _ in range(10)]
    while reached() < 10:
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    server.kill()
    await asyncio.gather(*tasks, return_exceptions=True)
