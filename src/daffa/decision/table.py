"""The law as a bitmask table: one bit a rule, one mask an attribute value, AND of them all. Does no I/O.

A column maps each value of one attribute to the mask of the rules whose clauses on it hold. Masks are
worked out the first time that a value is seen and kept; a column forgets everything when it grows too
large, so that a stranger's values cannot fill the memory.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from daffa.errors import Invalid

from .purpose import Door
from .question import Facts, Question
from .rule import ATTRIBUTES, FORM_NAMES, Effect, Rule
from .verdict import Near, Verdict

__all__ = ["Table"]

_MOST = 65_536
_MOST_NEAR = 5


class Table:
    """A set of rules, ready to decide. Forbid beats permit; silence is refusal; total on all questions.

    Raises ``Invalid`` where two rules have one id.
    """

    def __init__(self, rules: Iterable[Rule]) -> None:
        self.rules = tuple(rules)
        ids = [rule.id for rule in self.rules]
        for name in ids:
            if ids.count(name) > 1:
                raise Invalid("invalid_field", field="@id", expected="one rule for each id", got=name)
        self._forbids = self._mask(lambda rule: rule.effect is Effect.FORBID)
        self._clauses = [clause for rule in self.rules for clause in rule.clauses]
        self._holding = _Columns(self._rules_holding, self._door_mask, operator.and_)
        self._failing = _Columns(self._clauses_failing, lambda _: 0, operator.or_)
        self._refused = _Column(lambda rules: Verdict(False, self._ids(rules)))
        self._allowed = _Column(lambda rules: Verdict(True, self._ids(rules)))
        self._permits = _Column(self._permits_of)
        self._silent = _Column(lambda key: Verdict(False, (), self._nearest(*key)))

    def decide(self, question: Question) -> Verdict:
        """The verdict on ``question``, with all its deciding rules, or the nearest permits where no rule speaks."""
        holding = self._holding
        label, actor = question.label, question.actor
        alive: int = (
            holding.door[question.door]
            & holding.level[label.level]
            & holding.categories[label.categories]
            & holding.form[label.form]
            & holding.basis[label.basis]
            & holding.purpose[question.purpose]
            & holding.facts[question.facts]
            & holding.roles[actor.roles]
            & holding.organisation[actor.organisation]
            & holding.place[question.place]
        )
        verdict: Verdict
        if forbidding := alive & self._forbids:
            verdict = self._refused[forbidding]
        elif alive:
            verdict = self._allowed[alive]
        else:
            permits, theirs = self._permits[question.door]
            verdict = self._silent[permits, self._failed(question) & theirs]
        return verdict

    def _failed(self, question: Question) -> int:
        """The mask of all clauses that do not hold for ``question``."""
        failing = self._failing
        label, actor = question.label, question.actor
        mask: int = (
            failing.level[label.level]
            | failing.categories[label.categories]
            | failing.form[label.form]
            | failing.basis[label.basis]
            | failing.purpose[question.purpose]
            | failing.facts[question.facts]
            | failing.roles[actor.roles]
            | failing.organisation[actor.organisation]
            | failing.place[question.place]
        )
        return mask

    def _nearest(self, permits: tuple[_Permit, ...], failed: int) -> tuple[Near, ...]:
        """The permits with the fewest failing clauses; at most five, in the order of the law."""
        counts = [(failed & permit.mask).bit_count() for permit in permits]
        fewest = min(counts, default=0)
        nearest = [permit for permit, count in zip(permits, counts, strict=True) if count == fewest][:_MOST_NEAR]
        return tuple(
            Near(permit.rule.id, tuple(c for bit, c in enumerate(permit.rule.clauses, permit.first) if failed >> bit & 1))
            for permit in nearest
        )

    def _permits_of(self, door: Door) -> tuple[tuple[_Permit, ...], int]:
        """The permits of ``door``, and the mask of all their clauses: what else fails makes no difference to silence."""
        permits, first = [], 0
        for rule in self.rules:
            if rule.effect is Effect.PERMIT and door in rule.doors:
                permits.append(_Permit(rule, first, ((1 << len(rule.clauses)) - 1) << first))
            first += len(rule.clauses)
        return tuple(permits), functools.reduce(operator.or_, (permit.mask for permit in permits), 0)

    def _mask(self, chosen: Callable[[Rule], bool]) -> int:
        return sum(1 << bit for bit, rule in enumerate(self.rules) if chosen(rule))

    def _door_mask(self, door: Door) -> int:
        return self._mask(lambda rule: door in rule.doors)

    def _rules_holding(self, attribute: str, value: Any) -> int:
        """The rules whose clauses on ``attribute``, if any, all hold for ``value``."""
        return self._mask(lambda rule: all(c.holds(value) for c in rule.clauses if c.attribute == attribute))

    def _clauses_failing(self, attribute: str, value: Any) -> int:
        """The clauses on ``attribute`` that do not hold for ``value``."""
        return sum(1 << bit for bit, c in enumerate(self._clauses) if c.attribute == attribute and not c.holds(value))

    def _ids(self, mask: int) -> tuple[str, ...]:
        return tuple(rule.id for bit, rule in enumerate(self.rules) if mask >> bit & 1)


class _Permit(NamedTuple):
    """A permit and where its clauses stand in a mask of clauses."""

    rule: Rule
    first: int
    mask: int


class _Columns:
    """One column for each part of a question that varies by itself; a part of several attributes joins their masks."""

    def __init__(self, mask: Callable[[str, Any], int], door: Callable[[Door], int], join: Callable[[int, int], int]) -> None:
        def of(attribute: str) -> _Column:
            return _Column(functools.partial(mask, attribute))

        def joined(prefix: str, names: Iterable[str]) -> _Column:
            parts = [(of(prefix + name), operator.attrgetter(name)) for name in names]
            return _Column(lambda value: functools.reduce(join, (column[read(value)] for column, read in parts)))

        form = of("context.form")
        self.door = _Column(door)
        self.level, self.categories = of("context.level"), of("context.categories")
        self.form = _Column(lambda value: form[FORM_NAMES[value]])
        self.basis, self.purpose = of("context.basis"), of("context.purpose")
        self.roles, self.organisation = of("principal.roles"), of("principal.organisation")
        self.facts = joined("context.", Facts._fields)
        self.place = joined("resource.", [name.partition(".")[2] for name in ATTRIBUTES if name.startswith("resource.")])


class _Column(dict[Any, Any]):
    """Value -> mask, worked out on the first look."""

    def __init__(self, work_out: Callable[[Any], Any]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, value: Any) -> Any:
        if len(self) >= _MOST:
            self.clear()
        self[value] = result = self._work_out(value)
        return result
