"""A connection by itself: what its reader remembers, and how long and how much a client may keep the server waiting.

The server is the real one down to the socket; only what answers behind it is the test's own.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from uvicorn.server import ServerState

from daffa.web.http_reader import Head, Reader, UnreadableError
from daffa.web.model_request import ModelRequest
from daffa.web.patience import Patience
from daffa.web.protocol import Front

# Readers


class Said:
    """What a reader told."""

    def __init__(self) -> None:
        self.all: list[Head | bytes | None] = []

    def head_came(self, head: Head) -> None:
        """A head."""
        self.all.append(head)

    def body_came(self, piece: bytes) -> None:
        """A piece of a body."""
        self.all.append(piece)

    def all_came(self) -> None:
        """The end of a request."""
        self.all.append(None)


def read(reader: Reader, *pieces: bytes) -> tuple[list[Head | bytes | None], bool]:
    """What ``reader`` tells of ``pieces``, and whether it is free then."""
    said = Said()
    reader.teller = said
    free = [reader.read(piece) for piece in pieces]
    return said.all, free[-1]


LINES = st.sampled_from(
    [b"Secret: s\r\n", b"Empty:\r\n", b"Connection: close\r\n", b"Connection: keep-alive\r\n", b"Expect: 100-continue\r\n",
     b"Connection: upgrade\r\nUpgrade: h2c\r\n"]
)  # fmt: skip
CHUNK = b"3;e=f\r\nabc\r\n"
FRAMED = st.sampled_from(
    [(b"", b""), (b"Content-Length: 3\r\n", b"abc"), (b"Content-Length: 3\r\n", b"ab"),
     *((b"Transfer-Encoding: chunked\r\n", CHUNK + end) for end in (b"0\r\n\r\n", b"0\r\nTrailer: t\r\nLast:\r\n\r\n", b""))]
)  # fmt: skip


@st.composite
def requests(draw: st.DrawFn) -> list[bytes]:
    """The bytes of one or two requests, cut in pieces; now and then with something odd behind them."""
    sent = b""
    for _ in range(draw(st.integers(1, 2))):
        framing, body = draw(FRAMED)
        version = draw(st.sampled_from([b"1.1", b"1.1", b"1.0"]))
        sent += b"POST /private HTTP/%b\r\n%b%b\r\n%b" % (version, b"".join(draw(st.lists(LINES, max_size=3))), framing, body)
    sent += draw(st.sampled_from([b"", b"", b"", b"\r\n", b"\r", b"P", b"POST /private HTTP/1.1\r\nSecret: "]))
    cuts = [0, *sorted(draw(st.lists(st.integers(0, len(sent)), max_size=4))), len(sent)]
    return [sent[start:end] for start, end in itertools.pairwise(cuts) if start < end]


@given(requests())
def test_a_reader_that_changes_hands_remembers_nothing(before: list[bytes]):
    """Whatever a reader has read on one connection, on the next it reads what a new one would."""
    after = (
        b"POST /b HTTP/1.1\r\nHost: b\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nb\r\n0\r\n\r\nGET /c HTTP/1.1\r\nTo: c\r\n\r\n"
    )
    reader = Reader()
    try:
        _, free = read(reader, *before)
    except UnreadableError:
        return
    if free:
        assert read(reader, after) == read(Reader(), after)


def test_a_long_head_is_refused_however_it_comes():
    """A head of more than 64 KiB is refused in one piece as in many, and so is all behind it."""
    head = b"GET / HTTP/1.1\r\n" + b"X: %b\r\n" % (b"x" * 9_000) * 8 + b"\r\n"
    for pieces in ([head], [head[:40_000], head[40_000:]]):
        reader = Reader(Said())
        for _ in range(2):
            with pytest.raises(UnreadableError, match="65536"):
                _ = [reader.read(piece) for piece in pieces]


# Patience


class Clock:
    """A loop as ``Patience`` needs it, whose time passes when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        """Now."""
        return self.now

    def call_at(self, when: float, then: Callable[[], None]) -> Callable[[], None]:
        """One timer more."""
        self.timers.append((when, then))
        return then

    def pass_to(self, now: float) -> None:
        """Let time pass."""
        self.now = now
        due, self.timers = (
            [timer for timer in self.timers if timer[0] <= now],
            [timer for timer in self.timers if timer[0] > now],
        )
        for _, then in due:
            then()


