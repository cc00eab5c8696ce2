"""Opens a connection to a server and closes it again: can it be reached? Sends nothing; knows no HTTP."""

from __future__ import annotations

import asyncio
import contextlib
from urllib.parse import urlsplit

__all__ = ["reachable"]

_SECONDS = 3.0


async def reachable(url: str, seconds: float = _SECONDS) -> bool:
    """Whether the server of ``url`` takes a TCP connection within ``seconds``."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        async with asyncio.timeout(seconds):
            _, writer = await asyncio.open_connection(parts.hostname, port)
    except (OSError, UnicodeError):  # a timeout too
        return False
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return True
