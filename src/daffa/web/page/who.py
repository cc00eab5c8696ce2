"""Who is before the page: somebody with a session, or a visitor; and whether it was the page itself that asks. Knows cookies.

A cookie holds a random word and nothing else: whose it is stands in the database, under the word's digest. A visitor's word
is kept nowhere: what they asked is found by its digest.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from litestar.datastructures import Cookie

from daffa.app import House
from daffa.decision import Actor, Label
from daffa.errors import DaffaError, Denied
from daffa.identity import Caller, Role
from daffa.library import VISITORS

from ..asgi import Headers, Scope, headers_of
from ..auth import established
from ..callers import Asked, house_of

__all__ = ["Guest", "guest_of", "leaving", "own_page", "session_cookie", "visitor_cookie", "word_of"]

_SESSION = ("__Host-daffa-key", "daffa_key")
_VISITOR = ("__Host-daffa-visitor", "daffa_visitor")
_DAY = 86_400
_OWN_MACHINE = re.compile(r"((?:[\w-]+\.)*localhost|127\.0\.0\.1|\[::1\])(:\d+)?")

_READERS = frozenset({Role.READER, Role.AGENT, Role.STEWARD})
_ANYBODY = "visitor"
_VISITOR_CALLER = Caller(
    # Of no organisation: no collection but the public ones of everybody. A reader asks no model: extracts alone.
    actor=Actor(_ANYBODY, "", frozenset({Role.READER})),
    floor=Label(),
    key_id=_ANYBODY,
    organisation=VISITORS,
    roles=frozenset({Role.READER}),
)


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is before the page.

    Attributes:
        caller: as the gateway sees them.
        owner: whose conversations they see; empty for a visitor who has not asked yet.
        name: what they are called; empty for a visitor.
        by: what they signed in with: ``key``, ``sign_on``, or nothing.
        trouble: why they are not who they were, if they were somebody: their session has ended.
    """

    caller: Caller
    owner: str
    name: str = ""
    by: str = ""
    trouble: DaffaError | None = None


async def guest_of(request: Asked) -> Guest:
    """Who is before the page. Raises ``Denied`` (``page_sign_in_first``) for a visitor where the house takes none."""
    house, scope = house_of(request), _scope(request)
    trouble: DaffaError | None = None
    try:
        if (caller := established(scope)) is not None:
            return Guest(_reading(caller), caller.actor.id, caller.actor.id, "sign_on")
        if word := word_of(request, _SESSION):
            caller = await house.key_sessions.of(word)
            return Guest(_reading(caller), caller.actor.id, caller.actor.id, "key")
    except Denied as error:
        trouble = error
    if not house.settings.visitors:
        raise Denied("page_sign_in_first") from trouble
    word = word_of(request, _VISITOR)
    return Guest(_VISITOR_CALLER, _owner(word) if word else "", trouble=trouble)


def _reading(caller: Caller) -> Caller:
    """``caller`` as the library sees them: without a role to read what their organisation keeps, as a visitor."""
    return caller if caller.roles & _READERS else replace(caller, organisation=VISITORS)


def own_page(request: Asked) -> None:
    """Raise ``Denied`` (``cross_site``) for a change that a page of another site has a browser ask for.

    A browser says of its own accord where a form comes from; a page can forge neither word. What says neither is no browser.
    """
    headers = headers_of(_scope(request))
    site, origin = headers.get(b"sec-fetch-site"), _text(headers, b"origin")
    if site == b"same-origin":
        return
    if site is None and origin and _netloc(origin) == _text(headers, b"host"):
        return
    raise Denied("cross_site")


def _netloc(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def visitor_cookie(request: Asked, house: House) -> tuple[Guest, Cookie]:
    """A visitor who asks for the first time, and the cookie by which they will find it again."""
    word = secrets.token_urlsafe(32)
    days = max(house.settings.conversation_days, 1)
    return Guest(_VISITOR_CALLER, _owner(word)), _cookie(request, _VISITOR, word, days * _DAY)


def session_cookie(request: Asked, word: str, seconds: int) -> Cookie:
    """The cookie of a session that a key began."""
    return _cookie(request, _SESSION, word, seconds)


def leaving(request: Asked) -> list[Cookie]:
    """Cookies that take the page's own back, however they were named."""
    return [
        Cookie(name, "/", "", max_age=0, secure=name.startswith("__Host-"), httponly=True, samesite="strict")
        for name in (*_SESSION, *_VISITOR)
        if name in request.cookies
    ]


def word_of(request: Asked, names: tuple[str, str] = _SESSION) -> str:
    """What the cookie of a session holds.

    Over https the name that only this very host can set counts alone: a neighbouring host could have planted the other, and
    would read what is asked under it.
    """
    known = names[:1] if _is_https(request) else names
    return next((value for name in known if (value := request.cookies.get(name))), "")


def _is_https(request: Asked) -> bool:
    """Whether the browser speaks https, to us or to a proxy before us, as far as it tells.

    ``Sec-Fetch-Site`` it says over https alone, and on its own machine.
    """
    scheme = request.headers.get("origin", "").partition(":")[0]
    if scheme in ("http", "https"):
        return scheme == "https"
    return "sec-fetch-site" in request.headers and _OWN_MACHINE.fullmatch(request.headers.get("host", "")) is None


def _cookie(request: Asked, names: tuple[str, str], word: str, seconds: int) -> Cookie:
    secure = _is_https(request)
    name = names[0] if secure else names[1]
    return Cookie(name, "/", word, max_age=seconds, secure=secure, httponly=True, samesite="strict")


def _owner(word: str) -> str:
    return f"{_ANYBODY}:{hashlib.sha256(word.encode()).hexdigest()[:40]}"


def _text(headers: Headers, name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


def _scope(request: Asked) -> Scope:
    scope: Scope = request.scope  # type: ignore[assignment]
    return scope
