"""Quota from the side of one process: what touches whom, refusals that say when, many at once, changes by others."""

from __future__ import annotations

import asyncio
import gc

import pytest

from daffa.errors import Exhausted, Invalid, NotFound
from daffa.quota import LARGEST
from daffa.web.errors import status_of

from .office import CHU, OTHER, Log, opened, settle, tried


@pytest.fixture
async def log():
    """The log of the process."""
    return Log("office/a")


@pytest.fixture
async def quota(database, log, clock):
    """The quota of one process."""
    quota = await opened(database, log, clock)
    yield quota
    await quota.close()


async def standing(quota, number=None):
    """Spent, reserved and left of a rule, or of the only one."""
    found = [each for each in await quota.standings() if number in (None, each.rule.number)]
    return found[0].spent, found[0].reserved, found[0].left


# The walk


async def test_a_budget_from_setting_to_exhaustion(quota, log, clock):
    """What is reserved is kept, what is settled is spent, what is over comes back, and what does not fit is refused."""
    await quota.set("organisation", "chu", "money", "month", 100)
    first = await quota.reserve(CHU, "m", 60, 10)
    assert await standing(quota) == (0, 60, 40)
    assert await tried(quota, cost=50) == "budget_exhausted"
    charge = first.settle(45, 7)
    log.outcome(charge)
    assert charge == {"at": int(clock.now), "cost": 45, "tokens": 7, "rules": [1]}
    assert await standing(quota) == (45, 0, 55)
    clock.now += 1
    (await quota.reserve(CHU, "m", 55, 0)).release()
    assert await standing(quota) == (45, 0, 55)


async def test_who_is_touched_by_no_rule_asks_nobody(quota):
    """A rule of somebody else, or of another model, keeps nobody back and leaves no trace of their request."""
    await quota.set("organisation", "chu", "money", "month", 0)
    await quota.set("organisation", "other", "requests", "day", 0, model="large")
    reservation = await quota.reserve(OTHER, "small", LARGEST, LARGEST)
    assert reservation.settle(1, 1) is None
    assert await tried(quota, OTHER, "large") == "limit_reached"
    assert await tried(quota, CHU, "small") == "budget_exhausted"


@pytest.mark.parametrize(("scope", "subject"), [("organisation", "chu"), ("person", "amina"), ("key", "key1")])
async def test_a_rule_is_about_an_organisation_a_person_or_a_key(quota, scope, subject):
    """Each kind of subject is found in the one who asks, and all three may be bounded at once."""
    await quota.set(scope, subject, "requests", "minute", 1)
    kept = await quota.reserve(CHU, "m", 1, 1)
    assert await tried(quota) == "limit_reached"
    assert not isinstance(await tried(quota, OTHER), str)
    kept.release()


async def test_all_rules_hold_or_nothing_is_kept(quota):
    """Where one of several rules refuses, the others keep nothing for the request."""
    await quota.set("organisation", "chu", "money", "month", 100)
    await quota.set("key", "key1", "tokens", "day", 5)
    assert await tried(quota, cost=10, tokens=6) == "limit_reached"
    assert {each.reserved for each in await quota.standings()} == {0}


async def test_a_refusal_says_which_rule_how_much_and_when(quota, log):
    """The error is a 429 that names the rule and its figures, and the seconds to wait: few where requests under way end."""
    await quota.set("organisation", "chu", "money", "day", 2_500_000)
    kept = await quota.reserve(CHU, "m", 2_000_000, 0)
    with pytest.raises(Exhausted) as soon:
        await quota.reserve(CHU, "m", 1_000_000, 0)
    settle(kept, log, 2_000_000)
    with pytest.raises(Exhausted) as later:
        await quota.reserve(CHU, "m", 1_000_000, 0)
    assert status_of(later.value) == 429
    assert later.value.facts == {
        "quota": "organisation:chu/money/day",
        "most": "2.50",
        "left": "0.50",
        "asked": "1.00",
        "resets": "2026-09-22T00:00:00Z",
        "retry_after": 43_201,
    }
    assert soon.value.facts["retry_after"] == 1
    for language in ("fr", "ar", "en"):
        assert "organisation:chu/money/day" in later.value.say(language)


