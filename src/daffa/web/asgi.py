"""Plain ASGI for the hot path: read a request, answer whole or in pieces, notice that the client has left. Knows no route."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from daffa.errors import Denied, Invalid

__all__ = [
    "ASGIApp",
    "Gone",
    "Headers",
    "Leaving",
    "Left",
    "Receive",
    "Reply",
    "Scope",
    "Send",
    "bearer",
    "headers_of",
    "model_key",
    "read_body",
]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Mapping[bytes, bytes]


class Gone(Exception):
    """The client has left: there is nobody to answer."""


def headers_of(scope: Mapping[str, Any]) -> Headers:
    """The request's headers by lower-case name.

    One that is given more than once is put together with commas (RFC 9110, 5.3), so that neither the first nor the
    last wins in silence: what does not read as one value is refused where it is read.
    """
    headers: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        headers[name] = headers[name] + b", " + value if name in headers else value
    return headers


def bearer(headers: Headers) -> str:
    """The API key that a request bears. Raises ``Denied`` (``missing_key``)."""
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Denied("missing_key")
    return token.strip()


def model_key(headers: Headers) -> str:
    """The API key in whatever header the vendors' clients put it. Raises ``Denied`` (``missing_key``)."""
    for name in (b"x-api-key", b"x-goog-api-key"):
        if token := headers.get(name, b"").decode("latin-1").strip():
            return token
    return bearer(headers)


async def read_body(headers: Headers, receive: Receive, most: int) -> bytes:
    """The whole body. Raises ``Gone``, and ``Invalid``: ``body_encoded``, ``body_too_large`` as soon as that is known."""
    if (encoding := headers.get(b"content-encoding", b"identity").lower()) != b"identity":
        raise Invalid("body_encoded", field="content-encoding", expected="identity", got=encoding.decode("latin-1")[:80])
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > most:
        raise Invalid("body_too_large", field="body", expected=f"at most {most} bytes", got=f"{int(length)} bytes")
    pieces, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Gone
        piece = message.get("body", b"")
        size += len(piece)
        if size > most:
            raise Invalid("body_too_large", field="body", expected=f"at most {most} bytes", got=f"more than {most} bytes")
        pieces.append(piece)
        more = message.get("more_body", False)
    return b"".join(pieces)


class Leaving:
    """Cancels the body of a ``with`` when the client goes away, and raises ``Gone`` then.

    Enter it after the request's body was read: from then on only a disconnect can come in. Where the server tells of one by
    itself (``scope["daffa.left"]``), nobody need wait for it in a task of its own.
    """

    __slots__ = ("_gone", "_left", "_receive", "_watcher", "_work")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self._left: Left | None = scope.get("daffa.left")
        self._receive = receive
        self._gone = False

    def __enter__(self) -> None:
        work = asyncio.current_task()
        assert work is not None, "a request runs in a task"  # noqa: S101
        self._work = work
        if self._left is not None:
            self._left.call(self._cancel)
        else:
            self._watcher = asyncio.ensure_future(self._receive())
            self._watcher.add_done_callback(self._cancel)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._left is not None:
            self._left.call(None)
        else:
            self._watcher.remove_done_callback(self._cancel)
            self._watcher.cancel()
        if kind is asyncio.CancelledError and self._gone:
            self._work.uncancel()
            raise Gone from None

    def _cancel(self, _: object = None) -> None:
        self._gone = True
        self._work.cancel()


class Left:
    """Where a server says that the client of one request has left."""

    __slots__ = ("_call", "_happened")

    def __init__(self) -> None:
        self._call: Callable[[], None] | None = None
        self._happened = False

    def call(self, back: Callable[[], None] | None) -> None:
        """Have ``back`` called when it happens, soon where it has; ``None`` calls nobody any more."""
        self._call = back
        if self._happened and back is not None:
            asyncio.get_running_loop().call_soon(self.happen)

    def happen(self) -> None:
        """The client has left."""
        self._happened = True
        if self._call is not None:
            self._call()


class Reply:
    """The answer to one request, whole or in pieces.

    Attributes:
        begun: whether its head has left; no other answer can be given then.
        in_pieces: whether more pieces may follow.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self.begun = False
        self.in_pieces = False

    async def whole(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        """All of it at once."""
        await self._head(status, [*headers, (b"content-length", b"%d" % len(body))])
        await self._send({"type": "http.response.body", "body": body})

    async def begin(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        """The head of an answer in pieces."""
        await self._head(status, headers)
        self.in_pieces = True

    async def piece(self, data: bytes) -> None:
        """One piece; waits while the client reads slowly."""
        await self._send({"type": "http.response.body", "body": data, "more_body": True})

    async def end(self, last: bytes = b"") -> None:
        """The last piece."""
        self.in_pieces = False
        await self._send({"type": "http.response.body", "body": last})

    async def _head(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        self.begun = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
