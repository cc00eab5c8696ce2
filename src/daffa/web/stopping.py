"""While the server stops: whoever comes to the framework's routes now is told to come back later. Knows no route but health.

The models' routes say so themselves, each in the shape of whoever asked.
"""

from __future__ import annotations

import msgspec

from daffa import sentences
from daffa.errors import Unavailable
from daffa.gateway import Intake

from .asgi import ASGIApp, Receive, Scope, Send, headers_of

__all__ = ["open_only"]

_ALWAYS = frozenset({"/healthz", "/readyz", "/metrics"})


def open_only(intake: Intake, framework: ASGIApp) -> ASGIApp:
    """``framework``, which from the moment when the server stops answers how it is, and nothing else."""

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not intake.stopping or scope["path"] in _ALWAYS:
            await framework(scope, receive, send)
            return
        error = Unavailable("server_stops")
        language = sentences.choose(headers_of(scope).get(b"accept-language", b"").decode("latin-1"))
        problem = {"type": f"urn:daffa:error:{error.code}", "title": error.code, "status": 503, "detail": error.say(language)}
        body = msgspec.json.encode(problem)
        headers = [(b"content-type", b"application/problem+json"), (b"retry-after", b"1"), (b"connection", b"close")]
        headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": 503, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return front
