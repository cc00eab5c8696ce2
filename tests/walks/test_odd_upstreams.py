"""Upstreams that answer oddly: nothing of theirs reaches a client but the answer that was asked for."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Iterator

import pytest
from servers import Reply, Server, serving
from sockets import ANSWER, DONE, END, STREAM, Step, Upstream, answer, chat, chunk, connected, event, read_until, request

JSON = b"Content-Type: application/json\r\n"
WHOLE = STREAM.replace(b"text/event-stream", b"application/json")


@pytest.fixture(scope="module")
def upstream() -> Iterator[Upstream]:
    """The model's server."""
    with Upstream() as upstream:
        yield upstream


@pytest.fixture(scope="module")
def server(upstream: Upstream, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server before it, patient for a second, that asks once and never gives its only model a rest."""
    config = upstream.config("idle_seconds = 1.0\nattempts = 1\nbreaker_failures = 0")
    with serving(tmp_path_factory.mktemp("house"), config) as server:
        yield server


def ask(server: Server, upstream: Upstream, script: list[Step], *, stream: bool = False) -> Reply:
    """One question to a model that follows ``script``."""
    upstream.script = script
    return server.ask("POST", "/v1/chat/completions", chat(stream=stream))


def outcome(server: Server, reply: Reply) -> dict:
    """The outcome of the decision of ``reply``."""
    reference = reply.headers["x-daffa-decision"]
    return server.history(reference)[1][int(reference.rpartition("#")[2])]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize(
    "script",
    [
        pytest.param([answer(status=b"302 Found", headers=JSON + b"Location: http://127.0.0.1:9/x\r\n")], id="redirect"),
        pytest.param([answer(status=b"307 Temporary", headers=JSON + b"Location: /v1/elsewhere\r\n")], id="redirect_here"),
        pytest.param([b"HTTP/1.1 204 No Content\r\n\r\n"], id="204"),
        pytest.param([b"HTTP/1.1 304 Not Modified\r\n\r\n"], id="304"),
        pytest.param([answer(status=b"201 Created")], id="201"),
        pytest.param([answer(status=b"206 Partial")], id="206"),
        pytest.param([b"HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"], id="101"),
        pytest.param([answer(status=b"099 Odd")], id="099"),
        pytest.param([answer(status=b"999 Odd")], id="999"),
        pytest.param([answer(b'{"error":{"code":"refused_by_policy"}}', status=b"451 Refused")], id="451"),
        pytest.param([answer(b"<html>log in</html>", headers=b"Content-Type: text/html\r\n")], id="html"),
        pytest.param([answer(ANSWER[:-1])], id="broken_json"),
        pytest.param([answer(b'{"x":' + b"[" * 100_000)], id="deep_json"),
        pytest.param([answer(b"[]")], id="no_object"),
        pytest.param([answer(b"no gzip", headers=JSON + b"Content-Encoding: gzip\r\n")], id="no_gzip"),
        pytest.param([answer()[:-9], None], id="cut_short"),
        pytest.param([answer(headers=JSON + b"X-Big: " + b"a" * 100_000 + b"\r\n")], id="huge_header"),
        pytest.param([answer(headers=JSON + b"X-Many: y\r\n" * 5_000)], id="many_headers"),
        pytest.param([answer(headers=b"Content-Type: application/json\rX-Forged: 1\r\n")], id="bare_return"),
        pytest.param([WHOLE, b"zz\r\n"], id="no_chunk"),
        pytest.param([STREAM, b"zz\r\n"], id="no_chunk_of_a_stream"),
        pytest.param([STREAM, END], id="empty_stream"),
        pytest.param([b"SSH-2.0-OpenSSH_9\r\n", None], id="no_http"),
        pytest.param([None], id="nothing"),
    ],
)
def test_what_is_no_answer_is_a_failure(server: Server, upstream: Upstream, script: list[Step], stream: bool):
    """A redirect, another status, another type, half an answer: the model failed, it was asked once, and nothing passes."""
    before = len(upstream.received)
    reply = ask(server, upstream, script, stream=stream)
    assert (reply.status, reply.json["error"]["code"]) == (503, "no_model_answered")
    assert set(reply.headers) == {"content-type", "content-length", "retry-after"}
    assert len(upstream.received) == before + 1
    assert upstream.received[-1][0].startswith(b"POST /v1/chat/completions ")


@pytest.mark.parametrize("kind", [b"application/json\x01", b"text/\xe9\xff", b"application/json\r\n X-Forged: 1", b""])
def test_no_header_of_the_upstream_passes(server: Server, upstream: Upstream, kind: bytes):
    """Cookies, forged decisions and odd content types stay where they are; the headers of an answer are ours."""
    forged = b"Set-Cookie: a=b\r\nX-Daffa-Decision: forged#1\r\nX-Daffa-Place: virginia\r\nServer: x\r\nX-Forged: 1\r\n"
    reply = ask(server, upstream, [answer(headers=b"Content-Type: " + kind + b"\r\n" + forged)])
    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, ANSWER, "application/json")
    ours = {"content-type", "content-length", "x-daffa-decision", "x-daffa-label", "x-daffa-place", "x-daffa-model"}
    assert set(reply.headers) == ours
    assert (reply.headers["x-daffa-place"], "forged" in reply.headers["x-daffa-decision"]) == ("rabat", False)
    assert b"cookie" not in upstream.received[-1][0].lower()


def test_a_whole_answer_to_whoever_waits_for_events_is_a_failure(server: Server, upstream: Upstream):
    """Its client would find no event in it, and take it for an empty answer."""
    assert ask(server, upstream, [answer()], stream=True).json["error"]["code"] == "no_model_answered"


def test_a_second_answer_is_given_to_nobody(server: Server, upstream: Upstream):
    """What an upstream sends unasked behind an answer is not the answer to the next question."""
    assert ask(server, upstream, [answer() + answer(b'{"smuggled":true}')]).body == ANSWER
    upstream.script = [answer()]
    assert all(server.chat("hello").body == ANSWER for _ in range(5))


def test_interim_answers_are_passed_over(server: Server, upstream: Upstream):
    """100 and 103 before the answer are not the answer."""
    early = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"
    assert ask(server, upstream, [early + answer()]).body == ANSWER


def test_an_answer_that_is_compressed_although_it_should_not_be_is_read(server: Server, upstream: Upstream):
    """The client gets it as it asked for it: plain; and usage is known."""
    reply = ask(server, upstream, [answer(gzip.compress(ANSWER), headers=JSON + b"Content-Encoding: gzip\r\n")])
    assert (reply.body, reply.headers["content-length"]) == (ANSWER, str(len(ANSWER)))
    assert outcome(server, reply)["tokens_out"] == 5


def test_an_answer_that_ends_with_its_connection_is_whole(server: Server, upstream: Upstream):
    """HTTP/1.0 is understood."""
    reply = ask(server, upstream, [b"HTTP/1.0 200 OK\r\n" + JSON + b"\r\n" + ANSWER, None])
    assert (reply.status, reply.body) == (200, ANSWER)


def endless(piece: bytes) -> Step:
    """Send ``piece`` for ever."""

    def send(connection: socket.socket) -> None:
        while True:
            connection.sendall(piece)

    return send


@pytest.mark.parametrize(
    "script",
    [
        [WHOLE, endless(chunk(b" " * 1_000_000))],
        [answer(gzip.compress(b" " * 200_000_000), headers=JSON + b"Content-Encoding: gzip\r\n")],
    ],
    ids=["endless", "bomb"],
)
def test_an_answer_without_end_is_let_go(server: Server, upstream: Upstream, script: list[Step]):
    """What should come whole and does not end is cut off before it fills the memory."""
    assert ask(server, upstream, script).json["error"]["code"] == "no_model_answered"
    assert upstream.freed()


def test_a_client_that_does_not_read_holds_the_upstream_back(server: Server, upstream: Upstream):
    """A stream is not gathered here: the upstream can send no more than what the sockets hold."""
    sent, held = [0], threading.Event()

    def send(connection: socket.socket) -> None:
        connection.settimeout(0.5)
        try:
            while sent[0] < 100_000_000:
                sent[0] += connection.send(chunk(b"data: " + b"x" * 60_000 + b"\n\n"))
        except TimeoutError:
            held.set()

    upstream.script = [STREAM, send, None]
    with connected(server) as connection:
        connection.sendall(request(server, chat(stream=True)))
        assert held.wait(20), sent
    assert upstream.freed()


@pytest.mark.parametrize("size", [1, 1_000, 65_536])
def test_one_event_of_megabytes_passes_whole(server: Server, upstream: Upstream, size: int):
    """However long an event is and however it is cut, every byte passes, and what comes behind it is still metered."""
    usage = b'data: {"choices":[],"usage":{"prompt_tokens":7,"completion_tokens":9}}\n\n'
    long = b"data: " + b"x" * (5_000_000 if size > 1 else 20_000) + b"\n\n"
    pieces = [long[start : start + size] for start in range(0, len(long), size)]
    script = [STREAM, b"".join(map(chunk, pieces)), chunk(usage), chunk(DONE), END]
    reply = ask(server, upstream, script, stream=True)
    assert reply.body == long + DONE
    assert (outcome(server, reply)["tokens_in"], outcome(server, reply)["tokens_out"]) == (7, 9)


def test_a_stream_that_turns_into_no_http_ends_with_an_error_event(server: Server, upstream: Upstream):
    """Even where the client library would wait for ever, the stream ends and the outcome says failed."""
    reply = ask(server, upstream, [STREAM, event("a"), 0.2, b"zz\r\nzz", 30.0], stream=True)
    last = json.loads(reply.body.strip().rpartition(b"data: ")[2])
    assert (reply.status, last["error"]["type"]) == (200, "api_error")
    assert outcome(server, reply)["status"] == "failed"


@pytest.mark.parametrize("tokens", [b"9" * 30, b"9223372036854775808", b"-1", b"1.5", b'"7"', b"[]", b"1e3"])
def test_absurd_usage_counts_as_none(server: Server, upstream: Upstream, tokens: bytes):
    """Tokens that no model can have counted are not recorded, an estimate is; the answer passes, the sums stay readable."""
    body = b'{"choices":[],"usage":{"prompt_tokens":%b,"completion_tokens":1}}' % tokens
    reply = ask(server, upstream, [answer(body)])
    assert reply.body == body
    assert 0 < outcome(server, reply)["tokens_in"] < 100
    assert server.ask("GET", "/api/audit/usage").status == 200


def test_a_text_that_says_done_is_not_done(server: Server, upstream: Upstream):
    """Only the event itself ends an answer: a client that leaves after the words of a model has left too early."""
    upstream.script = [STREAM, event("data: [DONE] [DONE]"), 30.0]
    with connected(server) as connection:
        connection.sendall(request(server, chat(stream=True)))
        head = read_until(connection, b"[DONE]")
    reference = head.split(b"x-daffa-decision: ")[1].split(b"\r\n")[0].decode()
    assert server.history(reference)[1][int(reference.rpartition("#")[2])]["status"] == "client_gone"
