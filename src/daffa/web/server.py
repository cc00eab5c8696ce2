"""The routes on one page: models in front, ``/api`` and health behind. Knows the house; no adapter and no law."""

from __future__ import annotations

import logging
import time
from typing import Any

from litestar import Litestar, Request, Response, get
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig

import daffa
from daffa import sentences
from daffa.app import House
from daffa.errors import DaffaError, Unavailable

from .api import CONTROLLERS
from .asgi import ASGIApp
from .dispatcher import dispatch
from .errors import status_of
from .model_routes import ModelRoutes

__all__ = ["application"]

_log = logging.getLogger(__name__)


def application(house: House) -> ASGIApp:
    """The whole house as one ASGI application."""
    models = ModelRoutes(house.identity, house.gateway, max_body_bytes=house.settings.max_body_bytes, clock=time.time)
    framework = Litestar(
        route_handlers=[healthz, readyz, *CONTROLLERS],
        exception_handlers={DaffaError: _known, HTTPException: _of_the_framework, Exception: _unforeseen},
        openapi_config=OpenAPIConfig(title="Daffa", version=daffa.__version__, path="/api", render_plugins=[]),
        logging_config=None,
        request_max_body_size=house.settings.max_body_bytes,
    )
    framework.state.house = house
    return dispatch("/v1/", models, framework)  # type: ignore[arg-type]


@get("/healthz", media_type="text/plain", include_in_schema=False)
async def healthz() -> str:
    """The process runs."""
    return "ok"


@get("/readyz", media_type="text/plain", include_in_schema=False)
async def readyz(request: Request[Any, Any, Any]) -> Response[str]:
    """Requests can be decided and recorded."""
    house: House = request.app.state.house
    return (
        Response("ready", status_code=200) if house.audit.writable else Response("the log cannot be written", status_code=503)
    )


def _known(request: Request[Any, Any, Any], error: DaffaError) -> Response[dict[str, Any]]:
    language = sentences.choose(request.headers.get("accept-language", ""))
    facts = {name: value for name, value in error.facts.items() if isinstance(value, (str, int, float, bool))}
    return _problem(status_of(error), error.code, error.say(language), facts)


def _of_the_framework(_: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, Any]]:
    extra = error.extra if isinstance(error.extra, list) else []
    wrong = [f"{item.get('key', 'body')}: {item.get('message', '')}" for item in extra if isinstance(item, dict)]
    code = {400: "bad_request", 404: "unknown_route", 405: "method_not_allowed", 413: "body_too_large"}.get(
        error.status_code, "http_error"
    )
    return _problem(error.status_code, code, "; ".join(wrong) or error.detail, {})


def _unforeseen(_: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    _log.error("a request failed in a way that nobody foresaw", exc_info=error)
    return _problem(500, "internal_error", Unavailable("internal_error").say(), {})


def _problem(status: int, code: str, detail: str, facts: dict[str, Any]) -> Response[dict[str, Any]]:
    """RFC 9457 problem details."""
    problem = {"type": f"urn:daffa:error:{code}", "title": code, "status": status, "detail": detail, **facts}
    return Response(problem, status_code=status, media_type="application/problem+json")
