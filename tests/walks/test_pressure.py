"""Pressure: readers that are slow, a worker that is full, and one that stops while somebody comes."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from servers import Server, serving
from sockets import DONE, END, STREAM, Upstream, chat, chunk, connected, event, exchange, read_until, request

from daffa.worlds import Behaviour, World

CLOSE = b"Connection: close\r\n"


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """The three simulated providers."""
    with World.in_thread() as world:
        yield world


def resident(server: Server) -> int:
    """Bytes of memory that the worker holds."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) << 10


def settled(server: Server) -> int:
    """The same, once the worker has read what it reads after its start."""
    before, now = 0, resident(server)
    while now > before:
        time.sleep(0.5)
        before, now = now, resident(server)
    return now


@pytest.mark.parametrize("flood", [64 << 20, pytest.param(200 << 20, marks=pytest.mark.scale)], ids=["64MB", "200MB"])
def test_a_slow_reader_holds_its_model_back_and_not_the_memory(world: World, tmp_path: Path, flood: int):
    """While nobody reads, nearly all of a long answer stays with the model's server; then it comes through."""
    world.home.behaviour = Behaviour(flood=flood)
    try:
        with serving(tmp_path, world.config()) as server, connected(server) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
            before = settled(server)
            connection.sendall(request(server, chat(stream=True, model="atlas-home"), CLOSE))
            for _ in range(20):
                time.sleep(0.05)
                assert resident(server) - before < 16 << 20
            got, last = 0, b""
            while piece := connection.recv(1 << 20):
                got, last = got + len(piece), (last + piece)[-64:]
            assert resident(server) - before < 24 << 20
    finally:
        world.home.behaviour = Behaviour()
    assert flood < got < flood * 1.1
    assert b"[DONE]" in last


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    """A model's server that follows a script."""
    with Upstream() as upstream:
        yield upstream


def test_a_full_worker_turns_the_next_away(upstream: Upstream, tmp_path: Path):
    """With two requests under way and no room for more, the third hears so and when to come back; later there is room."""
    upstream.script = [STREAM, event("a"), 30.0, END]
    with serving(tmp_path, upstream.config("max_requests = 2")) as server:
        with contextlib.ExitStack() as stack:
            for _ in range(2):
                client = stack.enter_context(connected(server))
                client.sendall(request(server, chat(stream=True)))
                read_until(client, b"data: ")
            reply = server.ask("POST", "/v1/chat/completions", chat())
            assert (reply.status, reply.json["error"]["code"], reply.headers["retry-after"]) == (503, "overloaded", "1")
            assert server.ask("GET", "/readyz").status == 200
        assert upstream.freed()
        upstream.script = [STREAM, event("a"), chunk(DONE), END]
        assert exchange(server, request(server, chat(stream=True), CLOSE)).startswith(b"HTTP/1.1 200 ")


def test_whoever_comes_while_it_stops_is_sent_elsewhere(upstream: Upstream, tmp_path: Path):
    """During the drain streams go on until ``drain_seconds``; a new request gets 503 and a closed connection."""
    closing = b"Host: daffa\r\n" + CLOSE
    with serving(tmp_path, upstream.config("drain_seconds = 3")) as server, contextlib.ExitStack() as stack:
        key = server.key
        short, endless = (stack.enter_context(connected(server)) for _ in range(2))
        for client, script in ((short, [1.5, event("last"), chunk(DONE)]), (endless, [event("a"), 0.05] * 4_000)):
            upstream.script = [STREAM, event("first"), *script, END]
            client.sendall(request(server, chat(stream=True)))
            read_until(client, b"first")
        server.process.send_signal(signal.SIGTERM)
        _until(lambda: exchange(server, b"GET /readyz HTTP/1.1\r\n" + closing + b"\r\n").startswith(b"HTTP/1.1 503 "))
        head, _, body = exchange(server, request(server, chat())).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ")
        assert b"connection: close" in head.lower()
        assert b"retry-after: 1" in head.lower()
        assert json.loads(body)["error"]["code"] == "server_stops"
        asked = b"GET /api/keys HTTP/1.1\r\nAuthorization: Bearer " + key.encode() + b"\r\n" + closing + b"\r\n"
        assert b"server_stops" in exchange(server, asked)
        assert exchange(server, b"GET /healthz HTTP/1.1\r\n" + closing + b"\r\n").startswith(b"HTTP/1.1 200 ")
        assert DONE in read_until(short, DONE)
        assert b"server_stops" in read_until(endless, b"server_stops")
        assert server.process.wait(5) == 0


def _until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)
