"""The issuer of single sign-on: its description, its keys, and what it signed, checked. Knows no person and no session.

OpenID Connect Core and Discovery 1.0. The port says what an HTTP client must do; the adapters are in ``clients``.
"""

from __future__ import annotations

import asyncio
from base64 import b64encode, urlsafe_b64decode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from urllib.parse import quote, urlsplit

import msgspec
from authlib.oauth2.rfc6749.parameters import prepare_token_request  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import ClaimError, ExpiredTokenError, InvalidKeyIdError, JoseError, MissingKeyError
from joserfc.jwk import KeySet

from daffa.errors import Denied, Unavailable

__all__ = ["Issuer", "IssuerClient", "Reply", "is_token"]

Read = TypeVar("Read")

# Asymmetric alone: with a symmetric one, whoever may read the issuer's public keys could sign.
_ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
_LEEWAY = 60  # seconds that two clocks may differ
_LONGEST_TOKEN = 16_384

# Seconds: keys are asked for anew after _FRESH, or for a key that is not known; never twice within _PAUSE. While
# the issuer does not answer, those that are known hold until _STALE.
_FRESH, _PAUSE, _STALE = 900.0, 10.0, 21_600.0


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer."""

    status: int
    body: bytes


class IssuerClient(Protocol):
    """What asks the issuer. Raises ``Unavailable`` (``issuer_unavailable``) where it does not answer in time."""

    async def get(self, url: str) -> Reply:
        """Ask for ``url``."""

    async def post(self, url: str, form: str, headers: Mapping[str, str]) -> Reply:
        """Send ``form`` to ``url``."""


class _Description(msgspec.Struct):
    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class _Tokens(msgspec.Struct):
    id_token: str
    access_token: str = ""


class _Problem(msgspec.Struct):
    error: str


class Issuer:
    """One issuer, asked as one client. Nothing is asked before it is needed."""

    def __init__(self, name: str, client_id: str, secret: str, client: IssuerClient, clock: Callable[[], float]) -> None:
        self.name = name
        self.client_id = client_id
        self._secret = secret
        self._client = client
        self._clock = clock
        self._description: tuple[float, _Description] | None = None
        self._keys = KeySet([])
        self._fetched = self._tried = float("-inf")
        self._one_fetch = asyncio.Lock()

    async def authorization_endpoint(self) -> str:
        """Where a browser is sent."""
        return (await self._described()).authorization_endpoint

    async def redeem(self, code: str, redirect_uri: str, verifier: str, nonce: str) -> dict[str, Any]:
        """The claims of the identity token that ``code`` stands for, checked.

        Raises ``Denied``: ``sign_on_refused`` where the issuer refuses the code, ``invalid_token`` for what it sends.
        """
        endpoint = (await self._described()).token_endpoint
        form = {"code": code, "code_verifier": verifier, "client_id": self.client_id}
        headers = {"Authorization": _basic(self.client_id, self._secret)} if self._secret else {}
        body = prepare_token_request("authorization_code", redirect_uri=redirect_uri, **form)
        reply = await self._client.post(endpoint, body, headers)
        if reply.status != 200:
            raise self._refusal(endpoint, reply)
        tokens = self._read(endpoint, reply.body, _Tokens)
        header, claims = await self._verify(tokens.id_token)
        found = CodeIDToken(
            claims,
            header,
            {"iss": {"essential": True, "value": self.name}, "aud": {"essential": True, "value": self.client_id}},
            {"nonce": nonce, "client_id": self.client_id, "access_token": tokens.access_token},
        )
        _hold(lambda: found.validate(int(self._clock()), _LEEWAY))
        return claims

    async def check(self, token: str, audience: str) -> dict[str, Any]:
        """The claims of an access token for ``audience`` (RFC 9068). Raises ``Denied``: ``invalid_token``, ``expired_token``.

        An identity token is made out to the client and is no access token; so ``audience`` is another name.
        """
        _, claims = await self._verify(token)
        registry = jwt.JWTClaimsRegistry(
            now=int(self._clock()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": self.name},
            aud={"essential": True, "value": audience},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
        )
        _hold(lambda: registry.validate(claims))
        return claims

    async def _verify(self, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
        # What the token says of itself is not believed here: it only spares the issuer questions for nothing.
        said = _unverified(token)
        if said.get("iss") != self.name:
            raise Denied("invalid_token", field="iss")
        if self._clock() - self._fetched >= _FRESH:
            await self._refetch()
        for again in (False, True):
            try:
                found = jwt.decode(token, self._keys, algorithms=_ALGORITHMS)
            except (InvalidKeyIdError, MissingKeyError) as error:
                if again or not await self._refetch():
                    raise Denied("invalid_token", field="kid") from error
            except (JoseError, ValueError, TypeError, UnicodeError) as error:
                raise Denied("invalid_token", field="signature") from error
            else:
                return dict(found.header), dict(found.claims)
        raise AssertionError("the second try returns or raises")

    async def _refetch(self) -> bool:
        """Ask for the keys, unless that was tried a moment ago; whether they are newer now than they were."""
        before = self._fetched
        async with self._one_fetch:
            if self._fetched > before:
                return True
            now = self._clock()
            if now - self._tried < _PAUSE:
                self._endure(now, Unavailable("issuer_unavailable", url=self.name, reason="asked a moment ago"))
                return False
            self._tried = now
            try:
                self._keys = await self._fetch_keys()
            except Unavailable as error:
                self._endure(now, error)
                return False
            self._fetched = now
            return True

    def _endure(self, now: float, trouble: Unavailable) -> None:
        """Go on with the keys that are known, for as long as that may be."""
        if now - self._fetched >= _STALE:
            raise trouble

    async def _fetch_keys(self) -> KeySet:
        where = (await self._described()).jwks_uri
        reply = await self._client.get(where)
        found = self._read(where, reply.body, dict[str, Any]) if reply.status == 200 else {}
        try:
            return KeySet.import_key_set({"keys": found["keys"]})
        except (JoseError, KeyError, ValueError, TypeError) as error:
            raise Unavailable("issuer_unavailable", url=where, reason=f"{reply.status}, no keys") from error

    async def _described(self) -> _Description:
        """The description of the issuer, asked for anew now and then."""
        now = self._clock()
        if self._description is not None and now - self._description[0] < _FRESH:
            return self._description[1]
        where = self.name.rstrip("/") + "/.well-known/openid-configuration"
        reply = await self._client.get(where)
        if reply.status != 200:
            raise Unavailable("issuer_unavailable", url=where, reason=str(reply.status))
        found = self._read(where, reply.body, _Description)
        if found.issuer != self.name:
            raise Unavailable("issuer_unavailable", url=where, reason=f"it calls itself {found.issuer[:200]}")
        for endpoint in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri):
            if urlsplit(endpoint).scheme not in ("https", urlsplit(self.name).scheme):
                raise Unavailable("issuer_unavailable", url=where, reason=f"{endpoint[:200]} is not https")
        self._description = now, found
        return found

    def _refusal(self, where: str, reply: Reply) -> Denied | Unavailable:
        try:
            problem = msgspec.json.decode(reply.body, type=_Problem)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return Unavailable("issuer_unavailable", url=where, reason=str(reply.status))
        if problem.error in ("invalid_client", "unauthorized_client"):
            return Unavailable("issuer_unavailable", url=where, reason=problem.error)
        return Denied("sign_on_refused", reason=repr(problem.error)[1:81])

    def _read(self, where: str, body: bytes, kind: type[Read]) -> Read:
        try:
            return msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Unavailable("issuer_unavailable", url=where, reason=str(error)[:200]) from error


def is_token(text: str) -> bool:
    """Whether ``text`` has the form of a signed token: three parts, the first one a JSON object."""
    return text.startswith("eyJ") and text.count(".") == 2


def _unverified(token: str) -> dict[str, Any]:
    if len(token) > _LONGEST_TOKEN:
        raise Denied("invalid_token", field="length")
    try:
        part = token.split(".")[1]
        claims = msgspec.json.decode(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (IndexError, ValueError, RecursionError) as error:
        raise Denied("invalid_token", field="form") from error
    if not isinstance(claims, dict):
        raise Denied("invalid_token", field="form")
    return claims


def _basic(client_id: str, secret: str) -> str:
    """The client's name and secret as RFC 6749 (2.3.1) has them: form-encoded first."""
    return "Basic " + b64encode(f"{quote(client_id, safe='')}:{quote(secret, safe='')}".encode()).decode()


def _hold(check: Callable[[], None]) -> None:
    """Run a check of claims, and say in our words what does not hold."""
    try:
        check()
    except ExpiredTokenError as error:
        raise Denied("expired_token") from error
    except ClaimError as error:
        raise Denied("invalid_token", field=error.claim) from error
    except (JoseError, ValueError, TypeError) as error:
        raise Denied("invalid_token", field="claims") from error
