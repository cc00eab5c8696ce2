"""Sign in to the page with a key, and out again. Knows forms and cookies; the key itself is in none of them."""

from __future__ import annotations

import time
from typing import Any

from litestar import Controller, Response, get, post
from litestar.response import Redirect

from daffa.audit import Change
from daffa.errors import Denied, Invalid

from ..callers import Asked, house_of
from .troubles import HANDLERS
from .view import HEADERS, of, page
from .who import guest_of, leaving, own_page, session_cookie, word_of

__all__ = ["SignInController"]

_LONGEST_KEY = 200


class SignInController(Controller):
    """The door of the page."""

    path = "/"
    include_in_schema = False
    exception_handlers = HANDLERS

    @get("/sign-in")
    async def form(self, request: Asked) -> Response[str]:
        """The form."""
        return _form(request, _inside(request.query_params.get("next", "/")))

    @post("/sign-in", status_code=200)
    async def sign_in(self, request: Asked) -> Response[Any]:
        """Begin a session for whoever shows a key."""
        own_page(request)
        house, form = house_of(request), await request.form()
        key, after = str(form.get("key", "")).strip(), _inside(str(form.get("next", "/")))
        try:
            if not 0 < len(key) <= _LONGEST_KEY:
                raise Denied("invalid_key")
            word, seconds, caller = await house.key_sessions.begin(key)
        except Denied as error:
            return _form(request, after, status=401, said=error.say(of(request).language))
        details = {"actor": caller.actor.id, "key": caller.key_id}
        await house.audit.change(Change(action="session_begun", time=time.time(), details=details))
        cookies = [*leaving(request), session_cookie(request, word, seconds)]
        return Redirect(after, status_code=303, headers=HEADERS, cookies=cookies)

    @post("/sign-out", status_code=200)
    async def sign_out(self, request: Asked) -> Response[Any]:
        """End the session; a visitor is forgotten by this browser."""
        own_page(request)
        house, guest = house_of(request), await guest_of(request)
        if guest.by == "key":
            await house.key_sessions.end(word_of(request))
            details = {"actor": guest.caller.actor.id, "key": guest.caller.key_id}
            await house.audit.change(Change(action="session_ended", time=time.time(), details=details))
        return Redirect("/", status_code=303, headers=HEADERS, cookies=leaving(request))


def _form(request: Asked, after: str, *, status: int = 200, said: str = "") -> Response[str]:
    house = house_of(request)
    values: dict[str, Any] = {
        "after": after,
        "said": said,
        "sign_on": house.sign_on is not None,
        "visitors": house.settings.visitors,
    }
    return page(request, "sign_in.html", status=status, guest=None, **values)


def _inside(path: str) -> str:
    """A path of this house, and of no other."""
    plain = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    if not plain:
        raise Invalid("invalid_field", field="next", expected="a path of this site", got=path[:80])
    return path
