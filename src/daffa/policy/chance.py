"""Questions by chance, plausible and edge ones mixed: what two judges of one law are compared on. Knows no verdict.

Given the rules, it also asks with the very words and numbers that they name, and one beside, where slips hide.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import Random
from typing import Any, TypeVar

from daffa.decision import (
    FOREVER,
    STATES,
    UNKNOWN,
    Actor,
    Basis,
    Category,
    Door,
    Form,
    KeyHolder,
    Label,
    Level,
    Place,
    Purpose,
    Question,
    Rule,
    ask,
)

from .vocabulary import literals

__all__ = ["NOW", "random_questions"]

NOW = 1_800_000_000
"""The instant of all random questions (Unix seconds, UTC)."""

_ODD = ("", " ", "مصلحة الضرائب", "a\"b\\c'", "é" * 200, "\u0000", "🏛", "principal.roles")
_ABROAD = ("FR", "FR", "ES", "ES", "DE", "GB", "US", "US", "CN", "AE", "SN", UNKNOWN)


T = TypeVar("T")


class _Words:
    """What to draw from: by attribute, what the rules name (numbers with their neighbours)."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._named: dict[str, list[Any]] = {}
        for clause in (clause for rule in rules for clause in rule.clauses):
            for value in literals(clause):
                near = [value - 1, value, value + 1] if type(value) is int else [value]
                self._named.setdefault(clause.attribute, []).extend(near)

    def of(self, attribute: str, *usual: T) -> list[T]:
        """The usual values, and each named one once."""
        return [*usual, *dict.fromkeys(self._named.get(attribute, ()))]


def random_questions(rng: Random, count: int, rules: Iterable[Rule], home: str) -> Iterator[Question]:
    """``count`` questions drawn with ``rng``: few places and actors, as in a house; a label of its own for each.

    Half of the places stand in ``home`` (ISO 3166-1).
    """
    words = _Words(rules)
    places = [_place(rng, words, home, f"place-{number}") for number in range(min(64, count))]
    actors = [_actor(rng, words, home, f"actor-{number}") for number in range(min(200, count))]
    doors, purposes = list(Door), list(Purpose)
    for _ in range(count):
        purpose = rng.choice(purposes)
        actor = rng.choice(actors)
        label = _label(rng, purpose, actor)
        yield ask(rng.choice(doors), purpose, label, rng.choice(places), actor, NOW, evaluated=rng.random() < 0.6)


def _label(rng: Random, purpose: Purpose, actor: Actor) -> Label:
    purposes = {*rng.sample(list(Purpose), rng.randrange(4)), *([purpose] if rng.random() < 0.9 else ())}
    owners = {*([actor.organisation] if rng.random() < 0.6 else ()), *(["another"] if rng.random() < 0.2 else ())}
    return Label(
        level=rng.choices(list(Level), (4, 5, 3, 2, 1))[0],
        categories=_some(rng, Category, (6, 2, 1, 1)),
        form=rng.choice(list(Form)),
        purposes=frozenset(Purpose) if rng.random() < 0.1 else frozenset(purposes),
        basis=frozenset(Basis) if rng.random() < 0.1 else _some(rng, Basis, (4, 4, 2)),
        owners=frozenset(owners),
        expires=rng.choices((None, NOW + 1, NOW, 0), (30, 2, 1, 1))[0],
    )


def _place(rng: Random, words: _Words, home: str, name: str) -> Place:
    at_home = rng.random() < 0.5
    hw = home if at_home else rng.choice(words.of("resource.hw", *_ABROAD))
    operator = hw if rng.random() < 0.8 else rng.choice(words.of("resource.operator", *_ABROAD))
    reach = STATES if rng.random() < 0.1 else frozenset(rng.sample(words.of("resource.reach", *_ABROAD), rng.randrange(3)))
    days = [day for day in words.of("resource.retention_days", 0, 1, 30, FOREVER) if 0 <= day <= FOREVER]
    return Place(
        id=name,
        hw=hw,
        region=_region(rng, words, hw),
        operator=operator,
        reach=reach,
        qual=rng.randrange(3) if at_home else rng.choice((0, 0, 1, 2)),
        seal=rng.randrange(5),
        key=rng.choice(list(KeyHolder)),
        retention_days=rng.choice(days),
        trains=rng.random() < 0.1,
    )


def _region(rng: Random, words: _Words, hw: str) -> str:
    regions: list[str] = words.of("resource.region")
    named = [code for code in regions if code.startswith(f"{hw}-")]
    return rng.choice(["", hw, f"{hw}-04", f"{hw}-06", *named])


def _actor(rng: Random, words: _Words, home: str, name: str) -> Actor:
    organisation = rng.choice(words.of("principal.organisation", "health", "taxes", "justice", *_ODD))
    roles = words.of("principal.roles", "agent", *_ODD)
    return Actor(
        id=name,
        organisation=organisation,
        roles=frozenset(rng.sample(roles, min(rng.randrange(4), len(roles)))),
        region=rng.choice(["", f"{home}-04", f"{home}-06", "FR-04", *words.of("resource.region")]),
    )


def _some(rng: Random, kind: type[Category | Basis], weights: tuple[int, ...]) -> frozenset[Any]:
    """A set of words; ``weights`` of having 0, 1, 2, ... of them."""
    return frozenset(rng.sample(list(kind), rng.choices(range(len(weights)), weights)[0]))
