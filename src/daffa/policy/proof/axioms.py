"""What is true of every question, whatever the law: the axioms under which laws are proved, in words and for the solver.

Knows what ``decision`` lets a question be; a test draws real questions and holds each axiom against them. What no axiom
ties down is free: any set of categories, any grounds, any roles, any of the facts beside any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import z3  # type: ignore[import-untyped]

from daffa.decision import FOREVER, Level

from .world import OTHER, Term, World

__all__ = ["AXIOMS", "Axiom"]


@dataclass(frozen=True, slots=True)
class Axiom:
    """One axiom: its id, what it says, and how it is stated to the solver."""

    id: str
    says: str
    state: Callable[[World], Iterator[Term]]


def _bounds(world: World) -> Iterator[Term]:
    for name, highest in (
        ("context.level", int(max(Level))),
        ("resource.qual", 2),
        ("resource.seal", 4),
        ("resource.retention_days", FOREVER),
    ):
        number = world.variables[name]
        yield z3.And(number >= 0, number <= highest)


def _reach(world: World) -> Iterator[Term]:
    reach = world.variables["resource.reach"]
    for name in ("resource.hw", "resource.operator"):
        for word, reached in reach.has.items():
            yield z3.Implies(world.variables[name].says(word), reached)


def _region(world: World) -> Iterator[Term]:
    hw, region = world.variables["resource.hw"], world.variables["resource.region"]
    for word in region.words:
        if word not in ("", OTHER):
            yield z3.Implies(region.says(word), hw.says(word[:2]))


def _same_region(world: World) -> Iterator[Term]:
    yield z3.Implies(world.variables["context.same_region"], z3.Not(world.variables["resource.region"].says("")))


AXIOMS = (
    Axiom("bounds", "The level is 0 to 4, qual 0 to 2, seal 0 to 4, retention_days 0 to 1000000 (for ever).", _bounds),
    Axiom("reach", "The law of the hardware's state and that of the operator's state always reach the place.", _reach),
    Axiom("region", "A region that is named lies in the state of the hardware.", _region),
    Axiom("same-region", "A place without a region is in nobody's region.", _same_region),
)
