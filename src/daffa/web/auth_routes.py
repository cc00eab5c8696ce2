"""``/auth``: to the issuer, back again with a session, and out. Knows ``identity`` by its face, cookies and redirects.

Browsers come here, so what goes wrong is said on a small page in their language; programs get a problem document.
"""

from __future__ import annotations

import time
from html import escape
from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import Cookie
from litestar.response import Redirect

from daffa import sentences
from daffa.audit import Change
from daffa.errors import DaffaError, NotFound
from daffa.identity import SignOn

from .asgi import headers_of
from .auth import cookie_of, own_site, record_enrolled, session_cookie, session_of
from .callers import Asked, house_of, language_of
from .errors import status_of

__all__ = ["SignOnController"]

_LOGIN = ("__Host-daffa-login", "daffa_login")
_LOGIN_SECONDS = 600
_AFTER = "/api/me"
# What comes back from the issuer stands in the address: it goes into no cache and into no other site's log.
_QUIET = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
_PAGE = """<!doctype html>
<html lang="{language}" dir="{direction}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Daffa</title><p>{said}</p><p><a href="/auth/login">{again}</a></p></html>
"""


class SignOnController(Controller):
    """Single sign-on. Without ``[oidc]`` in the settings nothing answers here."""

    path = "/auth"
    include_in_schema = False

    @get("/login")
    async def login(self, request: Asked) -> Response[Any]:
        """Send the browser to the issuer."""
        try:
            sign_on, address = _sign_on(request)
            leave = await sign_on.begin(address, request.query_params.get("next", _AFTER))
        except DaffaError as error:
            return _failed(request, error)
        return Redirect(leave.url, headers=_QUIET, cookies=[_cookie(_login(address), leave.cookie, address, _LOGIN_SECONDS)])

    @get("/callback")
    async def callback(self, request: Asked) -> Response[Any]:
        """Receive the browser from the issuer, give it a session, send it where it wanted to go."""
        house = house_of(request)
        try:
            sign_on, address = _sign_on(request)
            cookie = cookie_of(headers_of(request.scope), _login(address))
            arrival = await sign_on.finish(address, cookie, dict(request.query_params.items()))
            await record_enrolled(house, arrival.enrolled)
            person = arrival.enrolled.person.id
            details = {"actor": person, "person": person, "session": arrival.session}
            await house.audit.change(Change(action="session_begun", time=time.time(), details=details))
        except DaffaError as error:
            return _failed(request, error)
        cookies = [
            _cookie(_login(address), "", address, 0),
            _cookie(session_cookie(address), arrival.token, address, arrival.seconds),
        ]
        return Redirect(arrival.after, status_code=303, headers=_QUIET, cookies=cookies)

    @post("/logout", status_code=200)
    async def logout(self, request: Asked) -> Response[Any]:
        """End the session. What the browser keeps at the issuer is the issuer's to end."""
        house, headers = house_of(request), headers_of(request.scope)
        try:
            sign_on, address = _sign_on(request)
            own_site(sign_on, "POST", headers)
            person = await sign_on.end(session_of(sign_on, headers))
            if person is not None:
                details = {"actor": person, "person": person}
                await house.audit.change(Change(action="session_ended", time=time.time(), details=details))
        except DaffaError as error:
            return _failed(request, error)
        return _said(request, 200, "signed_off", [_cookie(session_cookie(address), "", address, 0)])


def _sign_on(request: Asked) -> tuple[SignOn, str]:
    """Single sign-on, and the house's own address."""
    found = house_of(request).sign_on
    if found is None:
        raise NotFound("sign_on_off")
    return found, found.address(request.headers.get("host", ""))


def _login(address: str) -> str:
    return _LOGIN[0] if address.startswith("https:") else _LOGIN[1]


def _cookie(name: str, value: str, address: str, seconds: int) -> Cookie:
    secure = address.startswith("https:")
    return Cookie(name, "/", value, max_age=seconds, secure=secure, httponly=True, samesite="lax")


def _failed(request: Asked, error: DaffaError) -> Response[Any]:
    """What went wrong, on a page for browsers; for others it is said where all errors are."""
    if not _wants_page(request):
        raise error
    return _page(request, status_of(error), error.say(language_of(request)), [])


def _said(request: Asked, status: int, code: str, cookies: list[Cookie]) -> Response[Any]:
    if _wants_page(request):
        return _page(request, status, sentences.say(code, language_of(request)), cookies)
    return Response({"status": code}, status_code=status, headers=_QUIET, cookies=cookies)


def _page(request: Asked, status: int, said: str, cookies: list[Cookie]) -> Response[Any]:
    language = language_of(request)
    text = _PAGE.format(
        language=language,
        direction="rtl" if language == "ar" else "ltr",
        said=escape(said),
        again=escape(sentences.say("sign_on_again", language)),
    )
    headers = {**_QUIET, "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'"}
    return Response(text, status_code=status, media_type="text/html", headers=headers, cookies=cookies)


def _wants_page(request: Asked) -> bool:
    return "text/html" in request.headers.get("accept", "")
