"""Clients that leave and servers that stop, at every moment: the upstream is freed, and each decision has one outcome."""

from __future__ import annotations

import contextlib
import json
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import Server, serving
from sockets import DONE, END, STREAM, Step, Upstream, answer, chat, chunk, connected, event, read_until, request

from daffa.audit import Reader

ENDLESS: list[Step] = [STREAM, *([event("a"), 0.05] * 4_000), END]


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    """The model's server."""
    with Upstream() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def server(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server before it."""
    with serving(tmp_path_factory.mktemp("house"), upstream.config()) as server:
        yield server


def outcomes(data: Path) -> Counter[str]:
    """How the permitted decisions of a log have ended. Each has one outcome."""
    reader = Reader(data / "audit")
    entries = [json.loads(reader.entry(index)) for index in range(reader.checkpoint().size)]
    allowed = [at for at, entry in enumerate(entries) if entry["kind"] == "decision" and entry["verdict"] == "allow"]
    ended = [entry for entry in entries if entry["kind"] == "outcome"]
    assert sorted(entry["decision"] for entry in ended) == allowed
    return Counter(entry["status"] for entry in ended)


def since(server: Server, before: Counter[str]) -> Counter[str]:
    """How what was permitted since ``before`` has ended, as soon as all of it has."""
    end = time.monotonic() + 10
    while True:
        server.ask("GET", "/api/audit/entries/0")  # writes out what the log holds
        try:
            return outcomes(server.data) - before
        except AssertionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def begun(server: Server) -> Counter[str]:
    """The outcomes so far, with at least one entry in the log."""
    server.chat("hello", X_Daffa_Label="level=secret; purposes=")
    return since(server, Counter())


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
def test_a_client_may_leave_at_any_moment(server: Server, upstream: Upstream, stream: bool):
    """Before the decision, while it is written, while the model thinks or speaks: one outcome each, and nothing is held."""
    before = begun(server)
    body = STREAM + event("a") if stream else answer()[:-5]
    upstream.script = [0.05, body, 30.0, None]
    moments = [step * 0.0004 for step in range(60)] + [0.04, 0.06, 0.1]
    for moment in moments:
        with connected(server) as connection:
            connection.sendall(request(server, chat(stream=stream)))
            time.sleep(moment)
    assert upstream.freed()
    ended = since(server, before)
    assert set(ended) == {"client_gone"}
    assert ended.total() <= len(moments)


def test_a_client_that_has_its_answer_may_leave(server: Server, upstream: Upstream):
    """After the last event nothing is missing, though the upstream has not closed yet."""
    before = begun(server)
    upstream.script = [STREAM, event("a"), chunk(DONE), 30.0, END]
    for _ in range(3):
        with connected(server) as connection:
            connection.sendall(request(server, chat(stream=True)))
            read_until(connection, DONE)
    assert upstream.freed()
    assert since(server, before) == Counter(answered=3)


def test_a_client_that_sent_more_than_one_request_may_leave_too(server: Server, upstream: Upstream):
    """A second request behind the first hides nobody's leaving."""
    before = begun(server)
    upstream.script = ENDLESS
    with connected(server) as connection:
        connection.sendall(request(server, chat(stream=True)) * 3)
        read_until(connection, b"data: ")
    assert upstream.freed()
    assert since(server, before) == Counter(client_gone=1)


def test_a_key_that_is_revoked_while_it_streams_ends_nothing_that_was_permitted(server: Server, upstream: Upstream):
    """The stream that was decided on goes on to its end; the next request is refused."""
    made = server.ask("POST", "/api/keys", {"organisation": "home", "name": "short", "roles": ["agent"]}).json
    upstream.script = [STREAM, event("first"), 0.5, event("last"), chunk(DONE), END]
    sent = request(server, chat(stream=True)).replace(server.key.encode(), made["token"].encode())
    with connected(server) as connection:
        connection.sendall(sent)
        read_until(connection, b"first")
        assert server.ask("DELETE", f"/api/keys/{made['key']['id']}").status == 200
        assert b"last" in read_until(connection, END)
        connection.sendall(sent)
        assert read_until(connection, b"}}").startswith(b"HTTP/1.1 401 ")


@pytest.mark.parametrize("signals", [[signal.SIGTERM], [signal.SIGINT, signal.SIGINT]], ids=["term", "twice"])
def test_a_server_that_stops_ends_what_is_open(tmp_path: Path, signals: list[signal.Signals]):
    """Open streams end with an event that says why, each with its outcome; the log is whole, and nothing is left behind."""
    with Upstream() as upstream, serving(tmp_path, upstream.config("drain_seconds = 1")) as server:
        upstream.script = ENDLESS
        with contextlib.ExitStack() as stack:
            clients = [stack.enter_context(connected(server)) for _ in range(5)]
            for client in clients:
                client.sendall(request(server, chat(stream=True)))
                read_until(client, b"data: ")
            for number in signals:
                server.process.send_signal(number)
                time.sleep(0.3)
            assert all(b"server_stops" in read_until(client, b"server_stops") for client in clients)
            assert server.process.wait(10) == 0
        assert upstream.freed()
    assert Reader(tmp_path / "audit").verify().damage == ()
    assert outcomes(tmp_path) == Counter(client_gone=5)
    assert not (tmp_path / "server.json").exists()


def test_a_server_that_stops_lets_short_answers_end(upstream: Upstream, tmp_path: Path):
    """What would have ended by itself in a moment does."""
    upstream.script = [STREAM, event("first"), 0.5, event("last"), chunk(DONE), END]
    with serving(tmp_path, upstream.config()) as server, connected(server) as connection:
        connection.sendall(request(server, chat(stream=True)))
        read_until(connection, b"first")
        server.process.send_signal(signal.SIGTERM)
        assert DONE in read_until(connection, b"\x00never\x00")
        assert server.process.wait(10) == 0
    assert outcomes(tmp_path) == Counter(answered=1)
