"""The routes that models are asked by: all under ``/v1/`` and ``/v1beta/``, each request one walk. Decides nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from daffa import sentences
from daffa.errors import DaffaError, Denied, Invalid, NotFound, Refused, Unavailable
from daffa.gateway import AUTO, LISTINGS, SURFACES, Answer, Declared, Gateway, Running, Surface, TurnedAway, explain
from daffa.identity import Caller, Identity, Role

from .asgi import Headers, model_key
from .errors import status_of
from .model_paths import Path, path_of
from .model_request import Gone, ModelRequest

__all__ = ["ModelRoutes"]

_JSON = (b"content-type", b"application/json")
# Proxies must not gather a stream into one burst.
_EVENTS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]
_log = logging.getLogger(__name__)

_LONGEST_HEADER = 2000
_LONGEST_LANGUAGE = 200
_PRINTABLE = bytes(byte if 32 <= byte < 127 else ord("?") for byte in range(256))
_DECLARED = (b"x-daffa-label", b"x-daffa-purpose", b"x-daffa-conversation", b"x-daffa-priority")
# Whose shape an error has where no body speaks.
_VOICES = {"openai": "openai_chat", "anthropic": "anthropic", "gemini": "gemini"}


class ModelRoutes:
    """Answers everything that models are asked by; an error leaves in the shape of whoever asked.

    Args:
        recognise: finds who asks with a session or a token of the issuer, by method and headers; ``None`` where nobody can.
    """

    def __init__(
        self,
        identity: Identity,
        gateway: Gateway,
        running: Running,
        *,
        recognise: Callable[[str, Headers], Awaitable[Caller | None]] | None,
        max_body_bytes: int,
        clock: Callable[[], float],
    ) -> None:
        self._identity = identity
        self._gateway = gateway
        self._running = running
        self._recognise = recognise
        self._max_body_bytes = max_body_bytes
        self._clock = clock

    async def __call__(self, request: ModelRequest) -> None:
        """Answer one request; every error leaves in the surface's shape, in the caller's language."""
        began, headers = self._clock(), request.headers()
        path = path_of(request.method, request.path, headers)
        language = headers.get(b"accept-language", b"")[:_LONGEST_LANGUAGE]
        voice = SURFACES[path.surface or _VOICES[path.vendor]]
        try:
            with self._running.intake:
                if path.asks == "answer":
                    asking = self._ask(voice, path, headers, request)
                    del headers, path  # an answer that takes minutes holds no more than it needs
                    await _pass_on(await asking, request)
                else:
                    await self._list(path, headers, request)
        except Gone:
            return
        except DaffaError as error:
            await self._fail(voice, request, error, language, began)
        except asyncio.CancelledError:
            if not request.left:
                # Nobody but the server cancels a request that is not left: it stops, and this task ends here.
                await self._fail(voice, request, Unavailable("server_stops"), language, began)
        except Exception:  # noqa: BLE001 - the last line: whatever it is, the client gets an answer and no trace
            _log.exception("a request failed in a way that nobody foresaw")
            await self._fail(voice, request, Unavailable("internal_error"), language, began)

    async def _caller(self, method: str, headers: Headers) -> Caller:
        known = None if self._recognise is None else await self._recognise(method, headers)
        caller = known or self._identity.authenticate(model_key(headers), self._clock())
        if Role.AGENT not in caller.roles:
            raise Denied("forbidden", expected=str(Role.AGENT))
        return caller

    async def _ask(self, surface: Surface, path: Path, headers: Headers, request: ModelRequest) -> Answer:
        caller = await self._caller(request.method, headers)
        if path.surface == "gemini" and path.stream and b"alt=sse" not in request.query:
            raise Invalid("invalid_request_field", field="alt", expected="sse")
        body = await request.body(headers, self._max_body_bytes)
        label, purpose, conversation, priority = [
            headers[name].decode("latin-1") if name in headers else None for name in _DECLARED
        ]
        declared = Declared(label, purpose, conversation, priority)
        return await self._gateway.ask(surface, caller, body, declared, model=path.model, stream=path.stream)

    async def _list(self, path: Path, headers: Headers, request: ModelRequest) -> None:
        caller = await self._caller(request.method, headers)
        match path.asks:
            case "models":
                await request.whole(200, [_JSON], LISTINGS[path.vendor].models(self._models(caller)))
            case "model":
                await request.whole(200, [_JSON], LISTINGS[path.vendor].model(self._model(caller, path.model)))
            case _:
                raise NotFound("unknown_route", method=request.method, path=request.path[:200])

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

    async def _fail(self, voice: Surface, request: ModelRequest, error: DaffaError, language: bytes, began: float) -> None:
        """Say what went wrong: as the answer, or as the last event of a stream that has begun."""
        spoken = sentences.choose(language.decode("latin-1"))
        if request.in_pieces:
            await request.end(voice.error_event(error, spoken))
        if request.begun:
            return
        status, headers, more = status_of(error), [_JSON], None
        if isinstance(error, Refused) and "candidates" in error.facts:
            more = explain(error, spoken)
            headers += [(b"x-daffa-decision", more["decision"].encode()), (b"x-daffa-label", more["label"].encode())]
        if status == 401:
            headers.append((b"www-authenticate", b"Bearer"))
        if "retry_after" in error.facts:
            headers.append((b"retry-after", b"%d" % error.facts["retry_after"]))
        if error.code == "server_stops":
            request.keep_alive = False
        self._tell(voice, error, status, began)
        await request.whole(status, headers, voice.error_body(error, status, spoken, more))

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


async def _pass_on(answer: Answer, request: ModelRequest) -> None:
    """The answer, as it comes."""
    chunks = answer.chunks
    try:
        # The first piece is here already; reading it starts the relay, which from then on records its own end.
        first = await anext(chunks, b"")
        if answer.whole:
            await request.whole(answer.status, [_JSON, *_headers(answer)], first)
            await anext(chunks, b"")  # there is no second piece: this is where the relay records that all was sent
            return
        await request.begin(answer.status, [*_EVENTS, *_headers(answer)], first)
        del answer, first
        async for piece in chunks:
            await request.piece(piece)
        await request.end()
    finally:
        await chunks.aclose()


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
        names = ", ".join(answer.left_out).encode("ascii", "replace").translate(_PRINTABLE)
        headers.append((b"x-daffa-left-out", names[:_LONGEST_HEADER]))
    if answer.masked:
        headers.append((b"x-daffa-masked", b"%d" % answer.masked))
    return headers
