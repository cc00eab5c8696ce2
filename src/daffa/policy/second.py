"""The second judge: Cedar itself, asked the same question. Knows nothing of the table; it shares no code with it.

About a hundred times slower than the table: it judges the law when it loads, and a sample of what is decided.
"""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import cedarpy

from daffa.decision import Actor, Form, Label, Place, Question
from daffa.errors import Unavailable

__all__ = ["Opinion", "Second"]

_FORMS = {Form.RAW: "raw", Form.PSEUDONYMISED: "pseudonymised", Form.DEIDENTIFIED: "deidentified"}
_MOST_PLACES = 256


class Opinion(NamedTuple):
    """What the second judge says: the answer, and the ids of the rules that decided, in the order of the law."""

    allowed: bool
    rules: tuple[str, ...]


class Second:
    """Cedar over the text of a law. Raises ``Unavailable`` (``law_second_silent``) where Cedar gives no answer."""

    def __init__(self, text: str, schema: str) -> None:
        self._policies = cedarpy.PolicySet.from_str(text)
        self._schema = cedarpy.Schema.from_str(schema)
        self._places: dict[Place, cedarpy.Entities] = {}

    def decide(self, question: Question) -> Opinion:
        """The verdict on ``question``, without nearest rules: Cedar does not know them."""
        request = {
            "principal": 'Actor::"asker"',
            "action": f'Action::"{question.door}"',
            "resource": 'Place::"asked"',
            "context": json.dumps(_context(question)),
        }
        try:
            entities = self._place(question.place).with_added_json_str(json.dumps([_actor(question.actor)]))
            answer = cedarpy.is_authorized(request, self._policies, entities, self._schema)
        except ValueError as error:
            raise Unavailable("law_second_silent", reason=str(error)) from error
        if answer.decision is cedarpy.Decision.NoDecision or answer.diagnostics.errors:
            raise Unavailable("law_second_silent", reason="; ".join(map(str, answer.diagnostics.errors)))
        ids = answer.diagnostics.id_annotations_by_reason
        deciding = sorted(answer.diagnostics.reasons, key=lambda reason: int(reason.removeprefix("policy")))
        return Opinion(answer.allowed, tuple(ids[reason] for reason in deciding))

    def _place(self, place: Place) -> cedarpy.Entities:
        """The place as Cedar holds it: parsed once, for a house has few places."""
        if place not in self._places:
            if len(self._places) >= _MOST_PLACES:
                self._places.clear()
            self._places[place] = cedarpy.Entities.from_json_str(json.dumps([_place(place)]))
        return self._places[place]


def _context(question: Question) -> dict[str, Any]:
    label: Label = question.label
    return {
        "level": label.level.value,
        "categories": [category.value for category in label.categories],
        "form": _FORMS[label.form],
        "basis": [basis.value for basis in label.basis],
        "purpose": question.purpose.value,
        **question.facts._asdict(),
    }


def _actor(actor: Actor) -> dict[str, Any]:
    attributes = {"organisation": actor.organisation, "roles": list(actor.roles)}
    return {"uid": {"type": "Actor", "id": "asker"}, "attrs": attributes, "parents": []}


def _place(place: Place) -> dict[str, Any]:
    attributes = {
        "hw": place.hw,
        "region": place.region,
        "operator": place.operator,
        "reach": list(place.reach),
        "qual": place.qual,
        "seal": place.seal,
        "key": place.key.value,
        "retention_days": place.retention_days,
        "trains": place.trains,
    }
    return {"uid": {"type": "Place", "id": "asked"}, "attrs": attributes, "parents": []}
