"""Single sign-on: from the issuer's word to a session here, and from a session or a token of the issuer to whoever asks.

Knows no route, no cookie and no log. What it finds is kept in memory for a moment, so that the next request of the same
session costs one look into a table.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # type: ignore[import-untyped]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # type: ignore[import-untyped]

from daffa.errors import Denied, Invalid, NotFound
from daffa.storage import Database

from . import enrolment
from .claims import SignOnRules, read_statement
from .enrolment import Enrolled
from .handshake import LOGIN_SECONDS, Handshake, local_path
from .identity import Identity
from .issuer import Issuer, IssuerClient
from .records import Caller
from .role import Role
from .tables import SessionRow
from .token import digest_of, key_id_of, mint

__all__ = ["Arrival", "Departure", "SignOn"]

_SHOWN = "sso-token"
_RECHECK = 5.0  # seconds in which a session that was ended by another process may still be accepted
_CHECKED = 900.0  # seconds after which a signature is looked at again: its key may have been withdrawn
_MOST = 8_192  # a token has about a kilobyte


@dataclass(frozen=True, slots=True)
class Departure:
    """Where the browser is sent, and the cookie that it comes back with."""

    url: str
    cookie: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody has signed on.

    Attributes:
        enrolled: who, and what is new of them.
        session: id of the session; public.
        token: what the session's cookie holds; told now and never again.
        seconds: how long it lasts.
        after: the path where the login leads.
    """

    enrolled: Enrolled
    session: str
    token: str
    seconds: int
    after: str


@dataclass(frozen=True, slots=True)
class _Found:
    """Whom a session or a token stands for, as it was read at ``read``, when ``turns`` changes were known.

    A token's signature was looked at at ``checked``.
    """

    caller: Caller
    expires: float
    most: frozenset[Role] | None
    read: float
    turns: int
    checked: float


