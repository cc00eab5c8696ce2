"""One simulated provider: a loopback server that speaks chat completions and other tongues. Knows no other provider."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Iterator
from typing import Any

import msgspec

from .answer import Answer, ConnectionReset
from .anthropic_speech import AnthropicTongue
from .behaviour import Behaviour
from .connection import Connection, Received, Tally
from .embeddings_speech import EmbeddingsTongue
from .gemini_speech import GeminiTongue
from .manners import MANNERS
from .speech import Complaint, completion, error, events, reply, usage_wanted
from .tongue import Asked, SpokenEvent, Tongue

__all__ = ["Provider", "Received"]

_KEPT = 1_000
_FLOOD = 64 << 10
_FILLING = b'{"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"' + b"." * _FLOOD + b'"}}]}'
_KINDS = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 429: "rate_limit_error"}
# Beside chat completions.
_TONGUES: tuple[Tongue, ...] = (AnthropicTongue(), GeminiTongue(), EmbeddingsTongue(), *MANNERS)


class Provider:
    """A simulated provider at ``url``; a second start takes the port of the first, as a provider that comes back.

    Args:
        tls: with which it speaks; plain HTTP without.

    Attributes:
        name: said in each answer, e.g. ``simulated provider in Rabat``.
        models: ids of the models that it offers.
        behaviour: how it behaves; may be changed at any time.
        requests: the requests read, the last 1,000 at least.
    """

    def __init__(
        self,
        name: str,
        *,
        models: tuple[str, ...] = ("sim",),
        behaviour: Behaviour | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.name = name
        self.models = models
        self.behaviour = behaviour or Behaviour()
        self.requests: list[Received] = []
        self._tls = tls
        self._tally = Tally()
        self._server: asyncio.Server | None = None
        self._port = 0

    @property
    def url(self) -> str:
        """The base URL of the API, e.g. ``http://127.0.0.1:40123/v1``, known from the first start on."""
        if not self._port:
            raise RuntimeError(f"{self.name} was never started")
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}/v1"

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
        self._server = await loop.create_server(
            lambda: Connection(self._handle, self._tally), "127.0.0.1", self._port, ssl=self._tls
        )
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
            if (tongue := _tongue_of(request)) is not None:
                body = tongue.error(complaint.status, complaint.code, complaint.message, complaint.param).document
            await answer.whole(complaint.status, self._json(body))
        except ConnectionReset:
            await asyncio.Event().wait()

    async def _answer(self, request: Received, answer: Answer) -> None:
        if self.behaviour.hang:
            await asyncio.Event().wait()
        if self.behaviour.fail_status:
            await self._fail(self.behaviour.fail_status, answer, _tongue_of(request))
            return
        path = request.path.partition("?")[0]
        if (tongue := _tongue_of(request)) is not None:
            await self._speak(tongue, request, answer)
        elif path == "/v1/models" and request.method == "GET":
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

    async def _speak(self, tongue: Tongue, request: Received, answer: Answer) -> None:
        try:
            body = msgspec.json.decode(request.body) if request.method == "POST" else None
            path, _, query = request.path.partition("?")
            how = self.behaviour
            heard = (path, request.headers, body, self.name, self.models)
            spoken = tongue.answer(Asked(*heard, how.language, not how.omit_usage, how.chunks, query))
        except (msgspec.DecodeError, UnicodeDecodeError) as broken:
            raise Complaint(400, "invalid_json", f"the body is not JSON: {broken}") from None
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            raise Complaint(400, "invalid_value", "a field of the body has not the documented shape") from None
        if spoken.events is None:
            await answer.whole(200, self._json(spoken.document))
            return
        await answer.begin("text/event-stream; charset=utf-8")
        for event in self._until_failure(tongue, spoken.events):
            await self._event(self._json(event.document), answer, event.name)
        if spoken.last and not self.behaviour.omit_done:
            await self._event(spoken.last, answer)
        await answer.end()

    def _until_failure(self, tongue: Tongue, events: tuple[SpokenEvent, ...]) -> Iterator[SpokenEvent]:
        left = self.behaviour.mid_stream_error
        for event in events:
            if left is not None and event.piece:
                if not left:
                    yield tongue.error(500, None, "simulated failure in mid-stream")
                    return
                left -= 1
            yield event

    async def _stream(self, pieces: list[dict[str, Any]], answer: Answer) -> None:
        await answer.begin("text/event-stream; charset=utf-8")
        for _ in range(self.behaviour.flood // _FLOOD):
            await self._event(_FILLING, answer)
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

    async def _event(self, data: bytes, answer: Answer, name: str = "") -> None:
        if self.behaviour.gap:
            await asyncio.sleep(self.behaviour.gap)
        newline = b"\r\n" if self.behaviour.crlf else b"\n"
        comment = b": still here" + newline if self.behaviour.comments else b""
        named = b"event: " + name.encode() + newline if name else b""
        await answer.chunk(comment + named + b"data: " + data + newline + newline)

    async def _fail(self, status: int, answer: Answer, tongue: Tongue | None) -> None:
        kind = _KINDS.get(status, "server_error" if status >= 500 else "invalid_request_error")
        body = error(f"simulated failure of the {self.name}", f"simulated_{status}", kind)
        if tongue is not None:
            body = tongue.error(status, f"simulated_{status}", f"simulated failure of the {self.name}").document
        wait = self.behaviour.retry_after
        await answer.whole(status, self._json(body), **({} if wait is None else {"retry_after": str(wait)}))

    def _json(self, value: Any) -> bytes:
        encoded = msgspec.json.encode(value)
        return encoded[:-1] if self.behaviour.broken_json else encoded


def _tongue_of(request: Received) -> Tongue | None:
    path = request.path.partition("?")[0]
    return next((tongue for tongue in _TONGUES if tongue.hears(request.method, path)), None)
