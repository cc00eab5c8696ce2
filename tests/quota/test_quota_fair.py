"""Turns at a scarce engine: fair among organisations, urgent before idle, nobody starved, nobody forgotten."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.errors import Unavailable
from daffa.quota import Priority
from daffa.quota.fair import Turns
from daffa.web.errors import status_of

from .office import Clock

COST = {Priority.HIGH: 1, Priority.NORMAL: 2, Priority.LOW: 4}
CROWDS = st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(Priority)), min_size=1, max_size=40)


def turns(longest=256, patience=30.0, clock=None):
    """The turns of a process."""
    return Turns(clock or Clock(), longest, patience)


async def settled():
    """Let every task go as far as it can."""
    for _ in range(5):
        await asyncio.sleep(0)


class Crowd:
    """Requests that wait for one engine, and the order in which they are served."""

    def __init__(self, house, capacity=1):
        self.house = house
        self.capacity = capacity
        self.served = []
        self.done = []
        self.tasks = []

    async def come(self, organisation, priority=Priority.NORMAL):
        self.tasks.append(asyncio.create_task(self._one(organisation, priority)))
        await asyncio.sleep(0)

    async def _one(self, organisation, priority):
        turn = self.house.turn("m", self.capacity, organisation, priority)
        await turn.take()
        self.served.append((organisation, priority))
        self.done.append(turn)

    async def go_on(self):
        """The one that was served first is done."""
        self.done.pop(0).end()
        await settled()

    async def all(self):
        """Serve everybody."""
        await settled()
        while self.done:
            await self.go_on()
        await asyncio.gather(*self.tasks)
        return self.served


# Laws


@settings(max_examples=60, deadline=None)
@given(CROWDS, st.integers(1, 3))
async def test_organisations_that_wait_are_served_evenly(crowd, capacity):
    """While two organisations both wait, neither gets more than one turn ahead, each turn at the cost of its priority."""
    house = Crowd(turns(), capacity)
    blockers = [house.house.turn("m", capacity, "first", Priority.NORMAL) for _ in range(capacity)]
    for blocker in blockers:
        await blocker.take()
    for organisation, priority in crowd:
        await house.come(organisation, priority)
    await settled()
    for blocker in blockers:
        blocker.end()
    served = await house.all()
    assert Counter(served) == Counter(crowd)
    waiting, had = Counter(organisation for organisation, _ in crowd), Counter()
    for organisation, priority in served:
        for other in waiting:
            if waiting[other] and waiting[organisation]:
                assert had[organisation] <= had[other] + max(COST.values())
                assert had[other] <= had[organisation] + max(COST.values())
        had[organisation] += COST[priority]
        waiting[organisation] -= 1
        if not waiting[organisation]:
            del waiting[organisation]


@settings(max_examples=30, deadline=None)
@given(CROWDS, st.data())
async def test_whoever_leaves_takes_no_turn_with_them(crowd, data):
    """However many give up while they wait, everybody else is served, and nothing waits or is served at the end."""
    house = Crowd(turns())
    for organisation, priority in crowd:
        await house.come(organisation, priority)
    leaving = data.draw(st.sets(st.integers(0, len(crowd) - 1)))
    for number in leaving:
        house.tasks[number].cancel()
    await settled()
    while house.done:
        await house.go_on()
    ended = await asyncio.gather(*house.tasks, return_exceptions=True)
    gone = sum(isinstance(each, asyncio.CancelledError) for each in ended)
    assert len(house.served) + gone == len(crowd)
    assert house.house.waiting() == {"m": 0}
    await asyncio.wait_for(house.house.turn("m", 1, "a", Priority.LOW).take(), 5)


# The walk


async def test_an_organisation_with_many_does_not_keep_out_one_with_few():
    """Ten of one organisation wait; the first of another is served after at most one of them."""
    crowd = Crowd(turns())
    for _ in range(11):
        await crowd.come("many")
    await crowd.come("few")
    served = [organisation for organisation, _ in await crowd.all()]
    assert served.index("few") <= 2


async def test_the_urgent_come_first_and_the_idle_come():
    """Of one organisation the urgent are served before the idle, of which one comes after at most four urgent ones."""
    crowd = Crowd(turns())
    await crowd.come("a")
    for _ in range(3):
        await crowd.come("a", Priority.LOW)
    for _ in range(10):
        await crowd.come("a", Priority.HIGH)
    served = [priority for _, priority in (await crowd.all())[1:]]
    assert served[0] == Priority.HIGH
    assert Priority.LOW in served[:6]
    assert served[:8].count(Priority.HIGH) >= 6


async def test_an_urgent_organisation_gets_four_turns_for_one():
    """Beside idle requests of another, an organisation with urgent ones gets four turns for each of theirs."""
    crowd = Crowd(turns())
    await crowd.come("other")
    for _ in range(20):
        await crowd.come("idle", Priority.LOW)
        await crowd.come("urgent", Priority.HIGH)
    served = Counter(organisation for organisation, _ in (await crowd.all())[1:21])
    assert served["urgent"] == 16
    assert served["idle"] == 4


async def test_who_pauses_saves_nothing_up():
    """An organisation that comes back after others were served gets its share from then on, not what it missed."""
    crowd = Crowd(turns())
    for _ in range(30):
        await crowd.come("busy")
    await settled()
    for _ in range(15):
        await crowd.go_on()
    for _ in range(10):
        await crowd.come("back")
    served = [organisation for organisation, _ in (await crowd.all())[16:26]]
    assert served.count("back") in (5, 6)


async def test_no_more_are_served_than_the_engine_takes():
    """At most ``capacity`` are served at a time, and one ends however it ends; 0 serves all."""
    house = turns()
    now = most = 0

    async def one(number):
        nonlocal now, most
        async with house.turn("m", 3, "a", Priority.NORMAL):
            now += 1
            most = max(most, now)
            await asyncio.sleep(0)
            now -= 1
            if number % 2:
                raise ValueError("it broke")

    ended = await asyncio.gather(*(one(number) for number in range(20)), return_exceptions=True)
    assert (most, now, sum(isinstance(each, ValueError) for each in ended)) == (3, 0, 10)
    free = [await house.turn("free", 0, "a", Priority.NORMAL).take() for _ in range(50)]
    assert len(free) == 50


async def test_a_turn_ends_once():
    """Ending twice, or dropping a turn after its end, lets in one and no more."""
    crowd = Crowd(turns())
    for organisation in "abc":
        await crowd.come(organisation)
    await settled()
    first = crowd.done.pop(0)
    for _ in range(3):
        first.end()
    del first
    await settled()
    assert len(crowd.served) == 2
    await crowd.all()


# Edges


async def test_a_full_queue_loses_the_newest_of_its_longest_line():
    """Whoever fills the queue loses a place to one who does not; among equals the one who comes is turned away."""
    house = turns(longest=4)
    crowd = Crowd(house)
    for _ in range(5):
        await crowd.come("many")
    await crowd.come("few")
    await settled()
    assert [task.done() for task in crowd.tasks] == [True, False, False, False, True, False]
    error = crowd.tasks[4].exception()
    assert (error.code, status_of(error), error.facts["retry_after"]) == ("queue_full", 503, 1)
    with pytest.raises(Unavailable) as full:
        await house.turn("m", 1, "many", Priority.HIGH).take()
    assert full.value.code == "queue_full"
    crowd.tasks.pop(4)
    await crowd.all()
    assert len(crowd.served) == 5


async def test_whoever_waits_too_long_is_told_when_to_come_back():
    """Patience ends with ``queue_timeout``, and the place is free again."""
    clock = Clock()
    house = turns(patience=0.01, clock=clock)
    for _ in range(9):
        turn = await house.turn("m", 1, "a", Priority.NORMAL).take()
        clock.now += 20
        turn.end()
    turn = await house.turn("m", 1, "a", Priority.NORMAL).take()
    with pytest.raises(Unavailable) as late:
        await house.turn("m", 1, "b", Priority.NORMAL).take()
    assert (late.value.code, status_of(late.value), late.value.facts["retry_after"]) == ("queue_timeout", 503, 20)
    assert house.waiting() == {"m": 0}
    turn.end()
    async with house.turn("m", 1, "b", Priority.NORMAL):
        pass


async def test_a_turn_that_nobody_holds_is_given_on():
    """A turn that was forgotten lets in the next."""
    house = turns()
    await house.turn("m", 1, "a", Priority.NORMAL).take()
    await asyncio.wait_for(house.turn("m", 1, "b", Priority.NORMAL).take(), 5)
