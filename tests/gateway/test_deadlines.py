"""One timer for all that is waited for: each is told once, in its time, and not when it is over before."""

from __future__ import annotations

import asyncio

from daffa.gateway import Limits, Patience, Running
from daffa.gateway.deadlines import Deadlines


class Waiter:
    """Somebody who waits, and says so in ``told`` when it took too long."""

    def __init__(self, name: str, told: list[str]) -> None:
        self.name = name
        self.told = told

    def late(self) -> None:
        """See ``Deadlines``."""
        self.told.append(self.name)


async def test_who_waits_is_told_in_the_order_of_their_times():
    """A later one that has less time is told first, one that is over not at all, and one that got more time once."""
    told: list[str] = []
    patient, quick, over, longer = (Waiter(name, told) for name in ("patient", "quick", "over", "longer"))
    deadlines = Deadlines()
    deadlines.set(patient, 0.06)
    deadlines.set(quick, 0.01)
    deadlines.set(over, 0.02)
    deadlines.set(longer, 0.02)
    deadlines.set(longer, 0.09)
    deadlines.over(over)
    while len(told) < 3:
        await asyncio.sleep(0.01)
    assert told == ["quick", "patient", "longer"]


async def test_time_is_what_the_clock_of_the_house_says():
    """Where the house's clock stands still nobody is late, however long the machine's goes on."""
    told, now = list[str](), 100.0
    running = Running(
        clock=lambda: now, wall=lambda: now, chance=lambda: 0.5, limits=Limits(), patience=Patience(), retry_share=0.0, most=1,
        tellers={},
    )  # fmt: skip
    running.deadlines.set(Waiter("patient", told), 0.01)
    await asyncio.sleep(0.04)
    assert told == []
    now += 1
    while not told:
        await asyncio.sleep(0.005)


async def test_what_begins_when_another_is_late_is_noted_too():
    """Whoever is told may begin something new at once."""
    told: list[str] = []
    deadlines = Deadlines()

    class Again(Waiter):
        def late(self) -> None:
            super().late()
            deadlines.set(Waiter("second", told), 0.0)

    deadlines.set(Again("first", told), 0.0)
    while len(told) < 2:
        await asyncio.sleep(0.005)
    assert told == ["first", "second"]


async def test_who_is_ended_by_another_that_is_late_is_not_told():
    """Two are late at once, and the first to hear of it ends the second."""
    told: list[str] = []
    deadlines, second, last = Deadlines(), Waiter("second", told), Waiter("last", told)

    class Ends(Waiter):
        def late(self) -> None:
            super().late()
            deadlines.over(second)

    for waiting in (Ends("first", told), second, last):
        deadlines.set(waiting, 0.0)
    while "last" not in told:
        await asyncio.sleep(0.005)
    assert told == ["first", "last"]


async def test_one_that_fails_when_it_is_told_keeps_nobody_waiting():
    """The others that are late are told all the same, and the loop hears of the failure."""
    told: list[str] = []
    heard: list[object] = []
    deadlines = Deadlines()

    class Fails(Waiter):
        def late(self) -> None:
            raise RuntimeError("told")

    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(context.get("exception")))
    deadlines.set(Fails("first", told), 0.0)
    deadlines.set(Waiter("second", told), 0.0)
    while not told:
        await asyncio.sleep(0.005)
    assert told == ["second"]
    assert [str(error) for error in heard] == ["told"]
