"""The decision offered to others: OpenID AuthZEN Authorization API 1.0. Knows its shapes; the guard decides.

A subject is an actor, an action a door, a resource a place; label, purpose and ``evaluated`` stand in the context. What the
specification leaves open is said in docs/howto/authzen.md.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from litestar import Controller, get, post
from litestar.params import JSONBody

from daffa.app import House
from daffa.errors import DaffaError, Invalid
from daffa.policy import read_question, sentences_of, verdict_json

from .callers import Asked, caller_of, house_of, language_of
from .errors import status_of

__all__ = ["AuthZENController"]

_PARTS = ("subject", "action", "resource", "context")
_SEMANTICS = ("execute_all", "deny_on_first_deny", "permit_on_first_permit")


class AuthZENController(Controller):
    """Access evaluation, one or many, and the description of where they are."""

    path = "/"

    @get("/.well-known/authzen-configuration")
    async def configuration(self, request: Asked) -> dict[str, str]:
        """Where the endpoints are."""
        base = str(request.base_url).rstrip("/")
        return {
            "policy_decision_point": base,
            "access_evaluation_endpoint": f"{base}/access/v1/evaluation",
            "access_evaluations_endpoint": f"{base}/access/v1/evaluations",
        }

    @post("/access/v1/evaluation", status_code=200)
    async def evaluation(self, request: Asked, data: JSONBody[dict[str, Any]]) -> dict[str, Any]:
        """One decision, with the rules that decided it, or the nearest permits, in the context."""
        caller_of(request)
        return _decide(house_of(request), data, language_of(request))

    @post("/access/v1/evaluations", status_code=200)
    async def evaluations(self, request: Asked, data: JSONBody[dict[str, Any]]) -> dict[str, Any]:
        """Many decisions. What an item does not say is taken from the top; a wrong item is a refusal that says why."""
        caller_of(request)
        house, language = house_of(request), language_of(request)
        items = data.get("evaluations")
        if not items:
            return _decide(house, data, language)
        if not isinstance(items, list):
            raise Invalid("invalid_field", field="evaluations", expected="a list", got=type(items).__name__)
        common = {part: data[part] for part in _PARTS if part in data}
        last = {"deny_on_first_deny": False, "permit_on_first_permit": True}.get(_semantic(data))
        answers: list[dict[str, Any]] = []
        for item in items:
            answers.append(_decide_or_say(house, item, common, language))
            if answers[-1]["decision"] is last:
                break
        return {"evaluations": answers}


def _semantic(data: Mapping[str, Any]) -> str:
    options = data.get("options", {})
    semantic = options.get("evaluations_semantic", "execute_all") if isinstance(options, dict) else options
    if semantic not in _SEMANTICS:
        expected = " | ".join(_SEMANTICS)
        raise Invalid("invalid_field", field="options.evaluations_semantic", expected=expected, got=str(semantic)[:80])
    return str(semantic)


def _decide_or_say(house: House, item: Any, common: Mapping[str, Any], language: str) -> dict[str, Any]:
    try:
        if not isinstance(item, dict):
            raise Invalid("invalid_field", field="evaluations[]", expected="an object", got=type(item).__name__)
        return _decide(house, {**common, **item}, language)
    except DaffaError as error:
        return {"decision": False, "context": {"error": {"status": status_of(error), "message": error.say(language)}}}


def _decide(house: House, data: Mapping[str, Any], language: str) -> dict[str, Any]:
    law = house.law.bundle
    question = read_question(_question(data), house.settings.places, int(time.time()), law.accept_declared)
    verdict = house.guard.ask(question)
    said = verdict_json(verdict)
    reasons = sentences_of(verdict, law, language)
    return {"decision": said["allowed"], "context": {"rules": said["rules"], "nearest": said["nearest"], "reasons": reasons}}


def _question(data: Mapping[str, Any]) -> dict[str, Any]:
    """The question that an evaluation asks, as ``read_question`` takes it."""
    subject, action, resource, context = (_object(data, part) for part in _PARTS)
    for part, kind, given in (("subject", "actor", subject), ("resource", "place", resource)):
        if given.get("type") != kind:
            raise Invalid("invalid_field", field=f"{part}.type", expected=kind, got=str(given.get("type"))[:80])
    place: Any = resource.get("id")
    if properties := _object(resource, "properties", needed=False):
        place = {"id": place, **properties}
    evaluated = {"evaluated": context["evaluated"]} if "evaluated" in context else {}
    return {
        "door": action.get("name"),
        "purpose": context.get("purpose"),
        "label": context.get("label"),
        "place": place,
        "actor": {"id": subject.get("id"), **_object(subject, "properties", needed=False)},
        **evaluated,
    }


def _object(data: Mapping[str, Any], name: str, *, needed: bool = True) -> dict[str, Any]:
    given = data.get(name, None if needed else {})
    if not isinstance(given, dict):
        raise Invalid("invalid_field", field=name, expected="an object", got=type(given).__name__)
    return given
