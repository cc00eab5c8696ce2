"""One model, one Permit, one answer: from the first byte that leaves to the recorded outcome. Knows no other model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol

import msgspec

from daffa.decision import Label, Purpose
from daffa.errors import Unavailable
from daffa.guard import Guard, Permit
from daffa.identity import Caller

from .aside import aside
from .call import Call
from .dialect import Idiom, Surface
from .energy import watt_hours
from .health import Try
from .metering import Meter, StreamMeter, WholeMeter
from .model import Model
from .preparing import Prepared
from .request import Kind, Request
from .retrying import saturation, seconds_of
from .running import Running
from .spending import Spending, told
from .translating import PASSING, Passing, way_back
from .upstream import Response

__all__ = ["Asked", "Asker", "Exchange", "Wire"]

# What the client must mend and no other model can: these are passed back. Any other status is the upstream's failing.
_THE_CLIENTS = frozenset({400, 413, 422})
_LARGEST_WHOLE = 64 << 20
# Of a prompt, what a token takes: for estimates alone.
_BYTES_PER_TOKEN = 4
_MILLION = 1_000_000


class Asker(msgspec.Struct, frozen=True, gc=False):
    """Who asks, under which label and for which purpose it was decided. Upstreams are never told; a wire of the house is."""

    caller: Caller
    label: Label
    purpose: Purpose


class Wire(Protocol):
    """What speaks to one model's upstream, for a Permit.

    Attributes:
        idioms: what it can ask its upstream for, and the protocol of each.
    """

    idioms: Mapping[Kind, Idiom]

    async def send(self, permit: Permit, body: bytes, *, kind: Kind, stream: bool, asker: Asker) -> Response:
        """Send ``body`` under ``permit``; raises ``Unavailable`` where nothing came back."""
        ...


class Asked(msgspec.Struct, frozen=True, gc=False):
    """What an exchange is about, for whoever is told how it ended: nothing of what was said, for a stream may last.

    Attributes:
        surface: the protocol that the client speaks.
        kind, stream: see ``Request``.
        size: bytes of the request.
        label: that was decided on.
        number: how many models were asked for the request, this one included.
        waited: seconds until it was decided, and the decision durable.
    """

    surface: str
    kind: Kind
    stream: bool
    size: int
    label: Label
    number: int
    waited: float


class Exchange:
    """A call to one model. ``open`` makes it, ``next`` passes the answer on; either records how it ended, once.

    Attributes:
        status: the HTTP status of the answer; 0 until its head has come.
        whole: whether it comes in one piece.
    """

    __slots__ = (
        "_asked",
        "_at",
        "_attempt",
        "_chunks",
        "_ended",
        "_fault",
        "_first",
        "_first_byte",
        "_guard",
        "_is_late",
        "_meter",
        "_opening",
        "_patience",
        "_response",
        "_running",
        "_spending",
        "_started",
        "_way",
        "model",
        "permit",
        "status",
        "whole",
    )

    def __init__(
        self, guard: Guard, running: Running, attempt: Try, model: Model, permit: Permit, asked: Asked, spending: Spending
    ) -> None:
        self.model = model
        self.permit = permit
        self.status = 0
        self.whole = False
        self._guard = guard
        self._running = running
        self._attempt = attempt
        self._asked = asked
        self._spending = spending
        self._patience = running.patience(model)
        self._at = running.wall()
        self._started = running.clock()
        self._first_byte = -1.0
        self._fault = ""
        self._is_late = self._ended = False
        self._opening: asyncio.Task[Any] | None = None
        self._response: Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None
        self._meter: Meter | None = None
        self._way: Passing = PASSING
        self._first = b""

    async def open(self, wire: Wire, surface: Surface, request: Request, prepared: Prepared, asker: Asker) -> None:
        """Send what was prepared and wait for the first bytes of a stream, or for the whole of an answer that is none.

        Until then another model may still be tried. Raises ``Unavailable``, with the outcome recorded.
        """
        self._opening = task = asyncio.current_task()
        assert task is not None, "a request runs in a task"  # noqa: S101
        cancelled = task.cancelling()
        self._running.deadlines.set(self, self._patience.first_byte_seconds)
        try:
            await self._open(wire, surface, request, prepared, asker)
        except Unavailable as error:
            raise self._failed(self._too_late(task, cancelled) or error) from error.__cause__
        except BaseException as error:
            if late := self._too_late(task, cancelled):
                raise self._failed(late) from error
            self._attempt.left()
            self._end("client_gone" if isinstance(error, asyncio.CancelledError) else "failed")
            raise
        self._opening = None
        self._attempt.succeeded(self._first_byte)

    def _too_late(self, task: asyncio.Task[Any], cancelled: int) -> Unavailable | None:
        """What to say where we ourselves have stopped ``task``, and nobody else; as ``asyncio.timeout`` does it."""
        return Unavailable("upstream_timeout") if self._is_late and task.uncancel() <= cancelled else None

    async def _open(self, wire: Wire, surface: Surface, request: Request, prepared: Prepared, asker: Asker) -> None:
        idiom = wire.idioms[request.kind]
        self._way = way_back(surface, idiom, request, prepared.originals)
        self._response = response = await wire.send(
            self.permit, prepared.body, kind=request.kind, stream=request.stream, asker=asker
        )
        self.status = status = response.status
        if status != 200 and status not in _THE_CLIENTS:
            wait = seconds_of(response.retry_after, self._running.wall())
            raise Unavailable("upstream_failed", status=status, retry_after=wait)
        self._chunks = response.chunks()
        if request.stream and response.content_type.startswith("text/event-stream"):
            hide_usage = not request.wants_usage and surface.name == idiom.name
            self._meter = StreamMeter(idiom, hide_usage=hide_usage)
            first = await _first(self._chunks)
            self._first_byte = self._running.clock() - self._started
            self._first = self._way.feed(self._meter.feed(first))
            self._running.deadlines.set(self, self._patience.answer_seconds - self._first_byte)
            return
        if request.stream and status == 200:
            # A client that waits for events finds none in a whole answer, and takes it for an empty one.
            raise Unavailable("upstream_unreadable", status=status)
        self._first_byte = self._running.clock() - self._started
        self._running.deadlines.set(self, self._patience.answer_seconds - self._first_byte)
        self.whole, self._meter = True, (meter := WholeMeter(idiom))
        passed = meter.feed(await _whole(self._chunks))
        if not meter.readable:
            raise Unavailable("upstream_unreadable", status=status)
        way = self._way
        self._first = await aside(len(passed), way.whole, passed, status) if way.touches else passed

    async def next(self) -> bytes:
        """The next piece. Raises ``StopAsyncIteration`` once all was passed on, and ``Unavailable`` where a stream breaks."""
        first, self._first = self._first, b""
        if first:
            return first
        meter, chunks, way, status = self._meter, self._chunks, self._way, "failed"
        if self._ended or meter is None or chunks is None:
            raise StopAsyncIteration
        try:
            if not self.whole:
                async for chunk in chunks:
                    if self._is_late:  # one from within the house goes on, though it was closed
                        raise Unavailable("upstream_timeout")
                    if passed := way.feed(meter.feed(chunk)):
                        status = ""
                        return passed
                if rest := way.feed(meter.end()) + way.end():
                    self._way, status = PASSING, ""
                    return rest
            status = "answered" if self.status == 200 else "rejected"
        except (GeneratorExit, asyncio.CancelledError):
            status = self._left
            raise
        except Unavailable as error:
            if self._ended:  # it was left while this waited
                raise StopAsyncIteration from None
            raise self._broke(error) from error.__cause__
        finally:
            if status and not self._ended:
                self._end(status)
        raise StopAsyncIteration

    def leave(self) -> None:
        """Nobody wants more of it."""
        if not self._ended:
            self._end(self._left)

    @property
    def _left(self) -> str:
        # A client that has read the last event may close before the upstream does: it has its answer.
        return "answered" if self._meter is not None and self._meter.done else "client_gone"

    def late(self) -> None:
        """It takes too long: whoever waits for it gets an error instead. See ``Deadlines``."""
        self._is_late = True
        if self._opening is not None:
            self._opening.cancel()
        elif self._response is not None:
            self._response.close()

    def _broke(self, error: Unavailable) -> Unavailable:
        """A stream broke off; what to say of that."""
        self._attempt.failed()
        found = Unavailable("upstream_timeout") if self._is_late else error
        self._fault = found.code
        return found

    def _failed(self, error: Unavailable) -> Unavailable:
        """Nothing came of it; what to say of that."""
        saturated, seconds = saturation(error)
        if saturated:
            self._attempt.saturated(seconds)
        else:
            self._attempt.failed()
        self._fault = error.code
        self._end("failed")
        return error

    def _end(self, status: str) -> None:
        self._ended, self._opening, self._chunks, self._first = True, None, None, b""
        self._running.deadlines.over(self)
        if self._response is not None:
            self._response.close()
        ended, http_status = self._running.clock(), self.status
        tokens_in, tokens_out, estimated = self._tokens(http_status)
        bytes_out = self._meter.bytes_out if self._meter else 0
        charge = self._spending.settle(tokens_in, tokens_out)
        self._guard.settle(
            self.permit.index,
            status,
            http_status=http_status,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            bytes_out=bytes_out,
            details=told(charge, estimated=estimated),
        )
        asked, model = self._asked, self.model
        self._running.tell(
            Call(
                surface=asked.surface,
                model=model.id,
                upstream_model=model.upstream_model,
                wire=model.wire,
                place=self.permit.place,
                url=model.url,
                reference=self.permit.reference,
                label=asked.label,
                attempt=asked.number,
                stream=asked.stream,
                status=status,
                http_status=http_status,
                fault=self._fault,
                tokens_in=tokens_in,
                tokens_out=tokens_out,
                estimated=estimated,
                bytes_out=bytes_out,
                cost=(model.price_in * tokens_in + model.price_out * tokens_out) / _MILLION,
                energy=watt_hours(model, tokens_out),
                started=self._at,
                waited=asked.waited,
                first_byte=self._first_byte,
                seconds=ended - self._started,
            )
        )

    def _tokens(self, http_status: int) -> tuple[int, int, bool]:
        """Tokens in and out, and whether they are estimates: where an answer ended before it told them, or never does."""
        meter, asked = self._meter, self._asked
        if meter is None:
            return 0, 0, False
        if asked.kind != "chat" or http_status != 200 or (meter.counted and (self.whole or meter.done)):
            return meter.tokens_in, meter.tokens_out, False
        if not meter.bytes_out:
            return meter.tokens_in, meter.tokens_out, False
        guessed_in = meter.tokens_in or asked.size // _BYTES_PER_TOKEN
        return guessed_in, max(meter.tokens_out, meter.guess), True


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
