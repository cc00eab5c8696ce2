"""What two judges of one law differ on, told so that it names nobody. Knows the judges; neither log nor database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from daffa.decision import Actor, Question
from daffa.errors import Unavailable
from daffa.policy import Bundle, Opinion, Second, question_json

__all__ = ["DIFFER", "SILENT", "Finding", "compare", "nobodys"]

DIFFER, SILENT = "judges_differ", "judge_silent"
"""The kinds of findings: codes of errors, and the ``reason`` of the refusal in the log."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A question on which the table and Cedar differ, or Cedar says nothing.

    Attributes:
        kind: ``DIFFER`` or ``SILENT``.
        bundle: digest of the law that both judged by.
        question: what was asked.
        told: the question as JSON, as ``nobodys`` made it.
        table: what the table says.
        cedar: what Cedar says; ``None`` where it is silent.
        trouble: why it is silent, in Cedar's words. They may quote the question: they stay sealed.
    """

    kind: str
    bundle: str
    question: Question
    told: dict[str, Any]
    table: Opinion
    cedar: Opinion | None
    trouble: str

    @property
    def fingerprint(self) -> str:
        """The same for the same difference: law, door and both opinions count, and not who asked what for."""
        facts = [self.kind, self.bundle, str(self.question.door), self.opinions()]
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()

    def opinions(self) -> dict[str, Any]:
        """Both opinions as JSON: ``{"table": {"allowed", "rules"}, "cedar": the same or None}``."""
        return {"table": _opinion(self.table), "cedar": None if self.cedar is None else _opinion(self.cedar)}

    def details(self) -> dict[str, Any]:
        """What the entry of the refusal keeps sealed."""
        return {"place": self.question.place.id, **self.opinions(), "trouble": self.trouble}


def compare(question: Question, bundle: Bundle, second: Second) -> Finding | None:
    """Ask both judges (about 0.2 ms); ``None`` where they agree on the answer and on all the rules that decide."""
    verdict = bundle.table.decide(question)
    table, cedar, trouble = Opinion(verdict.allowed, verdict.rules), None, ""
    try:
        cedar = second.decide(question)
    except Unavailable as error:
        trouble = str(error.facts.get("reason", ""))[:1000]
    if cedar == table:
        return None
    told = question_json(nobodys(question, bundle))
    return Finding(SILENT if cedar is None else DIFFER, bundle.digest, question, told, table, cedar, trouble)


def nobodys(question: Question, bundle: Bundle) -> Question:
    """The question as nobody in particular could have asked it: to every rule of ``bundle`` it is the same question.

    It keeps the roles, and the organisation only where the law itself names it. Region, owners and expiry are put in
    such a way that the facts stay what they were.
    """
    facts, label, place = question.facts, question.label, question.place
    organisation = _organisation(question.actor.organisation, bundle)
    owner = organisation if facts.same_owner else _unnamed("others", frozenset({organisation}))
    return Question(
        door=question.door,
        purpose=question.purpose,
        label=replace(label, owners=frozenset({owner} if label.owners else ()), expires=0 if facts.expired else None),
        place=replace(place, evidence={}),
        actor=Actor("", organisation, question.actor.roles, place.region if facts.same_region else ""),
        facts=facts,
    )


def _organisation(name: str, bundle: Bundle) -> str:
    clauses = (clause for rule in bundle.table.rules for clause in rule.clauses if clause.attribute == "principal.organisation")
    named = frozenset(word for clause in clauses for word in _words(clause.operand))
    return name if name in named else _unnamed("somebody", named)


def _words(operand: object) -> Iterable[str]:
    return map(str, operand) if isinstance(operand, frozenset) else (str(operand),)


def _unnamed(word: str, taken: frozenset[str]) -> str:
    while word in taken:
        word += "-else"
    return word


def _opinion(opinion: Opinion) -> dict[str, Any]:
    return {"allowed": opinion.allowed, "rules": list(opinion.rules)}
