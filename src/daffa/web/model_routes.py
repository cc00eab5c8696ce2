"""The routes that models are asked by, in plain ASGI: ``/v1/...``. Knows HTTP and the gateway's face; decides nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

from daffa import sentences
from daffa.errors import DaffaError, Denied, NotFound, Refused, Unavailable
from daffa.gateway import AUTO, Answer, Declared, Gateway, explain, openai_chat
from daffa.identity import Caller, Identity, Role

from .asgi import Gone, Headers, Receive, Reply, Scope, Send, bearer, headers_of, leaving, read_body
from .errors import status_of

__all__ = ["ModelRoutes"]

_JSON = (b"content-type", b"application/json")
# Proxies must not gather a stream into one burst.
_EVENTS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]
_log = logging.getLogger(__name__)


class ModelRoutes:
    """An ASGI application for everything under ``/v1/``; an unknown path is answered in the surface's own error shape."""

    def __init__(self, identity: Identity, gateway: Gateway, *, max_body_bytes: int, clock: Callable[[], float]) -> None:
        self._identity = identity
        self._gateway = gateway
        self._max_body_bytes = max_body_bytes
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; every error leaves in OpenAI's shape, in the caller's language."""
        headers, reply = headers_of(scope), Reply(send)
        language = sentences.choose(headers.get(b"accept-language", b"").decode("latin-1"))
        try:
            caller = self._caller(headers)
            match scope["method"], scope["path"].split("/")[2:]:
                case "POST", ["chat", "completions"]:
                    await self._chat(caller, headers, receive, reply)
                case "GET", ["models"]:
                    await reply.whole(200, [_JSON], openai_chat.model_list(self._models(caller)))
                case "GET", ["models", *name]:
                    await reply.whole(200, [_JSON], openai_chat.model_row(self._model(caller, "/".join(name))))
                case method, _:
                    raise NotFound("unknown_route", method=method, path=scope["path"][:200])
        except Gone:
            return
        except DaffaError as error:
            await self._fail(reply, error, language)
        except asyncio.CancelledError:
            # Nobody but the server cancels a request that is not left: it stops, and this task ends here.
            await self._fail(reply, Unavailable("server_stops"), language)
        except Exception:  # noqa: BLE001 - the last line: whatever it is, the client gets an answer and no trace
            _log.exception("a request failed in a way that nobody foresaw")
            await self._fail(reply, Unavailable("internal_error"), language)

    def _caller(self, headers: Headers) -> Caller:
        caller = self._identity.authenticate(bearer(headers), self._clock())
        if Role.AGENT not in caller.roles:
            raise Denied("forbidden", expected=str(Role.AGENT))
        return caller

    async def _chat(self, caller: Caller, headers: Headers, receive: Receive, reply: Reply) -> None:
        body = await read_body(headers, receive, self._max_body_bytes)
        declared = Declared(_text(headers, b"x-daffa-label"), _text(headers, b"x-daffa-purpose"))
        with leaving(receive):
            answer = await self._gateway.chat(caller, body, declared)
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
            rows.append({"id": offer.model.id, "object": "model", "created": 0, "owned_by": place.id, "daffa": facts})
        return rows

    def _model(self, caller: Caller, name: str) -> dict[str, Any]:
        rows = {row["id"]: row for row in self._models(caller)}
        if name not in rows:
            raise NotFound("unknown_model", field="model", model=name[:80], known=", ".join(rows))
        return rows[name]

    async def _fail(self, reply: Reply, error: DaffaError, language: str) -> None:
        """Say what went wrong: as the answer, or as the last event of a stream that has begun."""
        if reply.in_pieces:
            await reply.end(openai_chat.error_event(error, language))
        if reply.begun:
            return
        status, headers, more = status_of(error), [_JSON], None
        if isinstance(error, Refused) and "candidates" in error.facts:
            more = explain(error, language)
            headers += [(b"x-daffa-decision", more["decision"].encode()), (b"x-daffa-label", more["label"].encode())]
        if status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        await reply.whole(status, headers, openai_chat.error_body(error, status, language, more))


def _headers(answer: Answer) -> list[tuple[bytes, bytes]]:
    return [
        (b"x-daffa-decision", answer.reference.encode()),
        (b"x-daffa-label", str(answer.label).encode()),
        (b"x-daffa-place", answer.place.encode()),
        (b"x-daffa-model", answer.model.encode()),
    ]


def _text(headers: Headers, name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")
