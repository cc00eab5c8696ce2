"""The keys in memory: a token and an instant in, a caller out, on the hot path. Knows no database and no clock."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from daffa.errors import Denied

from .records import Caller
from .token import digest_of, key_id_of

__all__ = ["Entry", "Keyring"]

_MOST = 65_536


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of one key: the digest of its token, whom it makes its bearer, and until when."""

    digest: bytes
    caller: Caller
    expires: int | None
    revoked: int | None


class Keyring:
    """All the keys, by id, and the tokens that were lately found good."""

    def __init__(self, pepper: bytes) -> None:
        self._pepper = pepper
        self._entries: dict[str, Entry] = {}
        self._lately: dict[int, tuple[str, Entry]] = {}

    def replace(self, entries: dict[str, Entry]) -> None:
        """From now on these are the keys, all of them."""
        self._entries = entries
        # A new dict, not clear(): a thread that verifies at this moment keeps what it found in the old one.
        self._lately = {}

    def replace_organisation(self, organisation: str, entries: dict[str, Entry]) -> None:
        """From now on these are the keys of this organisation."""
        others = {key: entry for key, entry in self._entries.items() if entry.caller.organisation != organisation}
        self.replace(others | entries)

    def authenticate(self, token: str, now: float) -> Caller:
        """See ``Identity.authenticate``."""
        lately = self._lately.get(hash(token))
        if lately is not None and token.isascii() and hmac.compare_digest(lately[0], token):
            entry = lately[1]
        else:
            entry = self._verify(token)
        if entry.expires is not None and now >= entry.expires:
            raise Denied("expired_key", key=entry.caller.key_id, instant=_write(entry.expires))
        return entry.caller

    def bearer(self, key_id: str, now: float) -> Caller:
        """See ``Identity.bearer``."""
        entry = self._entries.get(key_id)
        if entry is None:
            raise Denied("invalid_key")
        if entry.revoked is not None:
            raise Denied("revoked_key", key=key_id, instant=_write(entry.revoked))
        if entry.expires is not None and now >= entry.expires:
            raise Denied("expired_key", key=key_id, instant=_write(entry.expires))
        return entry.caller

    def _verify(self, token: str) -> Entry:
        if not token:
            raise Denied("missing_key")
        lately, key_id = self._lately, key_id_of(token)
        entry = self._entries.get(key_id) if key_id else None
        # Only who knows the secret learns whether the key was revoked or has expired.
        if entry is None or not hmac.compare_digest(entry.digest, digest_of(token, self._pepper)):
            raise Denied("invalid_key")
        if entry.revoked is not None:
            raise Denied("revoked_key", key=entry.caller.key_id, instant=_write(entry.revoked))
        if len(lately) >= _MOST:
            lately.clear()
        lately[hash(token)] = token, entry
        return entry


def _write(instant: int) -> str:
    return datetime.fromtimestamp(instant, UTC).isoformat().replace("+00:00", "Z")
