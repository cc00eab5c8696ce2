"""The incidents' routes under ``/api/incidents``: look at them, close one. Knows ``guard`` by its face."""

from __future__ import annotations

from typing import Annotated

import msgspec
from litestar import Controller, get, post
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from daffa.errors import Denied, NotFound
from daffa.guard import Incident
from daffa.identity import Role

from .callers import Asked, caller_of, house_of
from .law_api import signer_of

__all__ = ["IncidentController"]

Before = Annotated[int | None, QueryParameter(ge=0, le=2**31 - 1)]


class Closing(msgspec.Struct, forbid_unknown_fields=True):
    """Why an incident may be closed: what was wrong, and what was done."""

    reason: str


class IncidentController(Controller):
    """Where the judges of the law differed. Nobody is named in an incident; the entries of the log know who asked."""

    path = "/api/incidents"

    @get()
    async def incidents(self, request: Asked, only: FromQuery[str | None] = None, before: Before = None) -> list[Incident]:
        """A hundred incidents, newest first: those that are ``open`` or ``closed``, or both; the next page comes ``before``."""
        caller_of(request, Role.OPERATOR, Role.AUDITOR, Role.ADMINISTRATOR)
        return await house_of(request).incidents.incidents(only, before)

    @get("/{number:int}")
    async def incident(self, request: Asked, number: FromPath[int]) -> Incident:
        """One incident."""
        caller_of(request, Role.OPERATOR, Role.AUDITOR, Role.ADMINISTRATOR)
        return await house_of(request).incidents.incident(_known(number))

    @post("/{number:int}/close", status_code=200)
    async def close(self, request: Asked, number: FromPath[int], data: JSONBody[Closing]) -> Incident:
        """Close an incident. Role operator, a person: who did it and why stands in the log. Seen again, it is a new one."""
        signer = signer_of(caller_of(request, Role.OPERATOR))
        if signer.person is None:
            raise Denied("incident_needs_a_person", key=signer.key)
        return await house_of(request).incidents.close(_known(number), signer.person, data.reason)


def _known(number: int) -> int:
    """A number that an incident can have: a database takes no other."""
    if not 0 < number < 2**31:
        raise NotFound("unknown_incident", incident=number)
    return number
