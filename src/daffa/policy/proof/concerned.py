"""Whom a change concerns: what is true of every question in a region, said in clauses. Knows clauses; nothing of laws.

The clauses are necessary, not sufficient: whoever is concerned meets them all; some who meet them are not concerned.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from daffa.decision import ATTRIBUTES, FOREVER, Clause, Op

from .search import Search
from .world import OTHER, Choice, Members, Term

__all__ = ["true_of_all"]

_ENDS = {"context.level": 4, "resource.qual": 2, "resource.seal": 4, "resource.retention_days": FOREVER}


def true_of_all(search: Search, region: Sequence[Term], around: Sequence[Term], spoken: Sequence[Clause]) -> list[Clause]:
    """What every question of ``region`` meets and not every one ``around`` it does, without what follows from the rest.

    ``spoken`` are clauses that the laws use: where one of them fits, it says more than single words do.
    """
    region_search = _Region(search, region)
    found = [clause for name in ATTRIBUTES for clause in region_search.about(name, spoken)]
    telling = [clause for clause in found if search.find(*around, search.world.clause(_turned(clause))) is not None]
    for clause in list(telling):
        others = [search.world.clause(other) for other in telling if other is not clause]
        if search.find(*others, search.world.clause(_turned(clause))) is None:
            telling.remove(clause)
    return telling


class _Region:
    """The questions that meet some conditions, asked about one attribute at a time."""

    def __init__(self, search: Search, conditions: Sequence[Term]) -> None:
        self._search = search
        self._conditions = conditions

    def about(self, name: str, spoken: Sequence[Clause]) -> Iterator[Clause]:
        """What is true of the attribute in every question of the region."""
        kind, variable = ATTRIBUTES[name][0], self._search.world.variables[name]
        if isinstance(variable, Members):
            yield from (clause for clause in self._spoken(name, spoken) if self._always(clause))
            yield from self._members(name, variable)
        elif isinstance(variable, Choice):
            yield from self._choice(name, variable)
        elif kind == "Boolean":
            yield from filter(self._always, (Clause(name, Op.EQ, True), Clause(name, Op.EQ, True, negated=True)))
        else:
            yield from self._number(name)

    def _always(self, clause: Clause) -> bool:
        return self._search.find(*self._conditions, self._search.world.clause(_turned(clause))) is None

    def _sometimes(self, clause: Clause) -> bool:
        return not self._always(_turned(clause))

    def _spoken(self, name: str, spoken: Sequence[Clause]) -> Iterator[Clause]:
        for clause in spoken:
            if clause.attribute == name and clause.op is not Op.HAS:
                yield from (clause, _turned(clause))

    def _members(self, name: str, members: Members) -> Iterator[Clause]:
        words = [word for word in members.has if word != OTHER]
        always = frozenset(word for word in words if self._always(Clause(name, Op.HAS, word)))
        never = frozenset(word for word in words if self._always(Clause(name, Op.HAS, word, negated=True)))
        if always:
            yield Clause(name, Op.HAS_ALL, always)
        if never:
            yield Clause(name, Op.HAS_ANY, never, negated=True)

    def _choice(self, name: str, choice: Choice) -> Iterator[Clause]:
        words = [word for word in choice.words if word != OTHER]
        never = [word for word in words if self._always(Clause(name, Op.EQ, word, negated=True))]
        rest = frozenset(words) - frozenset(never)
        only = Clause(name, Op.ONE_OF, rest)
        if never and rest and len(rest) <= len(never) and self._always(only):
            yield only
        elif never:
            yield Clause(name, Op.ONE_OF, frozenset(never), negated=True)

    def _number(self, name: str) -> Iterator[Clause]:
        lowest = self._first(name, Op.LE, 0, _ENDS[name])
        highest = _ENDS[name] - self._first(name, Op.GE, 0, _ENDS[name])
        if lowest == highest:
            yield Clause(name, Op.EQ, lowest)
        else:
            if lowest > 0:
                yield Clause(name, Op.GE, lowest)
            if highest < _ENDS[name]:
                yield Clause(name, Op.LE, highest)

    def _first(self, name: str, op: Op, low: int, high: int) -> int:
        """The least distance from the end at which ``op`` is possible: ``LE`` from the lowest, ``GE`` from the highest."""
        end = high
        while low < high:
            middle = (low + high) // 2
            bound = middle if op is Op.LE else end - middle
            if self._sometimes(Clause(name, op, bound)):
                high = middle
            else:
                low = middle + 1
        return low


def _turned(clause: Clause) -> Clause:
    return Clause(clause.attribute, clause.op, clause.operand, not clause.negated)
