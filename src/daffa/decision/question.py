"""The one question: may data with this label, for this purpose, go to this place, asked by this actor, through this door?

Knows what is asked and the facts that follow from it; nothing of rules. Time is an input.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import NamedTuple

from .label import Label
from .place import Place
from .purpose import Door, Purpose

__all__ = ["Actor", "Facts", "Question", "ask"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a person or a program, of an organisation, with roles, at home in a region (ISO 3166-2 or ``""``)."""

    id: str
    organisation: str
    roles: frozenset[str] = frozenset()
    region: str = ""


class Facts(NamedTuple):
    """Relations between the parts of a question, worked out once so that a rule reads one attribute at a time."""

    purpose_permitted: bool
    same_owner: bool
    same_region: bool
    expired: bool
    evaluated: bool


# All 32 of them exist once: a table finds them by identity.
_FACTS = {Facts(*bits): Facts(*bits) for bits in itertools.product((False, True), repeat=5)}


@dataclass(frozen=True, slots=True)
class Question:
    """What the decision is asked. Build it with ``ask``, which works out the facts."""

    door: Door
    purpose: Purpose
    label: Label
    place: Place
    actor: Actor
    facts: Facts


def ask(door: Door, purpose: Purpose, label: Label, place: Place, actor: Actor, now: int, evaluated: bool = False) -> Question:
    """The question at ``now`` (Unix seconds, UTC).

    ``place`` must already be effective at ``now`` (see ``Place.effective``). ``evaluated`` says that what
    would leave has passed its evaluation gate.
    """
    facts = _FACTS[
        Facts(
            purpose_permitted=purpose in label.purposes,
            same_owner=label.owners <= {actor.organisation},
            same_region=bool(actor.region) and place.region == actor.region,
            expired=label.expires is not None and label.expires <= now,
            evaluated=evaluated,
        )
    ]
    return Question(door, purpose, label, place, actor, facts)
