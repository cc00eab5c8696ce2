"""One simulated provider: a server on the loopback that speaks chat completions. Knows nothing of other providers."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from .answer import Answer, ConnectionReset
from .behaviour import Behaviour
from .connection import Connection, Received, Tally
from .speech import Complaint, completion, error, events, reply, usage_wanted

__all__ = ["Provider", "Received"]

_KEPT = 1_000
_KINDS = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}


class Provider:
    """A simulated provider at ``url``; a second start takes the port of the first, as a provider that comes back.

    Attributes:
        name: said in each answer, e.g. ``simulated provider in Rabat``.
        models: ids of the models that it offers.
        behaviour: how it behaves; may be changed at any time.
        requests: the requests read, the last 1,000 at least.
    """

    def __init__(self, name: str, *, models: tuple[str, ...] = ("sim",), behaviour: Behaviour | None = None) -> None:
        self.name = name
        self.models = models
        self.behaviour = behaviour or Behaviour()
        self.requests: list[Received] = []
        self._tally = Tally()
        self._server: asyncio.Server | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """The base URL of the API, e.g. ``http://127.0.0.1:40123/v1``, known from the first start on."""
        if not self._port:
            raise RuntimeError(f"{self.name} was never started")
        return f"http://127.0.0.1:{self._port}/v1"

    @property
    def bytes_received(self) -> int:
        """Every byte read from any socket."""
        return self._tally.bytes_received

    @property
    def connections(self) -> int:
        """Connections accepted, a connection without a byte included."""
        return self._tally.connections

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1. Raises ``OSError`` where the former port is taken."""
        if self._server:
            raise RuntimeError(f"{self.name} is running")
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self._handle, self._tally), "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse connections from now on and drop the open ones."""
        if self._server:
            self._server.close()
            for connection in tuple(self._tally.open):
                await connection.stop()
            await self._server.wait_closed()
            self._server = None

    async def _handle(self, request: Received, connection: Connection) -> None:
        self.requests.append(request)
        if len(self.requests) > 2 * _KEPT:
            del self.requests[:_KEPT]
        answer = Answer(connection, self.behaviour)
        try:
            await self._answer(request, answer)
        except Complaint as complaint:
            body = error(complaint.message, complaint.code, "invalid_request_error", complaint.param)
            await answer.whole(complaint.status, self._json(body))
        except ConnectionReset:
            await asyncio.Event().wait()

    async def _answer(self, request: Received, answer: Answer) -> None:
        if self.behaviour.hang:
            await asyncio.Event().wait()
        if self.behaviour.fail_status:
            await self._fail(self.behaviour.fail_status, answer)
            return
        path = request.path.partition("?")[0]
        if path == "/v1/models" and request.method == "GET":
            models = [{"id": model, "object": "model", "created": 0, "owned_by": self.name} for model in self.models]
            await answer.whole(200, self._json({"object": "list", "data": models}))
        elif path == "/v1/chat/completions" and request.method == "POST":
            await self._chat(request.body, answer)
        else:
            raise Complaint(404, "unknown_url", f"no such address here: {request.method} {path[:200]}")

    async def _chat(self, body: bytes, answer: Answer) -> None:
        try:
            asked = msgspec.json.decode(body)
            said = reply(asked, self.name, self.models, self.behaviour.language)
        except (msgspec.DecodeError, UnicodeDecodeError) as broken:
            raise Complaint(400, "invalid_json", f"the body is not JSON: {broken}") from None
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            raise Complaint(400, "invalid_value", "a field of the body has not the documented shape") from None
        counted = not self.behaviour.omit_usage
        if asked.get("stream") is True:
            pieces = events(said, counted and usage_wanted(asked), self.behaviour.chunks)
            await self._stream(list(pieces), answer)
        else:
            await answer.whole(200, self._json(completion(said, counted)), x_request_id=said.id)

    async def _stream(self, pieces: list[dict[str, Any]], answer: Answer) -> None:
        await answer.begin("text/event-stream; charset=utf-8")
        last = self.behaviour.mid_stream_error
        for number, piece in enumerate(pieces):
            # The first event carries the role and no text.
            if last is not None and number > last:
                await self._event(self._json(error("simulated failure in mid-stream", None, "server_error")), answer)
                await answer.end()
                return
            await self._event(self._json(piece), answer)
        if not self.behaviour.omit_done:
            await self._event(b"[DONE]", answer)
        await answer.end()

    async def _event(self, data: bytes, answer: Answer) -> None:
        if self.behaviour.gap:
            await asyncio.sleep(self.behaviour.gap)
        newline = b"\r\n" if self.behaviour.crlf else b"\n"
        comment = b": still here" + newline if self.behaviour.comments else b""
        await answer.chunk(comment + b"data: " + data + newline + newline)

    async def _fail(self, status: int, answer: Answer) -> None:
        kind = _KINDS.get(status, "server_error" if status >= 500 else "invalid_request_error")
        body = error(f"simulated failure of the {self.name}", f"simulated_{status}", kind)
        wait = self.behaviour.retry_after
        await answer.whole(status, self._json(body), **({} if wait is None else {"retry_after": str(wait)}))

    def _json(self, value: Any) -> bytes:
        encoded = msgspec.json.encode(value)
        return encoded[:-1] if self.behaviour.broken_json else encoded
