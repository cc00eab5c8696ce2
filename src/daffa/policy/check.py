"""A law put to the test: its cases, the need for each rule, both judges on random questions. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from daffa.decision import Effect

from .bundle import Bundle, necessity
from .cases import CaseFailure, failing_cases
from .law import Difference, differences
from .second import Second

__all__ = ["Report", "examine"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a check of the law found.

    Attributes:
        cases: how many there are; ``failures`` those that a judge decides otherwise.
        idle: rules that decide no case: the cases do not show what they are for.
        unturned: rules of which each case would be answered alike without them (allow or refuse).
        compared: how many random questions; ``differences`` those on which table and Cedar differ.
    """

    bundle: Bundle
    cases: int
    failures: tuple[CaseFailure, ...]
    idle: tuple[str, ...]
    unturned: tuple[str, ...]
    compared: int
    differences: tuple[Difference, ...]

    @property
    def sound(self) -> bool:
        """Whether no fault was found. A rule that turns no case alone is none: two texts may forbid the same."""
        return not (self.failures or self.idle or self.differences)

    @property
    def permits(self) -> int:
        """How many rules allow."""
        return sum(rule.effect is Effect.PERMIT for rule in self.bundle.table.rules)


def examine(bundle: Bundle, count: int = 2000, seed: int = 1) -> Report:
    """Put ``bundle`` to the test, on ``count`` random questions among others (about 0.2 ms each)."""
    second = Second(bundle.cedar, bundle.schema)
    needed = necessity(bundle)
    return Report(
        bundle=bundle,
        cases=len(bundle.cases),
        failures=tuple(failing_cases(bundle.cases, bundle.table, second)),
        idle=tuple(rule for rule, need in needed.items() if not need.decides),
        unturned=tuple(rule for rule, need in needed.items() if need.decides and not need.turns),
        compared=count,
        differences=tuple(differences(bundle, second, Random(seed), count)),  # noqa: S311 - no secret depends on it
    )
