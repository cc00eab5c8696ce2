"""Many at once: whole and streamed, while the law is read again and while long prompts are looked through."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from servers import Server, serving
from sockets import chat, request

from daffa.audit import Reader
from daffa.policy import LawFiles
from daffa.worlds import Behaviour, World

CLOSE = b"Connection: close\r\n"
POLICIES = Path(__file__).parents[2] / "policies" / "ma"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The three simulated providers."""
    with World.in_thread() as world:
        yield world


async def ask(server: Server, data: bytes) -> bytes:
    """What a server answers until it closes the connection."""
    address = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(data)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


def decision(answer: bytes) -> int:
    """The index of the decision that an answer names."""
    return int(answer.split(b"x-daffa-decision: ")[1].split(b"\r\n")[0].rpartition(b"#")[2])


async def test_two_hundred_at_once_are_each_decided_and_answered(world: World, tmp_path: Path):
    """Every one of 200 questions, half of them streamed, has its own answer, its own decision and its own outcome."""
    world.home.behaviour = Behaviour(delay=0.05)
    with serving(tmp_path, world.config()) as server:
        asked = [request(server, chat(f"question {number}", stream=number % 2 == 0), CLOSE) for number in range(200)]
        answers = await asyncio.gather(*(ask(server, data) for data in asked))
    world.home.behaviour = Behaviour()
    for number, answer in enumerate(answers):
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert (b"[DONE]" in answer) == (number % 2 == 0)
        assert str(number).encode() in answer.partition(b"\r\n\r\n")[2]
    assert len({decision(answer) for answer in answers}) == 200
    reader = Reader(tmp_path / "audit")
    entries = [json.loads(reader.entry(index)) for index in range(reader.checkpoint().size)]
    ended = sorted(entry["decision"] for entry in entries if entry["kind"] == "outcome")
    assert ended == sorted(decision(answer) for answer in answers)


def sign(server: Server, name: str, role: str) -> str:
    """The key of a person with a role."""
    server.ask("POST", "/api/people", {"id": name, "organisation": "home", "name": name, "roles": [role]})
    made = server.ask("POST", "/api/keys", {"organisation": "home", "name": name, "person": name, "roles": [role]})
    return str(made.json["token"])


def change(server: Server, key: str, path: str, body: object) -> dict[str, Any]:
    """A step in the making of law."""
    reply = server.ask("POST", f"/api/law/{path}", body, key=key)
    assert reply.status < 300, reply.body
    return dict(reply.json)


async def test_the_law_may_change_under_load(world: World, tmp_path: Path):
    """While the law changes to and fro, each question is answered or refused, whole and under one of both laws."""
    texts = LawFiles.read(POLICIES).texts()
    texts["bundle.toml"] = texts["bundle.toml"].replace("accept_declared = true", "accept_declared = false")
    with serving(tmp_path / "house", world.config()) as server:
        author, approver = sign(server, "fatima", "author"), sign(server, "omar", "approver")
        change(server, author, "proposals", {"title": "Strict", "files": texts})
        for step, key in (("prove", author), ("approve", approver)):
            change(server, key, f"proposals/1/{step}", {})
        asked, answers, stop = request(server, chat(), CLOSE), list[bytes](), asyncio.Event()

        async def keep_asking() -> None:
            while not stop.is_set():
                answers.append(await ask(server, asked))

        askers = [asyncio.create_task(keep_asking()) for _ in range(8)]
        accepting = server.ask("GET", "/api/law").json["digest"]
        strict = (await asyncio.to_thread(change, server, approver, "proposals/1/load", {}))["digest"]
        for digest in (accepting, strict, accepting):
            await asyncio.to_thread(change, server, approver, "rollback", {"digest": digest, "reason": "to and fro"})
        stop.set()
        await asyncio.gather(*askers)
        assert accepting != strict
        statuses = {int(answer.split(b" ")[1]) for answer in answers}
        assert statuses == {200, 451}
        for answer in answers:
            index = decision(answer)
            (entry,) = await asyncio.to_thread(server.entries, index, 1)
            assert (entry["verdict"], entry["bundle"]) == (
                ("allow", accepting) if b"HTTP/1.1 200 " in answer else ("refuse", strict)
            )


@pytest.fixture(scope="module")
def roomy(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose models take prompts of any length."""
    with serving(tmp_path_factory.mktemp("roomy"), world.config().replace("context = 32768", "context = 0")) as server:
        yield server


async def meanwhile(server: Server, text: bytes) -> int:
    """How many other requests are answered one after the other while a prompt of two megabytes is.

    With a number in it, each piece of it is another one: what comes again is not looked through again.
    """
    numbered = b"%" in text
    pieces = b"".join(text % number if numbered else text for number in range(2_000_000 // (len(text) + 4 * numbered)))
    body = b'{"model":"auto","messages":[{"role":"user","content":"' + pieces + b'"}]}'
    asking, others = asyncio.create_task(ask(server, request(server, body, CLOSE))), 0
    while not asking.done():
        await ask(server, request(server, None, CLOSE + b"\r\n", b"GET /healthz HTTP/1.1"))
        others += 1
    assert (await asking).startswith(b"HTTP/1.1 200 ")
    return others


@pytest.mark.parametrize(
    "text", [b"06%08d ", b"%d ", b"\\n06%08d ", b"@@@@@@@@%d"], ids=["phones", "one_long_number", "escaped_phones", "signs"]
)
async def test_a_long_prompt_does_not_hold_up_the_others(roomy: Server, text: bytes):
    """The longer it takes to look through a prompt, the more others are answered meanwhile."""
    assert await meanwhile(roomy, text) > 2 * await meanwhile(roomy, b"bonjour ")
