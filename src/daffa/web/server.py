"""The routes on one page: those of the models, and ``/api``, health and pages beside them. Knows the house; no law."""

from __future__ import annotations

import logging
import time
from functools import partial
from typing import Any

from litestar import Litestar, Request, Response, get
from litestar.exceptions import HTTPException
from litestar.openapi import OpenAPIConfig

import daffa
from daffa import sentences
from daffa.app import House
from daffa.errors import DaffaError, Invalid, NotFound, Refused, Unavailable
from daffa.gateway import explain

from .api import CONTROLLERS
from .asgi import ASGIApp
from .auth import recognised, recognising
from .errors import retry_after, status_of
from .metrics import Metrics, metrics
from .model_routes import ModelRoutes
from .openapi import describe
from .page import Desk, Turnstile
from .stopping import open_only

__all__ = ["application", "models"]

_log = logging.getLogger(__name__)


def models(house: House) -> ModelRoutes:
    """What answers under ``/v1/`` and ``/v1beta/``, past the framework."""
    return ModelRoutes(
        house.identity,
        house.gateway,
        house.running,
        recognise=None if house.sign_on is None else partial(recognised, house),
        max_body_bytes=house.settings.max_body_bytes,
        clock=time.time,
    )


def application(house: House) -> ASGIApp:
    """All else as one ASGI application."""
    framework = Litestar(
        route_handlers=[healthz, readyz, metrics, description, *CONTROLLERS],
        exception_handlers={
            DaffaError: _known,
            HTTPException: _of_the_framework,
            RecursionError: _too_deep,
            UnicodeDecodeError: _no_text,
            Exception: _unforeseen,
        },
        # The framework's own page about unknown paths is HTML: it gets a corner of its own, and ours stay problem documents.
        openapi_config=OpenAPIConfig(title="Daffa", version=daffa.__version__, path="/api/openapi", render_plugins=[]),
        logging_config=None,
        request_max_body_size=house.settings.max_body_bytes,
    )
    framework.state.house = house
    framework.state.metrics = Metrics(house)
    framework.state.desk = Desk(Turnstile(house.settings.visitor_questions_per_minute))
    return recognising(house, open_only(house.running.intake, framework))  # type: ignore[arg-type]


@get("/healthz", media_type="text/plain", include_in_schema=False)
async def healthz() -> str:
    """The process runs."""
    return "ok"


@get("/readyz", media_type="text/plain", include_in_schema=False)
async def readyz(request: Request[Any, Any, Any]) -> Response[str]:
    """Requests can be decided and recorded. An incident that stands open is told, and keeps nobody out."""
    house: House = request.app.state.house
    if house.running.intake.stopping:
        return Response("stopping", status_code=503, headers={"connection": "close"})
    if not house.audit.writable:
        return Response("the log cannot be written", status_code=503)
    standing = house.incidents.standing
    return Response(f"ready\nincidents open: {standing}\n" if standing else "ready", status_code=200)


@get("/api/openapi.json", include_in_schema=False)
async def description(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """The administration as OpenAPI 3.1."""
    return describe(request.app)


def _known(request: Request[Any, Any, Any], error: DaffaError) -> Response[dict[str, Any]]:
    """RFC 9457 problem details, in the caller's language."""
    language = sentences.choose(request.headers.get("accept-language", ""))
    facts: dict[str, Any] = {name: value for name, value in error.facts.items() if isinstance(value, (str, int, float, bool))}
    status = status_of(error)
    problem = {"type": f"urn:daffa:error:{error.code}", "title": error.code, "status": status, "detail": error.say(language)}
    headers = retry_after(error) | ({"www-authenticate": "Bearer"} if status == 401 else {})
    if isinstance(error, Refused) and "candidates" in error.facts:
        facts |= explain(error, language)
    return Response({**problem, **facts}, status_code=status, media_type="application/problem+json", headers=headers)


def _of_the_framework(request: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, Any]]:
    """What the framework found wrong, as an error of ours."""
    most = f"at most {request.app.state.house.settings.max_body_bytes} bytes"
    known = {
        404: NotFound("unknown_route", method=request.method, path=request.url.path[:200]),
        405: Invalid("method_not_allowed", method=request.method, path=request.url.path[:200]),
        413: Invalid("body_too_large", field="body", expected=most, got="more"),
    }
    extra = error.extra if isinstance(error.extra, list) else []
    wrong = [f"{item.get('key', 'body')}: {item.get('message', '')}" for item in extra if isinstance(item, dict)]
    said = known.get(error.status_code) or Invalid("bad_request", reason="; ".join(wrong) or error.detail)
    response = _known(request, said)
    response.headers.update(error.headers or {})  # which methods a path allows
    return response


def _too_deep(request: Request[Any, Any, Any], _: Exception) -> Response[dict[str, Any]]:
    return _known(request, Invalid("bad_request", reason="the body is nested too deeply"))


def _no_text(request: Request[Any, Any, Any], error: UnicodeDecodeError) -> Response[dict[str, Any]]:
    return _known(request, Invalid("bad_request", reason=f"the body is not UTF-8 at byte {error.start}"))


def _unforeseen(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, Any]]:
    _log.error("a request failed in a way that nobody foresaw", exc_info=error)
    return _known(request, Unavailable("internal_error"))
