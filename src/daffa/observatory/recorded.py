"""A recorded request as far as it can be asked again: read back from a decision, its outcome and its opened details."""

from __future__ import annotations

from dataclasses import dataclass

from daffa.audit import Details, Found
from daffa.decision import Actor, Door, Label, Place, Purpose, Question, ask
from daffa.errors import Invalid

from .ledger import text_of

__all__ = ["Recorded", "read_back"]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A request that was made.

    Attributes:
        index: of its decision in the log.
        time: Unix seconds.
        asked: the model that was asked for, or ``auto``.
        model, place: where it went; empty where it was refused.
        evaluated: whether what would leave had passed its evaluation.
        tokens_in, tokens_out: what its outcome says; 0 without one.
    """

    index: int
    time: float
    purpose: Purpose
    label: Label
    actor: Actor
    asked: str
    model: str
    place: str
    evaluated: bool
    tokens_in: int
    tokens_out: int

    def question(self, place: Place) -> Question:
        """The question whether it may go to ``place``, at the time when it was made."""
        return ask(Door.GATEWAY, self.purpose, self.label, place, self.actor, int(self.time), self.evaluated)


def read_back(found: Found, details: Details) -> Recorded | None:
    """The request of a decision; ``None`` where its details do not read as one."""
    kept, ended, allowed = details.details, found.outcome, found.verdict == "allow"
    roles = kept.get("roles", ())
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        return None
    if not isinstance(kept.get("label"), str):  # no label is not the empty one, which is public
        return None
    try:
        return Recorded(
            index=found.index,
            time=details.time,
            purpose=Purpose(text_of(details, "purpose")),
            label=Label.parse(text_of(details, "label")),
            actor=Actor(
                text_of(details, "actor"),
                text_of(details, "organisation"),
                frozenset(map(str, roles)),
                text_of(details, "region"),
            ),
            asked=text_of(details, "asked") or text_of(details, "receiver"),
            model=text_of(details, "receiver") if allowed else "",
            place=found.place if allowed else "",
            evaluated=kept.get("evaluated") is True,
            tokens_in=ended.tokens_in if ended else 0,
            tokens_out=ended.tokens_out if ended else 0,
        )
    except (ValueError, Invalid):
        return None
