"""An example that reads well: the plainest question that meets conditions, as plain JSON. Knows no law.

Plain means: a known place where one fits, the lowest level, few categories, grounds and roles, nothing out of the ordinary.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import z3  # type: ignore[import-untyped]

from daffa.decision import STATES, Actor, Basis, Category, Door, Form, KeyHolder, Label, Level, Place, Purpose, Question, ask

from ..reading import question_json
from .search import Search
from .world import DOOR, OTHER, Term, World

__all__ = ["Examples"]

_ABROAD = ("FR", "ES", "SN", "US", "DE", "CA", "CN")
_ORGANISATION, _OTHER_ORGANISATION, _ROLE = "an-organisation", "another-organisation", "another-role"


class Examples:
    """Makes examples in ``search``'s world; ``places`` are known ones, the more usual first."""

    def __init__(self, search: Search, places: Sequence[Place]) -> None:
        self._search = search
        self._world = search.world
        self._known = [
            (place, search.name(f"place {number}", self._world.is_place(place))) for number, place in enumerate(places)
        ]
        self._wishes = list(_wishes(self._world))

    def find(self, *conditions: Term, first: Iterable[Term] = ()) -> z3.ModelRef | None:
        """The plainest question that meets ``conditions``, the wishes in ``first`` before all others; ``None`` if none does."""
        return self._search.plainest(conditions, [*first, *(is_place for _, is_place in self._known), *self._wishes])

    def of(self, *conditions: Term) -> dict[str, Any] | None:
        """The plainest question that meets ``conditions`` as plain JSON; ``None`` if none does."""
        model = self.find(*conditions)
        return None if model is None else self.json(model)

    def json(self, model: z3.ModelRef) -> dict[str, Any]:
        """The question of ``model`` as plain JSON."""
        return question_json(self._question(model))

    def _question(self, model: z3.ModelRef) -> Question:
        values = self._world.read(model)
        place = next(
            (place for place, known in self._known if z3.is_true(model.eval(known, model_completion=True))), None
        ) or _place(values, self._world)
        owner = _open(values["principal.organisation"], _ORGANISATION)
        actor = Actor(
            id="",
            organisation=owner,
            roles=frozenset(_open(role, _ROLE) for role in values["principal.roles"]),
            region=place.region if values["context.same_region"] else "",
        )
        purpose = Purpose(values["context.purpose"])
        permitted = values["context.purpose_permitted"]
        label = Label(
            level=Level(values["context.level"]),
            categories=frozenset(map(Category, values["context.categories"])),
            form=Form[values["context.form"].upper()],
            purposes=frozenset({purpose if permitted else next(other for other in Purpose if other is not purpose)}),
            basis=frozenset(map(Basis, values["context.basis"])),
            owners=frozenset({owner if values["context.same_owner"] else _OTHER_ORGANISATION}),
            expires=0 if values["context.expired"] else None,
        )
        return ask(Door(values[DOOR]), purpose, label, place, actor, 0, values["context.evaluated"])


def _wishes(world: World) -> Iterator[Term]:
    """What makes an example plain, the most important first."""
    of = world.variables
    yield from (of["context.purpose_permitted"], z3.Not(of["context.expired"]), of["context.same_owner"])
    yield from (of["context.level"] <= int(level) for level in Level)
    # Backwards, so that the widest word ("personal") goes last where any one of a list must stay.
    for name in ("context.categories", "context.basis", "principal.roles", "resource.reach"):
        yield from (z3.Not(has) for has in reversed(of[name].has.values()))
    yield from map(of["context.form"].says, ("raw", "pseudonymised"))
    yield from map(of["context.purpose"].says, Purpose)
    yield of["principal.organisation"].says(OTHER)
    yield from map(world.door.says, Door)
    for name in ("resource.hw", "resource.operator"):
        yield from map(of[name].says, (world.home, OTHER))
    yield from (z3.Not(of["resource.trains"]), of["resource.qual"] == 0, of["resource.seal"] == 0)
    yield from (of["resource.retention_days"] == 0, of["resource.key"].says(KeyHolder.CUSTOMER), of["resource.region"].says(""))
    yield from (z3.Not(of["context.same_region"]), z3.Not(of["context.evaluated"]))


def _place(values: dict[str, Any], world: World) -> Place:
    """A place with these values; a state or region that nobody names becomes a real one."""
    known = world.variables["resource.reach"].has
    stranger = next(state for state in (*_ABROAD, *sorted(STATES)) if state not in known)
    hw = _open(values["resource.hw"], stranger)
    regions = world.variables["resource.region"].words
    elsewhere = next(code for code in (hw, *(f"{hw}-{number}" for number in range(len(regions)))) if code not in regions)
    return Place(
        id="example",
        hw=hw,
        region=_open(values["resource.region"], elsewhere),
        operator=_open(values["resource.operator"], stranger),
        reach=frozenset(_open(state, stranger) for state in values["resource.reach"]),
        qual=values["resource.qual"],
        seal=values["resource.seal"],
        key=KeyHolder(values["resource.key"]),
        retention_days=values["resource.retention_days"],
        trains=values["resource.trains"],
    )


def _open(word: str, instead: str) -> str:
    return instead if word == OTHER else word
