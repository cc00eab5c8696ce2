"""``/api/me`` and the end of other people's sessions. Knows ``identity`` by its face."""

from __future__ import annotations

from typing import Any

from litestar import Controller, delete, get
from litestar.params import FromPath

from daffa.errors import NotFound
from daffa.identity import Role

from .callers import Asked, caller_of, house_of, record

__all__ = ["SessionController"]


class SessionController(Controller):
    """Who asks, and who may no longer."""

    path = "/api"

    @get("/me")
    async def me(self, request: Asked) -> dict[str, Any]:
        """Who asks: person or program, organisation, roles now, and the label under which nothing of theirs falls."""
        caller = caller_of(request)
        return {
            "id": caller.actor.id,
            "organisation": caller.organisation,
            "roles": sorted(caller.roles),
            "floor": str(caller.floor),
            "key": caller.key_id,
        }

    @delete("/people/{person:str}/sessions", status_code=200)
    async def end_sessions(self, request: Asked, person: FromPath[str]) -> dict[str, int]:
        """End every session of a person. Role administrator. Bar them at the issuer first: else they sign on again."""
        caller = caller_of(request, Role.ADMINISTRATOR)
        sign_on = house_of(request).sign_on
        if sign_on is None:
            raise NotFound("sign_on_off")
        ended = await sign_on.end_all(person)
        await record(request, caller, "sessions_ended", person=person, sessions=ended)
        return {"ended": ended}
