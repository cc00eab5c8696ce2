"""One request to the models' routes: its head, its body, and the answer as bytes. Knows HTTP/1.1; no route and no surface.

The answer goes straight to the connection, head and first piece in one write: no framework and no message stands between.
"""

from __future__ import annotations

import asyncio
import http
import logging
from typing import Protocol

from daffa.errors import Invalid

from .asgi import Headers, joined
from .http_reader import Fields, Head

__all__ = ["Gone", "ModelRequest", "Way"]

_LINES = {status.value: b"HTTP/1.1 %d %b" % (status, status.phrase.encode()) for status in http.HTTPStatus}
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_CLOSE = (b"connection", b"close")
_LAST_CHUNK = b"0\r\n\r\n"
# Bytes of a body that are taken before somebody asks for it.
_BEFOREHAND = 1 << 16
# A body below this is cheaper copied behind its head than written beside it.
_SMALL = 1 << 16
_log = logging.getLogger(__name__)


class Gone(Exception):
    """The client has left: there is nobody to answer."""


class Way(Protocol):
    """The connection, as a request needs it.

    Attributes:
        full: whether its client reads slowly: what is written now waits in memory.
    """

    full: bool

    def write(self, data: bytes) -> None:
        """Send; nothing where the client has left."""
        ...

    async def room(self) -> None:
        """Return when it is not full."""
        ...

    def hold(self) -> None:
        """Let nothing more come, until told to read on or the answer is complete."""
        ...

    def read_on(self) -> None:
        """Let more come."""
        ...

    def answered(self, *, keep_alive: bool) -> None:
        """The answer is complete."""
        ...

    def over(self, task: asyncio.Task[None], *, complete: bool) -> None:
        """Whoever answers has ended; the answer is ``complete``, or will never be."""
        ...


class ModelRequest:
    """A request on its way through the routes, run as one task.

    Attributes:
        method, path, query: of its head.
        keep_alive: whether another may follow on the connection. Say ``False`` before the answer, and the client is told.
        begun: whether some of it was; no other answer can be given then.
        in_pieces: whether more pieces may follow.
        left: whether the client has left.
        task: who answers it.
    """

    __slots__ = (
        "_all_in", "_answered", "_arrival", "_chunked", "_expects", "_fields", "_most", "_pieces", "_size",
        "_stops_with_client", "_way", "begun", "in_pieces", "keep_alive", "left", "method", "path", "query", "task",
    )  # fmt: skip

    def __init__(self, way: Way, head: Head) -> None:
        self.method, self.path, self.query, self.keep_alive = head.method, head.path, head.query, head.keep_alive
        self._answered = self.begun = self.in_pieces = self.left = self._expects = False
        self._way = way
        self._fields: Fields = head.fields
        self._chunked = head.version != "1.0"
        self._pieces: list[bytes] = []
        self._size, self._most = 0, _BEFOREHAND
        self._all_in = False
        self._arrival: asyncio.Future[None] | None = None
        self._stops_with_client = False
        self.task: asyncio.Task[None] | None = None

    # As the routes see it.

    def headers(self) -> Headers:
        """The headers. Given once: an answer that takes minutes does not hold them."""
        fields, self._fields = self._fields, []
        headers = joined(fields)
        self._expects = self._chunked and headers.get(b"expect", b"").lower() == b"100-continue"
        return headers

    async def body(self, headers: Headers, most: int) -> bytes:
        """The whole body, given once. From here on the task is cancelled when the client leaves.

        Raises ``Gone``, and ``Invalid``: ``body_encoded``, ``body_too_large`` as soon as that is known.
        """
        encoding, length = headers.get(b"content-encoding"), headers.get(b"content-length")
        if encoding is not None and encoding.lower() != b"identity":
            got = encoding.decode("latin-1")[:80].lower()
            raise Invalid("body_encoded", field="content-encoding", expected="identity", got=got)
        if length is not None and length.isdigit() and int(length) > most:
            raise _too_large(most, f"{int(length)} bytes")
        if self.left:
            raise Gone
        self._stops_with_client = True
        if self._expects and not self._all_in:
            self._way.write(_CONTINUE)
        if self._size > self._most:
            self._way.read_on()
        self._expects, self._most = False, most
        while self._size <= most and not self._all_in:
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival
        if self._size > most:
            raise _too_large(most, f"more than {most} bytes")
        pieces, self._pieces = self._pieces, []
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    async def whole(self, status: int, headers: Fields, body: bytes) -> None:
        """Answer, all at once."""
        if self._way.full:
            await self._way.room()
        head = self._head(status, headers, b"content-length: %d\r\n\r\n" % len(body))
        if self.method == "HEAD":
            body = b""
        if len(body) < _SMALL:
            self._way.write(head + body)
        else:
            self._way.write(head)
            self._way.write(body)
        self._answered = True
        self._way.answered(keep_alive=self.keep_alive)

    async def begin(self, status: int, headers: Fields, first: bytes) -> None:
        """Begin an answer in pieces; ``first`` may be empty."""
        if self._way.full:
            await self._way.room()
        # Before HTTP/1.1 the end of the connection is the end of the answer.
        head = self._head(status, headers, b"transfer-encoding: chunked\r\n\r\n" if self._chunked else b"\r\n")
        self.in_pieces = True
        self._way.write(head + self._framed(first))

    async def piece(self, data: bytes) -> None:
        """One piece more; waits while the client reads slowly."""
        if self._way.full:
            await self._way.room()
        self._way.write(self._framed(data))

    async def end(self, last: bytes = b"") -> None:
        """The last piece."""
        if self._way.full:
            await self._way.room()
        self.in_pieces = False
        self._way.write(self._framed(last) + _LAST_CHUNK if self._chunked else last)
        self._answered = True
        self._way.answered(keep_alive=self.keep_alive)

    def _head(self, status: int, headers: Fields, framing: bytes) -> bytes:
        if self._expects and not self._all_in:
            # Whether the client now sends the body that nobody asked for, or its next request, is not known.
            self.keep_alive = False
        if not self.keep_alive:
            headers = [*headers, _CLOSE]
        head = b"\r\n".join([_LINES[status], *map(b": ".join, headers), b""])
        if not head.count(b"\n") == head.count(b"\r") == len(headers) + 1 or b"\0" in head:
            raise RuntimeError("a header holds what would end it")
        self.begun = True
        return head + framing

    def _framed(self, data: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(data), data) if self._chunked and data else data

    # As the connection sees it.

    def more(self, piece: bytes) -> None:
        """A piece of the body has come."""
        self._pieces.append(piece)
        self._size += len(piece)
        if self._size > self._most:
            self._way.hold()
        if self._arrival is not None:
            self._wake(self._arrival)

    def all_in(self) -> None:
        """The body has come to its end."""
        self._all_in = True
        if self._arrival is not None:
            self._wake(self._arrival)

    def leave(self) -> None:
        """The client has left: the task is cancelled, where that harms nobody else."""
        self.left = True
        if self._stops_with_client and self.task is not None:
            self.task.cancel()

    def ended(self, task: asyncio.Task[None]) -> None:
        """Whoever answers it has ended."""
        self.task = None
        error = None if task.cancelled() else task.exception()
        if error is not None:
            _log.error("a request failed in a way that nobody foresaw", exc_info=error)
        self._way.over(task, complete=self._answered)

    def _wake(self, arrival: asyncio.Future[None]) -> None:
        if not arrival.done():
            arrival.set_result(None)


def _too_large(most: int, got: str) -> Invalid:
    return Invalid("body_too_large", field="body", expected=f"at most {most} bytes", got=got)
