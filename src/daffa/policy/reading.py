"""A question as plain JSON, both ways, and a verdict as JSON. Knows the shape of what is asked; asks nothing, knows no law."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from daffa.decision import (
    FOREVER,
    STATES,
    Actor,
    Basis,
    Category,
    Door,
    Evidence,
    Form,
    KeyHolder,
    Label,
    Level,
    Place,
    Purpose,
    Question,
    Verdict,
    ask,
)

from .fields import choice, instant, items, number, record, text, truth, wrong

__all__ = ["question_json", "read_place", "read_question", "verdict_json"]

_PLACE_PARTS = ("id", "hw", "region", "operator", "reach", "qual", "seal", "key", "retention_days", "trains", "evidence")
_LONGEST_LABEL = 4000
_LABEL_PARTS = ("level", "categories", "form", "purposes", "basis", "owners", "expires")


def read_question(data: Any, places: Mapping[str, Place], now: int, accept_declared: bool = True) -> Question:
    """The question that ``data`` asks at ``now`` (Unix seconds, UTC).

    ``data`` is ``{"door", "purpose", "label", "place", "actor", "evaluated"}``: the label as header text or as an object,
    the place as the id of one of ``places`` or as an object, the actor as ``{"organisation", "roles", "id", "region"}``.
    The place is taken at its worth at ``now`` (see ``Place.effective``). Raises ``Invalid`` naming the field.
    """
    given = record(data, "question", ("door", "purpose", "label", "place", "actor"), ("evaluated",), top=True)
    return ask(
        door=choice(Door, given["door"], "door"),
        purpose=choice(Purpose, given["purpose"], "purpose"),
        label=_read_label(given["label"]),
        place=_find_place(given["place"], places).effective(now, accept_declared),
        actor=_read_actor(given["actor"]),
        now=now,
        evaluated=truth(given.get("evaluated", False), "evaluated"),
    )


def read_place(data: Any, field: str = "place") -> Place:
    """The place that the object ``data`` describes; what it leaves out has the worst value. Raises ``Invalid``.

    ``evidence`` is an object from attribute to ``{"source", "until"}``; ``until`` is a date or Unix seconds.
    """
    given = dict(record(data, field, (), _PLACE_PARTS))
    readers: dict[str, Callable[[Any, str], Any]] = {
        "id": text,
        "hw": text,
        "region": lambda value, where: text(value, where, empty=True),
        "operator": text,
        "reach": lambda value, where: items(text, value, where),
        "qual": lambda value, where: number(value, where, 0, 2),
        "seal": lambda value, where: number(value, where, 0, 4),
        "key": lambda value, where: choice(KeyHolder, value, where),
        "retention_days": lambda value, where: number(value, where, 0, FOREVER),
        "trains": truth,
        "evidence": _read_evidence,
    }
    return Place(**{"id": "unnamed", **{name: readers[name](value, f"{field}.{name}") for name, value in given.items()}})


def question_json(question: Question) -> dict[str, Any]:
    """The question as plain JSON, such that ``read_question`` at the same instant reads the same question."""
    place, actor = question.place, question.actor
    return {
        "door": question.door.value,
        "purpose": question.purpose.value,
        "label": _label_json(question.label),
        "place": _place_json(place),
        "actor": {
            "id": actor.id,
            "organisation": actor.organisation,
            "roles": sorted(actor.roles),
            "region": actor.region,
        },
        "evaluated": question.facts.evaluated,
    }


def _find_place(data: Any, places: Mapping[str, Place]) -> Place:
    if not isinstance(data, str):
        return read_place(data)
    if data not in places:
        wrong("place", "an object or one of: " + ", ".join(list(places)[:20]), data)
    return places[data]


def _read_evidence(data: Any, field: str) -> dict[str, Evidence]:
    shown = {}
    for name, value in record(data, field, (), _PLACE_PARTS[1:-1]).items():
        part = record(value, f"{field}.{name}", ("source", "until"))
        shown[name] = Evidence(text(part["source"], f"{field}.{name}.source"), instant(part["until"], f"{field}.{name}.until"))
    return shown


def _read_actor(data: Any) -> Actor:
    given = record(data, "actor", ("organisation",), ("id", "roles", "region"))
    return Actor(
        id=text(given.get("id", ""), "actor.id", empty=True),
        organisation=text(given["organisation"], "actor.organisation"),
        roles=items(text, given.get("roles", []), "actor.roles"),
        region=text(given.get("region", ""), "actor.region", empty=True),
    )


def _read_label(data: Any) -> Label:
    if isinstance(data, str):
        return Label.parse(text(data, "label", empty=True, longest=_LONGEST_LABEL))
    given = record(data, "label", (), _LABEL_PARTS)
    readers: dict[str, Callable[[Any, str], Any]] = {
        "level": lambda value, where: _read_named(Level, value, where),
        "categories": lambda value, where: items(lambda one, at: choice(Category, one, at), value, where),
        "form": lambda value, where: _read_named(Form, value, where),
        "purposes": lambda value, where: items(lambda one, at: choice(Purpose, one, at), value, where),
        "basis": lambda value, where: items(lambda one, at: choice(Basis, one, at), value, where),
        "owners": lambda value, where: items(text, value, where),
        "expires": lambda value, where: None if value is None else instant(value, where),
    }
    return Label(**{name: readers[name](value, f"label.{name}") for name, value in given.items()})


def _read_named(kind: type[Level | Form], data: Any, field: str) -> Any:
    names = {member.name.lower(): member for member in kind}
    if type(data) is int and data in list(kind):
        return kind(data)
    if not isinstance(data, str) or data not in names:
        wrong(field, " | ".join(names), data)
    return names[data]


def _label_json(label: Label) -> dict[str, Any]:
    return {
        "level": label.level.name.lower(),
        "categories": sorted(label.categories),
        "form": label.form.name.lower(),
        "purposes": sorted(label.purposes),
        "basis": sorted(label.basis),
        "owners": sorted(label.owners),
        "expires": label.expires,
    }


def _place_json(place: Place) -> dict[str, Any]:
    said: dict[str, Any] = {
        "id": place.id,
        "hw": place.hw,
        "region": place.region,
        "operator": place.operator,
        "qual": place.qual,
        "seal": place.seal,
        "key": place.key.value,
        "retention_days": place.retention_days,
        "trains": place.trains,
    }
    if place.reach != STATES | {place.hw, place.operator}:
        said["reach"] = sorted(place.reach)
    return said


def verdict_json(verdict: Verdict) -> dict[str, Any]:
    """A verdict as every surface shows it: ``{"allowed", "rules", "nearest": [{"rule", "failing"}]}``."""
    nearest = [{"rule": near.rule, "failing": [str(clause) for clause in near.failing]} for near in verdict.nearest]
    return {"allowed": verdict.allowed, "rules": list(verdict.rules), "nearest": nearest}
