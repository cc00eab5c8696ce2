"""What one question to one model may use: kept before it is asked, its turn awaited, settled when it has ended.

What is kept is more than any answer within ``max_tokens`` can use, so that a budget is never overspent: a token of the
question is at least one byte of it.
"""

from __future__ import annotations

from typing import Any

from daffa.identity import Caller
from daffa.quota import Charge, Priority, Quota, Reservation, Turn, cost_of

from .model import Model
from .request import Request

__all__ = ["Spending", "spend", "told"]

# Tokens that an answer is expected to stay under where neither the client nor the context of the model says.
_ANSWER_TOKENS = 8192


class Spending:
    """What is kept for one exchange. It ends once, by ``settle`` or ``release``; whatever comes after that does nothing."""

    __slots__ = ("_model", "_reservation", "_turn")

    def __init__(self, model: Model, reservation: Reservation, turn: Turn) -> None:
        self._model = model
        self._reservation = reservation
        self._turn = turn

    def settle(self, tokens_in: int, tokens_out: int) -> dict[str, Charge]:
        """The exchange has ended. What its outcome must be recorded with, in the same step; empty where no rule is about it."""
        self._turn.end()
        model = self._model
        cost = cost_of(model.price_in, model.price_out, tokens_in, tokens_out)
        charge = self._reservation.settle(cost, tokens_in + tokens_out)
        return {"quota": charge} if charge is not None else {}

    def release(self) -> None:
        """Nothing left: there will be no outcome."""
        self._turn.end()
        self._reservation.release()


class _Nothing(Spending):
    """Of an exchange that no rule is about, with a model that answers all at once."""

    __slots__ = ()

    def __init__(self) -> None:
        """It keeps nothing: one is enough for all."""

    def settle(self, tokens_in: int, tokens_out: int) -> dict[str, Charge]:  # noqa: ARG002 - nobody counts them
        """Nothing is to be recorded."""
        return {}

    def release(self) -> None:
        """Nothing was kept."""


_NOTHING = _Nothing()


async def spend(
    quota: Quota, caller: Caller, priority: Priority | None, model: Model, request: Request, body: bytes
) -> Spending:
    """Keep what ``body`` may use at ``model``, and wait for its turn there, which has its asker's ``priority`` without another.

    Raises ``Exhausted`` (a budget or a limit) and ``Unavailable`` (``queue_full``, ``queue_timeout``).
    """
    # Requests that the model's server answers at once; 0 for any number.
    capacity = model.max_concurrent or (model.file.parallel if model.file is not None else 0)
    if not capacity and not quota.bounds(caller, model.id):
        return _NOTHING
    tokens_in, tokens_out = _most(model, request, body)
    cost = cost_of(model.price_in, model.price_out, tokens_in, tokens_out)
    reservation = await quota.reserve(caller, model.id, cost, tokens_in + tokens_out)
    try:
        turn = await quota.turn(model.id, capacity, caller.organisation, priority or quota.priority_of(caller)).take()
    except BaseException:
        reservation.release()
        raise
    return Spending(model, reservation, turn)


def _most(model: Model, request: Request, body: bytes) -> tuple[int, int]:
    """The tokens that the question and its answers have at most."""
    tokens_in = min(len(body), model.context) if model.context else len(body)
    if request.kind != "chat":
        return tokens_in, 0
    answer = request.answer_tokens or (model.context or _ANSWER_TOKENS)
    return tokens_in, answer * request.answers


def told(charge: dict[str, Any], *, estimated: bool) -> dict[str, Any] | None:
    """The sealed details of an outcome: what was charged, and whether its tokens are estimates."""
    details = {**charge, "estimated": True} if estimated else charge
    return details or None
