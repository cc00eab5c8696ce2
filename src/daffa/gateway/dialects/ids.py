"""Ids of calls as a protocol allows them. Knows no protocol.

An id that is not allowed is numbered: it may be somebody's own number, and what is computed from that can be computed again.
"""

from __future__ import annotations

import re

__all__ = ["Ids"]


class Ids:
    """The ids of one request: the same for a call and for its result.

    Args:
        allowed: what the upstream takes; such an id stays.
        form: of any other, ``str.format`` with its number.
    """

    def __init__(self, allowed: re.Pattern[str], form: str) -> None:
        self._allowed = allowed
        self._form = form
        self._made: dict[str, str] = {}

    def __call__(self, given: str) -> str:
        """The id to send for ``given``."""
        if self._allowed.fullmatch(given):
            return given
        return self._made.setdefault(given, self._form.format(len(self._made) + 1))
