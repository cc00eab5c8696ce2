"""API keys as text: ``daffa_<id>_<secret><checksum>``. Knows no table, no owner, no time.

The secret has 192 random bits. The checksum is a CRC-32 of all that stands before it, so that every change of one
character, and every swap of two neighbours, is seen without a look at any table. It guards against mistakes of the
hand, not against forgery: the secret does that.
"""

from __future__ import annotations

import hmac
import re
import secrets
import zlib

__all__ = ["digest_of", "key_id_of", "mint"]

# Digits and lower-case letters without i, l, o and u, which a reader takes for others (Crockford's base 32).
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_ID, _SECRET, _CHECKSUM = 10, 39, 7
_TOKEN = re.compile(f"(daffa_([{_ALPHABET}]{{{_ID}}})_[{_ALPHABET}]{{{_SECRET}}})([{_ALPHABET}]{{{_CHECKSUM}}})")


def mint() -> tuple[str, str]:
    """A new key: its id (public, 50 random bits) and the token that is shown once."""
    key_id = _write(secrets.randbits(50), _ID)
    body = f"daffa_{key_id}_{_write(secrets.randbits(192), _SECRET)}"
    return key_id, body + _checksum(body)


def key_id_of(token: str) -> str | None:
    """The id of the key that ``token`` claims to be, or ``None`` where it is mistyped or no key at all."""
    match = _TOKEN.fullmatch(token)
    return match[2] if match and _checksum(match[1]) == match[3] else None


def digest_of(token: str, pepper: bytes) -> bytes:
    """What is kept of a token: HMAC-SHA256 (RFC 2104) under the pepper, 32 bytes.

    A fast digest is right for 192 random bits, which nobody can guess; without the pepper a stolen table tells nothing.
    """
    return hmac.digest(pepper, token.encode(), "sha256")


def _checksum(body: str) -> str:
    return _write(zlib.crc32(body.encode()), _CHECKSUM)


def _write(number: int, length: int) -> str:
    return "".join(_ALPHABET[number >> 5 * place & 31] for place in reversed(range(length)))
