"""The law swapped again and again under load: each decision is one law's whole, and the log says which."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import serving

from daffa.audit import Reader
from daffa.policy import Bundle, LawFiles
from daffa.worlds import World

MOROCCO = Path(__file__).resolve().parents[2] / "policies" / "ma"
SWAPS = 20


@pytest.fixture
def world() -> Iterator[World]:
    """The three simulated providers."""
    with World.in_thread() as world:
        yield world


def renamed(texts: dict[str, str]) -> dict[str, str]:
    """The same law, in which each rule is called otherwise: what decided can be told from the name of the rule."""
    new = dict(texts)
    for rule in Bundle.of(LawFiles.of(texts)).rules:
        new = {name: text.replace(f'"{rule.id}"', f'"N.{rule.id}"') for name, text in new.items()}
    return new


def test_each_decision_is_of_the_law_whose_digest_it_shows(world: World, tmp_path: Path):
    """Hundreds of decisions while the law is swapped twenty times: every rule in an entry stands in the law that it names."""
    one = LawFiles.read(MOROCCO).texts()
    laws = [Bundle.of(LawFiles.of(texts)) for texts in (one, renamed(one))]
    with serving(tmp_path / "house", "shadow_rate = 0.5\n" + world.config()) as server:

        def key(name: str, *roles: str) -> str:
            server.ask("POST", "/api/people", {"id": name, "organisation": "home", "name": name, "roles": roles})
            body = {"organisation": "home", "name": name, "person": name, "roles": roles}
            return str(server.ask("POST", "/api/keys", body).json["token"])

        author, approver = key("fatima", "author"), key("omar", "approver")
        body = {"title": "Other names", "files": renamed(one)}
        for path, given, who in (
            ("", body, author), ("/1/prove", {}, author), ("/1/approve", {}, approver), ("/1/load", {}, approver)
        ):  # fmt: skip
            reply = server.ask("POST", f"/api/law/proposals{path}", given, key=who)
            assert reply.status < 300, reply.json
        swapping = threading.Event()
        swapping.set()
        statuses: list[int] = []

        def ask_on(text: str) -> None:
            while swapping.is_set():
                statuses.append(server.chat(text).status)

        clients = [threading.Thread(target=ask_on, args=(text,)) for text in ("hello", "CIN AB123456") * 3]
        for client in clients:
            client.start()
        for swap in range(SWAPS):
            digest = laws[swap % 2].digest
            reply = server.ask("POST", "/api/law/rollback", {"digest": digest, "reason": "a trial"}, key=approver)
            assert reply.status == 200, reply.json
        swapping.clear()
        for client in clients:
            client.join()
        assert server.ask("GET", "/readyz").body == b"ready"
    assert set(statuses) <= {200, 451}
    tree = Reader(tmp_path / "house" / "audit").tree()
    decisions = [leaf for leaf in (json.loads(tree.entry(index)) for index in range(tree.size)) if leaf["kind"] == "decision"]
    assert len(decisions) >= 300
    known = {law.digest: {rule.id for rule in law.rules} for law in laws}
    for leaf in decisions:
        names = {*leaf["rules"], *leaf["nearest"], *(rule for _, rules in leaf["refused"] for rule in rules)}
        assert names <= known[leaf["bundle"]]
    assert {leaf["bundle"] for leaf in decisions} == set(known)
