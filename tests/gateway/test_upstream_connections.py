"""The connections of both clients of the upstream port: when one is used again, waited for, held back and let go."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sockets import ANSWER, END, STREAM, Upstream, answer, chunk
from upstream_clients import Client, Got, connections, fault, url

from daffa.errors import Unavailable

ENDLESS_CHUNK = chunk(b"x" * 60_000)


def test_what_is_sent_behind_an_answer_is_nobodys(client: Client, upstream: Upstream):
    """Bytes behind the stated length are neither part of this answer nor the next one."""
    upstream.script = [answer() + answer(b'{"smuggled":true}', status=b"500 Smuggled", headers=b"Content-Type: x/y\r\n")]
    seen = connections(upstream)
    assert [client.ask(url(upstream)) for _ in range(3)] == [Got(200, "application/json", ANSWER)] * 3
    assert len(seen) == 3


def test_what_is_sent_between_two_questions_is_nobodys(own: Client, upstream: Upstream):
    """An answer that lies in the socket before the question is not its answer, even where the loop has not looked yet."""

    async def walk() -> bytes:
        assert (await own.asked(url(upstream))).body == ANSWER
        next(iter(upstream.open)).sendall(answer(b'{"smuggled":true}'))
        time.sleep(0.1)  # noqa: ASYNC251 - the loop must not look
        return (await own.asked(url(upstream))).body

    assert own.run(walk()) == ANSWER


def test_a_connection_is_used_again(client: Client, upstream: Upstream):
    """One question after the other travels on one connection, whichever frame their answers have."""
    seen = connections(upstream)
    for script in ([answer()], [STREAM, chunk(b"a"), END], [b"HTTP/1.1 204 No\r\n\r\n"], [answer(status=b"500 Broken")]) * 3:
        upstream.script = script
        client.ask(url(upstream))
    assert len(seen) == 1


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nConnection: close\r\n", b"HTTP/1.0 200 OK\r\n"])
def test_a_connection_that_the_server_gives_up_is_not_used_again(client: Client, upstream: Upstream, head: bytes):
    """``Connection: close`` and HTTP/1.0 end a connection, though the server has not closed it yet."""
    upstream.script = [head + b"Content-Length: 1\r\n\r\nx"]
    seen = connections(upstream)
    assert [client.ask(url(upstream)).body for _ in range(2)] == [b"x", b"x"]
    assert len(seen) == 2
    assert upstream.freed()


@pytest.mark.parametrize(("says", "used"), [(b"timeout=0", 2), (b"timeout=1", 2), (b"timeout=30, max=9", 1), (b"max=9", 1)])
def test_how_long_a_server_keeps_a_connection_is_believed(own: Client, upstream: Upstream, says: bytes, used: int):
    """A connection that the server is about to close is not used again, with a second to spare."""
    upstream.script = [answer(headers=b"Keep-Alive: " + says + b"\r\n")]
    seen = connections(upstream)
    for _ in range(2):
        own.ask(url(upstream))
    assert len(seen) == used


def test_a_connection_whose_time_is_over_is_not_used_again(own: Client, upstream: Upstream):
    """A second before the server closes it, as it said, another one is opened."""
    upstream.script = [answer(headers=b"Keep-Alive: timeout=2\r\n")]
    seen = connections(upstream)
    own.ask(url(upstream))
    own.run(asyncio.sleep(1.1))
    own.ask(url(upstream))
    assert len(seen) == 2


def test_an_idle_connection_is_closed(own: Client, upstream: Upstream):
    """What nobody used for a while is given back to the server."""
    own.patient(keep_seconds=1.2)
    own.ask(url(upstream))
    own.run(asyncio.sleep(2.6))
    assert upstream.freed()


def test_a_connection_that_ended_while_idle_is_replaced(own: Client, upstream: Upstream):
    """Where the server has closed and the loop has not seen it, another connection carries the question, once."""

    async def walk() -> bytes:
        await own.asked(url(upstream))
        next(iter(upstream.open)).shutdown(socket.SHUT_RDWR)
        return (await own.asked(url(upstream))).body

    assert own.run(walk()) == ANSWER
    assert len(upstream.received) == 2


@pytest.mark.parametrize("script", [[None], [0.1, None], [b"HTTP/1.1", None]], ids=["at_once", "later", "in_the_head"])
def test_a_question_that_left_is_never_sent_again(client: Client, upstream: Upstream, script: list):
    """A server that takes a question on a kept connection and hangs up may have acted on it."""
    client.ask(url(upstream))
    upstream.script = script
    assert fault(client, upstream) == "upstream_unreachable"
    assert len(upstream.received) == 2


def test_an_answer_may_come_before_the_question_has_gone(own: Client):
    """A refusal of a body that nobody reads is an answer, and that connection is not used again."""
    listener = socket.create_server(("127.0.0.1", 0))

    def refuse() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(10)
            connection.sendall(answer(b"too large", status=b"413 Too Large"))
            held.wait(20)

    held = threading.Event()
    thread = threading.Thread(target=refuse)
    thread.start()
    try:
        got = own.ask(f"http://127.0.0.1:{listener.getsockname()[1]}/", b"x" * 8_000_000)
        assert (got.status, got.body) == (413, b"too large")
        (pool,) = own.made._pools.values()
        assert pool._idle == {}
    finally:
        held.set()
        thread.join()
        listener.close()


STALLS = {
    "mute": [30.0],
    "in_the_head": [answer()[:20], 30.0],
    "mute_body": [STREAM, 30.0],
    "in_the_body": [STREAM, chunk(b"a"), 30.0],
}


@pytest.mark.parametrize("script", STALLS.values(), ids=STALLS)
def test_a_server_that_stalls_is_not_waited_for(client: Client, upstream: Upstream, script: list):
    """Without progress for ``idle_seconds`` it is a timeout, and the server is let go."""
    client.patient(idle_seconds=0.3)
    upstream.script = script
    assert fault(client, upstream) == "upstream_timeout"
    assert upstream.freed()


def test_a_chunk_that_never_ends_its_length_is_not_waited_for(own: Client, upstream: Upstream):
    """Bytes that are no part of any body are no progress."""
    own.patient(idle_seconds=0.4)
    upstream.script = [STREAM, b"5;", *[b"a", 0.1] * 20]
    assert fault(own, upstream) == "upstream_timeout"


def test_a_server_that_trickles_is_waited_for(client: Client, upstream: Upstream):
    """As long as something comes within ``idle_seconds`` the answer goes on, however long it takes."""
    client.patient(idle_seconds=0.5)
    upstream.script = [STREAM, *[chunk(b"a"), 0.2] * 6, END]
    assert client.ask(url(upstream)).body == b"aaaaaa"


def test_an_address_that_does_not_answer_is_not_waited_for(client: Client):
    """A connection that is neither accepted nor refused is a timeout after ``connect_seconds``."""
    client.patient(connect_seconds=0.3)
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(3):  # its queue is full
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(listener.getsockname())
        with pytest.raises(Unavailable) as raised:
            client.ask(f"http://127.0.0.1:{listener.getsockname()[1]}/")
    assert raised.value.code == "upstream_timeout"


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/", "http://nobody.invalid/"])
def test_a_server_that_is_not_there_does_not_answer(client: Client, address: str):
    """A refused connection and an unknown name are the same to who asks."""
    with pytest.raises(Unavailable) as raised:
        client.ask(address)
    assert raised.value.code == "upstream_unreachable"


@pytest.mark.parametrize("script", [[30.0], [STREAM, chunk(b"a"), 30.0]], ids=["in_the_head", "in_the_body"])
def test_who_is_cancelled_frees_the_server(client: Client, upstream: Upstream, script: list):
    """Cancelled in the middle, the connection is closed; the next question is answered."""
    upstream.script = script

    async def walk() -> None:
        asking = asyncio.create_task(client.asked(url(upstream)))
        await asyncio.sleep(0.3)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await asyncio.sleep(0.05)

    client.run(walk())
    assert upstream.freed()
    upstream.script = [answer()]
    assert client.ask(url(upstream)).body == ANSWER


def test_what_was_let_go_unread_does_not_look_whole(own: Client, upstream: Upstream):
    """Closed before all that had come was read, an answer ends with an error, though its server had said all of it."""
    upstream.script = [STREAM, chunk(b"a"), 0.1, chunk(b"b") + END]

    async def walk() -> None:
        response = await (await own.opened()).post(url(upstream), {}, b"{}")
        pieces = response.chunks()
        assert await anext(pieces) == b"a"
        await asyncio.sleep(0.3)
        response.close()
        with pytest.raises(Unavailable):
            await anext(pieces)

    own.run(walk())


def test_what_came_while_the_loop_was_busy_is_no_silence(own: Client, upstream: Upstream):
    """A loop that is held longer than a server may be silent reads what came meanwhile, and does not call it late."""
    own.patient(idle_seconds=0.4)
    upstream.script = [STREAM, chunk(b"a"), 0.05, chunk(b"b"), 0.7, chunk(b"c") + END]

    async def walk() -> bytes:
        response = await (await own.opened()).post(url(upstream), {}, b"{}")
        pieces = response.chunks()
        assert await anext(pieces) == b"a"
        waiting = asyncio.create_task(anext(pieces))
        await asyncio.sleep(0)
        time.sleep(0.6)  # noqa: ASYNC251 - the loop must not look
        return await waiting + b"".join([piece async for piece in pieces])

    assert own.run(walk()) == b"bc"


def test_an_answer_that_is_not_read_holds_the_server_back(client: Client, upstream: Upstream):
    """While the reader sleeps, less than a megabyte is held here, however much the server would send."""
    sent, held = [0], threading.Event()

    def send(connection: socket.socket) -> None:
        connection.settimeout(0.5)
        with contextlib.suppress(TimeoutError):
            while sent[0] < 1 << 30:
                sent[0] += connection.send(ENDLESS_CHUNK)
        held.set()

    upstream.script = [STREAM, send, None]

    async def walk() -> int:
        response = await (await client.opened()).post(url(upstream), {}, b"{}")
        before = tracemalloc.get_traced_memory()[0]
        while not held.is_set():
            await asyncio.sleep(0.05)
        grown = tracemalloc.get_traced_memory()[0] - before
        response.close()
        await asyncio.sleep(0.05)
        return grown

    tracemalloc.start()
    try:
        assert client.run(walk()) < 1 << 20
    finally:
        tracemalloc.stop()
    assert sent[0] < 1 << 30
    assert upstream.freed()


def test_a_server_that_hangs_up_at_once_does_not_answer(client: Client):
    """Accepted and closed, or reset, before or while the question is written: it ends at once, each time."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/"

        def hang_up() -> None:
            for number in range(40):
                connection, _ = listener.accept()
                if number % 2:
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        for _ in range(40):
            with pytest.raises(Unavailable) as raised:
                client.ask(address)
            assert raised.value.code == "upstream_unreachable"
        thread.join()


