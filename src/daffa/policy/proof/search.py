"""Looking for a question that meets conditions, and for the plainest one. Knows the world; nothing of what is proved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import z3  # type: ignore[import-untyped]

from .axioms import AXIOMS
from .world import Term, World

__all__ = ["Search", "Undecided"]

# A check of a law takes a fraction of a millisecond; one that takes this long has gone astray.
_MOST_MILLISECONDS = 20_000


class Undecided(Exception):
    """The solver came to no end."""


class Search:
    """A solver in which the axioms of ``world`` hold, and whatever is ``given`` for good."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.checks = 0
        self._names: set[str] = set()
        self._solver = z3.SimpleSolver(world.context)
        self._solver.set("timeout", _MOST_MILLISECONDS)
        for axiom in AXIOMS:
            self._solver.add(*axiom.state(world))

    def name(self, name: str, term: Term) -> Term:
        """A name for ``term``: a truth value that is true where it is, quick to ask about many times."""
        # Two terms under one name would have to be equal: where they cannot be, anything would seem proved.
        if name in self._names:
            raise ValueError(f"named twice: {name}")
        self._names.add(name)
        named = z3.Bool(name, self.world.context)
        self._solver.add(named == term)
        return named

    def find(self, *conditions: Term) -> z3.ModelRef | None:
        """A question that meets all conditions, or ``None`` where there is none. Raises ``Undecided``."""
        self._solver.push()
        try:
            self._solver.add(*conditions)
            return self._solver.model() if self._possible() else None
        finally:
            self._solver.pop()

    def core(self, names: Sequence[Term]) -> list[int] | None:
        """Positions of ``names`` that cannot hold together; ``None`` where all can. Raises ``Undecided``."""
        if self._possible(*names):
            return None
        core = {term.get_id() for term in self._solver.unsat_core()}
        return [position for position, term in enumerate(names) if term.get_id() in core]

    def plainest(self, conditions: Iterable[Term], wishes: Iterable[Term]) -> z3.ModelRef | None:
        """As ``find``, and each wish in turn comes true where those before it let it. Raises ``Undecided``."""
        self._solver.push()
        try:
            self._solver.add(*conditions)
            if not self._possible():
                return None
            model = self._solver.model()
            for wish in wishes:
                if not z3.is_true(model.eval(wish, model_completion=True)):
                    better = self.find(wish)
                    if better is None:
                        continue
                    model = better
                self._solver.add(wish)
            return model
        finally:
            self._solver.pop()

    def _possible(self, *assumed: Term) -> bool:
        self.checks += 1
        answer = self._solver.check(*assumed)
        if answer == z3.unknown:
            raise Undecided(self._solver.reason_unknown())
        return bool(answer == z3.sat)
