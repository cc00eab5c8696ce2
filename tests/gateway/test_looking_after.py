"""Looking after servers that rested, the header that names a time, closing what lasts too long, and who is local."""

from __future__ import annotations

import contextlib
import socket

import pytest
from sockets import END, STREAM, Upstream, answer, event
from upstream_clients import JSON, Client, url

from daffa.errors import Unavailable
from daffa.gateway import Intake, Limits, Model, Probing, State
from daffa.gateway.clients.reach import reachable
from daffa.gateway.health import Health
from daffa.web.metrics import is_local


@pytest.mark.parametrize("said", ["", "7", "Thu, 01 Jan 1970 00:01:00 GMT"])
def test_the_time_that_a_server_names_comes_through(client: Client, upstream: Upstream, said: str):
    """``Retry-After`` is given as it was said, and not taken from an answer before."""

    async def both() -> list[str]:
        found = []
        for headers in (f"Retry-After: {said}\r\n".encode() if said else b"", b""):
            upstream.script = [answer(status=b"503 Busy", headers=b"Content-Type: application/json\r\n" + headers)]
            response = await (await client.opened()).post(url(upstream), JSON, b"{}")
            found.append(response.retry_after)
            assert [piece async for piece in response.chunks()]
            response.close()
        return found

    assert client.run(both()) == [said, ""]


def test_closing_wakes_whoever_waits(client: Client, upstream: Upstream):
    """An answer that is closed while its next piece is waited for ends with an error, and its connection is freed."""
    upstream.script = [STREAM, event("a"), 30.0, END]

    async def waited() -> str:
        response = await (await client.opened()).post(url(upstream), JSON, b"{}")
        chunks = response.chunks()
        await anext(chunks)
        client.runner.get_loop().call_later(0.05, response.close)
        with pytest.raises(Unavailable) as raised:
            await anext(chunks)
        return raised.value.code

    assert client.run(waited()) == "upstream_broke_off"
    assert upstream.freed()


async def test_a_look_opens_a_connection_and_sends_nothing():
    """A server that listens is reached, and gets not a byte; one that does not is not."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        assert await reachable(address)
        connection, _ = listener.accept()
        with connection:
            connection.settimeout(5)
            assert connection.recv(100) == b""
    assert not await reachable(address)
    assert not await reachable("http://no-such-host.invalid/v1")
    assert not await reachable("https://[::1]:1/v1")


async def test_who_cannot_be_reached_rests_again():
    """After its rest a model whose server is down rests for longer; one whose server is up is left to its trial."""
    now = [0.0]
    health = Health(lambda: now[0], limits=Limits(failures=1, rest=5.0))
    models = {name: Model(name, "openai", f"http://{name}.example/v1", name, "rabat") for name in ("up", "down", "well")}
    looked = []

    async def reach(address: str) -> bool:
        looked.append(address)
        return "up" in address

    probing = Probing(health, models, reach)
    for name in ("up", "down"):
        turn = health.begin(name)
        assert turn is not None
        turn.failed()
    await probing.look()
    assert looked == []
    now[0] = 5.0
    for _ in range(2):
        await probing.look()
    assert looked == ["http://up.example/v1", "http://down.example/v1"]
    assert (health.state("up"), health.state("down"), health.wait("down")) == (State.HALF_OPEN, State.OPEN, 10.0)
    assert health.begin("up") is not None


def test_room_has_a_limit_and_is_given_back():
    """So many are in at once; whoever fails leaves too; once the worker stops nobody comes in."""
    intake = Intake(2)
    with intake:
        with intake, pytest.raises(Unavailable) as raised, intake:
            raise AssertionError
        assert (raised.value.code, raised.value.facts["retry_after"]) == ("overloaded", 1)
        with contextlib.suppress(ZeroDivisionError), intake:
            raise ZeroDivisionError
        assert intake.under_way == 1
    assert (intake.under_way, intake.turned_away) == (0, 1)
    intake.stopping = True
    with pytest.raises(Unavailable) as raised, intake:
        raise AssertionError
    assert raised.value.code == "server_stops"


@pytest.mark.parametrize(
    ("address", "headers", "local"),
    [
        ("127.0.0.1", [], True),
        ("127.8.9.1", ["host", "user-agent"], True),
        ("::1", [], True),
        ("10.0.0.7", [], False),
        ("", [], False),
        ("unix", [], False),
        ("127.0.0.1", ["x-forwarded-for"], False),
        ("127.0.0.1", ["via"], False),
        ("::1", ["forwarded"], False),
    ],
)
def test_local_is_this_machine_and_nobody_between(address: str, headers: list[str], local: bool):
    """The loopback, in both families, and no header of a proxy's."""
    assert is_local(address, headers) is local
