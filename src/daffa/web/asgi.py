"""The words of ASGI, and what the headers of a request say: they are the same for whoever answers it. Knows no route."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from typing import Any

from daffa.errors import Denied

__all__ = ["ASGIApp", "Headers", "Receive", "Scope", "Send", "bearer", "headers_of", "joined", "model_key"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Mapping[bytes, bytes]

_VENDORS = (b"x-api-key", b"x-goog-api-key")


def headers_of(scope: Mapping[str, Any]) -> Headers:
    """The headers of a request of the framework's, as of ``joined``."""
    return joined(scope["headers"])


def joined(fields: Sequence[tuple[bytes, bytes]]) -> Headers:
    """The request's headers by name; ``fields`` have theirs in lower case.

    One that is given more than once is put together with commas (RFC 9110, 5.3), so that neither the first nor the
    last wins in silence: what does not read as one value is refused where it is read.
    """
    headers = dict(fields)
    if len(headers) == len(fields):
        return headers
    headers.clear()
    for name, value in fields:
        headers[name] = headers[name] + b", " + value if name in headers else value
    return headers


def bearer(headers: Headers) -> str:
    """The API key that a request bears. Raises ``Denied`` (``missing_key``)."""
    scheme, _, token = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Denied("missing_key")
    return token.strip()


def model_key(headers: Headers) -> str:
    """The API key in whatever header the vendors' clients put it. Raises ``Denied`` (``missing_key``)."""
    for name in _VENDORS:
        if name in headers and (token := headers[name].decode("latin-1").strip()):
            return token
    return bearer(headers)
