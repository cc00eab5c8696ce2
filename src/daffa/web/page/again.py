"""Who asks with a form, and the form again where they may not now: with what they wrote in it, and why. Asks nobody.

Each form says whose page it was on. A session ends while somebody writes, and another one begins in another window: what was
written as one is never asked as another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from litestar import Response
from litestar.datastructures import Cookie, FormMultiDict

from daffa.errors import DaffaError, Denied, Exhausted

from ..callers import Asked, house_of
from ..errors import retry_after, status_of
from .desk import desk_of
from .view import HEADERS, fragment, of, page
from .who import Guest, guest_of, visitor_cookie

__all__ = ["NOT_NOW", "again", "asker_of"]

Values = dict[str, Any]
NOT_NOW = (Denied, Exhausted)
"""What ``asker_of`` raises."""


async def asker_of(request: Asked, form: FormMultiDict) -> tuple[Guest, list[Cookie]]:
    """Who asks; a visitor who never did gets a cookie now, to find what they asked again.

    Raises ``Denied`` where it is not who the form was made for, or may not ask, and ``Exhausted`` for a visitor too many.
    """
    guest = await guest_of(request)
    made_for = form.get("who")
    if made_for is None and guest.trouble is not None:
        raise guest.trouble
    if made_for is not None and made_for != guest.name:
        raise Denied("page_other_asker", name=guest.name) if guest.name else Denied("page_session_ended")
    if guest.name:
        return guest, []
    desk_of(request).visitors.take()
    if guest.owner:
        return guest, []
    guest, cookie = visitor_cookie(request, house_of(request))
    return guest, [cookie]


async def again(request: Asked, error: DaffaError, template: str, values: Callable[[Guest | None], Values]) -> Response[Any]:
    """The page of a form, with what is wrong and the ``values`` for whoever is there now; with htmx a question's form alone."""
    written, status = of(request), status_of(error)
    try:
        guest: Guest | None = replace(await guest_of(request), trouble=None)
    except Denied:
        guest = None
    told: Values = {"guest": guest, "said": error.say(written.language), "sign_in": isinstance(error, Denied)} | values(guest)
    if "hx-request" in request.headers:
        text = fragment(written, "again.html", **told)
        response: Response[Any] = Response(text, status_code=status, media_type="text/html", headers=HEADERS)
    else:
        response = page(request, template, status=status, **told)
    response.headers.update(retry_after(error))
    return response
