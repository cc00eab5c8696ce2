"""How many visitors may ask in a minute: so many at once, then one after the other. Knows no visitor and no question.

A visitor is nobody: a cookie can be dropped, and an address may be a whole office's. So all of them share one measure, and
each worker has its own.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import ceil

from daffa.errors import Denied, Exhausted

__all__ = ["Turnstile"]

_MINUTE = 60.0


class Turnstile:
    """Lets ``most`` in a minute pass; 0: nobody. ``clock``: seconds, monotonic."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._free = float(most)
        self._at = clock()

    def take(self) -> None:
        """One passes.

        Raises ``Exhausted`` (``page_many_visitors``, with ``retry_after`` in seconds), ``Denied`` (``page_sign_in_first``)
        where nobody may.
        """
        if not self._most:
            raise Denied("page_sign_in_first")
        now = self._clock()
        self._free = min(self._most, self._free + (now - self._at) * self._most / _MINUTE)
        self._at = now
        if self._free < 1:
            raise Exhausted("page_many_visitors", retry_after=ceil((1 - self._free) * _MINUTE / self._most))
        self._free -= 1