class SignOn:
    """Single sign-on with one issuer."""

    def __init__(
        self,
        identity: Identity,
        database: Database,
        rules: SignOnRules,
        client: IssuerClient,
        pepper: bytes,
        clock: Callable[[], float],
    ) -> None:
        self._identity = identity
        self._database = database
        self._rules = rules
        self._issuer = Issuer(rules.issuer, rules.client_id, rules.client_secret, client, clock)
        self._pepper = pepper
        self._clock = clock
        self._lately: dict[str, _Found] = {}

    def address(self, host: str) -> str:
        """The house's own address, as browsers know it: as set, else that of a browser on the same machine.

        Raises ``Invalid``: a ``Host`` that anybody may send must not say where codes are sent to.
        """
        if self._rules.url:
            return self._rules.url.rstrip("/")
        name = host.rpartition(":")[0] if not host.endswith("]") else host
        if (name or host) not in ("127.0.0.1", "localhost", "[::1]"):
            raise Invalid("sign_on_no_url", field="oidc.url")
        return f"http://{host}"

    async def begin(self, address: str, after: str) -> Departure:
        """Send a browser to the issuer; in the end it is led to the path ``after``. Raises ``Invalid``, ``Unavailable``."""
        until = int(self._clock()) + LOGIN_SECONDS
        login = Handshake(secrets.token_urlsafe(32), until, local_path(after), self._pepper)
        url = prepare_grant_uri(
            await self._issuer.authorization_endpoint(),
            self._rules.client_id,
            "code",
            redirect_uri=_callback(address),
            scope=list(self._rules.scopes),
            state=login.state,
            nonce=login.nonce,
            code_challenge=create_s256_code_challenge(login.verifier),
            code_challenge_method="S256",
        )
        return Departure(url, login.write())

    async def finish(self, address: str, cookie: str, said: dict[str, str]) -> Arrival:
        """Receive a browser that comes back with the query ``said``, and give it a session.

        Raises ``Denied``: ``sign_on_begin_again``, ``sign_on_refused``, ``invalid_token``, ``sign_on_organisation``;
        ``Unavailable`` where the issuer does not answer; what ``Identity.enrol`` raises.
        """
        now = self._clock()
        login = Handshake.read(cookie, self._pepper, now)
        login.check_state(said.get("state", ""))
        if said.get("iss", self._rules.issuer) != self._rules.issuer:  # RFC 9207
            raise Denied("sign_on_refused", reason="iss")
        if "code" not in said:
            raise Denied("sign_on_refused", reason=repr(said.get("error", "no code"))[1:81])
        claims = await self._issuer.redeem(said["code"], _callback(address), login.verifier, login.nonce)
        enrolled = await self._identity.enrol(read_statement(claims, self._rules, login=True))
        session, token = mint()
        row = SessionRow(
            id=session,
            person=enrolled.person.id,
            digest=digest_of(token, self._pepper),
            created=int(now),
            expires=int(now) + self._rules.session_seconds,
        )
        async with self._database.begin() as transaction:
            await enrolment.keep_session(transaction, row)
        return Arrival(enrolled, session, token, self._rules.session_seconds, login.after)

    async def of_session(self, token: str) -> Caller:
        """Whoever's session ``token`` is of. Raises ``Denied``: ``session_ended``."""
        now = self._clock()
        if (found := self._fresh(token, now)) is not None:
            return found.caller
        session_id = key_id_of(token)
        async with self._database.read() as transaction:
            turns = self._identity.turns
            row = await enrolment.find_session(transaction, session_id) if session_id else None
            if row is None or now >= row.expires or not hmac.compare_digest(row.digest, digest_of(token, self._pepper)):
                raise Denied("session_ended")
            caller = await enrolment.caller_of(transaction, row.person, row.id, None)
        return self._remember(token, _Found(caller, row.expires, None, now, turns, now))

    async def of_token(self, token: str) -> tuple[Caller, Enrolled | None]:
        """Whoever bears an access token of the issuer; at the first sight of it, what it made new here.

        Raises ``Denied``: ``invalid_token``, ``expired_token``, ``sign_on_organisation``; ``Unavailable`` where the
        issuer's keys cannot be had; what ``Identity.enrol`` raises.
        """
        now = self._clock()
        if (found := self._fresh(token, now)) is not None:
            return found.caller, None
        known, enrolled = self._lately.get(token), None
        if known is not None and now < min(known.expires, known.checked + _CHECKED):
            person, most, expires, checked = known.caller.actor.id, known.most, known.expires, known.checked
        else:
            if not self._rules.audience:
                raise Denied("invalid_token", field="aud")
            claims = await self._issuer.check(token, self._rules.audience)
            said = read_statement(claims, self._rules, login=False)
            enrolled = await self._identity.enrol(said)
            person, most, expires, checked = enrolled.person.id, said.roles, float(claims["exp"]), now
        async with self._database.read() as transaction:
            turns = self._identity.turns
            caller = await enrolment.caller_of(transaction, person, _SHOWN, most)
        return self._remember(token, _Found(caller, expires, most, now, turns, checked)), enrolled

    async def end(self, token: str) -> str | None:
        """End the session that ``token`` is of, and say whose it was; ``None`` where there is none any more."""
        try:
            caller = await self.of_session(token)
        except (Denied, NotFound):
            return None
        async with self._database.begin() as transaction:
            await enrolment.end_sessions(transaction, caller.actor.id, caller.key_id)
        self._lately.pop(token, None)
        return caller.actor.id

    async def end_all(self, person: str) -> int:
        """End every session of a person; how many there were. Raises ``NotFound``."""
        await self._identity.person(person)
        async with self._database.begin() as transaction:
            ended = await enrolment.end_sessions(transaction, person)
        self._lately = {token: found for token, found in self._lately.items() if found.caller.actor.id != person}
        return ended

    def _fresh(self, token: str, now: float) -> _Found | None:
        found = self._lately.get(token)
        if found is None or now >= min(found.expires, found.read + _RECHECK) or found.turns != self._identity.turns:
            return None
        return found

    def _remember(self, token: str, found: _Found) -> Caller:
        if len(self._lately) >= _MOST:
            self._lately.clear()
        self._lately[token] = found
        return found.caller


def _callback(address: str) -> str:
    return f"{address}/auth/callback"
