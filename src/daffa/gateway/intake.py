"""How many requests are under way, and whether another may come in. Knows nothing of what is asked and by whom."""

from __future__ import annotations

from daffa.errors import Unavailable

__all__ = ["Intake"]

# What somebody who was turned away is told to wait, in seconds: one of many will have ended by then.
_SOON = 1


class Intake:
    """The requests of this worker.

    Args:
        most: so many at once; another is turned away, for a queue without an end helps nobody.

    Attributes:
        under_way: how many are in now.
        turned_away: how many found it full, since the start.
        stopping: whether the worker is about to end: whoever comes now is sent elsewhere.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self.under_way = 0
        self.turned_away = 0
        self.stopping = False

    def __enter__(self) -> None:
        """One request is in, while the body of a ``with`` runs.

        Raises ``Unavailable``: ``server_stops``, ``overloaded``, both with ``retry_after`` in seconds.
        """
        if self.stopping:
            raise Unavailable("server_stops", retry_after=_SOON)
        if self.under_way >= self._most:
            self.turned_away += 1
            raise Unavailable("overloaded", retry_after=_SOON, most=self._most)
        self.under_way += 1

    def __exit__(self, *_: object) -> None:
        """It has ended, however."""
        self.under_way -= 1
