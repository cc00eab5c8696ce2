"""Who asks with a session or with a token of the issuer: found before any route is, and kept beside the request.

API keys are not looked at here: they cost a look into memory, where the route needs it. Knows headers and ``identity``
by its face.
"""

from __future__ import annotations

import logging
import time
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from daffa.app import House
from daffa.audit import Change
from daffa.errors import DaffaError, Denied, Invalid, Unavailable
from daffa.identity import Caller, Enrolled, SignOn, is_token

from .asgi import ASGIApp, Headers, Receive, Scope, Send, headers_of, model_key

__all__ = [
    "SESSION_COOKIES",
    "cookie_of",
    "established",
    "own_site",
    "recognised",
    "recognising",
    "record_enrolled",
    "session_cookie",
    "session_of",
]

_FOUND = "daffa.caller"
# Who shows a key or a token means it, whatever cookies their browser adds.
_KEYS = (b"authorization", b"x-api-key", b"x-goog-api-key")
_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})
_log = logging.getLogger(__name__)

# With the prefix a browser takes the cookie over https alone, from this very host (RFC 6265bis).
SESSION_COOKIES = ("__Host-daffa", "daffa_session")


def session_cookie(address: str) -> str:
    """The name of the session's cookie at the house's own ``address``."""
    return SESSION_COOKIES[0] if address.startswith("https:") else SESSION_COOKIES[1]


def recognising(house: House, application: ASGIApp) -> ASGIApp:
    """``application``, to which each request comes with who asks, where a session or a token of the issuer says that."""
    sign_on = house.sign_on
    if sign_on is None:
        return application

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith("/auth/"):
            scope[_FOUND] = await _recognise(house, sign_on, scope["method"], headers_of(scope))
        await application(scope, receive, send)

    return front


def established(scope: Scope) -> Caller | None:
    """Whoever was found to ask; ``None`` where an API key has to say that. Raises what kept them from being found."""
    found: Caller | DaffaError | None = scope.get(_FOUND)
    if isinstance(found, DaffaError):
        raise found
    return found


async def recognised(house: House, method: str, headers: Headers) -> Caller | None:
    """Who asks by a request that no framework saw, as of ``established``; raises likewise."""
    found = None if house.sign_on is None else await _recognise(house, house.sign_on, method, headers)
    if isinstance(found, DaffaError):
        raise found
    return found


async def _recognise(house: House, sign_on: SignOn, method: str, headers: Headers) -> Caller | DaffaError | None:
    try:
        if any(name in headers for name in _KEYS):
            token = model_key(headers)
            if not is_token(token):
                return None
            caller, enrolled = await sign_on.of_token(token)
            if enrolled is not None:
                await record_enrolled(house, enrolled)
            return caller
        if not (session := session_of(sign_on, headers)):
            return None
        own_site(sign_on, method, headers)
        return await sign_on.of_session(session)
    except DaffaError as error:
        return error
    except Exception:  # noqa: BLE001 - the last line in front of every route: it gets an answer, and no trace
        _log.exception("who asks could not be found, in a way that nobody foresaw")
        return Unavailable("internal_error")


def own_site(sign_on: SignOn, method: str, headers: Headers) -> None:
    """Raise ``Denied`` (``cross_site``) for a change that a page of another site has a browser ask for.

    A browser says of its own accord where a request comes from, in ``Sec-Fetch-Site``, older ones in ``Origin``; a page
    can forge neither. What says neither comes from no page, and has no reason to show a cookie.
    """
    if method in _HARMLESS:
        return
    site, origin = headers.get(b"sec-fetch-site"), headers.get(b"origin", b"").decode("latin-1")
    if site is None:
        own = sign_on.address(headers.get(b"host", b"").decode("latin-1"))
        if origin and _origin(origin) == _origin(own):
            return
    elif site == b"same-origin":
        return
    raise Denied("cross_site")


def _origin(url: str) -> tuple[str, str, int | None]:
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", url, None
    return parts.scheme, parts.hostname or "", port


def session_of(sign_on: SignOn, headers: Headers) -> str:
    """What the session's cookie holds; ``""`` where there is none.

    Over https the prefixed name alone counts: the other one could have been planted by a page of a neighbouring host.
    """
    try:
        address = sign_on.address(headers.get(b"host", b"").decode("latin-1"))
    except Invalid:
        return ""
    return cookie_of(headers, session_cookie(address))


def cookie_of(headers: Headers, name: str) -> str:
    """The value of a cookie; ``""`` where it is not there."""
    # HTTP/2 lets a browser send its cookies in several lines; put together with commas they would be one value.
    text = headers.get(b"cookie", b"").decode("latin-1").replace(", ", "; ")
    try:
        jar: SimpleCookie = SimpleCookie(text)
    except CookieError:
        return ""
    return jar[name].value if name in jar else ""


async def record_enrolled(house: House, enrolled: Enrolled) -> None:
    """Write into the log what the issuer's word changed of a person here; nothing where it changed nothing."""
    if not enrolled.changes:
        return
    person = enrolled.person
    details: dict[str, Any] = {"actor": person.id, "person": person.id, "organisation": person.organisation}
    details |= {"roles": sorted(person.roles), "changes": list(enrolled.changes)}
    action = "person_created" if "created" in enrolled.changes else "person_changed"
    await house.audit.change(Change(action=action, time=time.time(), details={**details, "by": "sign-on"}))
