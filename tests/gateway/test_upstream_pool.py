"""The pool of our own client: so many connections, in the order that was asked, to any address of a name, and none lost."""

from __future__ import annotations

import asyncio
import socket

import pytest
from sockets import ANSWER, END, STREAM, Upstream, answer, chunk
from upstream_clients import Client, connections, url

from daffa.errors import Unavailable


def test_a_connection_that_ends_before_the_question_is_no_wait(own: Client, upstream: Upstream):
    """Opened, ended by the server, then asked: it fails at once and its place is free."""

    async def walk() -> int:
        pool, head = (await own.opened())._prepared((url(upstream), ()))
        connection = await pool.acquire()
        while not upstream.open:
            await asyncio.sleep(0.01)
        next(iter(upstream.open)).shutdown(socket.SHUT_RDWR)
        await asyncio.sleep(0.1)
        with pytest.raises(OSError, match="disconnected"):
            await connection.ask(head + b"0\r\n\r\n", b"").head()
        return pool._free

    assert own.run(walk()) == 4_096


def test_what_comes_before_the_question_has_left_is_no_answer(own: Client, upstream: Upstream):
    """A question that waits for the end of the turn is not answered by what the server says meanwhile, and never leaves."""

    async def walk() -> None:
        pool, head = (await own.opened())._prepared((url(upstream), ()))
        connection, loop = await pool.acquire(), asyncio.get_running_loop()
        now = loop.time()
        loop.time = lambda: now  # one turn, in which somebody else has sent already
        try:
            pool._outbox.add(connection)
            asked = connection.ask(head + b"0\r\n\r\n", b"")
            connection.data_received(answer())
            with pytest.raises(OSError, match="unasked"):
                await asked.head()
            await asyncio.sleep(0)
        finally:
            del loop.time
        await asyncio.sleep(0.05)
        assert (pool._free, upstream.received) == (4_096, [])

    own.run(walk())


def test_so_many_connections_and_no_more(own: Client, upstream: Upstream):
    """More questions than connections wait in the order that they came, and each is answered."""
    own.patient(connections=2)
    upstream.script = [0.05, answer()]
    seen = connections(upstream)

    async def walk() -> None:
        asked = [own.asked(url(upstream), b"%d" % number) for number in range(8)]
        assert [got.body for got in await asyncio.gather(*asked)] == [ANSWER] * 8

    own.run(walk())
    assert len(seen) == 2
    order = [int(body) for _, body in upstream.received]
    assert all(abs(place - number) <= 1 for place, number in enumerate(order)), order


def test_the_wait_for_a_connection_has_an_end(own: Client, upstream: Upstream):
    """Where all are in use for too long it is a timeout, nothing was sent, and the place in the row is free again."""
    own.patient(connections=1, connect_seconds=0.2)
    upstream.script = [STREAM, chunk(b"a"), 30.0]

    async def walk() -> None:
        response = await (await own.opened()).post(url(upstream), {}, b"{}")
        for _ in range(2):
            with pytest.raises(Unavailable, match="too long"):
                await own.asked(url(upstream))
        response.close()
        upstream.script = [answer()]
        assert (await own.asked(url(upstream))).body == ANSWER

    own.run(walk())
    assert len(upstream.received) == 2


def test_whoever_leaves_the_row_leaves_his_place(own: Client, upstream: Upstream):
    """Cancelled while waiting, while connecting or while reading: afterwards all connections can be had again."""
    own.patient(connections=3)
    upstream.script = [0.03, STREAM, chunk(b"a"), 0.03, END]

    async def walk() -> None:
        for round_ in range(15):
            asking = [asyncio.create_task(own.asked(url(upstream))) for _ in range(9)]
            await asyncio.sleep(0.006 * round_)
            for each in asking[:: 1 + round_ % 2]:
                each.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
        upstream.script = [0.1, answer()]
        answers = await asyncio.gather(*(own.asked(url(upstream)) for _ in range(3)))
        assert [got.body for got in answers] == [ANSWER] * 3

    own.run(walk())
    (pool,) = own.made._pools.values()
    assert (pool._free, len(pool._busy)) == (3, 0)


def test_every_address_of_a_name_is_tried(own: Client, upstream: Upstream):
    """A server that does not listen on its first address is reached on the next; the addresses are asked for once."""
    asked: list[str] = []

    async def addresses(host: str, port: int, **_: object) -> list:
        asked.append(host)
        places = ["127.0.0.2", "127.0.0.3", "127.0.0.1", "127.0.0.1"]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (place, port)) for place in places]

    async def walk() -> None:
        loop = asyncio.get_running_loop()
        loop.getaddrinfo = addresses
        try:
            upstream.script = [answer(headers=b"Connection: close\r\n")]
            for _ in range(2):
                assert (await own.asked(f"http://many.example:{upstream.port}/")).body == ANSWER
        finally:
            del loop.getaddrinfo

    own.run(walk())
    assert asked == ["many.example"]
    (pool,) = own.made._pools.values()
    assert pool._addresses[0] == "127.0.0.1"
    assert b"Host: many.example:" in upstream.received[-1][0]


def test_who_closes_the_client_ends_what_is_under_way(own: Client, upstream: Upstream):
    """A question under way ends as unavailable, an idle connection is closed, and nothing stays open."""
    own.ask(url(upstream))
    upstream.script = [30.0]

    async def walk() -> None:
        asking = asyncio.create_task(own.asked(url(upstream)))
        await asyncio.sleep(0.1)
        await own.made.close()
        with pytest.raises(Unavailable):
            await asking

    own.run(walk())
    assert upstream.freed()
