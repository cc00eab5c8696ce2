"""Sums over the requests of this process since it started: plain numbers, added to on the way. Knows no metrics format.

Whoever shows them reads them when asked (``web.metrics``). What they are summed by is bounded by the configuration and the
law: surfaces, models, places, outcomes, rules, codes of errors. Nobody's name is among them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from itertools import accumulate

from .call import Call, TurnedAway

__all__ = ["Counters", "Histogram", "Sums"]

_WAITS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 5.0)
_FIRST_BYTES = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_WHOLE = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 180.0, 600.0)


class Histogram:
    """How many values fell under each bound, and their sum.

    Attributes:
        bounds: upper bounds in order, each inclusive; above the last is one more class.
        total: sum of all values.
    """

    __slots__ = ("_counts", "bounds", "total")

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self.bounds = bounds
        self.total = 0.0
        self._counts = [0] * (len(bounds) + 1)

    def add(self, value: float) -> None:
        """Count one value."""
        self._counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def cumulative(self) -> list[tuple[float, int]]:
        """``(bound, how many are at most that)``, the last bound being infinity."""
        return list(zip((*self.bounds, float("inf")), accumulate(self._counts), strict=True))


class Sums:
    """What one model at one place answered to one surface.

    Attributes:
        outcomes: how often, by status.
        tokens_in, tokens_out, estimated: tokens, and in how many requests they are estimates.
        bytes_out: bytes of answers.
        cost: in the house's currency, at present prices.
        energy: watt-hours, estimated.
        first_byte, seconds: see ``Call``.
    """

    __slots__ = ("bytes_out", "cost", "energy", "estimated", "first_byte", "outcomes", "seconds", "tokens_in", "tokens_out")

    def __init__(self) -> None:
        self.outcomes: dict[str, int] = {}
        self.tokens_in = self.tokens_out = self.estimated = self.bytes_out = 0
        self.cost = self.energy = 0.0
        self.first_byte = Histogram(_FIRST_BYTES)
        self.seconds = Histogram(_WHOLE)


class Counters:
    """Told of every request as a ``Teller`` is, it adds up.

    Attributes:
        sums: by surface, model and place.
        waits: seconds until a decision was made and durable.
        retries: by model, questions that were not the first of their request.
        turned_away: by surface and code.
        refused: by the rule that refused. A request that several rules refuse counts for each.
    """

    def __init__(self) -> None:
        self.sums: dict[tuple[str, str, str], Sums] = {}
        self.waits = Histogram(_WAITS)
        self.retries: Counter[str] = Counter()
        self.turned_away: Counter[tuple[str, str]] = Counter()
        self.refused: Counter[str] = Counter()

    def __call__(self, call: Call | TurnedAway) -> None:
        """See ``Teller``."""
        if isinstance(call, TurnedAway):
            self._turned_away(call)
            return
        key = call.surface, call.model, call.place
        sums = self.sums.get(key)
        if sums is None:
            sums = self.sums[key] = Sums()
        sums.outcomes[call.status] = sums.outcomes.get(call.status, 0) + 1
        sums.tokens_in += call.tokens_in
        sums.tokens_out += call.tokens_out
        sums.estimated += call.estimated
        sums.bytes_out += call.bytes_out
        sums.cost += call.cost
        sums.energy += call.energy
        if call.first_byte >= 0:
            sums.first_byte.add(call.first_byte)
        sums.seconds.add(call.seconds)
        self.waits.add(call.waited)
        if call.attempt > 1:
            self.retries[call.model] += 1

    def _turned_away(self, told: TurnedAway) -> None:
        self.turned_away[told.surface, told.code] += 1
        for rule in told.rules:
            self.refused[rule] += 1