@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from("ab")), max_size=30))
def test_one_timer_is_enough_for_all_that_wait(begun: list[tuple[int, str]]):
    """Everyone is ended when it has waited its time, neither before nor twice, also where some begin again at once."""
    clock, ended = Clock(), list[tuple[float, str]]()

    def end(one: str) -> None:
        ended.append((clock.now, one))
        if one == "b" and clock.now < 100:
            patience.begin(one)

    patience, since, expected = Patience(clock, 4, end), dict[str, int](), list[tuple[int, str]]()  # type: ignore[arg-type]
    for wait, one in [*begun, *((1, "") for _ in range(8))]:
        for _ in range(wait):
            clock.pass_to(clock.now + 1)
            over = [(int(clock.now), name) for name, start in since.items() if start + 4 == clock.now]
            for _, name in over:
                del since[name]
                if name == "b" and clock.now < 100:
                    since[name] = int(clock.now)
            expected += over
        if one:
            patience.begin(one)
            since.setdefault(one, int(clock.now))
        assert len(clock.timers) <= 1
    assert ended == expected


# Connections


@dataclass
class Answering:
    """A server under test: where it listens and what it has open."""

    port: int
    state: ServerState

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncGenerator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        """A connection of a client's."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        try:
            yield reader, writer
        finally:
            writer.close()

    async def held(self) -> None:
        """Return when the only connection is not read from."""
        while not any(connection.flow.read_paused for connection in self.state.connections):  # type: ignore[union-attr]
            await asyncio.sleep(0.01)


@contextlib.asynccontextmanager
async def answering(
    models: Callable[[ModelRequest], Awaitable[None]], framework: Any = None, **patience: float
) -> AsyncGenerator[Answering]:
    """A server whose models and whose framework are the test's."""
    config = uvicorn.Config(framework or models, interface="asgi3", lifespan="off", ws="none", log_config=None)
    config.load()
    front, state = Front(models, **patience), ServerState()  # type: ignore[arg-type]
    make = lambda: front(config=config, server_state=state, app_state={})  # noqa: E731 - what the loop calls
    async with asyncio.timeout(30), await asyncio.get_running_loop().create_server(make, "127.0.0.1", 0) as server:
        yield Answering(server.sockets[0].getsockname()[1], state)


async def echo(request: ModelRequest) -> None:
    """Answer with the size of the body."""
    await request.whole(200, [], b"%d!" % len(await request.body(request.headers(), 1 << 26)))


