"""The port to upstream servers: one request, one streamed response. Knows no protocol above HTTP and no law.

Adapters stand in ``clients``. Whoever implements it never follows a redirect (it would lead to a place that
nobody decided on), keeps no cookies and reads no proxy from the environment.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Protocol

__all__ = ["Response", "Upstream"]


class Response(Protocol):
    """A response whose head has come; ``chunks`` reads on, ``close`` lets go at any time.

    ``content_type`` is in lower case, and empty where none was said.
    """

    status: int
    content_type: str

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises ``Unavailable`` where it breaks off or stalls."""
        ...

    def close(self) -> None:
        """Free the connection; an unread rest is dropped with it."""
        ...


class Upstream(Protocol):
    """A client for many upstream servers."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        """Send ``body`` and return when the response's head has come.

        Raises ``Unavailable``: ``upstream_unreachable`` (nothing was answered) or ``upstream_timeout``.
        """
        ...

    async def close(self) -> None:
        """Close all connections."""
        ...
