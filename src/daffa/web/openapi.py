"""The administration as OpenAPI 3.1: what the framework found out of the routes, and what it cannot know. Knows no route.

The framework describes errors in a shape of its own; ours are problem documents (RFC 9457). It does not know how a caller
is established, and of a field it knows the type alone: what a room asks of it stands beside the field, in the words of
JSON Schema, and is read from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Litestar
from litestar.routes import HTTPRoute

from .auth import SESSION_COOKIES

__all__ = ["describe"]

_SCHEMES = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "An API key, daffa_..., or an access token of the issuer where single sign-on is set.",
    },
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": SESSION_COOKIES[0],
        "description": "A session, begun at /auth/login (daffa_session over http). A change needs the header "
        "Sec-Fetch-Site: same-origin, or the house's own Origin.",
    },
}
_PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457), in the caller's language. Further members are the facts of the error.",
    "properties": {
        "type": {"type": "string", "pattern": "^urn:daffa:error:"},
        "title": {"type": "string", "description": "The error's code, see docs/errors.md."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "The error as a sentence."},
    },
    "required": ["type", "title", "status", "detail"],
}
_ERRORS = {
    400: "Something that was sent is not what was expected; the sentence names the field.",
    401: "Nobody known asks.",
    403: "Somebody asks who may not.",
    404: "What was named does not exist.",
    409: "The state of things forbids it now.",
    413: "The body is too large.",
    503: "Something that the house leans on does not answer.",
}
# Everybody may know where the endpoints are.
_OPEN = ("/.well-known/",)


def describe(application: Litestar) -> dict[str, Any]:
    """The description of everything that is routed and not left out of it."""
    document = application.openapi_schema.to_schema()
    components = document.setdefault("components", {})
    schemas: dict[str, Any] = components.setdefault("schemas", {})
    for body in _bodies(application):
        schemas.update(msgspec.json.schema_components([body], ref_template="#/components/schemas/{name}")[1])
    schemas["Problem"] = _PROBLEM
    components["securitySchemes"] = _SCHEMES
    document["security"] = [{"key": []}, {"session": []}]
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    errors = {str(status): {"description": said, "content": problem} for status, said in _ERRORS.items()}
    for path, methods in document["paths"].items():
        for operation in methods.values():
            answers = {status: answer for status, answer in operation["responses"].items() if status < "400"}
            operation["responses"] = {**answers, **errors}
            if path.startswith(_OPEN):
                operation["security"] = []
    return document


def _bodies(application: Litestar) -> Iterator[type[msgspec.Struct]]:
    """The structs that routes take as bodies."""
    for route in application.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            field = handler.parsed_data_field
            if field is not None and isinstance(field.annotation, type) and issubclass(field.annotation, msgspec.Struct):
                yield field.annotation
