"""A question and its answer as templates take them, wherever they come from: kept, or still under way. Knows no request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from daffa.assistant import Opinion, Turn

from .answer import Shown, shown
from .answering import name_of
from .desk import Answering, Desk

__all__ = ["Place", "TurnShown", "turn_of", "under_way"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a turn is kept; an empty ``conversation``: nowhere."""

    conversation: str
    number: int


@dataclass(frozen=True, slots=True)
class TurnShown:
    """A turn for a template.

    Attributes:
        id: of its element on the page.
        place: where it is kept.
        question, task: as asked.
        answer: once it is there.
        follow: the name under which it can be followed; empty where it cannot, or has ended.
        opinion: what the asker said of it.
    """

    id: str
    place: Place
    question: str
    task: dict[str, Any]
    answer: Shown | None
    follow: str
    opinion: Opinion | None = None


def turn_of(turn: Turn, conversation: str, desk: Desk | None = None, owner: str = "") -> TurnShown:
    """A turn that is kept; ``desk`` knows whether it is still under way."""
    name = name_of(conversation, turn.number)
    answer = None if turn.outcome is None else shown(turn.outcome, name)
    follow = name if answer is None and desk is not None and desk.find(name, owner) is not None else ""
    place = Place(conversation, turn.number)
    return TurnShown(f"t{turn.number}", place, turn.question, turn.task, answer, follow, turn.opinion)


def under_way(answering: Answering, place: Place, name: str) -> TurnShown:
    """A turn as this process works it out under ``name``."""
    within = name_of(place.conversation, place.number) if place.conversation else ""
    answer = shown(answering.outcome, within) if answering.outcome is not None else None
    own = f"t{place.number}" if place.conversation else f"t-{name}"
    return TurnShown(own, place, answering.question, answering.task, answer, "" if answering.ended else name)
