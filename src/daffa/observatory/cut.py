"""Which places a drill cuts off: those that a state's law reaches, that its operators run, or that are named. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from daffa.decision import STATES, UNKNOWN, Place
from daffa.errors import Invalid

__all__ = ["Cut"]


@dataclass(frozen=True, slots=True)
class Cut:
    """What would be gone.

    Attributes:
        reach: states whose law can compel disclosure at a place (ISO 3166-1).
        operator: states of operators.
        place: ids of places.
    """

    reach: tuple[str, ...] = ()
    operator: tuple[str, ...] = ()
    place: tuple[str, ...] = ()

    def places(self, known: Mapping[str, Place]) -> frozenset[str]:
        """The places of ``known`` that are cut off.

        Raises ``Invalid`` (``invalid_field``) for what is no state and for a place that is not known.
        """
        for field, states in (("reach", self.reach), ("operator", self.operator)):
            for state in states:
                if state not in STATES | {UNKNOWN}:
                    raise Invalid("invalid_field", field=field, expected="an ISO 3166-1 code such as US", got=state[:40])
        for name in self.place:
            if name not in known:
                raise Invalid("invalid_field", field="place", expected=" | ".join(known) or "a known place", got=name[:80])
        return frozenset(
            name
            for name, place in known.items()
            if name in self.place or place.operator in self.operator or not place.reach.isdisjoint(self.reach)
        )
