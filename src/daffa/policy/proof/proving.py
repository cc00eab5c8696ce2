"""A law proved: its invariants hold, none is empty or said twice, and which rules change nothing. Knows no text of law."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import z3  # type: ignore[import-untyped]

from daffa.decision import Rule

from ..reading import read_place
from ..wire import read_rules_json
from .example import Examples
from .ruled import Ruled
from .search import Search
from .world import World

__all__ = ["prove"]


def prove(request: Mapping[str, Any]) -> dict[str, Any]:
    """Prove the law of ``request``: ``{"home", "rules", "nevers", "mays", "places", "thorough"}``.

    Answers ``{"invariants": [...], "rules": [...], "checks"}``. Of each invariant ``askable`` (somebody could ask for what
    never happens), ``broken`` (a question that is allowed all the same, or nothing), ``shown`` (an allowed question that
    meets the may, or nothing) and ``implied`` (positions of the nevers that together say the same). Of each rule, where
    ``thorough``: ``decides`` (some question) and ``needed`` (some verdict turns without it).
    """
    rules, nevers, mays = (read_rules_json(request[name]) for name in ("rules", "nevers", "mays"))
    search = Search(World((*rules, *nevers, *mays), request["home"]))
    law = Ruled(search, rules)
    examples = Examples(search, [read_place(place) for place in request["places"]])
    answer = {
        "invariants": _invariants(search, law, examples, nevers, mays),
        "rules": [_need(search, law, rule) for rule in rules] if request["thorough"] else [],
    }
    return {**answer, "checks": search.checks}


def _invariants(
    search: Search, law: Ruled, examples: Examples, nevers: Sequence[Rule], mays: Sequence[Rule]
) -> list[dict[str, Any]]:
    asked = [search.name(f"never {number}", search.world.rule(never)) for number, never in enumerate(nevers)]
    unasked = [search.name(f"not never {number}", z3.Not(never)) for number, never in enumerate(asked)]
    proved = []
    for number, (never, may) in enumerate(zip(asked, mays, strict=True)):
        askable = search.find(never) is not None
        core = search.core([never if other == number else unasked[other] for other in range(len(asked))]) if askable else None
        proved.append(
            {
                "askable": askable,
                "broken": examples.of(law.allowed, never),
                "shown": examples.of(law.allowed, search.world.rule(may)),
                "implied": [other for other in core or () if other != number],
            }
        )
    return proved


def _need(search: Search, law: Ruled, rule: Rule) -> dict[str, bool]:
    needed = search.find(law.decides_alone(rule)) is not None
    return {"needed": needed, "decides": needed or search.find(law.decides(rule)) is not None}
