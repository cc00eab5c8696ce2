"""One HTTP/1.1 connection of a simulated provider: requests in, bytes out, all counted. Knows no model and no JSON."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

import httptools

__all__ = ["Connection", "Received", "Tally"]


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came. Header names are in lower case; of a repeated header the last counts."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Tally:
    """What a provider's sockets have seen since it was made.

    Attributes:
        bytes_received: every byte that the event loop read from any socket, heads included.
        connections: connections accepted.
        open: those still open.
    """

    bytes_received: int = 0
    connections: int = 0
    open: set[Connection] = field(default_factory=set)


class Connection(asyncio.Protocol):
    """Reads requests with httptools and has each answered in turn by ``handle``, in one task."""

    _transport: asyncio.Transport

    def __init__(self, handle: Callable[[Received, Connection], Awaitable[None]], tally: Tally) -> None:
        self._handle = handle
        self._tally = tally
        self._parser = httptools.HttpRequestParser(self)
        self._waiting: asyncio.Queue[tuple[Received, bool] | None] = asyncio.Queue()
        self._drained = asyncio.Event()
        self._drained.set()
        self._path, self._headers, self._body = b"", dict[str, str](), bytearray()
        self.task: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Count the connection and start to answer."""
        self._transport = cast(asyncio.Transport, transport)
        self._tally.connections += 1
        self._tally.open.add(self)
        self.task = asyncio.get_running_loop().create_task(self._answer())

    def data_received(self, data: bytes) -> None:
        """Count the bytes before anything looks at them."""
        self._tally.bytes_received += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._waiting.put_nowait(None)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Stop answering: nobody listens any more."""
        self._tally.open.discard(self)
        self._drained.set()
        if self.task:
            self.task.cancel()

    def pause_writing(self) -> None:
        """The reader is slow: wait."""
        self._drained.clear()

    def resume_writing(self) -> None:
        """The reader has caught up."""
        self._drained.set()

    def on_message_begin(self) -> None:
        """A request starts (httptools)."""
        self._path, self._headers, self._body = b"", {}, bytearray()

    def on_url(self, url: bytes) -> None:
        """A part of the path (httptools)."""
        self._path += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header (httptools)."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """The head is read (httptools)."""
        if self._headers.get("expect", "").lower() == "100-continue":
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        """A part of the body (httptools)."""
        self._body += body

    def on_message_complete(self) -> None:
        """The request is whole (httptools)."""
        method = self._parser.get_method().decode("latin-1")
        request = Received(method, self._path.decode("latin-1"), self._headers, bytes(self._body))
        self._waiting.put_nowait((request, self._parser.should_keep_alive()))

    async def write(self, data: bytes, most: int | None = None, pause: float = 0.0) -> None:
        """Write ``data``, in TCP writes of at most ``most`` bytes, ``pause`` seconds apart, no faster than the peer reads."""
        step = most or len(data) or 1
        for start in range(0, len(data), step):
            self._transport.write(data[start : start + step])
            if most or pause:
                await asyncio.sleep(pause)
            await self._drained.wait()

    def reset(self) -> None:
        """End the connection by a TCP reset, without a goodbye."""
        self._transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._transport.abort()

    def close(self) -> None:
        """End the connection once what was written is sent."""
        self._transport.close()

    async def stop(self) -> None:
        """Drop the connection at once and wait until its task has ended."""
        self._transport.abort()
        if self.task:
            self.task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.task

    async def _answer(self) -> None:
        while (waiting := await self._waiting.get()) is not None:
            request, keep_alive = waiting
            await self._handle(request, self)
            if not keep_alive:
                break
        else:
            await self.write(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        self.close()
