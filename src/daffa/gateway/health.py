"""How each model has behaved lately: time to the first byte, and whether it may be asked. Knows model ids and a clock only."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from .breaker import Breaker, Limits, State

__all__ = ["Health", "Try"]

_WEIGHT = 0.2


class Try:
    """One request to one model that may be sent now. Whoever took it says how it went, at least once."""

    __slots__ = ("_breaker", "_era", "_health", "model")

    def __init__(self, health: Health, breaker: Breaker, era: int, model: str) -> None:
        self._health = health
        self._breaker = breaker
        self._era = era
        self.model = model

    def succeeded(self, seconds: float) -> None:
        """Its first byte came after ``seconds``. That the rest did not can be said later."""
        self._breaker.succeeded(self._era)
        means = self._health.seconds
        before = means.get(self.model, seconds)
        means[self.model] = before + _WEIGHT * (seconds - before)

    def failed(self) -> None:
        """The model did not answer, or with an error of its own."""
        self._breaker.failed(self._era)

    def saturated(self, seconds: float | None) -> None:
        """Its server has too much to do, for ``seconds`` where it said so."""
        self._breaker.saturated(self._era, seconds)

    def left(self) -> None:
        """It was not sent, or whoever asked has gone: nothing is known."""
        self._breaker.left(self._era)


class Health:
    """Remembers, per model, a moving mean of the time to the first byte, and a circuit breaker.

    Args:
        clock: seconds, monotonic.
        chance: a number in [0, 1), anew at each call.
        limits: what each breaker bears.

    Attributes:
        seconds: mean time to the first byte, by model.
    """

    def __init__(
        self, clock: Callable[[], float], chance: Callable[[], float] = lambda: 0.0, limits: Limits | None = None
    ) -> None:
        self._clock = clock
        self._chance = chance
        self._limits = limits or Limits()
        self._breakers: dict[str, Breaker] = {}
        self.seconds: dict[str, float] = {}

    def begin(self, model: str) -> Try | None:
        """A turn to ask ``model``, or ``None`` while it rests."""
        breaker = self._breakers.get(model) or self._of(model)
        era = breaker.begin()
        return None if era is None else Try(self, breaker, era, model)

    def failing(self, model: str) -> bool:
        """Whether the model may not be asked now."""
        breaker = self._breakers.get(model)
        return breaker is not None and breaker.wait > 0

    def wait(self, model: str) -> float:
        """Seconds until ``model`` may be asked; 0 where that is now."""
        breaker = self._breakers.get(model)
        return breaker.wait if breaker is not None else 0.0

    def state(self, model: str) -> State:
        """Whether ``model`` may be asked."""
        breaker = self._breakers.get(model)
        return breaker.state if breaker is not None else State.CLOSED

    @property
    def opened(self) -> Mapping[str, int]:
        """How often the breaker of each model opened; a model that was never asked is not there."""
        return {model: breaker.opened for model, breaker in self._breakers.items()}

    def due(self) -> Iterable[str]:
        """The models that have rested after failures, and whose servers nobody has tried to reach since."""
        return [model for model, breaker in self._breakers.items() if breaker.due]

    def looked(self, model: str, reached: bool) -> None:
        """Somebody has looked whether the server of ``model`` can be reached."""
        self._of(model).looked(reached)

    def _of(self, model: str) -> Breaker:
        breaker = self._breakers.get(model)
        if breaker is None:
            breaker = self._breakers[model] = Breaker(self._limits, self._clock, self._chance)
        return breaker
