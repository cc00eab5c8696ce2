"""The upstream port over aiohttp. Knows HTTP; neither what the bytes mean nor whether they may leave."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping

import aiohttp

from daffa.errors import Unavailable

from ..upstream import unix_parts

__all__ = ["AiohttpUpstream"]


class AiohttpUpstream:
    """One pool of connections for all upstream servers of this process.

    As many as there are requests: a wait for a free one would have no end where a server is slow, and would let the slow
    hold up the others.

    Args:
        connect_seconds: to open a connection.
        idle_seconds: between two reads, the wait for the head included.
        tls: whom to trust; the system's certificates where it is not given.
    """

    def __init__(self, *, connect_seconds: float = 5.0, idle_seconds: float = 120.0, tls: ssl.SSLContext | None = None) -> None:
        self._timeout = aiohttp.ClientTimeout(total=None, sock_connect=connect_seconds, sock_read=idle_seconds)
        self._idle_seconds = idle_seconds
        self._tls = tls
        self._sessions: dict[str, aiohttp.ClientSession] = {}

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> AiohttpResponse:
        """See ``Upstream.post``."""
        socket, url = unix_parts(url)
        try:
            response = await self._open(socket).post(url, headers=headers, data=body, allow_redirects=False)
        except TimeoutError as error:
            raise Unavailable("upstream_timeout") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unavailable("upstream_unreachable", reason=type(error).__name__) from error
        return AiohttpResponse(response, self._idle_seconds)

    async def close(self) -> None:
        """See ``Upstream.close``."""
        for session in self._sessions.values():
            await session.close()
        self._sessions.clear()

    def _open(self, socket: str) -> aiohttp.ClientSession:
        """The session of all hosts, or of one ``socket``."""
        # Made at the first call: a session belongs to the event loop that it was born in.
        if socket not in self._sessions:
            tls = True if self._tls is None else self._tls
            self._sessions[socket] = aiohttp.ClientSession(
                timeout=self._timeout,
                connector=aiohttp.UnixConnector(socket, limit=0) if socket else aiohttp.TCPConnector(limit=0, ssl=tls),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                headers={"Accept-Encoding": "identity"},
                skip_auto_headers=("User-Agent",),
            )
        return self._sessions[socket]


class AiohttpResponse:
    """A response of aiohttp as the port wants it."""

    __slots__ = ("_idle_seconds", "_response", "content_type", "retry_after", "status")

    def __init__(self, response: aiohttp.ClientResponse, idle_seconds: float) -> None:
        self._response = response
        self._idle_seconds = idle_seconds
        self.status = response.status
        self.content_type = response.headers.get("Content-Type", "").lower()
        self.retry_after = response.headers.get("Retry-After", "")

    async def chunks(self) -> AsyncIterator[bytes]:
        """See ``Response.chunks``."""
        try:
            while chunk := await self._next():
                yield chunk
        except TimeoutError as error:
            raise Unavailable("upstream_timeout") from error
        except (aiohttp.ClientError, OSError) as error:
            raise Unavailable("upstream_broke_off", reason=type(error).__name__) from error

    async def _next(self) -> bytes:
        content = self._response.content
        if (ready := content.read_nowait()) or content.at_eof():
            return ready
        # A patience of our own beside aiohttp's: after a chunk that is no HTTP it would wait for ever.
        async with asyncio.timeout(self._idle_seconds):
            return await content.readany()

    def close(self) -> None:
        """See ``Response.close``."""
        # release() keeps the connection where the body was read to its end, and closes it where it was not.
        if self._response.content.at_eof():
            self._response.release()
        else:
            self._response.close()