async def test_a_budget_in_all_never_begins_anew(quota, clock):
    """What has no period says of no instant that it will help to wait."""
    await quota.set("organisation", "chu", "tokens", "total", 5)
    with pytest.raises(Exhausted) as error:
        await quota.reserve(CHU, "m", 0, 6)
    assert (error.value.facts["resets"], "retry_after" in error.value.facts) == ("-", False)
    clock.now += 40 * 86_400
    assert await tried(quota, tokens=6) == "limit_reached"


@pytest.mark.parametrize(("period", "seconds"), [("minute", 60), ("day", 86_400), ("month", 31 * 86_400)])
async def test_a_period_begins_anew(quota, log, clock, period, seconds):
    """A new period has the whole amount, and what ends late counts on the period in which it began."""
    await quota.set("organisation", "chu", "requests", period, 1)
    late = await quota.reserve(CHU, "m", 0, 0)
    assert await tried(quota) == "limit_reached"
    clock.now += seconds
    settle(await quota.reserve(CHU, "m", 0, 0), log, 0)
    settle(late, log, 0)
    await quota.refresh()
    assert await standing(quota) == (1, 0, 0)
    clock.now += seconds
    assert not isinstance(await tried(quota), str)


async def test_a_request_that_used_more_than_was_kept_is_counted_whole(quota, log):
    """The truth is counted, even beyond the budget, and whoever comes next is refused."""
    await quota.set("organisation", "chu", "money", "month", 100)
    settle(await quota.reserve(CHU, "m", 90, 0), log, 130)
    await quota.refresh()
    assert await standing(quota) == (130, 0, 0)
    assert await tried(quota) == "budget_exhausted"


async def test_a_reservation_that_nobody_holds_is_given_back(quota):
    """One that was forgotten keeps nothing."""
    await quota.set("organisation", "chu", "money", "month", 100)
    await quota.reserve(CHU, "m", 90, 0)
    gc.collect()
    assert await standing(quota) == (0, 0, 100)


# Many at once


async def test_two_hundred_at_once_get_what_there_is_and_no_more(quota, log):
    """Of 200 parallel requests as many pass as the budget covers, exactly."""
    await quota.set("organisation", "chu", "money", "month", 137 * 7)
    got = await asyncio.gather(*(tried(quota, cost=7) for _ in range(200)))
    kept = [each for each in got if not isinstance(each, str)]
    assert len(kept) == 137
    for each in kept:
        settle(each, log, 7)
    await quota.refresh()
    assert await standing(quota) == (137 * 7, 0, 0)


async def test_two_workers_share_a_limit_exactly(database, quota, clock):
    """Of 200 parallel requests to two workers no more pass than the limit, and what one does not need the other gets."""
    other = await opened(database, Log("office/b"), clock)
    await quota.set("organisation", "chu", "requests", "day", 137)
    await other.refresh()
    kept = []
    for _ in range(6):
        got = await asyncio.gather(*(tried(quota if number % 3 else other) for number in range(200)))
        kept += [each for each in got if not isinstance(each, str)]
        assert len(kept) <= 137
        clock.now += 1
        await quota.refresh()
        await other.refresh()
    assert len(kept) == 137
    await other.close()


