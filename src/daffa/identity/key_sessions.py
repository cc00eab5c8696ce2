"""Sessions of browsers that were shown an API key: the cookie holds a word of its own, never the key. Knows no cookie.

A session stands for its key: when that is revoked or expires, so does the session.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable

from sqlalchemy import delete

from daffa.errors import Denied
from daffa.storage import Database

from .identity import Identity
from .records import Caller
from .tables import KeySessionRow

__all__ = ["KeySessions"]

_SECONDS = 8 * 3600


class KeySessions:
    """The sessions of one house. ``clock`` gives Unix seconds."""

    def __init__(self, identity: Identity, database: Database, clock: Callable[[], float]) -> None:
        self._identity = identity
        self._database = database
        self._clock = clock

    async def begin(self, key: str) -> tuple[str, int, Caller]:
        """A session for whoever shows the token ``key``: its own word, told now and never again, its seconds, and who it is.

        Raises ``Denied`` as ``Identity.authenticate``.
        """
        now = self._clock()
        caller = self._identity.authenticate(key, now)
        word = secrets.token_urlsafe(32)
        async with self._database.begin() as transaction:
            await transaction.execute(delete(KeySessionRow).where(KeySessionRow.expires <= int(now)))
            await transaction.add(KeySessionRow(digest=_digest(word), key=caller.key_id, expires=int(now) + _SECONDS))
        return word, _SECONDS, caller

    async def of(self, word: str) -> Caller:
        """Whoever's session ``word`` is of. Raises ``Denied``: ``session_ended``, or what has become of the key."""
        now = self._clock()
        async with self._database.read() as transaction:
            row = await transaction.get(KeySessionRow, _digest(word))
        if row is None or now >= row.expires:
            raise Denied("session_ended")
        return self._identity.bearer(row.key, now)

    async def end(self, word: str) -> None:
        """End the session, if there is one."""
        async with self._database.begin() as transaction:
            await transaction.execute(delete(KeySessionRow).where(KeySessionRow.digest == _digest(word)))


def _digest(word: str) -> bytes:
    """What is kept of a word of 256 random bits, which nobody can guess: SHA-256 (FIPS 180-4)."""
    return hashlib.sha256(word.encode()).digest()
