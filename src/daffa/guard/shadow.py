"""The second judge in the shadow of the first: asked on a random share of what is decided, and on all of it in doubt.

Knows which decisions are looked at twice; what becomes of a finding is the matter of ``Incidents``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from daffa.decision import Question
from daffa.policy import Bundle, Second

from .finding import Finding, compare
from .incidents import Incidents

__all__ = ["Shadow"]


class Shadow:
    """Looks at decisions a second time.

    Args:
        incidents: where findings go; while one stands open, every decision is looked at.
        rate: the share of decisions that are looked at otherwise, 0 to 1.
        chance: a number from 0 to 1 (exclusive), another one at each call: one call a look.
    """

    def __init__(self, incidents: Incidents, rate: float, chance: Callable[[], float]) -> None:
        self._incidents = incidents
        self._rate = rate
        self._chance = chance
        self._passing = self._drawn()  # decisions before the next that is looked at

    def look(self, questions: Iterable[Question], bundle: Bundle, second: Second) -> tuple[Finding, ...]:
        """What the judges differ on among the questions of one decision, where it is this one's turn.

        In the event loop, not in a thread: Cedar holds the interpreter's lock all the time that it thinks.
        """
        if not self._incidents.watching and not self._its_turn():
            return ()
        return tuple(found for question in questions if (found := compare(question, bundle, second)) is not None)

    async def report(self, findings: Iterable[Finding], reference: str) -> None:
        """Raise an incident for each finding; ``reference`` is the entry of the refusal. See ``Incidents.raised``."""
        for finding in findings:
            await self._incidents.raised(finding, reference)

    def _its_turn(self) -> bool:
        """Whether chance takes this decision."""
        self._passing -= 1
        if self._passing >= 0:
            return False
        self._passing = self._drawn()
        return True

    def _drawn(self) -> float:
        """How many decisions go by: distributed as if the dice were thrown for each of them, which costs at each of them."""
        if not self._rate:
            return math.inf
        return 0 if self._rate >= 1 else math.log1p(-self._chance()) // math.log1p(-self._rate)
