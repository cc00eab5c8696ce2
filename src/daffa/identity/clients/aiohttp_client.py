"""The port to the issuer over aiohttp. Knows HTTP; nothing of what is said."""

from __future__ import annotations

from collections.abc import Mapping

import aiohttp

from daffa.errors import Unavailable

from ..issuer import Reply

__all__ = ["AiohttpIssuerClient"]

# A description or a set of keys is some kilobytes.
_LONGEST = 1 << 20
_SECONDS = 5.0


class AiohttpIssuerClient:
    """One pool of connections to the issuer. Follows no redirect, keeps no cookie, reads no proxy from the environment."""

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._seconds = seconds
        self._session: aiohttp.ClientSession | None = None

    async def get(self, url: str) -> Reply:
        """See ``IssuerClient.get``."""
        return await self._ask("GET", url, None, {})

    async def post(self, url: str, form: str, headers: Mapping[str, str]) -> Reply:
        """See ``IssuerClient.post``."""
        return await self._ask("POST", url, form, {"Content-Type": "application/x-www-form-urlencoded", **headers})

    async def close(self) -> None:
        """Close every connection."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _ask(self, method: str, url: str, body: str | None, headers: Mapping[str, str]) -> Reply:
        try:
            async with self._open().request(method, url, data=body, headers=headers, allow_redirects=False) as response:
                content = b""
                async for chunk in response.content.iter_any():
                    content += chunk
                    if len(content) > _LONGEST:
                        raise Unavailable("issuer_unavailable", url=url, reason=f"more than {_LONGEST} bytes")
                return Reply(response.status, content)
        except (aiohttp.ClientError, OSError, ValueError) as error:  # a time that is up is an OSError
            raise Unavailable("issuer_unavailable", url=url, reason=type(error).__name__) from error

    def _open(self) -> aiohttp.ClientSession:
        # Made at the first call: a session belongs to the event loop that it was born in.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._seconds),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                headers={"Accept": "application/json"},
                skip_auto_headers=("User-Agent",),
            )
        return self._session
