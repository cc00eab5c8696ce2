"""The law in force: put there only when three judges agree on it and its invariants are proved. Takes no decision."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import NamedTuple

from daffa.decision import Question
from daffa.errors import Invalid, Unavailable

from .bundle import Bundle
from .cases import failing_cases
from .chance import random_questions
from .proofs import assure
from .reading import question_json
from .second import Opinion, Second

__all__ = ["Difference", "Law", "Tried", "differences", "judge", "try_law"]

_QUESTIONS = 200


class Difference(NamedTuple):
    """A question on which both judges differ, and what each said."""

    question: Question
    table: Opinion
    cedar: Opinion


@dataclass(frozen=True, slots=True)
class Tried:
    """A law that passed: its three judges agree, and its invariants are proved. Only ``try_law`` makes one."""

    bundle: Bundle
    second: Second


class Law:
    """The law in force. ``bundle`` and ``second`` of one moment belong together: take them once for each decision.

    Where several processes share their law, each confirms again and again that it is still the one in force; one that
    could not for too long must not decide any more: then all three properties raise ``Unavailable``
    (``law_unconfirmed``). Without ``confirm``, the law holds until another is ``put``.
    """

    def __init__(self, tried: Tried, clock: Callable[[], float] = time.monotonic) -> None:
        self._in_force = tried
        self._clock = clock
        self._until = math.inf

    @classmethod
    def load(cls, folder: Path, proofs: Path | None = None) -> Law:
        """Read and try the law of a folder. Raises ``Invalid`` as ``Bundle.read`` and ``try_law`` do."""
        return cls(try_law(Bundle.read(Path(folder)), proofs))

    @property
    def bundle(self) -> Bundle:
        """The law that is in force now."""
        return self.in_force.bundle

    @property
    def second(self) -> Second:
        """The second judge of the law that is in force now."""
        return self.in_force.second

    @property
    def in_force(self) -> Tried:
        """Both of one moment, for whoever asks both."""
        if self._until != math.inf and self._clock() >= self._until:
            raise Unavailable("law_unconfirmed")
        return self._in_force

    def put(self, tried: Tried) -> None:
        """Put a law into force: at once, for every decision that has not begun."""
        self._in_force = tried

    def confirm(self, until: float) -> None:
        """The law in force is known to hold until this instant of the clock, unless another is put before."""
        self._until = until


def try_law(bundle: Bundle, proofs: Path | None = None) -> Tried:
    """Put a law to the test that it must pass to come into force. Raises ``Invalid`` where it does not.

    ``law_case`` where a judge decides a case otherwise than written, ``law_judges`` where table and Cedar differ on a random
    question, ``law_invariant_...`` where an invariant is not proved. ``proofs`` is a folder of the caller where proofs are
    kept, so that each law is proved once; without one it is proved each time (about half a second). Raises ``Unavailable``
    where the solver gives no answer.
    """
    second = Second(bundle.cedar, bundle.schema)
    judge(bundle, second)
    assure(bundle, proofs)
    return Tried(bundle, second)


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


def _short(allowed: bool, rules: Sequence[str] | None) -> str:
    """A verdict in the words of the case files: ``refuse [F-1, F-2]``."""
    return ("allow" if allowed else "refuse") + ("" if rules is None else f" [{', '.join(rules)}]")
