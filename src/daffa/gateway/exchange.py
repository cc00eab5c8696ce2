"""One model, one Permit, one answer: from the first byte that leaves to the recorded outcome. Knows no other model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Protocol

from daffa.errors import Unavailable
from daffa.guard import Guard, Permit

from .health import Health
from .metering import Meter, StreamMeter, WholeMeter
from .model import Model
from .surfaces import openai_chat
from .upstream import Response

__all__ = ["Exchange", "Wire"]

# What the client must mend and no other model can: these are passed back. Any other status is the upstream's failing.
_THE_CLIENTS = frozenset({400, 413, 422})
_LARGEST_WHOLE = 64 << 20


class Wire(Protocol):
    """What speaks to one model's upstream, for a Permit."""

    async def chat(self, permit: Permit, body: bytes) -> Response:
        """Send ``body`` under ``permit``; raises ``Unavailable`` where nothing came back."""
        ...


class Exchange:
    """A call to one model. ``open`` makes it, ``relay`` passes the answer on; either records how it ended, once."""

    def __init__(self, guard: Guard, health: Health, model: Model, permit: Permit) -> None:
        self.model = model
        self.permit = permit
        self._guard = guard
        self._health = health
        self._response: Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None
        self._meter: Meter | None = None
        self._first = b""

    @property
    def status(self) -> int:
        """HTTP status of the answer whose first bytes have come."""
        if self._response is None:
            raise RuntimeError("an exchange has a status only after open()")
        return self._response.status

    @property
    def whole(self) -> bool:
        """Whether the answer came whole, with nothing more to wait for."""
        return isinstance(self._meter, WholeMeter)

    async def open(self, wire: Wire, request: openai_chat.ChatRequest, body: bytes, clock: Callable[[], float]) -> None:
        """Send ``body`` and wait for the first bytes of a stream, or for the whole of an answer that is none.

        Until then another model may still be tried. Raises ``Unavailable``, with the outcome recorded.
        """
        started = clock()
        try:
            self._response = response = await wire.chat(self.permit, body)
            if response.status != 200 and response.status not in _THE_CLIENTS:
                raise Unavailable("upstream_failed", status=response.status)
            self._chunks = response.chunks()
            if request.stream and response.content_type.startswith("text/event-stream"):
                self._meter = StreamMeter(openai_chat.read_answer, hide_usage=not request.wants_usage)
                self._first = self._meter.feed(await _first(self._chunks))
            else:
                self._meter = meter = WholeMeter(openai_chat.read_answer)
                self._first = meter.feed(await _whole(self._chunks))
                if not meter.readable:
                    raise Unavailable("upstream_unreadable", status=response.status)
        except Unavailable:
            self._health.failed(self.model.id)
            self._end("failed")
            raise
        except BaseException as error:
            self._end("client_gone" if isinstance(error, asyncio.CancelledError) else "failed")
            raise
        self._health.succeeded(self.model.id, clock() - started)

    async def relay(self) -> AsyncGenerator[bytes]:
        """The answer's bytes as they come. Raises ``Unavailable`` where a stream breaks."""
        meter, chunks, status = self._meter, self._chunks, "failed"
        if meter is None or chunks is None:
            raise RuntimeError("relay() comes after open()")
        try:
            if self._first:
                yield self._first
            async for chunk in chunks:
                if passed := meter.feed(chunk):
                    yield passed
            if rest := meter.end():
                yield rest
            status = "answered" if self.status == 200 else "rejected"
        except (GeneratorExit, asyncio.CancelledError):
            # A client that has read the last event may close before the upstream does: it has its answer.
            status = "answered" if meter.done else "client_gone"
            raise
        except Unavailable:
            self._health.failed(self.model.id)
            raise
        finally:
            self._end(status)

    def _end(self, status: str) -> None:
        if self._response is not None:
            self._response.close()
        meter = self._meter
        self._guard.settle(
            self.permit.index,
            status,
            http_status=self._response.status if self._response is not None else 0,
            tokens_in=meter.tokens_in if meter else 0,
            tokens_out=meter.tokens_out if meter else 0,
            bytes_out=meter.bytes_out if meter else 0,
        )


async def _first(chunks: AsyncIterator[bytes]) -> bytes:
    async for chunk in chunks:
        return chunk
    raise Unavailable("upstream_broke_off", reason="empty stream")


async def _whole(chunks: AsyncIterator[bytes]) -> bytes:
    pieces, size = [], 0
    async for chunk in chunks:
        size += len(chunk)
        if size > _LARGEST_WHOLE:
            raise Unavailable("upstream_too_large", expected=f"at most {_LARGEST_WHOLE} bytes")
        pieces.append(chunk)
    return b"".join(pieces)
