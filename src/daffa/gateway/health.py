"""How each model has behaved lately: time to the first byte, and failures in a row. Knows model ids and a clock only."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["Health"]

_FAILURES = 3
_REST_SECONDS = 20.0
_WEIGHT = 0.2


class Health:
    """Remembers, per model, a moving mean of the time to the first byte, and who should rest after failing."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._failures: dict[str, tuple[int, float]] = {}
        self.seconds: dict[str, float] = {}

    def succeeded(self, model: str, seconds: float) -> None:
        """The model answered; its first byte came after ``seconds``."""
        self._failures.pop(model, None)
        before = self.seconds.get(model, seconds)
        self.seconds[model] = before + _WEIGHT * (seconds - before)

    def failed(self, model: str) -> None:
        """The model did not answer, or with an error of its own."""
        self._failures[model] = (self._failures.get(model, (0, 0.0))[0] + 1, self._clock())

    def failing(self, model: str) -> bool:
        """Whether the model failed several times in a row and has not rested since."""
        count, last = self._failures.get(model, (0, 0.0))
        return count >= _FAILURES and self._clock() - last < _REST_SECONDS
