"""One HTTP answer on its way out, delayed, cut, mislabelled or reset as the behaviour says. Knows no model."""

from __future__ import annotations

import asyncio
from http import HTTPStatus

from .behaviour import Behaviour
from .connection import Connection

__all__ = ["Answer", "ConnectionReset"]


class ConnectionReset(Exception):
    """The behaviour ordered a reset; nothing more can be said on this connection."""


class Answer:
    """Head and body of one answer. The body is whole, or a stream of chunks."""

    def __init__(self, connection: Connection, behaviour: Behaviour) -> None:
        self._connection = connection
        self._behaviour = behaviour
        self._sent = 0

    async def whole(self, status: int, body: bytes, content_type: str = "application/json", **headers: str) -> None:
        """An answer with a length. ``headers`` are written with ``_`` for ``-``."""
        await self._head(status, content_type, {"content_length": str(len(body)), **headers})
        await self._body(body)
        self._end()

    async def begin(self, content_type: str) -> None:
        """The head of a stream."""
        await self._head(200, content_type, {"transfer_encoding": "chunked", "cache_control": "no-cache"})

    async def chunk(self, data: bytes) -> None:
        """One HTTP chunk of a stream."""
        await self._body(data, b"%x\r\n" % len(data), b"\r\n")

    async def end(self) -> None:
        """The end of a stream."""
        await self._write(b"0\r\n\r\n")
        self._end()

    async def _head(self, status: int, content_type: str, headers: dict[str, str]) -> None:
        if self._behaviour.delay:
            await asyncio.sleep(self._behaviour.delay)
        if self._behaviour.reset_after_bytes == 0:
            self._reset()
        lines = [f"HTTP/1.1 {status} {_phrase(status)}", f"content-type: {self._behaviour.wrong_content_type or content_type}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        lines += ["connection: close"] if self._behaviour.close else []
        await self._connection.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    async def _body(self, data: bytes, before: bytes = b"", after: bytes = b"") -> None:
        limit = self._behaviour.reset_after_bytes
        if limit is not None and self._sent + len(data) >= limit:
            await self._write(before + data[: limit - self._sent])
            # What a reset overtakes in the kernel is lost: let the peer read what is to reach it.
            await asyncio.sleep(0.05)
            self._reset()
        self._sent += len(data)
        await self._write(before + data + after)

    async def _write(self, data: bytes) -> None:
        await self._connection.write(data, self._behaviour.chunk_bytes, self._behaviour.trickle)

    def _reset(self) -> None:
        self._connection.reset()
        raise ConnectionReset

    def _end(self) -> None:
        if self._behaviour.close:
            self._connection.close()


def _phrase(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else "Status"
