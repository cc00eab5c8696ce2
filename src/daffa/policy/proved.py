"""The proof of a law as the house sees it: asked of the solver, its examples decided once more by the table.

Knows what a proof says; how it is found stands in ``proof``, which this file never imports.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from daffa.decision import Question, Verdict
from daffa.errors import Unavailable

from .bundle import Bundle
from .chance import NOW
from .invariants import Invariant
from .reading import question_json, read_question
from .solver import ask_solver
from .wire import rules_json

__all__ = ["Example", "Need", "Proof", "Proved", "known_places", "prove", "read_example"]


@dataclass(frozen=True, slots=True)
class Example:
    """A question that the solver found, and what the table says to it."""

    question: Question
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Proved:
    """What the proof says of one invariant.

    Attributes:
        askable: whether anybody could ask for what never happens.
        broken: a question that is allowed all the same: the counter-example.
        shown: a question beside the never that is allowed: the proof is not empty.
        implied: ids of other invariants from which this one follows.
    """

    invariant: Invariant
    askable: bool
    broken: Example | None
    shown: Example | None
    implied: tuple[str, ...]

    @property
    def fault(self) -> str:
        """What is wrong: ``broken``, ``unaskable``, ``unshown``, ``implied``, or nothing."""
        found = {
            "broken": self.broken is not None,
            "unaskable": not self.askable,
            "unshown": self.shown is None,
            "implied": bool(self.implied),
        }
        return next((fault for fault, is_so in found.items() if is_so), "")


@dataclass(frozen=True, slots=True)
class Need:
    """What a rule changes: whether some verdict turns without it, and whether it decides any question at all."""

    rule: str
    needed: bool
    decides: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """What was proved of a law.

    Attributes:
        rules: what each rule changes; empty where the proof was not asked for that.
        checks: how many questions were put to the solver.
        solver: its version.
    """

    bundle: Bundle
    invariants: tuple[Proved, ...]
    rules: tuple[Need, ...]
    checks: int
    solver: str

    @property
    def faults(self) -> tuple[Proved, ...]:
        """The invariants that do not stand."""
        return tuple(proved for proved in self.invariants if proved.fault)


def prove(bundle: Bundle, *, thorough: bool = True) -> Proof:
    """Prove the invariants of a law and, where ``thorough``, see what each of its rules changes.

    Raises ``Unavailable``: ``law_solver_silent``, and ``law_solver_wrong`` where solver and table differ.
    """
    answer = ask_solver(
        "prove",
        {
            "home": bundle.country,
            "rules": rules_json(bundle.table.rules),
            "nevers": rules_json(invariant.never.rule for invariant in bundle.invariants),
            "mays": rules_json(invariant.may.rule for invariant in bundle.invariants),
            "places": known_places([bundle]),
            "thorough": thorough,
        },
    )
    return Proof(
        bundle=bundle,
        invariants=tuple(_proved(bundle, answer["invariants"])),
        rules=tuple(
            Need(rule.id, need["needed"], need["decides"])
            for rule, need in zip(bundle.table.rules, answer["rules"], strict=thorough)
        ),
        checks=answer["checks"],
        solver=answer["solver"],
    )


def read_example(data: Mapping[str, Any], bundle: Bundle, *, allowed: bool) -> Example:
    """The example that the solver found, decided by the table. Raises ``Unavailable`` (``law_solver_wrong``)."""
    question = read_question(data, {}, NOW)
    verdict = bundle.table.decide(question)
    if verdict.allowed is not allowed:
        raise Unavailable("law_solver_wrong", question=json.dumps(question_json(question)))
    return Example(question, verdict)


def known_places(bundles: Iterable[Bundle]) -> list[dict[str, Any]]:
    """The places of the cases, as plain JSON: examples are told about them where they fit."""
    places = {case.question.place.id: case.question for bundle in bundles for case in bundle.cases}
    return [question_json(question)["place"] for question in places.values()]


def _proved(bundle: Bundle, answers: Iterable[Mapping[str, Any]]) -> Iterator[Proved]:
    for invariant, said in zip(bundle.invariants, answers, strict=True):
        broken, shown = (
            None if said[name] is None else read_example(said[name], bundle, allowed=True) for name in ("broken", "shown")
        )
        implied = tuple(bundle.invariants[number].id for number in said["implied"])
        yield Proved(invariant, said["askable"], broken, shown, implied)
