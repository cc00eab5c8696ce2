"""The second judge, over real HTTP: a server whose table lost a rule lets no byte out, and an operator ends the incident."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import databases
import pytest
from sabotage import damaged
from servers import Server, daffa, serving

from daffa.audit import Reader
from daffa.worlds import World

IDENTITY = "CIN AB123456"
"""Makes a question personal: the rules that are lost are those that keep it from the cheapest model, abroad."""


@pytest.fixture
def world() -> Iterator[World]:
    """The three simulated providers."""
    with World.in_thread() as world:
        yield world


def config(world: World, rate: float, extra: str = "") -> str:
    """A ``daffa.toml`` that prefers the cheapest and looks twice at a share of the decisions."""
    return f"shadow_rate = {rate}\n{extra}" + world.config(prefer=("price",))


def incidents(server: Server) -> list[dict]:
    """The incidents of a server."""
    return server.ask("GET", "/api/incidents").json


def received(world: World) -> int:
    """Bytes that any upstream has got."""
    return sum(provider.bytes_received for provider in world.providers)


def eventually(true, seconds: float = 20) -> None:
    """Wait until ``true()``."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_the_whole_walk(world: World, tmp_path: Path):
    """Refused before a byte leaves; told by the log, the readiness and the list; survives kill -9; ended by an operator."""
    harm = damaged(tmp_path / "harm")
    with serving(tmp_path / "house", config(world, 1), environment=harm) as server:
        assert server.ask("GET", "/readyz").body == b"ready"
        refused = server.chat(IDENTITY)
        assert (refused.status, refused.json["error"]["code"]) == (451, "judges_differ")
        assert refused.headers["x-daffa-decision"] == refused.json["error"]["decision"]
        assert refused.json["error"]["rules"] == []
        assert received(world) == 0
        server.kill()
    reader = Reader(tmp_path / "house" / "audit")
    with serving(tmp_path / "house") as server:  # a whole table again
        assert server.ask("GET", "/readyz").body == b"ready\nincidents open: 1\n"
        (incident,) = incidents(server)
        assert (incident["open"], incident["times"], incident["reference"]) == (True, 1, refused.json["error"]["decision"])
        entry = json.loads(reader.entry(int(incident["reference"].partition("#")[2])))
        assert (entry["verdict"], entry["reason"], entry["rules"]) == ("refuse", "judges_differ", [])
        told = json.dumps(incident)
        assert incident["question"]["actor"]["id"] == ""
        assert "AB123456" not in told
        assert server.chat(IDENTITY).headers["x-daffa-place"] == "rabat"
        shown = daffa("incident", "show", "1", "--data", str(server.data), "--lang", "fr")
        assert "F-raw-identifiers-abroad" in shown.stdout
        closed = daffa("incident", "close", "1", "--reason", "mémoire remplacée", "--data", str(server.data))
        assert closed.returncode == 0, closed.stderr
        assert server.ask("GET", "/readyz").body == b"ready"
    assert reader.verify().damage == ()


def test_a_flood_over_http_is_one_row(world: World, tmp_path: Path):
    """Two hundred hostile questions: each is refused and recorded, and there is one incident that counts them."""
    with serving(tmp_path / "house", config(world, 1), environment=damaged(tmp_path / "harm")) as server:
        with ThreadPoolExecutor(8) as clients:
            statuses = list(clients.map(lambda number: server.chat(f"{IDENTITY} {number}").status, range(200)))
        assert statuses == [451] * 200
        (incident,) = incidents(server)
        assert incident["times"] == 200
        assert received(world) == 0


def test_a_damaged_table_is_caught_sooner_or_later(world: World, tmp_path: Path):
    """At a rate of 0.2 some get out at first; once one was looked at, none does, and what others may is not touched."""
    with serving(tmp_path / "house", config(world, 0.2), environment=damaged(tmp_path / "harm")) as server:
        eventually(lambda: server.chat(IDENTITY).status == 451)
        before = world.virginia.bytes_received
        assert {server.chat(IDENTITY).status for _ in range(20)} == {451}
        assert world.virginia.bytes_received == before
        assert server.chat("hello").status == 200


def test_an_incident_of_one_worker_makes_all_look_twice(world: World, tmp_path: Path):
    """Two workers on one PostgreSQL: the one that never looks twice lets it out, until the other has found it; then no more."""
    url = databases.server().create()
    harm, database = damaged(tmp_path / "harm"), f'database = "{url}"\n'
    for folder in (tmp_path / "looks", tmp_path / "blind"):
        folder.mkdir()
        (folder / "pepper").write_bytes(b"thirty-two bytes of test pepper!")
    with (
        serving(tmp_path / "looks", config(world, 1, database), environment=harm) as looks,
        serving(tmp_path / "blind", config(world, 0, database), environment=harm) as blind,
    ):
        asked = ("POST", "/v1/chat/completions", {"model": "auto", "messages": [{"role": "user", "content": IDENTITY}]})
        assert blind.ask(*asked, key=looks.key).headers["x-daffa-place"] == "virginia"
        assert looks.chat(IDENTITY).status == 451
        eventually(lambda: b"incidents open: 1" in blind.ask("GET", "/readyz", key=None).body)
        before = world.virginia.bytes_received
        refused = blind.ask(*asked, key=looks.key)
        assert (refused.status, refused.json["error"]["code"]) == (451, "judges_differ")
        assert world.virginia.bytes_received == before
        eventually(lambda: incidents(looks)[0]["times"] == 2)  # what is counted later than the closing is a new incident
        assert looks.ask("POST", "/api/incidents/1/close", {"reason": "the memory was exchanged"}).status == 200
        eventually(lambda: blind.ask("GET", "/readyz", key=None).body == b"ready")
    databases.server().drop(url)
