"""An answer as its reader sees it: a head, then pieces of a body, as they come. Knows the connection by three verbs."""

from __future__ import annotations

import asyncio
from typing import Protocol, Self

from daffa.errors import Unavailable

__all__ = ["Answer", "NoAnswerError", "reason_of"]

# What is held of an answer before the server is made to wait. One read of the loop (256 KiB) may come on top.
_HIGH_WATER = 128 << 10
# A piece of a few bytes costs more than its bytes.
_PIECE = 64


class Link(Protocol):
    """The connection that an answer comes on."""

    def fail(self, error: OSError) -> None:
        """Close."""
        ...

    def patience(self) -> None:
        """Somebody waits from now on."""
        ...

    def resume(self) -> None:
        """There is room again."""
        ...


class NoAnswerError(OSError):
    """The answer does not come, or not to its end; the text is the kind of reason."""


class Answer:
    """What comes back on a connection: the head, then the body as the reader takes it. With its head it is a ``Response``.

    Attributes:
        status, content_type, encoding: of the head, once ``head`` has returned; in lower case, empty where unsaid.
        retry_after: the same, as it was said.
        complete: whether all of it has come. The connection serves others from then on.
    """

    __slots__ = (
        "_connection",
        "_held",
        "_loop",
        "_pieces",
        "_waiter",
        "complete",
        "content_type",
        "encoding",
        "error",
        "retry_after",
        "status",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop, connection: Link) -> None:
        self._loop = loop
        self._connection: Link | None = connection
        self._pieces: list[bytes] = []
        self._held = 0
        self._waiter: asyncio.Future[None] | None = None
        self.error: OSError | None = None
        self.complete = False
        self.status = -1
        self.content_type = ""
        self.encoding = ""
        self.retry_after = ""

    async def head(self) -> None:
        """Return when the head has come. Raises ``OSError`` or ``TimeoutError``; whatever it raises, all is let go."""
        try:
            while self.status < 0:
                await self._more()
        except BaseException:
            self.close()
            raise

    def chunks(self) -> Self:
        """See ``Response.chunks``: as they come on the wire, whatever its ``encoding``."""
        return self

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        """What has come since the last one, at least a byte. Raises ``Unavailable``."""
        try:
            while not self._pieces:
                if self.complete:
                    raise StopAsyncIteration
                await self._more()
        except TimeoutError as error:
            raise Unavailable("upstream_timeout") from error
        except OSError as error:
            raise Unavailable("upstream_broke_off", reason=reason_of(error)) from error
        pieces, self._pieces, self._held = self._pieces, [], 0
        if self._connection is not None:
            self._connection.resume()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def close(self) -> None:
        """Let go: of an answer that is not complete the connection is closed, and what was not read is gone."""
        if self._connection is not None:
            self._connection.fail(NoAnswerError("closed"))
        if self._pieces:  # what nobody reads any more must not pass for the end
            self._pieces, self._held = [], 0
            self.complete, self.error = False, NoAnswerError("closed")

    @property
    def awaited(self) -> bool:
        """Whether somebody waits for more of it now, and none has come."""
        return self._waiter is not None and not self._waiter.done()

    def _more(self) -> asyncio.Future[None]:
        """What is done when there is something to see; no coroutine, for each stream holds one of these nearly always."""
        if self.error is not None:
            raise self.error
        if self._connection is not None:
            self._connection.patience()
        self._waiter = waiter = self._loop.create_future()
        return waiter

    # What the connection says.

    def put(self, piece: bytes) -> bool:
        """More of the body; whether that is enough for now."""
        self._pieces.append(piece)
        self._held += len(piece) + _PIECE
        return self._held > _HIGH_WATER

    def wake(self) -> None:
        """There is something to see."""
        waiter, self._waiter = self._waiter, None
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def end(self, error: OSError | None = None) -> None:
        """Nothing more comes from the connection."""
        self._connection = None
        self.complete, self.error = error is None, error
        self.wake()


def reason_of(error: Exception) -> str:
    """The kind of reason why no answer comes, or not all of it."""
    return str(error) if isinstance(error, NoAnswerError) else type(error).__name__
