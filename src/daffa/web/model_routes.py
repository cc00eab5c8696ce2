"""The routes that models are asked by, in plain ASGI: all under ``/v1/`` and ``/v1beta/``. Decides nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

from daffa import sentences
from daffa.errors import DaffaError, Denied, Invalid, NotFound, Refused, Unavailable
from daffa.gateway import AUTO, LISTINGS, SURFACES, Answer, Declared, Gateway, Running, Surface, TurnedAway, explain
from daffa.identity import Caller, Identity, Role

from .asgi import Gone, Headers, Leaving, Receive, Reply, Scope, Send, headers_of, model_key, read_body
from .auth import established
from .errors import status_of
from .model_paths import Path, path_of

__all__ = ["ModelRoutes"]

_JSON = (b"content-type", b"application/json")
# Proxies must not gather a stream into one burst.
_EVENTS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]
_DECLARED = (b"x-daffa-label", b"x-daffa-purpose", b"x-daffa-conversation", b"x-daffa-priority")
_log = logging.getLogger(__name__)


_LONGEST_HEADER = 2000
# Whose shape an error has where no body speaks.
_VOICES = {"openai": "openai_chat", "anthropic": "anthropic", "gemini": "gemini"}


class ModelRoutes:
    """An ASGI application for everything that models are asked by; an error leaves in the shape of whoever asked."""

    def __init__(
        self, identity: Identity, gateway: Gateway, running: Running, *, max_body_bytes: int, clock: Callable[[], float]
    ) -> None:
        self._identity = identity
        self._gateway = gateway
        self._running = running
        self._max_body_bytes = max_body_bytes
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; every error leaves in the surface's shape, in the caller's language."""
        headers, reply, began = headers_of(scope), Reply(send), self._clock()
        language = sentences.choose(headers.get(b"accept-language", b"").decode("latin-1"))
        path = path_of(scope["method"], scope["path"], headers)
        voice = SURFACES[path.surface or _VOICES[path.vendor]]
        try:
            with self._running.intake.one():
                caller = self._caller(scope, headers)
                match path.asks:
                    case "answer":
                        await self._answer(voice, path, caller, headers, scope, receive, reply)
                    case "models":
                        await reply.whole(200, [_JSON], LISTINGS[path.vendor].models(self._models(caller)))
                    case "model":
                        await reply.whole(200, [_JSON], LISTINGS[path.vendor].model(self._model(caller, path.model)))
                    case _:
                        raise NotFound("unknown_route", method=scope["method"], path=scope["path"][:200])
        except Gone:
            return
        except DaffaError as error:
            await self._fail(voice, reply, error, language, began)
        except asyncio.CancelledError:
            # Nobody but the server cancels a request that is not left: it stops, and this task ends here.
            await self._fail(voice, reply, Unavailable("server_stops"), language, began)
        except Exception:  # noqa: BLE001 - the last line: whatever it is, the client gets an answer and no trace
            _log.exception("a request failed in a way that nobody foresaw")
            await self._fail(voice, reply, Unavailable("internal_error"), language, began)

    def _caller(self, scope: Scope, headers: Headers) -> Caller:
        caller = established(scope) or self._identity.authenticate(model_key(headers), self._clock())
        if Role.AGENT not in caller.roles:
            raise Denied("forbidden", expected=str(Role.AGENT))
        return caller

    async def _answer(
        self, surface: Surface, path: Path, caller: Caller, headers: Headers, scope: Scope, receive: Receive, reply: Reply
    ) -> None:
        if path.surface == "gemini" and path.stream and b"alt=sse" not in scope.get("query_string", b""):
            raise Invalid("invalid_request_field", field="alt", expected="sse")
        body = await read_body(headers, receive, self._max_body_bytes)
        declared = Declared(*(_text(headers, name) for name in _DECLARED))
        with Leaving(scope, receive):
            answer = await self._gateway.ask(surface, caller, body, declared, model=path.model, stream=path.stream)
            async with aclosing(answer.chunks) as chunks:
                # The first piece is here already; reading it starts the relay, which from then on records its own end.
                first = await anext(chunks, b"")
                if answer.whole:
                    await reply.whole(answer.status, [_JSON, *_headers(answer)], first)
                    await anext(chunks, b"")  # there is no second piece: this is where the relay records that all was sent
                    return
                await reply.begin(answer.status, [*_EVENTS, *_headers(answer)])
                await reply.piece(first)
                async for piece in chunks:
                    await reply.piece(piece)
                await reply.end()

    def _models(self, caller: Caller) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = [{"id": AUTO, "object": "model", "created": 0, "owned_by": "daffa"}]
        for offer in self._gateway.offers(caller):
            place = offer.candidate.question.place
            facts: dict[str, Any] = {
                "place": place.id,
                "hw": place.hw,
                "operator": place.operator,
                "reach": sorted(place.reach),
            }
            facts["allowed"] = offer.candidate.verdict.allowed
            facts["state"] = self._running.health.state(offer.model.id).value
            rows.append({"id": offer.model.id, "object": "model", "created": 0, "owned_by": place.id, "daffa": facts})
        return rows

    def _model(self, caller: Caller, name: str) -> dict[str, Any]:
        rows = {row["id"]: row for row in self._models(caller)}
        if name not in rows:
            raise NotFound("unknown_model", field="model", model=name[:80], known=", ".join(rows))
        return rows[name]

    async def _fail(self, voice: Surface, reply: Reply, error: DaffaError, language: str, began: float) -> None:
        """Say what went wrong: as the answer, or as the last event of a stream that has begun."""
        if reply.in_pieces:
            await reply.end(voice.error_event(error, language))
        if reply.begun:
            return
        status, headers, more = status_of(error), [_JSON], None
        if isinstance(error, Refused) and "candidates" in error.facts:
            more = explain(error, language)
            headers += [(b"x-daffa-decision", more["decision"].encode()), (b"x-daffa-label", more["label"].encode())]
        if status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        if "retry_after" in error.facts:
            headers.append((b"retry-after", b"%d" % error.facts["retry_after"]))
        if error.code == "server_stops":
            headers.append((b"connection", b"close"))
        self._tell(voice, error, status, began)
        await reply.whole(status, headers, voice.error_body(error, status, language, more))

    def _tell(self, voice: Surface, error: DaffaError, status: int, began: float) -> None:
        rules = tuple(error.facts.get("rules", ())) if isinstance(error, Refused) else ()
        reference = str(error.facts.get("reference", "")) if isinstance(error, Refused) else ""
        self._running.tell(
            TurnedAway(
                surface=voice.name,
                code=error.code,
                http_status=status,
                rules=rules,
                reference=reference,
                time=began,
                seconds=max(self._clock() - began, 0.0),
            )
        )


def _headers(answer: Answer) -> list[tuple[bytes, bytes]]:
    if not answer.reference:
        return [(b"x-daffa-label", str(answer.label).encode()), (b"x-daffa-estimated", b"true")]
    headers = [
        (b"x-daffa-decision", answer.reference.encode()),
        (b"x-daffa-label", str(answer.label).encode()),
        (b"x-daffa-place", answer.place.encode()),
        (b"x-daffa-model", answer.model.encode()),
    ]
    if answer.left_out:
        # Names of fields come from the client: nothing of them may end a header.
        headers.append((b"x-daffa-left-out", ", ".join(answer.left_out).encode("ascii", "replace")[:_LONGEST_HEADER]))
    if answer.masked:
        headers.append((b"x-daffa-masked", b"%d" % answer.masked))
    return headers


def _text(headers: Headers, name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")