def test_who_reads_late_gets_all(client: Client, upstream: Upstream):
    """An answer that was held back goes on when it is read."""
    upstream.script = [STREAM, ENDLESS_CHUNK * 100, END]

    async def walk() -> int:
        response = await (await client.opened()).post(url(upstream), {}, b"{}")
        await asyncio.sleep(0.3)
        return sum([len(piece) async for piece in response.chunks()])

    assert client.run(walk()) == 6_000_000


MANGLED = st.tuples(st.integers(0, 400), st.integers(0, 6), st.binary(max_size=6))


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors]
)
@given(
    st.sampled_from([answer(), STREAM + chunk(ANSWER) + END, b"HTTP/1.0 200 OK\r\n\r\n" + ANSWER]),
    st.lists(MANGLED, max_size=3),
)
def test_whatever_a_server_says_the_next_question_is_answered(own: Client, upstream: Upstream, said: bytes, mangled: list):
    """An answer with bytes put in, taken out and changed is one or is none; nothing else happens, and nothing stays behind."""
    for at, gone, new in mangled:
        said = said[:at] + new + said[at + gone :]
    upstream.script = [said, None]
    with contextlib.suppress(Unavailable):
        own.ask(url(upstream))
    upstream.freed()
    upstream.script = [answer()]
    assert own.ask(url(upstream)).body == ANSWER
