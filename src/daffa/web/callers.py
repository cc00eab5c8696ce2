"""Who asks a route of the framework, of which house, in which language; and the record of what they changed. Knows no route."""

from __future__ import annotations

import time
from typing import Any

from litestar import Request

from daffa import sentences
from daffa.app import House
from daffa.audit import Change
from daffa.errors import Denied
from daffa.identity import Caller, Role

from .asgi import Scope, bearer, headers_of
from .auth import established

__all__ = ["Asked", "caller_of", "house_of", "language_of", "record"]

Asked = Request[Any, Any, Any]


def house_of(request: Asked) -> House:
    """The house that answers."""
    house: House = request.app.state.house
    return house


def caller_of(request: Asked, *roles: Role) -> Caller:
    """Who asks. Raises ``Denied`` without a valid key, session or token; ``forbidden`` without one of ``roles``, if any."""
    scope: Scope = request.scope  # type: ignore[assignment]
    caller = established(scope) or house_of(request).identity.authenticate(bearer(headers_of(scope)), time.time())
    if roles and caller.actor.roles.isdisjoint(roles):
        raise Denied("forbidden", expected=", ".join(str(role) for role in roles))
    return caller


def language_of(request: Asked) -> str:
    """The language in which the caller wants to be answered."""
    return sentences.choose(request.headers.get("accept-language", ""))


async def record(request: Asked, caller: Caller, action: str, **details: Any) -> None:
    """Write a change into the log, with who made it; durable when it returns."""
    change = Change(action=action, time=time.time(), details={"actor": caller.actor.id, **details})
    await house_of(request).audit.change(change)
