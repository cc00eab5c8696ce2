"""When one model may be asked: a circuit breaker. Pure: knows neither who asks nor what failed; the clock and chance are given.

Closed, it lets everybody through. Too many failures in a row, or too large a share of them lately, open it: nobody is sent
there while it rests. After the rest one request is let through as a trial: it closes the breaker, or opens it for twice as
long. A server that says that it has too much to do (saturation) has not failed: it is left alone until the time it named.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Breaker", "Limits", "State"]


class State(StrEnum):
    """Whether a model may be asked now.

    ``closed``: yes. ``saturated``: not before the time that its server named. ``open``: no, it rests after failures.
    ``half_open``: it has rested, and one request is the trial.
    """

    CLOSED = "closed"
    SATURATED = "saturated"
    OPEN = "open"
    HALF_OPEN = "half_open"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a breaker bears.

    Attributes:
        failures: so many in a row open it; 0: it never opens.
        share: so large a share of the last requests opens it too, where they were ``least`` or more.
        least: see ``share``.
        window: seconds that count as lately.
        rest: seconds of the first rest; each that follows without a success between is twice as long.
        longest: seconds of the longest rest, and of the longest saturation that is believed.
        saturation: seconds of a saturation whose end nobody named.
    """

    failures: int = 5
    share: float = 0.5
    least: int = 20
    window: float = 30.0
    rest: float = 5.0
    longest: float = 120.0
    saturation: float = 1.0


# A rest is up to so much shorter by chance, so that many workers do not come back in one moment.
_JITTER = 0.25


class Breaker:
    """The breaker of one model.

    ``begin`` gives the number of an era, or ``None``; whoever got one says later, with it, how it went. What began in
    an era that is over says nothing about the present one.

    Args:
        limits: what it bears.
        clock: seconds, monotonic.
        chance: a number in [0, 1), anew at each call.

    Attributes:
        opened: how often it opened.
    """

    def __init__(self, limits: Limits, clock: Callable[[], float], chance: Callable[[], float]) -> None:
        self._limits = limits
        self._clock = clock
        self._chance = chance
        self._era = 0
        self._until: float | None = None
        self._saturated_until = 0.0
        self._trial = False
        self._reached = False
        self._in_a_row = 0
        self._rests = 0
        self._now, self._before = _Span(clock()), _Span(clock())
        self.opened = 0

    @property
    def state(self) -> State:
        """Whether the model may be asked now."""
        now = self._clock()
        if self._until is not None:
            return State.OPEN if now < self._until else State.HALF_OPEN
        return State.SATURATED if now < self._saturated_until else State.CLOSED

    @property
    def wait(self) -> float:
        """Seconds until somebody may ask; 0 where that is now. While a trial is under way nobody knows: a first rest."""
        now = self._clock()
        if self._until is not None and now >= self._until and self._trial:
            return self._limits.rest
        return max((self._until or 0.0) - now, self._saturated_until - now, 0.0)

    @property
    def due(self) -> bool:
        """Whether it has rested and nobody has looked since whether the server can be reached at all."""
        return self.state is State.HALF_OPEN and not self._trial and not self._reached

    def begin(self) -> int | None:
        """The era, where a request may be sent now; that of a breaker that has rested is its trial."""
        if self._until is None and not self._saturated_until:  # all is well: the clock is not asked
            return self._era
        if self.wait > 0:
            return None
        self._saturated_until = 0.0
        self._trial = self._until is not None
        return self._era

    def succeeded(self, era: int) -> None:
        """What began in ``era`` was answered."""
        if era != self._era:
            return
        self._in_a_row = 0
        self._count(0)
        if self._until is not None:
            self._close()

    def failed(self, era: int) -> None:
        """What began in ``era`` was not answered, or with an error of the server's own."""
        if era != self._era:
            return
        self._in_a_row += 1
        self._count(1)
        if self._until is not None or self._too_many():
            self._open()

    def saturated(self, era: int, seconds: float | None) -> None:
        """The server has too much to do, for ``seconds`` as far as it says. It answers, so a trial has shown what it should."""
        if era != self._era:
            return
        if self._until is not None:
            self._close()
        rest = self._limits.saturation if seconds is None else min(max(seconds, 0.0), self._limits.longest)
        self._saturated_until = max(self._saturated_until, self._clock() + rest)

    def left(self, era: int) -> None:
        """Whoever asked in ``era`` has left before an answer: nothing is known, and another may be the trial."""
        if era == self._era:
            self._trial = False

    def looked(self, reached: bool) -> None:
        """Somebody has looked whether the server can be reached. Where not, it rests again: no request is spent on it."""
        if self.due:
            self._reached = reached
            if not reached:
                self._open()

    def _open(self) -> None:
        rest = min(self._limits.rest * 2.0 ** min(self._rests, 60), self._limits.longest)
        self._until = self._clock() + rest * (1 - _JITTER * self._chance())
        self._rests += 1
        self.opened += 1
        self._begin_era()

    def _close(self) -> None:
        self._until = None
        self._rests = 0
        self._begin_era()

    def _begin_era(self) -> None:
        self._era += 1
        self._trial = self._reached = False
        self._in_a_row = 0
        self._now, self._before = _Span(self._clock()), _Span(self._clock())

    def _too_many(self) -> bool:
        if not self._limits.failures:
            return False
        asked, failed = self._now.asked + self._before.asked, self._now.failed + self._before.failed
        lately = asked >= self._limits.least and failed >= self._limits.share * asked
        return lately or self._in_a_row >= self._limits.failures

    def _count(self, failed: int) -> None:
        # Two spans that move on in turn: what is older than both has left the window.
        age = self._clock() - self._now.since
        if age >= self._limits.window:
            self._before = self._now if age < 2 * self._limits.window else _Span(self._clock())
            self._now = _Span(self._clock())
        self._now.asked += 1
        self._now.failed += failed


class _Span:
    __slots__ = ("asked", "failed", "since")

    def __init__(self, since: float) -> None:
        self.since = since
        self.asked = 0
        self.failed = 0
