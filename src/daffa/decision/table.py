"""The law as a bitmask table: one bit a rule, one mask an attribute value, AND of them all. Does no I/O.

A column maps each value of one attribute to the mask of the rules whose clauses on it hold. Masks are
worked out the first time that a value is seen and kept; a column forgets everything when it grows too
large, so that a stranger's values cannot fill the memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from daffa.errors import Invalid

from .place import Place
from .question import Question
from .rule import ATTRIBUTES, FORM_NAMES, Effect, Rule
from .verdict import Near, Verdict

__all__ = ["Table"]

_MOST = 65_536


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
        self._permits = self._mask(lambda rule: rule.effect is Effect.PERMIT)
        self._forbids = self._mask(lambda rule: rule.effect is Effect.FORBID)
        self._columns = {name: _Column(self._reader(name)) for name in ATTRIBUTES}
        self._door = _Column(lambda door: self._mask(lambda rule: door in rule.doors))
        column = self._columns
        self._level, self._categories = column["context.level"], column["context.categories"]
        self._form = _Column(lambda form: column["context.form"][FORM_NAMES[form]])
        self._basis, self._purpose = column["context.basis"], column["context.purpose"]
        self._roles, self._organisation = column["principal.roles"], column["principal.organisation"]
        self._facts = _Column(self._all_of("context.", ("purpose_permitted", "same_owner", "same_region", "expired", "evaluated")))
        self._place = _Column(self._place_mask)
        self._refused = _Column(lambda alive: Verdict(False, self._ids(alive)))
        self._allowed = _Column(lambda alive: Verdict(True, self._ids(alive)))

    def decide(self, question: Question) -> Verdict:
        """The verdict on ``question``, with all its deciding rules, or the nearest permits where no rule speaks."""
        label, actor = question.label, question.actor
        alive = (
            self._door[question.door]
            & self._level[label.level]
            & self._categories[label.categories]
            & self._form[label.form]
            & self._basis[label.basis]
            & self._purpose[question.purpose]
            & self._facts[question.facts]
            & self._roles[actor.roles]
            & self._organisation[actor.organisation]
            & self._place[question.place]
        )
        if forbidding := alive & self._forbids:
            return self._refused[forbidding]
        if alive:
            return self._allowed[alive]
        return Verdict(False, (), self._nearest(question))

    def _nearest(self, question: Question) -> tuple[Near, ...]:
        """The permits of this door with the fewest failing clauses; at most five, in the order of the law."""
        permits = self._permits & self._door[question.door]
        near: list[Near] = []
        fewest = len(ATTRIBUTES) * 4
        for bit, rule in enumerate(self.rules):
            if permits >> bit & 1:
                failing = tuple(c for c in rule.clauses if not c.holds(ATTRIBUTES[c.attribute][1](question)))
                if len(failing) < fewest:
                    near, fewest = [], len(failing)
                if len(failing) == fewest:
                    near.append(Near(rule.id, failing))
        return tuple(near[:5])

    def _mask(self, chosen: Callable[[Rule], bool]) -> int:
        return sum(1 << bit for bit, rule in enumerate(self.rules) if chosen(rule))

    def _reader(self, attribute: str) -> Callable[[Any], int]:
        def mask(value: Any) -> int:
            return self._mask(lambda rule: all(c.holds(value) for c in rule.clauses if c.attribute == attribute))

        return mask

    def _all_of(self, prefix: str, names: tuple[str, ...]) -> Callable[[Any], int]:
        def mask(values: Any) -> int:
            alive = -1
            for name in names:
                alive &= self._columns[prefix + name][getattr(values, name)]
            return alive

        return mask

    def _place_mask(self, place: Place) -> int:
        names = tuple(name.removeprefix("resource.") for name in ATTRIBUTES if name.startswith("resource."))
        return self._all_of("resource.", names)(place)

    def _ids(self, mask: int) -> tuple[str, ...]:
        return tuple(rule.id for bit, rule in enumerate(self.rules) if mask >> bit & 1)


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
