"""The way to the issuer and back: what the browser carries meanwhile, and what both sides hold against it. Pure.

A login begins with one random seed, kept in a cookie of that browser alone. Its ``state``, ``nonce`` and PKCE verifier
are derived from it under the house's key: no process has to remember a login, and nobody else can make one up.
Knows no issuer and no person.
"""

from __future__ import annotations

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass

from daffa.errors import Denied, Invalid

__all__ = ["LOGIN_SECONDS", "Handshake", "local_path"]

LOGIN_SECONDS = 600
"""How long somebody may take to log in."""

_LOCAL = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]{0,1023}")


def local_path(text: str) -> str:
    """A path of this house and of no other: whoever has signed on is sent nowhere else. Raises ``Invalid``."""
    if not _LOCAL.fullmatch(text):
        raise Invalid("invalid_field", field="next", expected="a path such as /api/me", got=repr(text)[:80])
    return text


@dataclass(frozen=True, slots=True)
class Handshake:
    """One login under way. ``after`` is the path where it leads in the end."""

    seed: str
    until: int
    after: str
    key: bytes

    @property
    def state(self) -> str:
        """What comes back by way of the browser."""
        return self._derive("state")

    @property
    def nonce(self) -> str:
        """What comes back inside the token."""
        return self._derive("nonce")

    @property
    def verifier(self) -> str:
        """What the code is redeemed with (RFC 7636); the browser that carries the seed cannot know it."""
        return self._derive("verifier")

    def write(self) -> str:
        """As the cookie keeps it."""
        return ".".join((self.seed, str(self.until), _encode(self.after.encode()), self._derive("cookie")))

    @classmethod
    def read(cls, cookie: str, key: bytes, now: float) -> Handshake:
        """The login that ``cookie`` keeps. Raises ``Denied`` (``sign_on_begin_again``): it is none of ours, or too old."""
        seed, _, rest = cookie.partition(".")
        until, _, rest = rest.partition(".")
        after, _, mark = rest.partition(".")
        try:
            found = cls(seed, int(until), urlsafe_b64decode(after + "=" * (-len(after) % 4)).decode(), key)
        except ValueError as error:
            raise Denied("sign_on_begin_again") from error
        if not (mark.isascii() and hmac.compare_digest(mark, found._derive("cookie")) and now < found.until):
            raise Denied("sign_on_begin_again")
        return found

    def check_state(self, state: str) -> None:
        """Raise ``Denied`` (``sign_on_begin_again``) where ``state`` belongs to no login of this browser."""
        if not (state.isascii() and hmac.compare_digest(state, self.state)):
            raise Denied("sign_on_begin_again")

    def _derive(self, use: str) -> str:
        said = f"sign-on/{use}\n{self.seed}\n{self.until}\n{self.after}"
        return _encode(hmac.digest(self.key, said.encode(), "sha256"))


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
