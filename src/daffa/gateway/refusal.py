"""A refusal in words and as data: which rules forbade, else which came nearest and which clause failed. Pure."""

from __future__ import annotations

from typing import Any

from daffa.decision import Verdict
from daffa.errors import Refused
from daffa.guard import Candidate
from daffa.policy import Bundle, verdict_json

__all__ = ["explain"]


def explain(error: Refused, language: str) -> dict[str, Any]:
    """What is added to the error of a refusal: the recorded decision, the label, the rules, every candidate.

    ``rules`` is ``[{"id", "sentence", "sentences": {"fr", "ar", "en"}}]``: those that forbade, or else those that
    came nearest to a permit, in the words of the law that was in force.
    """
    law: Bundle = error.facts["law"]
    candidates: list[Candidate] = error.facts["candidates"]
    question = candidates[0].question
    named = dict.fromkeys(name for candidate in candidates for name in _named(candidate.verdict))
    return {
        "decision": error.facts["reference"],
        "label": str(question.label),
        "purpose": str(question.purpose),
        "rules": [
            {
                "id": name,
                "sentence": law.rule(name).say(language),
                "sentences": dict(law.rule(name).says),
                "base": law.rule(name).base,
            }
            for name in named
        ],
        "candidates": [_candidate(candidate) for candidate in candidates],
    }


def _named(verdict: Verdict) -> tuple[str, ...]:
    return verdict.rules or tuple(near.rule for near in verdict.nearest)


def _candidate(candidate: Candidate) -> dict[str, Any]:
    said = verdict_json(candidate.verdict)
    return {
        "model": candidate.receiver,
        "place": candidate.question.place.id,
        "rules": said["rules"],
        "nearest": said["nearest"],
    }
