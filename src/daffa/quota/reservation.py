"""What is kept for one request until it is known what it used. Knows accounts; no database, no clock, nothing to wait for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

from .account import Account

__all__ = ["UNTOUCHED", "Charge", "Reservation"]

Charge: TypeAlias = dict[str, Any]
"""What a settled request is recorded with, as JSON: ``at`` (Unix seconds), ``cost``, ``tokens``, ``rules`` (numbers)."""


class Reservation:
    """What is kept for one request. It ends once, by ``settle`` or ``release``; whatever comes after that does nothing.

    Neither waits, so both may be called where a task is being cancelled. One that nobody holds any more is released.
    """

    __slots__ = ("_accounts", "_at", "_needs", "_open")

    def __init__(self, accounts: Sequence[Account], needs: tuple[int, int, int], at: float) -> None:
        self._accounts = accounts
        self._needs = needs
        self._at = int(at)
        self._open = True
        for account in accounts:
            account.take(needs[account.rule.slot])
            account.used = at

    def settle(self, cost: int, tokens: int) -> Charge | None:
        """The request is over and its outcome is being recorded: count it, with what it really used.

        Returns what the outcome must be recorded with, in this very step (no ``await`` between the two), or ``None``
        where no rule is about the request. ``cost`` is in millionths of the currency.
        """
        if not self._accounts or not self._open:
            return None
        self._open = False
        used = (cost, 1, tokens)
        for account in self._accounts:
            account.settle(self._needs[account.rule.slot], used[account.rule.slot])
        return {"at": self._at, "cost": cost, "tokens": tokens, "rules": [account.rule.number for account in self._accounts]}

    def release(self) -> None:
        """There is no outcome: nothing was used, and everything is given back."""
        if self._open and self._accounts:
            self._open = False
            for account in self._accounts:
                account.settle(self._needs[account.rule.slot], 0)

    def __del__(self) -> None:
        self.release()


UNTOUCHED = Reservation((), (0, 0, 0), 0)
"""That of a request which no rule is about."""