async def test_cancelled_in_the_middle_it_keeps_nothing(quota):
    """Requests that are cancelled while the database is asked leave nothing reserved."""
    await quota.set("organisation", "chu", "money", "month", 1000)
    tasks = [asyncio.create_task(quota.reserve(CHU, "m", 5, 0)) for _ in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    got = await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(isinstance(each, asyncio.CancelledError) for each in got) == 10
    assert await standing(quota) == (0, 50, 950)
    del got, tasks
    gc.collect()
    assert await standing(quota) == (0, 0, 1000)


async def test_what_is_settled_while_others_are_written_is_not_lost(quota, log):
    """Requests that end while the database is being written count with the next writing."""
    await quota.set("organisation", "chu", "money", "month", 1_000_000)
    settle(await quota.reserve(CHU, "m", 1, 0), log, 1)
    for _ in range(3):
        writing = asyncio.create_task(quota.refresh())
        while not writing.done():
            settle(await quota.reserve(CHU, "m", 1, 0), log, 1)
            await asyncio.sleep(0)
    await quota.refresh()
    assert await standing(quota) == (log.size, 0, 1_000_000 - log.size)
    assert log.size > 10


# Changes


async def test_a_changed_amount_keeps_what_was_spent(database, quota, log, clock):
    """A lower amount holds at once here, and at another worker after its next refresh."""
    other = await opened(database, Log("office/b"), clock)
    rule = await quota.set("organisation", "chu", "money", "month", 100)
    await other.refresh()
    settle(await quota.reserve(CHU, "m", 30, 0), log, 30)
    (await other.reserve(CHU, "m", 5, 0)).release()
    assert await quota.set("organisation", "chu", "money", "month", 31) == await again(quota, rule.number)
    await other.refresh()
    assert await tried(other, cost=2) == "budget_exhausted"
    clock.now += 1
    assert await tried(quota, cost=2) == "budget_exhausted"
    assert not isinstance(await tried(quota, cost=1), str)
    await other.close()


async def again(quota, number):
    """The rule of this number as it is now."""
    return next(each.rule for each in await quota.standings() if each.rule.number == number)


async def test_a_removed_rule_is_forgotten(quota, log):
    """Nobody is refused by a rule that is gone; one that is set again is another, and has counted nothing."""
    first = await quota.set("organisation", "chu", "requests", "day", 1)
    kept = await quota.reserve(CHU, "m", 0, 0)
    assert await quota.remove("organisation", "chu", "requests", "day") == first
    assert not isinstance(await tried(quota), str)
    settle(kept, log, 0)
    await quota.refresh()
    second = await quota.set("organisation", "chu", "requests", "day", 1)
    assert second.number > first.number
    assert await standing(quota) == (0, 0, 1)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (("ministry", "chu", "money", "month", 1), "scope"),
        (("organisation", "../x", "money", "month", 1), "subject"),
        (("organisation", "", "money", "month", 1), "subject"),
        (("organisation", "chu", "apples", "month", 1), "measure"),
        (("organisation", "chu", "money", "year", 1), "period"),
        (("organisation", "chu", "money", "month", -1), "most"),
        (("organisation", "chu", "money", "month", LARGEST + 1), "most"),
        (("organisation", "chu", "money", "month", True), "most"),
        (("organisation", "chu", "money", "month", 1.5), "most"),
        (("organisation", "chu", "money", "month", 1, "a model"), "model"),
    ],
)
async def test_what_no_rule_can_be_is_refused_by_its_field(quota, given, field):
    """A rule that cannot be is refused whole, naming the field."""
    with pytest.raises(Invalid) as error:
        await quota.set(*given)
    assert error.value.facts["field"] == field
    assert await quota.standings() == []


async def test_what_is_not_there_cannot_be_removed(quota):
    """Removing a rule that nobody set says so."""
    with pytest.raises(NotFound) as error:
        await quota.remove("organisation", "chu", "money", "month")
    assert error.value.code == "quota_not_found"


# Priorities


async def test_a_key_speaks_before_its_person_and_its_organisation(database, quota, clock):
    """The nearest priority holds, other workers take it up, and the normal one is none."""
    other = await opened(database, Log("office/b"), clock)
    assert quota.priority_of(CHU) == "normal"
    for scope, subject, priority in (("organisation", "chu", "low"), ("person", "amina", "high"), ("key", "key1", "low")):
        await quota.set_priority(scope, subject, priority)
        assert quota.priority_of(CHU) == priority
    await other.refresh()
    assert (other.priority_of(CHU), other.priority_of(OTHER)) == ("low", "normal")
    await quota.set_priority("key", "key1", "normal")
    assert quota.priority_of(CHU) == "high"
    assert quota.priorities == {("organisation", "chu"): "low", ("person", "amina"): "high"}
    with pytest.raises(Invalid) as error:
        await quota.set_priority("organisation", "chu", "royal")
    assert error.value.facts["field"] == "priority"
    await other.close()


async def test_turns_are_those_of_the_process(quota):
    """The face gives turns by model, and says how many wait."""
    async with quota.turn("m", 1, "chu", quota.priority_of(CHU)):
        waiting = asyncio.create_task(quota.turn("m", 1, "other", "high").take())
        await asyncio.sleep(0)
        assert quota.waiting() == {"m": 1}
    (await waiting).end()
