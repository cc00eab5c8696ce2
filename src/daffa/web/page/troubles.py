"""What goes wrong on the page, said on a page: in the reader's language, without a trace. Knows errors and statuses."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.response import Redirect

from daffa.errors import DaffaError, Invalid, NotFound, Unavailable

from ..errors import retry_after, status_of
from .view import HEADERS, fragment, of, page
from .who import Guest

__all__ = ["HANDLERS"]

_log = logging.getLogger(__name__)


def _known(request: Request[Any, Any, Any], error: DaffaError) -> Response[Any]:
    status, written = status_of(error), of(request)
    if "hx-request" in request.headers:
        said = fragment(written, "trouble.html", said=error.say(written.language))
        # A part that is put in where the answer would stand: htmx takes it whatever its status.
        return Response(said, status_code=status, media_type="text/html", headers=HEADERS | retry_after(error))
    if error.code == "page_sign_in_first" and request.method == "GET":
        back = urlencode({"next": request.url.path})
        return Redirect(f"/sign-in?{back}", status_code=303, headers=HEADERS)
    guest: Guest | None = None
    response = page(request, "error.html", status=status, guest=guest, said=error.say(written.language))
    response.headers.update(retry_after(error))
    return response


def _of_the_framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    known: dict[int, DaffaError] = {
        404: NotFound("unknown_route", method=request.method, path=request.url.path[:200]),
        413: Invalid("body_too_large", field="body", expected="less", got="more"),
    }
    return _known(request, known.get(error.status_code) or Invalid("bad_request", reason=error.detail))


def _unforeseen(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    _log.error("a page could not be made, in a way that nobody foresaw", exc_info=error)
    return _known(request, Unavailable("internal_error"))


HANDLERS: dict[type[Exception] | int, Callable[..., Response[Any]]] = {
    DaffaError: _known,
    HTTPException: _of_the_framework,
    Exception: _unforeseen,
}
