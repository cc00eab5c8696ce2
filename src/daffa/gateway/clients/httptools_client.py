"""The upstream port over httptools. Knows HTTP/1.1; neither what the bytes mean nor whether they may leave.

It does what a gateway needs and no more: POST, keep-alive, TLS; no redirect, no cookie, no proxy, no HTTP/2. A request
is written to one connection once: whether a server has acted on bytes that left cannot be known, so they are never sent again.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import AsyncIterator, Mapping
from urllib.parse import quote, urlsplit

from daffa.errors import Unavailable

from ..upstream import Response, unix_parts
from .answer import Answer, reason_of
from .pool import Limits, Pool
from .tls import ClientContext

__all__ = ["HttptoolsUpstream"]

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
_SAFE = "/%:@!$&'()*+,;=~"
_NOT_IN_URL = re.compile(r"[\x00-\x20\x7f\\]")
# What says where a message ends and which connection it is on is not for the caller to say.
_OURS = frozenset(
    "host content-length transfer-encoding connection keep-alive accept-encoding expect te trailer upgrade".split()
)
_MOST_HEADS = 1_024
_AS_IT_IS = frozenset({"", "identity"})
# A compressed piece is unpacked in pieces of this, so that a few bytes cannot become gigabytes at once.
_UNPACKED = 256 << 10


class HttptoolsUpstream:
    """A pool of connections for each upstream server of this process.

    Args:
        connect_seconds: to open a connection, and before that to wait for a free one.
        idle_seconds: how long the head, or the next piece of the body, may let wait.
        connections: at most to one server at once.
        keep_seconds: how long an idle connection is kept where the server does not say.
        tls: whom to trust; the system's certificates where it is not given.
    """

    def __init__(
        self,
        *,
        connect_seconds: float = 5.0,
        idle_seconds: float = 120.0,
        connections: int = 4_096,
        keep_seconds: float = 4.0,
        tls: ClientContext | None = None,
    ) -> None:
        self._limits = Limits(connections, connect_seconds, idle_seconds, keep_seconds)
        self._tls = tls
        self._pools: dict[tuple[str, tuple[str, str, int]], Pool] = {}
        self._heads: dict[tuple[str, tuple[tuple[str, str], ...]], tuple[Pool, bytes]] = {}

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Response:
        """See ``Upstream.post``. Raises ``ValueError``, before anything is sent, for what no URL or header may hold."""
        known = (url, tuple(headers.items()))
        pool, head = self._heads.get(known) or self._prepared(known)
        try:
            connection = pool.idle() or await pool.acquire()
            answer = connection.ask(head + b"%d\r\n\r\n" % len(body), body)
            await answer.head()
        except TimeoutError as error:
            raise Unavailable("upstream_timeout") from error
        except OSError as error:
            raise Unavailable("upstream_unreachable", reason=reason_of(error)) from error
        return answer if answer.encoding in _AS_IT_IS else _Packed(answer)

    async def close(self) -> None:
        """See ``Upstream.close``."""
        for pool in self._pools.values():
            pool.close()
        self._pools.clear()
        self._heads.clear()

    def _prepared(self, known: tuple[str, tuple[tuple[str, str], ...]]) -> tuple[Pool, bytes]:
        """The pool and the head, up to the length of the body, of a kind of request; remembered, for it comes again."""
        url, headers = known
        socket, url = unix_parts(url)
        origin, target = _parts(url)
        pool = self._pools.get((socket, origin))
        if pool is None:
            scheme, host, port = origin
            tls = self._trust() if scheme == "https" else None
            pool = self._pools[socket, origin] = Pool(host, port, tls, self._limits, socket)
        if len(self._heads) >= _MOST_HEADS:
            self._heads.clear()
        prepared = self._heads[known] = pool, _head(origin, target, headers)
        return prepared

    def _trust(self) -> ClientContext:
        # Made at the first need: the system's certificates take a while to read.
        if self._tls is None:
            self._tls = ClientContext.trusting()
        return self._tls


class _Packed:
    """The answer of a server that compresses although it was asked not to."""

    __slots__ = ("_answer", "content_type", "retry_after", "status")

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self.status = answer.status
        self.content_type = answer.content_type
        self.retry_after = answer.retry_after

    async def chunks(self) -> AsyncIterator[bytes]:
        """See ``Response.chunks``."""
        try:
            async for piece in _unpacked(self._answer):
                yield piece
        except zlib.error as error:
            raise Unavailable("upstream_broke_off", reason=reason_of(error)) from error

    def close(self) -> None:
        """See ``Response.close``."""
        self._answer.close()


async def _unpacked(answer: Answer) -> AsyncIterator[bytes]:
    if answer.encoding not in ("gzip", "x-gzip", "deflate"):
        raise zlib.error(answer.encoding)
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)  # with the head of gzip or of zlib
    async for packed in answer:
        left = packed
        while left:
            if piece := unpacker.decompress(left, _UNPACKED):
                yield piece
            left = unpacker.unconsumed_tail
    if not unpacker.eof or unpacker.unused_data:
        raise zlib.error("cut short, or more behind it")


def _parts(url: str) -> tuple[tuple[str, str, int], str]:
    """(scheme, host, port) and the target of a request line. Raises ``ValueError``."""
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode("ascii")
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or _NOT_IN_URL.search(url):
        raise ValueError("expected http:// or https://, a host, a path, and nothing that a URL may not hold")
    target = quote(parts.path or "/", safe=_SAFE)
    if parts.query:
        target += "?" + quote(parts.query, safe=_SAFE + "?")
    return (parts.scheme, host, parts.port or (443 if parts.scheme == "https" else 80)), target


def _head(origin: tuple[str, str, int], target: str, headers: tuple[tuple[str, str], ...]) -> bytes:
    """The head of a request, up to the length of its body. Raises ``ValueError`` for what would be more than a header."""
    scheme, host, port = origin
    name = f"[{host}]" if ":" in host else host
    host = name if port == (443 if scheme == "https" else 80) else f"{name}:{port}"
    lines = [f"POST {target} HTTP/1.1", f"Host: {host}", "Accept: */*", "Accept-Encoding: identity"]
    for key, value in headers:
        if not _TOKEN.fullmatch(key) or not _VALUE.fullmatch(value) or key.lower() in _OURS:
            raise ValueError(f"expected a header that can be sent; got {key!r}")
        lines.append(f"{key}: {value}")
    return "\r\n".join([*lines, "Content-Length: "]).encode("latin-1")
