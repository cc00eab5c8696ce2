"""Who is asked next when a model fails: other models first, then the same again, within a budget. Knows no law and no wire.

A request may be sent again only before a byte of an answer has reached the client, and each time under a Permit of its
own: whoever asks for the next try gets it admitted. A retry costs the server that fails the most, so retries are rationed by
model: they stay below a share of its requests, however long it has been dead.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from math import ceil

from daffa.errors import Unavailable

from .health import Health, Try
from .model import Model

__all__ = ["Budgets", "Patience", "Tries", "saturation", "seconds_of", "worth_retrying"]

_STATUSES = frozenset({429, 500, 502, 503, 504, 529})
_CODES = frozenset({"upstream_unreachable", "upstream_timeout", "upstream_broke_off"})
# Statuses that with Retry-After mean: not now. 429 means it without.
_SATURATED = frozenset({429, 503, 529})
# Retries that a model may take that was hardly asked yet, and so many at once at most.
_RESERVE = 5.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
# Timers are no finer than a millisecond: whoever comes back at the end of a rest comes a little after it.
_MARGIN = 0.005


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a model is waited for, and how often it is asked for one request.

    Attributes:
        attempts: how often one model is asked for one request, the first time included.
        first_byte_seconds: from the question to the first byte of its answer.
        answer_seconds: from the question to the last byte.
    """

    attempts: int = 2
    first_byte_seconds: float = 120.0
    answer_seconds: float = 900.0

    def with_model(self, model: Model) -> Patience:
        """What holds for ``model``, which may say otherwise."""
        return Patience(
            model.attempts or self.attempts,
            model.first_byte_seconds or self.first_byte_seconds,
            model.answer_seconds or self.answer_seconds,
        )


class Budgets:
    """A bucket of tokens for each model: every request puts in ``share`` of one, every retry takes one."""

    def __init__(self, share: float) -> None:
        self._share = share
        self._tokens: dict[str, float] = {}

    def asked(self, model: str) -> None:
        """A request was sent to ``model`` for the first time."""
        self._tokens[model] = min(self._tokens.get(model, _RESERVE) + self._share, _RESERVE)

    def take(self, model: str) -> bool:
        """Whether ``model`` may be asked once more; if so, that is counted."""
        left = self._tokens.get(model, _RESERVE)
        if left < 1 or not self._share:
            return False
        self._tokens[model] = left - 1
        return True


class Tries:
    """The tries of one request: ``next`` until it says ``None``, ``failed`` after each that failed.

    First every model in order, once. Then those again whose failure may have been of the moment, after a pause, while
    they may be asked, their attempts last and their budget too.

    Args:
        models: ids of those who may be asked, the first choice first.
        patience: by model id.
        health, budgets: of all models.
        chance: a number in [0, 1), anew at each call.

    Attributes:
        number: how many questions were asked so far.
    """

    def __init__(
        self,
        models: Sequence[str],
        patience: Mapping[str, Patience],
        health: Health,
        budgets: Budgets,
        chance: Callable[[], float],
    ) -> None:
        self._patience = patience
        self._health = health
        self._budgets = budgets
        self._chance = chance
        self._queue = tuple(models)
        self._round = 0
        self.number = 0
        self._again: tuple[str, ...] = ()
        self._asked: dict[str, int] = {}
        self._resting: tuple[str, ...] = ()

    async def next(self) -> Try | None:
        """The next try, after a pause where the same model is asked again; ``None`` where nobody is left."""
        while self._queue or self._next_round():
            name, self._queue = self._queue[0], self._queue[1:]
            if self._round and not await self._paused(name):
                continue
            turn = self._health.begin(name)
            if turn is None:
                self._rests(name)
                continue
            if name not in self._asked:
                self._budgets.asked(name)
            self._asked[name] = self._asked.get(name, 0) + 1
            self.number += 1
            return turn
        return None

    @property
    def nobody(self) -> bool:
        """Whether nobody was asked, nor could have been but for a rest."""
        return not self._asked and not self._resting

    def unfit(self, turn: Try) -> None:
        """``turn`` is not taken: the request cannot be put to that model."""
        turn.left()
        self.number -= 1
        self._asked[turn.model] -= 1
        if not self._asked[turn.model]:
            del self._asked[turn.model]

    def failed(self, turn: Try, error: Unavailable) -> None:
        """``turn`` did not bring an answer."""
        if worth_retrying(error) and self._asked[turn.model] < self._patience[turn.model].attempts:
            self._again += (turn.model,)

    def given_up(self) -> Unavailable:
        """What to say when nobody is left: who was asked, who rests, and after how many seconds it is worth coming back."""
        known = [*self._asked, *self._resting]
        soonest = min((self._health.wait(name) for name in known), default=0.0)
        facts = {"retry_after": max(1, ceil(soonest))}
        if not self._asked:
            return Unavailable("models_resting", resting=", ".join(self._resting), **facts)
        return Unavailable("no_model_answered", tried=", ".join(self._asked), **facts)

    def _next_round(self) -> bool:
        self._round += 1
        self._queue, self._again = self._again, ()
        return bool(self._queue)

    def _rests(self, name: str) -> None:
        if name not in self._asked and name not in self._resting:
            self._resting += (name,)
            self._again += (name,)  # it may be back by the time that the others have failed

    async def _paused(self, name: str) -> bool:
        """Whether ``name`` may be asked again, once a pause is over."""
        wait = self._health.wait(name)
        if wait > _LONGEST_PAUSE or (name in self._asked and not self._budgets.take(name)):
            return False
        longest = min(_FIRST_PAUSE * 2.0 ** (self._round - 1), _LONGEST_PAUSE)
        await asyncio.sleep(max(longest * (0.5 + 0.5 * self._chance()), wait + _MARGIN if wait else 0.0))
        return True


def worth_retrying(error: Unavailable) -> bool:
    """Whether the same server may do better in a moment: it was not reached, hung up, was late, or said so by its status."""
    if error.code == "upstream_failed":
        return error.facts.get("status") in _STATUSES
    return error.code in _CODES and "Cert" not in str(error.facts.get("reason", ""))


def saturation(error: Unavailable) -> tuple[bool, float | None]:
    """Whether a failure only says that there is too much to do now, and for how many seconds where that is known."""
    status, seconds = error.facts.get("status"), error.facts.get("retry_after")
    named = float(seconds) if isinstance(seconds, (int, float)) else None
    return status == 429 or (status in _SATURATED and named is not None), named


def seconds_of(retry_after: str, now: float) -> float | None:
    """The seconds that ``Retry-After`` names, as a number or as a date (RFC 9110, 10.2.3); ``None`` where it is neither.

    Args:
        retry_after: the value of the header; empty where there was none.
        now: Unix seconds.
    """
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(parsedate_to_datetime(text).timestamp() - now, 0.0)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
