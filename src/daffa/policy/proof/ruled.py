"""A law in the solver: each rule under a name, and what the law allows. Knows how rules decide together; proves nothing.

This is a second reading of how rules decide, on purpose: forbid beats permit, and silence is refusal. It shares no code
with the table that decides at run time.
"""

from __future__ import annotations

from collections.abc import Sequence

import z3  # type: ignore[import-untyped]

from daffa.decision import Effect, Rule

from .search import Search
from .world import Term

__all__ = ["Ruled"]


class Ruled:
    """The rules of a law, named in ``search`` under ``prefix``.

    Attributes:
        rules: the rules by id.
        holds: by id, that the rule applies.
        allowed: that the law allows what is asked.
    """

    def __init__(self, search: Search, rules: Sequence[Rule], prefix: str = "") -> None:
        self._world = search.world
        self.rules = {rule.id: rule for rule in rules}
        self.holds = {rule.id: search.name(f"{prefix}rule {rule.id}", self._world.rule(rule)) for rule in rules}
        self._permitting = search.name(f"{prefix}some permit", self._world.any_of(self._of(Effect.PERMIT)))
        self._forbidding = search.name(f"{prefix}some forbid", self._world.any_of(self._of(Effect.FORBID)))
        self.allowed = search.name(f"{prefix}allowed", z3.And(self._permitting, z3.Not(self._forbidding)))

    def decides(self, rule: Rule) -> Term:
        """The rule is one of those that decide."""
        holds = self.holds[rule.id]
        return holds if rule.effect is Effect.FORBID else z3.And(holds, self.allowed)

    def decides_alone(self, rule: Rule) -> Term:
        """The rule decides, and without it the verdict would be the other."""
        others = z3.Not(self._world.any_of(self._of(rule.effect, but=rule)))
        return z3.And(self._permitting, self.decides(rule), others)

    def _of(self, effect: Effect, but: Rule | None = None) -> list[Term]:
        return [self.holds[rule.id] for rule in self.rules.values() if rule.effect is effect and rule is not but]
