"""What all requests of one worker share while it runs: health of the models, budgets, counters, room, and who is told.

Made once by ``app``. Knows no request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from .breaker import Limits
from .call import Call, Teller, TurnedAway
from .counters import Counters
from .deadlines import Deadlines
from .health import Health
from .intake import Intake
from .model import Model
from .retrying import Budgets, Patience, Tries

__all__ = ["Running"]


class Running:
    """The running state of a worker.

    Args:
        clock: seconds, monotonic.
        wall: seconds since 1970 (UTC).
        chance: a number in [0, 1), anew at each call.
        limits: what the breaker of each model bears.
        patience: with every model that does not say otherwise.
        retry_share: the share of a model's requests that may be sent again.
        most: requests at once.
        tellers: who is told of each request that has ended, beside the counters, by name.

    Attributes:
        health, counters, deadlines, intake, tellers: see there.
    """

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
        chance: Callable[[], float],
        limits: Limits,
        patience: Patience,
        retry_share: float,
        most: int,
        tellers: Mapping[str, Teller],
    ) -> None:
        self.clock = clock
        self.wall = wall
        self.health = Health(clock, chance, limits)
        self.counters = Counters()
        self.deadlines = Deadlines(clock)
        self.intake = Intake(most)
        self._chance = chance
        self._patience = patience
        self._budgets = Budgets(retry_share)
        self.tellers = tellers
        self._told: tuple[Callable[[Call | TurnedAway], None], ...] = (self.counters, *tellers.values())
        self._of: dict[str, Patience] = {}

    def patience(self, model: Model) -> Patience:
        """How long ``model`` is waited for, and how often it is asked."""
        known = self._of.get(model.id)
        if known is None:
            known = self._of[model.id] = self._patience.with_model(model)
        return known

    def tries(self, models: Sequence[Model]) -> Tries:
        """The tries of one request that ``models`` may answer, the first choice first."""
        for model in models:
            self.patience(model)
        return Tries([model.id for model in models], self._of, self.health, self._budgets, self._chance)

    def tell(self, told: Call | TurnedAway) -> None:
        """Tell everybody that a request has ended."""
        for teller in self._told:
            teller(told)

    def close(self) -> None:
        """Have everybody who was told keep what waits."""
        for teller in self.tellers.values():
            teller.close()
