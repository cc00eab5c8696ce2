"""Both clients of the upstream port as a test asks them: each on the event loop of the product, our own on asyncio's too."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvloop
from sockets import Upstream

from daffa.errors import Unavailable
from daffa.gateway.clients.aiohttp_client import AiohttpUpstream
from daffa.gateway.clients.httptools_client import HttptoolsUpstream

OURS = ("own", "own-asyncio")
KINDS = (*OURS, "aiohttp")
JSON = {"Content-Type": "application/json"}


@dataclass
class Got:
    """An answer that came whole."""

    status: int
    content_type: str
    body: bytes


@dataclass
class Client:
    """A client, its loop, and how a test asks."""

    kind: str
    runner: asyncio.Runner
    options: dict[str, Any] = field(default_factory=dict)
    made: Any = None

    @property
    def own(self) -> bool:
        """Whether it is the client over httptools."""
        return self.kind in OURS

    def patient(self, **options: Any) -> None:
        """Made with ``options``; before its first question."""
        self.options |= options

    async def opened(self) -> Any:
        """The client, made inside of the loop."""
        if self.made is None:
            self.made = (HttptoolsUpstream if self.own else AiohttpUpstream)(**self.options)
        return self.made

    async def asked(self, url: str, body: bytes = b"{}", headers: dict[str, str] | None = None) -> Got:
        """One question and its whole answer."""
        upstream = await self.opened()
        response = await upstream.post(url, JSON if headers is None else headers, body)
        try:
            return Got(response.status, response.content_type, b"".join([piece async for piece in response.chunks()]))
        finally:
            response.close()

    def ask(self, url: str, body: bytes = b"{}", headers: dict[str, str] | None = None) -> Got:
        """As ``asked``, from outside of the loop."""
        return self.run(self.asked(url, body, headers))

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Run ``work`` on the client's loop, for at most half a minute."""
        return self.runner.run(asyncio.wait_for(work, 30))


def opening(kind: str) -> Iterator[Client]:
    """A client of a kind, closed at the end."""
    factory: Callable[[], asyncio.AbstractEventLoop] = (
        asyncio.new_event_loop if kind == "own-asyncio" else uvloop.new_event_loop
    )
    with asyncio.Runner(loop_factory=factory) as runner:
        client = Client(kind, runner)
        try:
            yield client
        finally:
            if client.made is not None:
                client.run(client.made.close())
            # What was closed tells its end to the loop in its next rounds.
            client.run(asyncio.sleep(0.02))


def url(upstream: Upstream, path: str = "/v1/chat") -> str:
    """Its address."""
    return f"http://127.0.0.1:{upstream.port}{path}"


def connections(upstream: Upstream) -> list[socket.socket]:
    """Every connection that it accepts from now on."""
    seen: list[socket.socket] = []

    class Counted(set):
        def add(self, connection: socket.socket) -> None:
            seen.append(connection)
            super().add(connection)

    upstream.open = Counted()
    return seen


def fault(client: Client, upstream: Upstream, address: str = "") -> str:
    """The code that a question ends with."""
    with pytest.raises(Unavailable) as raised:
        client.ask(address or url(upstream))
    return raised.value.code
