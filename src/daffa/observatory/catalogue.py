"""What is known now of places and models: whose law reaches them, who sells them, what they cost and take. Knows no log.

The log names places alone. What a place is, and what a token costs, is taken from the configuration of now.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from daffa.decision import STATES, Place
from daffa.gateway import Model, watt_hours
from daffa.policy import Bundle

__all__ = ["Catalogue", "cost"]

_MILLION = 1_000_000


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The places and models of a house as they count at one moment, under one law.

    Attributes:
        law: the law in force.
        places: by id, each as it counts now: what no evidence shows any more is at its worst.
        models: by id, in the order written.
        currency: of every price.
        standing: the models by the place where they stand.
    """

    law: Bundle
    places: Mapping[str, Place]
    models: Mapping[str, Model]
    currency: str
    standing: Mapping[str, Sequence[Model]]

    @classmethod
    def at(cls, now: float, law: Bundle, places: Mapping[str, Place], models: Mapping[str, Model], currency: str) -> Catalogue:
        """The catalogue at ``now`` (Unix seconds)."""
        effective = {name: place.effective(int(now), law.accept_declared) for name, place in places.items()}
        standing: dict[str, list[Model]] = defaultdict(list)
        for model in models.values():
            standing[model.place].append(model)
        return cls(law, effective, models, currency, dict(standing))

    def is_home(self, place: str) -> bool:
        """Whether no foreign law reaches a place."""
        return place in self.places and self.places[place].reach == {self.law.country}

    def everybodys(self, place: str) -> bool:
        """Whether nothing shows whose law does not reach a place, so that every state's counts."""
        return place in self.places and self.places[place].reach >= STATES

    def vendors(self, place: str) -> tuple[str, ...]:
        """Who sells what stands at a place, as the law's list of hosts names them; empty where it names nobody."""
        hosts = (self.law.host(urlsplit(model.url).hostname or "") for model in self.models_at(place))
        return tuple(sorted({host.vendor for host in hosts if host is not None}))

    def models_at(self, place: str) -> Sequence[Model]:
        """The models at a place."""
        return self.standing.get(place, ())

    def one_price(self, place: str) -> bool:
        """Whether all models at a place cost and take the same, so that what a token there costs is known without its model."""
        known = {(model.price_in, model.price_out, watt_hours(model, 1)) for model in self.models_at(place)}
        return len(known) <= 1

    def price(self, place: str, model: str | None, tokens_in: int, tokens_out: int) -> float | None:
        """What tokens cost at present prices: those of ``model``, else the dearest at the place; ``None`` without any."""
        if model is not None and model in self.models:
            return cost(self.models[model], tokens_in, tokens_out)
        return max((cost(each, tokens_in, tokens_out) for each in self.models_at(place)), default=None)

    def energy(self, place: str, model: str | None, tokens_out: int) -> float | None:
        """Watt-hours of an answer: of ``model``, else of the hungriest at the place; ``None`` where of one nothing is known."""
        of = [self.models[model]] if model is not None and model in self.models else self.models_at(place)
        known = [watt_hours(each, tokens_out) for each in of if each.energy_out or each.params_active]
        return max(known) if known and len(known) == len(of) else None


def cost(model: Model, tokens_in: float, tokens_out: float) -> float:
    """What tokens cost with a model, at present prices."""
    return (model.price_in * tokens_in + model.price_out * tokens_out) / _MILLION
