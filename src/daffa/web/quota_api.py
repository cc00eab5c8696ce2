"""The routes of budgets and limits under ``/api/quota``: how they stand, set one, remove one. Knows ``quota`` by its face.

Amounts are whole numbers; money is in millionths of the house's currency. Every change is recorded in the log.
"""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Controller, delete, get, put
from litestar.params import FromQuery, JSONBody, QueryParameter

from daffa.app import House
from daffa.errors import Invalid
from daffa.identity import Role
from daffa.quota import Rule, Standing

from .callers import Asked, caller_of, house_of, record

__all__ = ["QuotaController"]

Scope = Annotated[str, QueryParameter(name="scope")]  # the framework means something else by an argument of that name


class NewRule(msgspec.Struct, forbid_unknown_fields=True):
    """A rule to set: who (``scope``, ``subject``), what (``measure``, ``model`` or all), in which time, how much at most."""

    scope: str
    subject: str
    measure: str
    period: str
    most: int
    model: str = ""


class NewPriority(msgspec.Struct, forbid_unknown_fields=True):
    """How urgent the requests of a subject are beside those of others, where an engine is scarce."""

    scope: str
    subject: str
    priority: str


class QuotaController(Controller):
    """Budgets of money, limits of requests and tokens."""

    path = "/api/quota"

    @get()
    async def standings(self, request: Asked, whose: Scope = "", subject: FromQuery[str] = "") -> list[dict[str, Any]]:
        """Every rule with what is spent, reserved and left of it now, or those of one scope or subject."""
        caller_of(request, Role.ADMINISTRATOR, Role.AUDITOR, Role.OPERATOR)
        house = house_of(request)
        return [
            _row(house, standing)
            for standing in await house.quota.standings()
            if whose in ("", standing.rule.scope) and subject in ("", standing.rule.subject)
        ]

    @put(status_code=200)
    async def set_rule(self, request: Asked, data: JSONBody[NewRule]) -> dict[str, Any]:
        """Set a rule, or give one that exists another amount; holds from the next request on."""
        caller = caller_of(request, Role.ADMINISTRATOR)
        house = house_of(request)
        if data.model and data.model not in house.settings.models:
            expected = " | ".join(house.settings.models) or "nothing: no model is configured"
            raise Invalid("invalid_field", field="model", expected=expected, got=data.model[:80])
        await _must_exist(house, data.scope, data.subject)
        rule = await house.quota.set(data.scope, data.subject, data.measure, data.period, data.most, data.model)
        await record(request, caller, "quota_set", **_facts(rule), most=rule.most)
        return next(_row(house, found) for found in await house.quota.standings() if found.rule.number == rule.number)

    @delete(status_code=200)
    async def remove_rule(
        self,
        request: Asked,
        whose: Scope,
        subject: FromQuery[str],
        measure: FromQuery[str],
        period: FromQuery[str],
        model: FromQuery[str] = "",
    ) -> dict[str, Any]:
        """Remove a rule; what was counted for it is forgotten."""
        caller = caller_of(request, Role.ADMINISTRATOR)
        rule = await house_of(request).quota.remove(whose, subject, measure, period, model)
        await record(request, caller, "quota_removed", **_facts(rule), most=rule.most)
        return {**_facts(rule), "most": rule.most}

    @get("/priorities")
    async def priorities(self, request: Asked) -> list[dict[str, str]]:
        """Whose requests are more or less urgent than most."""
        caller_of(request, Role.ADMINISTRATOR, Role.AUDITOR, Role.OPERATOR)
        found = house_of(request).quota.priorities.items()
        return [{"scope": scope, "subject": subject, "priority": str(value)} for (scope, subject), value in found]

    @put("/priorities", status_code=200)
    async def set_priority(self, request: Asked, data: JSONBody[NewPriority]) -> dict[str, str]:
        """Say how urgent somebody's requests are: ``high``, ``normal`` (as most) or ``low``."""
        caller = caller_of(request, Role.ADMINISTRATOR)
        house = house_of(request)
        await _must_exist(house, data.scope, data.subject)
        await house.quota.set_priority(data.scope, data.subject, data.priority)
        facts = {"scope": data.scope, "subject": data.subject, "priority": data.priority}
        await record(request, caller, "priority_set", **facts)
        return facts


async def _must_exist(house: House, scope: str, subject: str) -> None:
    """Raise ``NotFound`` for a subject that is nobody; of another scope than these there is no rule anyway."""
    find = {"organisation": house.identity.organisation, "person": house.identity.person, "key": house.identity.key}
    if scope in find:
        await find[scope](subject)


def _facts(rule: Rule) -> dict[str, Any]:
    names = ("number", "scope", "subject", "model", "measure", "period")
    return {name: getattr(rule, name) for name in names}


def _row(house: House, standing: Standing) -> dict[str, Any]:
    rule = standing.rule
    return {
        **_facts(rule),
        "most": rule.most,
        "spent": standing.spent,
        "reserved": standing.reserved,
        "left": standing.left,
        "resets": standing.resets,
        "currency": house.settings.currency if rule.measure == "money" else None,
    }
