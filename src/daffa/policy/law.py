"""The law in force: loaded only when three judges agree on it and its invariants are proved. Takes no decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import NamedTuple

from daffa.decision import Question
from daffa.errors import Invalid

from .bundle import Bundle
from .cases import failing_cases
from .chance import random_questions
from .proofs import assure
from .reading import question_json
from .second import Opinion, Second

__all__ = ["Difference", "Law", "differences", "judge"]

_QUESTIONS = 200


class Difference(NamedTuple):
    """A question on which both judges differ, and what each said."""

    question: Question
    table: Opinion
    cedar: Opinion


@dataclass(frozen=True, slots=True)
class _InForce:
    bundle: Bundle
    second: Second


class Law:
    """The law in force. ``bundle`` and ``second`` of one moment belong together: take them once for each decision."""

    def __init__(self, folder: Path, proofs: Path | None, in_force: _InForce) -> None:
        self._folder = folder
        self._proofs = proofs
        self._in_force = in_force

    @classmethod
    def load(cls, folder: Path, proofs: Path | None = None) -> Law:
        """Read and try the law of a folder. Raises ``Invalid``: what does not pass does not come into force.

        Beyond the errors of ``Bundle.read``: ``law_case`` where a judge decides a case otherwise than written,
        ``law_judges`` where table and Cedar differ on a random question, ``law_invariant_...`` where an invariant is not
        proved. ``proofs`` is a folder of the caller where proofs are kept, so that each law is proved once; without one it
        is proved each time (about half a second). Raises ``Unavailable`` where the solver gives no answer.
        """
        return cls(Path(folder), proofs, _tried(Path(folder), proofs))

    @property
    def bundle(self) -> Bundle:
        """The law that is in force now."""
        return self._in_force.bundle

    @property
    def second(self) -> Second:
        """The second judge of the law that is in force now."""
        return self._in_force.second

    def reload(self) -> Bundle:
        """Put what the folder says now into force. Raises as ``load`` does, and then the old law stays."""
        self._in_force = _tried(self._folder, self._proofs)
        return self._in_force.bundle


def differences(bundle: Bundle, second: Second, rng: Random, count: int) -> list[Difference]:
    """The random questions, of ``count``, on which table and Cedar differ in verdict or deciding rules."""
    found = []
    for question in random_questions(rng, count, bundle.table.rules, bundle.country):
        verdict, opinion = bundle.table.decide(question), second.decide(question)
        if (verdict.allowed, verdict.rules) != opinion:
            found.append(Difference(question, Opinion(verdict.allowed, verdict.rules), opinion))
    return found


def judge(bundle: Bundle, second: Second) -> None:
    """Raise ``Invalid`` unless table, ``second`` and the cases agree (``law_case``, ``law_judges``)."""
    for failure in failing_cases(bundle.cases, bundle.table, second)[:1]:
        case, got = failure.case, failure.got
        expected = _short(case.allowed, None if case.rules is None else sorted(case.rules))
        raise Invalid("law_case", case=case.id, judge=failure.judge, expected=expected, got=_short(*got))
    # Seeded by the digest: the same law is tried with the same questions, so a failure can be seen again.
    for found in differences(bundle, second, Random(bundle.digest), _QUESTIONS)[:1]:  # noqa: S311 - no secret depends on it
        asked, table, cedar = question_json(found.question), _short(*found.table), _short(*found.cedar)
        raise Invalid("law_judges", question=asked, table=table, cedar=cedar)


def _tried(folder: Path, proofs: Path | None) -> _InForce:
    bundle = Bundle.read(folder)
    second = Second(bundle.cedar, bundle.schema)
    judge(bundle, second)
    assure(bundle, proofs)
    return _InForce(bundle, second)


def _short(allowed: bool, rules: Sequence[str] | None) -> str:
    """A verdict in the words of the case files: ``refuse [F-1, F-2]``."""
    return ("allow" if allowed else "refuse") + ("" if rules is None else f" [{', '.join(rules)}]")
