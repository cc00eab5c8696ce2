"""A rule in one of its periods, as one process keeps it: what it leased, and what became of that. No database, no clock.

``held`` is the promise of the database: so much of the rule is this process's alone. Reserving, settling and releasing
move amounts inside it and never change it, so that a crash in the middle of any of them leaves nothing in doubt.
"""

from __future__ import annotations

from collections.abc import Sequence

from .rule import FOREVER, Rule

__all__ = ["Account", "slice_of"]


class Account:
    """What this process may spend of one rule in one period.

    Attributes:
        rule: as it is now.
        window, until: the period (Unix seconds).
        free: what a request may take; below 0 where one used more than was reserved for it.
        reserved: what requests under way have taken.
        unwritten: what was used and is not yet in the database.
        used: when something was last taken.
        dirty: whether the database still says that more is held.
        left: what the database had left when it was last asked; true until ``left_until``.
        spent: what it said was spent then.
    """

    __slots__ = ("dirty", "free", "left", "left_until", "reserved", "rule", "spent", "until", "unwritten", "used", "window")

    def __init__(self, rule: Rule, window: int, until: int) -> None:
        self.rule = rule
        self.window = window
        self.until = until
        self.free = self.reserved = self.unwritten = self.left = self.spent = 0
        self.used = self.left_until = 0.0
        self.dirty = False

    @property
    def held(self) -> int:
        """How much of the rule is ours alone, spent amounts that are not yet written included."""
        return self.free + self.reserved + self.unwritten

    def take(self, amount: int) -> None:
        """Keep ``amount`` for a request."""
        self.free -= amount
        self.reserved += amount

    def settle(self, reserved: int, used: int) -> None:
        """A request for which ``reserved`` was kept has used ``used``: the truth, even where it is more."""
        self.reserved -= reserved
        self.unwritten += used
        self.free += reserved - used

    def give_back(self) -> None:
        """Keep nothing that no request has taken; the database hears of it at the next writing."""
        if self.free > 0:
            self.free = 0
            self.dirty = True

    def cannot(self, need: int, now: float) -> bool:
        """Whether it is known that ``need`` cannot be had now, here or in the database."""
        return now < self.left_until and need > self.free + max(0, self.left)

    def retry_after(self, need: int, now: float) -> int | None:
        """Seconds after which to ask again: soon, where only requests under way stand in between; ``None`` for never."""
        if self.spent + self.unwritten + need <= self.rule.most:
            return 1
        return None if self.until == FOREVER else max(1, int(self.until - now) + 1)


def slice_of(needs: Sequence[int], free: int, left: int, workers: int) -> int:
    """How much of ``left`` to lease beside ``free``: what ``needs`` lack, first come first, and a part of the rest.

    The part halves with each lease and with each worker: a whole budget costs few leases, and little of it is stranded
    with a worker that does not need it. Nothing where none of the needs can be met.
    """
    met = 0
    for need in needs:
        if met + need - free <= left:
            met += need
    lacking = met - free
    return lacking + (left - lacking) // (2 * workers) if met and lacking > 0 else 0
