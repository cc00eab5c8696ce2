"""The port to witnesses over aiohttp. Knows HTTP; nothing of what is said."""

from __future__ import annotations

import aiohttp

from daffa.errors import Unavailable

from ..site import Reply

__all__ = ["AiohttpWitnessClient"]

# An answer is a few signature lines or a sentence.
_LONGEST = 1 << 16


class AiohttpWitnessClient:
    """One pool of connections for all witnesses of this log. Follows no redirect, reads no proxy from the environment."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def post(self, url: str, body: bytes) -> Reply:
        """See ``WitnessClient.post``."""
        try:
            async with self._open().post(url, data=body, allow_redirects=False) as response:
                content = b""
                async for chunk in response.content.iter_any():
                    content += chunk
                    if len(content) > _LONGEST:
                        raise Unavailable("witness_unreachable", url=url, reason=f"more than {_LONGEST} bytes")
                return Reply(response.status, response.headers.get("Content-Type", ""), content)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unavailable("witness_unreachable", url=url, reason=type(error).__name__) from error

    async def close(self) -> None:
        """See ``WitnessClient.close``."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    def _open(self) -> aiohttp.ClientSession:
        # Made at the first call: a session belongs to the event loop that it was born in.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=None),  # whoever calls has the patience
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
                headers={"Content-Type": "text/plain; charset=utf-8"},
                skip_auto_headers=("User-Agent",),
            )
        return self._session
