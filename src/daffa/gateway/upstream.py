"""The port to upstream servers: one request, one streamed response. Knows no protocol above HTTP and no law.

Adapters stand in ``clients``. Whoever implements it never follows a redirect (it would lead to a place that
nobody decided on), keeps no cookies and reads no proxy from the environment.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import quote, unquote

__all__ = ["Response", "Upstream", "unix_parts", "unix_url"]

_UNIX = "http+unix://"


def unix_url(socket: Path) -> str:
    """The address of a server on a Unix socket, to which a path is added as to any other."""
    return _UNIX + quote(str(socket), safe="")


def unix_parts(url: str) -> tuple[str, str]:
    """The socket of such an address, empty where ``url`` is none, and the address of the same thing on a host."""
    if not url.startswith(_UNIX):
        return "", url
    socket, slash, path = url.removeprefix(_UNIX).partition("/")
    return unquote(socket), f"http://localhost{slash}{path}"


class Response(Protocol):
    """A response whose head has come; ``chunks`` reads on, ``close`` lets go at any time.

    ``content_type`` is in lower case, and empty where none was said; ``retry_after`` is as it was said, or empty.
    """

    status: int
    content_type: str
    retry_after: str

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises ``Unavailable`` where it breaks off or stalls."""
        ...

    def close(self) -> None:
        """Free the connection; an unread rest is dropped with it."""
        ...


class Upstream(Protocol):
    """A client for many upstream servers."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Send ``body`` to ``url`` (``http``, ``https``, or of ``unix_url``) and return when the response's head has come.

        Raises ``Unavailable``: ``upstream_unreachable`` (nothing was answered) or ``upstream_timeout``.
        """
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
