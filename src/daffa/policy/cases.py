"""The cases: questions with the verdict that the text of law demands, written by hand before the rules. The third judge.

Knows how cases are written and how a law is held against them; knows no Cedar.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from daffa.decision import Place, Question, Table
from daffa.errors import Invalid

from .fields import instant, items, record, text, truth, wrong
from .files import CASES, LawFiles
from .reading import read_place, read_question
from .second import Opinion, Second

__all__ = ["Case", "CaseFailure", "Necessity", "failing_cases", "necessity_of", "read_cases"]

_PLACES = f"{CASES}places.toml"
_ASKED = ("door", "purpose", "place", "label", "actor", "evaluated")
_REQUIRED = ("id", "door", "purpose", "place", "label", "actor", "expect", "why", "base")
_OPTIONAL = ("evaluated", "now", "rules", "default")
_LONGEST_WHY = 2000


@dataclass(frozen=True, slots=True)
class Case:
    """A question and the verdict that the law demands.

    Attributes:
        allowed: the verdict.
        rules: the exact deciding set, or ``None`` where the case does not fix it; empty where silence refuses.
        why: the reason, by language.
        base: the text of law.
    """

    id: str
    question: Question
    allowed: bool
    rules: frozenset[str] | None
    why: Mapping[str, str]
    base: str
    file: str

    def agrees(self, opinion: Opinion) -> bool:
        """Whether a judge said what the case demands. A refusal that is no silence must name a rule."""
        if opinion.allowed is not self.allowed:
            return False
        return bool(opinion.rules) if self.rules is None else self.rules == frozenset(opinion.rules)


@dataclass(frozen=True, slots=True)
class CaseFailure:
    """A case that a judge (``table`` or ``cedar``) does not decide as demanded, and what that judge said."""

    case: Case
    judge: str
    got: Opinion


@dataclass(frozen=True, slots=True)
class Necessity:
    """What the cases show of one rule: those that it decides, and those whose answer turns when it is taken out."""

    decides: tuple[str, ...]
    turns: tuple[str, ...]


def read_cases(files: LawFiles) -> tuple[Case, ...]:
    """The cases in the order of their files. Raises ``Invalid`` naming file, case and field."""
    places = _read_places(files)
    cases: dict[str, Case] = {}
    for name in files.named(CASES):
        if name == _PLACES:
            continue
        written = record(files.toml(name), name, (), ("case",)).get("case", [])
        if not isinstance(written, list):
            wrong(f"{name}: case", "[[case]]", written)
        for number, data in enumerate(written, 1):
            spot = f"{name}: {data.get('id', number) if isinstance(data, Mapping) else number}"
            with _at(spot):
                case = _read_case(data, name, places)
            if case.id in cases:
                wrong(f"{spot}: id", "one case for each id", case.id)
            cases[case.id] = case
    return tuple(cases.values())


def failing_cases(cases: tuple[Case, ...], table: Table, second: Second) -> list[CaseFailure]:
    """The cases that one of both judges does not decide as demanded."""
    failures = []
    for case in cases:
        verdict = table.decide(case.question)
        for judge, opinion in (
            ("table", Opinion(verdict.allowed, verdict.rules)),
            ("cedar", second.decide(case.question)),
        ):
            if not case.agrees(opinion):
                failures.append(CaseFailure(case, judge, opinion))
    return failures


def necessity_of(cases: tuple[Case, ...], table: Table) -> dict[str, Necessity]:
    """By rule, the cases that it decides and those whose answer turns without it: found by taking each rule out."""
    verdicts = [table.decide(case.question) for case in cases]
    found = {}
    for rule in table.rules:
        without = Table(kept for kept in table.rules if kept is not rule)
        decided = [(case, verdict) for case, verdict in zip(cases, verdicts, strict=True) if rule.id in verdict.rules]
        turned = (case.id for case, verdict in decided if without.decide(case.question).allowed is not verdict.allowed)
        found[rule.id] = Necessity(tuple(case.id for case, _ in decided), tuple(turned))
    return found


def _read_places(files: LawFiles) -> dict[str, Place]:
    if _PLACES not in files.contents:
        return {}
    written = record(files.toml(_PLACES), _PLACES, (), ("places",)).get("places", {})
    if not isinstance(written, Mapping):
        wrong(f"{_PLACES}: places", "[places.NAME]", written)
    places = {}
    for name, data in written.items():
        with _at(f"{_PLACES}: {name}"):
            places[name] = replace(read_place(data), id=name)
    return places


def _read_case(data: Any, file: str, places: Mapping[str, Place]) -> Case:
    given = record(data, "case", _REQUIRED, _OPTIONAL, top=True)
    allowed = _read_expectation(given["expect"])
    rules = items(text, given["rules"], "rules") if "rules" in given else None
    if truth(given.get("default", False), "default"):
        if allowed or rules:
            wrong("default", 'expect = "refuse" and no rules, where silence refuses', given["expect"])
        rules = frozenset()
    why = record(given["why"], "why", ("fr", "en"), ("ar",))
    asked = {name: given[name] for name in _ASKED if name in given}
    return Case(
        id=text(given["id"], "id"),
        question=read_question(asked, places, instant(given.get("now", 0), "now")),
        allowed=allowed,
        rules=rules,
        why={language: text(reason, f"why.{language}", longest=_LONGEST_WHY) for language, reason in why.items()},
        base=text(given["base"], "base", longest=_LONGEST_WHY),
        file=file,
    )


def _read_expectation(data: Any) -> bool:
    if data not in ("allow", "refuse"):
        wrong("expect", "allow | refuse", data)
    return bool(data == "allow")


@contextmanager
def _at(spot: str) -> Generator[None]:
    """Within it, an error of a field names the spot too."""
    try:
        yield
    except Invalid as error:
        error.facts["field"] = f"{spot}: {error.facts.get('field', '')}"
        raise
