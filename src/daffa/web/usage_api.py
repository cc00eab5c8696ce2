"""``/api/usage``, ``/api/dependence`` and ``/api/drill``: usage, dependence, and what a cut-off would take.

Knows ``observatory`` by its face. What stands in sealed details is opened for auditors and administrators alone.
"""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

import msgspec
from litestar import Controller, get, post
from litestar.params import FromQuery, JSONBody, QueryParameter

from daffa.errors import Denied, Invalid
from daffa.identity import Caller, Role
from daffa.observatory import KINDS, SEALED, Cut, Footing, Period

from .callers import Asked, caller_of, house_of, record

__all__ = ["UsageController"]

_READERS = (Role.AUDITOR, Role.ADMINISTRATOR)
_MOST_OPENED = 200_000
_OPENED = 20_000

From = Annotated[str, QueryParameter(name="from")]
To = Annotated[str, QueryParameter(name="to")]
Opened = Annotated[int, QueryParameter(ge=0, le=_MOST_OPENED)]
Limit = Annotated[int, QueryParameter(ge=1, le=1000)]
Offset = Annotated[int, QueryParameter(ge=0, le=2**31)]

State = Annotated[str, msgspec.Meta(max_length=80)]
Several = Annotated[list[State], msgspec.Meta(max_length=300)]


class CutOff(msgspec.Struct, forbid_unknown_fields=True):
    """What a drill cuts off: places that the law of a state reaches, that its operators run, or that are named."""

    reach: Several = []
    operator: Several = []
    place: Several = []
    entries: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 1000


class UsageController(Controller):
    """Sums over the log, with the places and prices of now."""

    path = "/api"

    @get("/usage")
    async def usage(
        self,
        request: Asked,
        by: FromQuery[str] = "day",
        first: From = "",
        last: To = "",
        entries: Opened = _OPENED,
        offset: Offset = 0,
        limit: Limit = 100,
    ) -> dict[str, Any]:
        """Requests, refusals, tokens, money and energy by day, month, place, model or organisation, a page at a time.

        ``next`` is the offset of the next page. Models and organisations are for auditors and administrators: they
        stand in sealed details, of which the newest ``entries`` are opened.
        """
        caller = caller_of(request, *_READERS, Role.OPERATOR)
        if by not in KINDS:
            raise Invalid("invalid_field", field="by", expected=" | ".join(KINDS), got=by[:40])
        if by in SEALED and not _may_open(caller):
            raise Denied("forbidden", expected=", ".join(_READERS))
        period = Period.read(first, last)
        used, footing = await house_of(request).observatory.usage(period, by, entries if _may_open(caller) else 0)
        rows = used.rows[offset : offset + limit]
        return {
            "by": by,
            **_head(period, footing),
            "total": used.total,
            "rows": rows,
            "next": offset + limit if offset + limit < len(used.rows) else None,
        }

    @get("/dependence")
    async def dependence(self, request: Asked, first: From = "", last: To = "", entries: Opened = _OPENED) -> dict[str, Any]:
        """The share of what was let out by legal reach, operator and vendor, the national share, and all of it by month."""
        caller = caller_of(request, *_READERS, Role.OPERATOR)
        period = Period.read(first, last)
        house = house_of(request)
        measured, footing = await house.observatory.dependence(period, entries if _may_open(caller) else 0)
        return {"country": house.law.bundle.country, **_head(period, footing), **_fields(measured)}

    @post("/drill", status_code=200)
    async def drill(self, request: Asked, data: JSONBody[CutOff]) -> dict[str, Any]:
        """Ask the newest recorded requests again without some places. Nothing is sent; that it was done is recorded."""
        caller = caller_of(request, *_READERS)
        house = house_of(request)
        given = {name: tuple(dict.fromkeys(getattr(data, name))) for name in ("reach", "operator", "place")}
        law = house.law.bundle.digest
        found, left_out = await house.observatory.drill(Cut(**given), data.entries)
        facts = {"law": law, "entries": data.entries, "asked": found.asked, "fates": dict(found.fates)}
        await record(request, caller, "drill_run", **{name: list(value) for name, value in given.items()}, **facts)
        return {
            **given,
            "currency": house.settings.currency,
            "law": law,
            "not_recorded": ["capabilities", "prompt_bytes", "speed"],
            **_fields(found),
            "left_out": left_out,
        }


def _may_open(caller: Caller) -> bool:
    return not caller.actor.roles.isdisjoint(_READERS)


def _head(period: Period, footing: Footing) -> dict[str, Any]:
    return {"from": period.first or None, "to": period.last or None, "prices": "present", **_fields(footing)}


def _fields(value: Any) -> dict[str, Any]:
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
