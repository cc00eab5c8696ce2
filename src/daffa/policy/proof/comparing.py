"""Two laws compared by what they answer: where the new one allows more, where less, by which rules, for whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import z3  # type: ignore[import-untyped]

from daffa.decision import Door, Rule

from ..reading import read_place
from ..wire import clauses_json, read_rules_json
from .concerned import true_of_all
from .example import Examples
from .ruled import Ruled
from .search import Search
from .world import Term, World

__all__ = ["compare"]


def compare(request: Mapping[str, Any]) -> dict[str, Any]:
    """Compare the laws of ``request``: ``{"home", "old", "new", "places", "most"}``.

    Answers ``{"widens", "narrows", "reasons", "changes", "checks"}``. A change is ``{"door", "allows", "rules", "question",
    "concerned"}``: at this door the new law ``allows`` more (or less), because these rules changed, for example for this
    question; ``concerned`` are clauses that all such questions meet. At most ``most`` changes a door and a direction.
    ``reasons`` says that for some question other rules decide, whether or not its verdict turns.
    """
    old, new = (read_rules_json(request[name]) for name in ("old", "new"))
    search = Search(World((*old, *new), request["home"]))
    laws = _Laws(search, Ruled(search, old, "old "), Ruled(search, new, "new "))
    examples = Examples(search, [read_place(place) for place in request["places"]])
    ways = {allows: search.find(turned) is not None for allows, turned in laws.turned.items()}
    changes = [
        change
        for allows, found in ways.items()
        if found
        for door in Door
        for change in laws.changes(examples, door, allows, request["most"])
    ]
    return {
        "widens": ways[True],
        "narrows": ways[False],
        "reasons": laws.reasons_differ(),
        "changes": changes,
        "checks": search.checks,
    }


@dataclass
class _Laws:
    """The old and the new law in one world."""

    search: Search
    old: Ruled
    new: Ruled

    def __post_init__(self) -> None:
        ids = dict.fromkeys([*self.old.rules, *self.new.rules])
        self.changed = [name for name in ids if self.old.rules.get(name) != self.new.rules.get(name)]
        self.flips = [self.search.name(f"flip {name}", self._flip(name)) for name in self.changed]
        self.turned = {
            True: z3.And(self.new.allowed, z3.Not(self.old.allowed)),
            False: z3.And(self.old.allowed, z3.Not(self.new.allowed)),
        }
        clauses = (clause for law in (self.old, self.new) for rule in law.rules.values() for clause in rule.clauses)
        self.spoken = list(dict.fromkeys(clauses))

    def changes(self, examples: Examples, door: Door, allows: bool, most: int) -> Iterator[dict[str, Any]]:
        """The changes at a door in one direction: for each least set of changed rules that makes a difference there."""
        here = self.search.world.door.says(door)
        region = [self.turned[allows], here]
        known: list[Term] = []
        for _ in range(most):
            model = examples.find(*region, *known, first=map(z3.Not, self.flips))
            if model is None:
                return
            flipped = [number for number, flip in enumerate(self.flips) if z3.is_true(model.eval(flip, model_completion=True))]
            those = [self.flips[number] for number in flipped]
            known.append(self.search.world.any_of(map(z3.Not, those)))
            around = [here, z3.Or(self.old.allowed, self.new.allowed)]
            yield {
                "door": door.value,
                "allows": allows,
                "rules": [self.changed[number] for number in flipped],
                "question": examples.json(model),
                "concerned": clauses_json(true_of_all(self.search, [*region, *those], around, self.spoken)),
            }

    def reasons_differ(self) -> bool:
        """Whether a rule decides a question under one law that it does not decide under the other."""
        pairs = ((self._decides(self.old, name), self._decides(self.new, name)) for name in self.changed)
        return self.search.find(self.search.world.any_of(z3.Xor(*pair) for pair in pairs)) is not None

    def _flip(self, name: str) -> Term:
        """The rule applies under one law and not under the other, or does the opposite there."""
        old, new = self.old.rules.get(name), self.new.rules.get(name)
        before, after = self._holds(self.old, old), self._holds(self.new, new)
        same = old is not None and new is not None and old.effect is new.effect
        return z3.Xor(before, after) if same else z3.Or(before, after)

    def _holds(self, law: Ruled, rule: Rule | None) -> Term:
        return law.holds[rule.id] if rule else z3.BoolVal(False, self.search.world.context)

    def _decides(self, law: Ruled, name: str) -> Term:
        rule = law.rules.get(name)
        return law.decides(rule) if rule else z3.BoolVal(False, self.search.world.context)
