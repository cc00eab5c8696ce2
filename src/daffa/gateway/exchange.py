"""One model, one Permit, one answer: from the first byte that leaves to the recorded outcome. Knows no other model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Protocol

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
from .translating import Passing, way_back
from .upstream import Response

__all__ = ["Asked", "Asker", "Exchange", "Wire"]

# What the client must mend and no other model can: these are passed back. Any other status is the upstream's failing.
_THE_CLIENTS = frozenset({400, 413, 422})
_LARGEST_WHOLE = 64 << 20
# Of a prompt, what a token takes: for estimates alone.
_BYTES_PER_TOKEN = 4
_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Asker:
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What an exchange is about, for whoever is told how it ended.

    Attributes:
        surface, request: as the client asked.
        asker: who asked, and what was decided on.
        number: how many models were asked for the request, this one included.
        waited: seconds until it was decided, and the decision durable.
    """

    surface: Surface
    request: Request
    asker: Asker
    number: int
    waited: float


class Exchange:
    """A call to one model. ``open`` makes it, ``relay`` passes the answer on; either records how it ended, once."""

    def __init__(
        self, guard: Guard, running: Running, attempt: Try, model: Model, permit: Permit, asked: Asked, spending: Spending
    ) -> None:
        self.model = model
        self.permit = permit
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
        self._late = False
        self._response: Response | None = None
        self._chunks: AsyncIterator[bytes] | None = None
        self._meter: Meter | None = None
        self._way = Passing()
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

    async def open(self, wire: Wire, prepared: Prepared) -> None:
        """Send what was prepared and wait for the first bytes of a stream, or for the whole of an answer that is none.

        Until then another model may still be tried. Raises ``Unavailable``, with the outcome recorded.
        """
        asked = self._asked
        self._way = way_back(asked.surface, wire.idioms[asked.request.kind], asked.request, prepared.originals)
        try:
            async with asyncio.timeout(self._patience.first_byte_seconds) as limit:
                await self._open(wire, prepared.body, limit)
        except TimeoutError as error:
            raise self._failed(Unavailable("upstream_timeout")) from error
        except Unavailable as error:
            raise self._failed(error) from error.__cause__
        except BaseException as error:
            self._attempt.left()
            self._end("client_gone" if isinstance(error, asyncio.CancelledError) else "failed")
            raise
        self._attempt.succeeded(self._first_byte)

    async def _open(self, wire: Wire, body: bytes, limit: asyncio.Timeout) -> None:
        request, surface = self._asked.request, self._asked.surface
        idiom = wire.idioms[request.kind]
        self._response = response = await wire.send(
            self.permit, body, kind=request.kind, stream=request.stream, asker=self._asked.asker
        )
        if response.status != 200 and response.status not in _THE_CLIENTS:
            wait = seconds_of(response.retry_after, self._running.wall())
            raise Unavailable("upstream_failed", status=response.status, retry_after=wait)
        self._chunks = response.chunks()
        if request.stream and response.content_type.startswith("text/event-stream"):
            hide_usage = not request.wants_usage and surface.name == idiom.name
            self._meter = StreamMeter(idiom, hide_usage=hide_usage)
            first = await _first(self._chunks)
            self._first_byte = self._running.clock() - self._started
            self._first = self._way.feed(self._meter.feed(first))
            return
        if request.stream and response.status == 200:
            # A client that waits for events finds none in a whole answer, and takes it for an empty one.
            raise Unavailable("upstream_unreadable", status=response.status)
        self._first_byte = self._running.clock() - self._started
        limit.reschedule(asyncio.get_running_loop().time() + self._patience.answer_seconds - self._first_byte)
        self._meter = meter = WholeMeter(idiom)
        passed = meter.feed(await _whole(self._chunks))
        if not meter.readable:
            raise Unavailable("upstream_unreadable", status=response.status)
        size = len(passed) if self._way.touches else 0
        self._first = await aside(size, self._way.whole, passed, response.status)

    async def relay(self) -> AsyncGenerator[bytes]:
        """The answer's bytes as they come. Raises ``Unavailable`` where a stream breaks."""
        meter, chunks, way, status = self._meter, self._chunks, self._way, "failed"
        if meter is None or chunks is None:
            raise RuntimeError("relay() comes after open()")
        left = self._patience.answer_seconds - (self._running.clock() - self._started)
        # One timer for the whole answer: it costs less than to look at the clock with every piece.
        deadline = None if self.whole else asyncio.get_running_loop().call_later(left, self._expire)
        try:
            if self._first:
                yield self._first
            async for chunk in chunks:
                if passed := way.feed(meter.feed(chunk)):
                    yield passed
            if not self.whole and (rest := way.feed(meter.end()) + way.end()):
                yield rest
            status = "answered" if self.status == 200 else "rejected"
        except (GeneratorExit, asyncio.CancelledError):
            # A client that has read the last event may close before the upstream does: it has its answer.
            status = "answered" if meter.done else "client_gone"
            raise
        except Unavailable as error:
            raise self._broke(error) from error.__cause__
        finally:
            if deadline is not None:
                deadline.cancel()
            self._end(status)

    def _expire(self) -> None:
        """The whole answer has taken too long: whoever waits for its next piece gets an error instead."""
        self._late = True
        if self._response is not None:
            self._response.close()

    def _broke(self, error: Unavailable) -> Unavailable:
        """A stream broke off; what to say of that."""
        self._attempt.failed()
        found = Unavailable("upstream_timeout") if self._late else error
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
        if self._response is not None:
            self._response.close()
        ended, http_status = self._running.clock(), self._response.status if self._response is not None else 0
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
                surface=asked.surface.name,
                model=model.id,
                upstream_model=model.upstream_model,
                wire=model.wire,
                place=self.permit.place,
                url=model.url,
                reference=self.permit.reference,
                label=asked.asker.label,
                attempt=asked.number,
                stream=asked.request.stream,
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
        meter, request = self._meter, self._asked.request
        if meter is None:
            return 0, 0, False
        if request.kind != "chat" or http_status != 200 or (meter.counted and (self.whole or meter.done)):
            return meter.tokens_in, meter.tokens_out, False
        if not meter.bytes_out:
            return meter.tokens_in, meter.tokens_out, False
        guessed_in = meter.tokens_in or len(request.raw) // _BYTES_PER_TOKEN
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
