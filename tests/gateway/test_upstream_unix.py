"""The upstream port over a Unix socket: both clients ask there as they ask a host."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sockets import ANSWER, DONE, END, STREAM, Upstream, answer, chunk
from upstream_clients import Client, connections, fault

from daffa.gateway.upstream import unix_parts, unix_url


class UnixUpstream(Upstream):
    """A model's server that follows a script, on a Unix socket."""

    def __init__(self, path: Path) -> None:
        self.script = [answer()]
        self.received = []
        self.open = set()
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()


@pytest.fixture
def near(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[UnixUpstream, str]]:
    """A server on a socket whose path needs quoting, and its address."""
    path = tmp_path_factory.mktemp("s") / "é %2F.sock"
    with UnixUpstream(path) as upstream:
        yield upstream, unix_url(path) + "/v1/chat"


def test_a_question_is_asked_and_answered_there(client: Client, near: tuple[UnixUpstream, str]):
    """The answer comes as from a host; the server sees the path, and no name that anybody could look for."""
    upstream, address = near
    assert client.ask(address, b'{"a":1}').body == ANSWER
    head, body = upstream.received[0]
    assert head.startswith(b"POST /v1/chat HTTP/1.1\r\n")
    assert b"\r\nhost: localhost\r\n" in head.lower()
    assert body == b'{"a":1}'


def test_a_connection_is_used_again(client: Client, near: tuple[UnixUpstream, str]):
    """A second question goes over the connection of the first."""
    upstream, address = near
    seen = connections(upstream)
    for _ in range(3):
        assert client.ask(address).status == 200
    assert len(seen) == 1


def test_a_stream_comes_through(client: Client, near: tuple[UnixUpstream, str]):
    """Pieces arrive as they are sent."""
    upstream, address = near
    upstream.script = [STREAM, chunk(b"data: 1\n\n"), chunk(DONE), END]
    assert client.ask(address).body == b"data: 1\n\n" + DONE


def test_nobody_there_is_unreachable(client: Client, tmp_path: Path):
    """Neither a socket that is missing nor one that nobody listens on is waited for."""
    missing, left = tmp_path / "missing.sock", tmp_path / "left.sock"
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(left))
    assert [fault(client, None, unix_url(path)) for path in (missing, left)] == ["upstream_unreachable"] * 2


@given(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1),
    st.sampled_from(["", "/v1", "/v1/a%20b"]),
)
def test_an_address_is_the_socket_and_the_path(name: str, path: str):
    """Whatever its name, the socket comes back out of its address, and the path beside it."""
    socket_path = Path("/srv") / name.strip("/.")
    assert unix_parts(unix_url(socket_path) + path) == (str(socket_path), "http://localhost" + path)


@pytest.mark.parametrize("address", ["http://127.0.0.1:9/v1", "https://x.example/http+unix://y", ""])
def test_other_addresses_are_left_alone(address: str):
    """An address of a host is none of a socket."""
    assert unix_parts(address) == ("", address)
