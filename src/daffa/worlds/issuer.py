"""A simulated issuer of single sign-on: a small OpenID Connect provider on the loopback. Knows nothing of Daffa.

It does what an issuer does (description, keys, authorization code with PKCE, tokens), for the people that it is given, and
each of its mistakes can be ordered. Its people type no password: whoever may reach it can be anybody.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import html
import secrets
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import msgspec
from joserfc import jwk, jwt

from .answer import Answer
from .behaviour import Behaviour
from .connection import Connection, Received, Tally
from .speech import Complaint

__all__ = ["Issuer", "Twist"]

_CODE_SECONDS = 60.0
_PAGE = """<!doctype html><meta charset="utf-8"><title>Simulated issuer</title>
<h1>Simulated issuer</h1><p>No password is asked: this is for trials alone.</p>
<form method="post"><select name="person">{people}</select><button>Sign in</button></form>
"""


@dataclass(slots=True)
class Twist:
    """What the issuer does wrong, for tests; may be changed at any time.

    Attributes:
        claims: put over the claims of every token; a claim that is ``None`` is left out.
        algorithm: signs every token with this: ``none``, or ``HS256`` with the public key as the secret.
        age: seconds that every token is older than it is.
        status: every request is answered by this HTTP error.
        hang: a request is read and never answered.
    """

    claims: dict[str, Any] = field(default_factory=dict)
    algorithm: str = ""
    age: float = 0.0
    status: int = 0
    hang: bool = False


@dataclass(frozen=True, slots=True)
class _Grant:
    """What a code stands for."""

    person: str
    redirect_uri: str
    challenge: str
    nonce: str
    until: float


class Issuer:
    """A simulated issuer; ``url`` is its name, known from the first start on.

    Attributes:
        people: claims by subject; the first is signed in where ``form`` is off.
        form: whether somebody has to choose who they are.
        twist: what it does wrong.
        requests: method and path of every request.
    """

    def __init__(
        self,
        people: dict[str, dict[str, Any]],
        *,
        client_id: str = "daffa",
        secret: str = "",
        audience: str = "daffa-api",
        form: bool = False,
    ) -> None:
        self.people = people
        self.form = form
        self.twist = Twist()
        self.requests: list[tuple[str, str]] = []
        self._client_id, self._secret, self._audience = client_id, secret, audience
        self._key: Any = None
        self._shown: list[Any] = []
        self._codes: dict[str, _Grant] = {}
        self._tally = Tally()
        self._server: asyncio.Server | None = None
        self._port = 0
        self.rotate()

    @property
    def url(self) -> str:
        """Its name and address."""
        return f"http://127.0.0.1:{self._port}"

    def rotate(self, kind: str = "RSA", *, keep: bool = False) -> None:
        """Sign with a new key (``RSA`` or ``EC``); the former ones are shown on where ``keep`` says so."""
        name: jwk.KeyParameters = {"kid": secrets.token_hex(8), "use": "sig"}
        made = jwk.RSAKey.generate_key(2048, name) if kind == "RSA" else jwk.ECKey.generate_key("P-256", name)
        self._key = made
        self._shown = [made, *(self._shown if keep else [])]

    def token(self, person: str, **claims: Any) -> str:
        """An access token of ``person``, as an application of theirs would hold it."""
        return self._sign({"aud": self._audience, "client_id": self._client_id, **self.people[person], "sub": person, **claims})

    async def start(self) -> None:
        """Listen on a free port of 127.0.0.1, or again on the former one."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: Connection(self._handle, self._tally), "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Refuse connections from now on and drop the open ones."""
        if self._server:
            self._server.close()
            for connection in tuple(self._tally.open):
                await connection.stop()
            await self._server.wait_closed()
            self._server = None

    @contextlib.contextmanager
    def in_thread(self) -> Iterator[Self]:
        """Run, for a synchronous caller, in a thread with an event loop of its own."""
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="simulated issuer", daemon=True)
        thread.start()
        try:
            asyncio.run_coroutine_threadsafe(self.start(), loop).result()
            try:
                yield self
            finally:
                asyncio.run_coroutine_threadsafe(self.stop(), loop).result()
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()

    async def _handle(self, request: Received, connection: Connection) -> None:
        answer = Answer(connection, Behaviour())
        where = urlsplit(request.path)
        self.requests.append((request.method, where.path))
        if self.twist.hang:
            await asyncio.Event().wait()
        try:
            if self.twist.status:
                raise Complaint(self.twist.status, "server_error", "simulated failure")
            await self._answer(request, where.path, _form(where.query), answer)
        except Complaint as complaint:
            await answer.whole(complaint.status, _json({"error": complaint.code, "error_description": complaint.message}))

    async def _answer(self, request: Received, path: str, query: dict[str, str], answer: Answer) -> None:
        match request.method, path:
            case "GET", "/.well-known/openid-configuration":
                await answer.whole(200, _json(self._description()))
            case "GET", "/keys":
                await answer.whole(200, _json({"keys": [key.as_dict(private=False) for key in self._shown]}))
            case "GET", "/authorize" if self.form:
                people = "".join(f"<option>{html.escape(name)}</option>" for name in self.people)
                await answer.whole(200, _PAGE.format(people=people).encode(), "text/html; charset=utf-8")
            case (("GET" | "POST"), "/authorize"):
                said = _form(request.body.decode()) if request.method == "POST" else {}
                person = said.get("person") or query.get("login_hint") or next(iter(self.people))
                await answer.whole(303, b"", "text/plain", location=self._grant(query, person))
            case "POST", "/token":
                await answer.whole(200, _json(self._redeem(request)), cache_control="no-store")
            case _:
                raise Complaint(404, "not_found", path)

    def _description(self) -> dict[str, Any]:
        return {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def _grant(self, query: dict[str, str], person: str) -> str:
        """Where the browser goes back to, with a code."""
        back = query.get("redirect_uri", "")
        if urlsplit(back).hostname not in ("127.0.0.1", "localhost"):
            raise Complaint(400, "invalid_request", "the redirect_uri is not on the loopback")
        if query.get("client_id") != self._client_id or person not in self.people:
            raise Complaint(400, "unauthorized_client", "an unknown client, or an unknown person")
        if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
            raise Complaint(400, "invalid_request", "response_type=code and code_challenge_method=S256 are expected")
        code = secrets.token_urlsafe(24)
        until = time.monotonic() + _CODE_SECONDS
        self._codes[code] = _Grant(person, back, query["code_challenge"], query.get("nonce", ""), until)
        return f"{back}?{urlencode({'code': code, 'state': query.get('state', ''), 'iss': self.url})}"

    def _redeem(self, request: Received) -> dict[str, Any]:
        """Tokens for a code, once."""
        form = _form(request.body.decode())
        if self._secret and _basic(request.headers.get("authorization", "")) != (self._client_id, self._secret):
            raise Complaint(401, "invalid_client", "the client does not show its secret")
        grant = self._codes.pop(form.get("code", ""), None)
        challenge = urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).rstrip(b"=").decode()
        if (
            grant is None
            or time.monotonic() > grant.until
            or form.get("redirect_uri") != grant.redirect_uri
            or challenge != grant.challenge
        ):
            raise Complaint(400, "invalid_grant", "the code is spent, too old, or somebody else's")
        said = {"aud": self._client_id, "nonce": grant.nonce, **self.people[grant.person], "sub": grant.person}
        access = self.token(grant.person)
        return {"token_type": "Bearer", "expires_in": 300, "id_token": self._sign(said), "access_token": access}

    def _sign(self, claims: dict[str, Any]) -> str:
        now = int(time.time() - self.twist.age)
        said = {"iss": self.url, "iat": now, "exp": now + 300, **claims, **self.twist.claims}
        said = {name: value for name, value in said.items() if value is not None}
        match self.twist.algorithm:
            case "none":
                return f"{_part({'alg': 'none', 'kid': self._key.kid})}.{_part(said)}."
            case "HS256":
                # The old confusion: a verifier that lets the token choose would take the public key for a shared secret.
                forged = jwk.OctKey.import_key(self._key.as_pem(private=False).replace(b"-----", b""))
                return jwt.encode({"alg": "HS256", "kid": self._key.kid}, said, forged, algorithms=["HS256"])
            case _:
                algorithm = "RS256" if self._key.key_type == "RSA" else "ES256"
                return jwt.encode({"alg": algorithm, "kid": self._key.kid}, said, self._key)


def _part(value: dict[str, Any]) -> str:
    return urlsafe_b64encode(_json(value)).rstrip(b"=").decode()


def _form(text: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(text).items()}


def _basic(header: str) -> tuple[str, str]:
    name, _, secret = b64decode(header.partition(" ")[2]).decode().partition(":")
    return unquote(name), unquote(secret)


def _json(value: dict[str, Any]) -> bytes:
    return msgspec.json.encode(value)
