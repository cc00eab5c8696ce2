"""Plain ASGI for the hot path: read a body, answer whole or in pieces, notice that the client has left. Knows no route."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, MutableMapping
from typing import Any

from daffa.errors import Invalid

__all__ = ["ASGIApp", "Headers", "Receive", "Scope", "Send", "headers_of", "leaving", "read_body", "send_stream", "send_whole"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Mapping[bytes, bytes]


def headers_of(scope: Scope) -> Headers:
    """The request's headers by lower-case name; of one given twice, the first counts."""
    return dict(reversed(scope["headers"]))


async def read_body(headers: Headers, receive: Receive, most: int) -> bytes:
    """The whole body. Raises ``Invalid`` (``body_too_large``) as soon as it is known to exceed ``most`` bytes."""
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length) > most:
        raise Invalid("body_too_large", field="body", expected=f"at most {most} bytes", got=f"{int(length)} bytes")
    pieces, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise asyncio.CancelledError
        piece = message.get("body", b"")
        size += len(piece)
        if size > most:
            raise Invalid("body_too_large", field="body", expected=f"at most {most} bytes", got=f"more than {most} bytes")
        pieces.append(piece)
        more = message.get("more_body", False)
    return b"".join(pieces)


@contextlib.contextmanager
def leaving(receive: Receive) -> Iterator[None]:
    """Cancel the body of the ``with`` when the client goes away, and end quietly then.

    Call it after the request's body was read: from then on only a disconnect can come in.
    """
    work = asyncio.current_task()
    assert work is not None, "a request runs in a task"  # noqa: S101
    watcher = asyncio.ensure_future(receive())
    left = False

    def cancel(_: object) -> None:
        nonlocal left
        left = True
        work.cancel()

    watcher.add_done_callback(cancel)
    try:
        yield
    except asyncio.CancelledError:
        if not left:
            raise
        work.uncancel()
    finally:
        watcher.remove_done_callback(cancel)
        watcher.cancel()


async def send_whole(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    """One answer in one piece."""
    headers = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def send_stream(
    send: Send, status: int, headers: list[tuple[bytes, bytes]], first: bytes, rest: AsyncIterator[bytes]
) -> None:
    """An answer in pieces, each sent as it comes."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": first, "more_body": True})
    async for piece in rest:
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