async def echo_of_the_framework(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001 - ASGI's word
    """Answer as ``echo`` answers a request without a body."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"0!"})


@pytest.mark.parametrize(
    "sent", [b"", b"\r\n", b"GET /v1/x HT", b"POST /v1/x HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf",
             b"GET /v1/x HTTP/1.1\r\n\r\nGET /v1/x HTTP/1.1\r\nHost:"],
    ids=["nothing", "a blank line", "half a head", "half a body", "half a second head"],
)  # fmt: skip
async def test_who_does_not_come_to_an_end_is_not_waited_for(sent: bytes):
    """A head that does not end and a body that does not go on cost their connection, and leave no task."""
    async with answering(echo, arrival_seconds=0.05) as server, server.connected() as (reader, writer):
        writer.write(sent)
        answer = await reader.read()
        assert answer.count(b"HTTP/1.1 200 OK") == sent.count(b"\r\n\r\n") - sent.count(b"half")
        while server.state.tasks or server.state.connections:
            await asyncio.sleep(0.01)


async def test_a_slow_answer_is_no_slow_client():
    """However long an answer takes, it comes whole: only what the client has to send has a limit."""

    async def slow(request: ModelRequest) -> None:
        await request.begin(200, [], b"a")
        await asyncio.sleep(0.1)
        await request.end(b"b")

    async with answering(slow, arrival_seconds=0.02, rest_seconds=0.02) as server, server.connected() as (reader, writer):
        writer.write(b"GET /v1/x HTTP/1.1\r\n\r\nGET /v1/x HTTP/1.1\r\nHost")
        assert (await reader.read()).endswith(b"1\r\na\r\n1\r\nb\r\n0\r\n\r\n")


async def test_a_body_that_nobody_asks_for_is_not_gathered():
    """Before the routes ask for it no more than a little of a body is taken; then all of it comes."""
    asked = asyncio.Event()

    async def later(request: ModelRequest) -> None:
        await asked.wait()
        await echo(request)

    async with answering(later) as server, server.connected() as (reader, writer):
        writer.write(b"POST /v1/x HTTP/1.1\r\nContent-Length: 8000000\r\n\r\n" + b"x" * 8_000_000)
        await server.held()
        asked.set()
        assert (await reader.readuntil(b"!")).endswith(b"\r\n\r\n8000000!")


async def test_no_more_is_read_while_requests_wait():
    """Neither an answer nor the framework's asking for a body lets more requests in while some wait for their turn."""
    turn, paused = asyncio.Semaphore(0), []

    async def framework(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await turn.acquire()
        (connection,) = server.state.connections
        paused.append(connection.flow.read_paused)
        await echo_of_the_framework(scope, receive, send)

    async with answering(echo, framework) as server, server.connected() as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\n\r\n" * 4)
        await server.held()
        for _ in range(4):
            turn.release()
            await reader.readuntil(b"!")
        assert paused == [True, True, True, False]


async def test_nobody_asks_without_end_ahead_of_the_answers():
    """Of requests that are sent all at once a thousand wait for their turn; these are answered, and the connection ends."""
    async with answering(echo) as server, server.connected() as (reader, writer):
        writer.write(b"GET /v1/x HTTP/1.1\r\n\r\n" * 2_000)
        assert (await reader.read()).count(b"\r\n\r\n0!") == 1_001


@pytest.mark.parametrize("path", [b"/v1/x", b"/x"])
async def test_what_is_no_request_does_not_cost_the_answer_to_the_one_before(path: bytes):
    """A whole request is answered, whatever comes behind it; then the connection ends."""
    async with answering(echo, echo_of_the_framework) as server, server.connected() as (reader, writer):
        writer.write(b"GET %b HTTP/1.1\r\n\r\n\x00\x00\r\n\r\n" % path)
        answer = await reader.read()
        assert (answer.count(b"HTTP/1.1 "), b"connection: close" in answer, answer[-2:]) == (1, True, b"0!")


async def test_what_is_answered_goes_out_though_the_client_says_no_more(monkeypatch: pytest.MonkeyPatch):
    """A client that ends its side while its answer waits for the end of the turn gets that answer."""
    loop = asyncio.get_running_loop()
    now = loop.time()

    async def ended(request: ModelRequest) -> None:
        await echo(request)
        (connection,) = server.state.connections
        if request.path == "/v1/last" and not connection.eof_received():
            connection._transport.close()  # type: ignore[union-attr]  # as the loop does

    async with answering(ended) as server, server.connected() as (reader, writer):
        monkeypatch.setattr(loop, "time", lambda: now)  # one turn, in which the first answer goes at once
        writer.write(b"GET /v1/x HTTP/1.1\r\n\r\nGET /v1/last HTTP/1.1\r\n\r\n")
        assert (await reader.read()).count(b"\r\n\r\n0!") == 2


async def test_who_fails_costs_its_own_connection_alone(caplog: pytest.LogCaptureFixture):
    """Where whoever answers fails beyond all care the connection ends, and the next one is served."""

    async def failing(request: ModelRequest) -> None:
        if request.path == "/v1/fails":
            raise ValueError(request.path)
        await echo(request)

    async with answering(failing) as server:
        for path, answers in ((b"/v1/fails", 0), (b"/v1/x", 1)):
            async with server.connected() as (reader, writer):
                writer.write(b"GET %b HTTP/1.1\r\nConnection: close\r\n\r\n" % path)
                assert (await reader.read()).count(b"HTTP/1.1 200 OK") == answers
    assert "nobody foresaw" in caplog.text
