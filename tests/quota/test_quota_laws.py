"""The laws of quota: never overspent, every outcome counted once, nothing leaked, whatever is killed when."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from databases import sql
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from daffa.quota import LARGEST, PERIODS, Rule, cost_of
from daffa.quota.account import Account, slice_of
from daffa.quota.rule import window_of
from daffa.storage import Database

from .office import Clock, Log, opened, settle, tried

FIRST = 100
AMOUNTS = st.integers(0, LARGEST)


class Offices(RuleBasedStateMachine):
    """Three workers spend one budget; any of them may be killed, its log cut short, and started again."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = str(Path(self.folder.name) / "house.db")
        self.loop = asyncio.Runner()
        self.clock = Clock()
        self.most = self.highest = FIRST
        self.doubt = 0  # what killed workers had settled and not written when their leases ended
        self.unsaid = {}  # of killed workers: what they had settled and not written, and until when their leases are good
        self.logs = [Log(f"office/{number}") for number in range(3)]
        self.quotas = [None] * 3
        self.ages = [0] * 3
        self.running = []
        self.database = self.do(Database.open(self.path))
        for number in range(3):
            self.start(number)
        self.rule = self.do(self.quotas[0].set("organisation", "chu", "money", "total", FIRST)).number

    def do(self, work):
        return self.loop.run(work)

    def start(self, number):
        self.quotas[number] = self.do(opened(self.database, self.logs[number], self.clock))
        self.ages[number] += 1
        self.unsaid.pop(number, None)

    def teardown(self):
        for number in range(3):
            if self.quotas[number] is None:
                self.start(number)
        for quota in self.quotas:
            self.do(quota.close())
        assert sql(self.path, "SELECT * FROM quota_leases") == []
        assert self.spent() == sum(log.sum(self.rule) for log in self.logs)
        self.do(self.database.close())
        self.loop.close()
        self.folder.cleanup()

    def spent(self):
        return int(sql(self.path, "SELECT coalesce(sum(spent), 0) FROM quota_counters")[0][0])

    @rule(asks=st.lists(st.tuples(st.integers(0, 2), st.integers(0, 60)), min_size=1, max_size=8))
    def ask(self, asks):
        for number, cost in asks:
            if self.quotas[number] is not None:
                got = self.do(tried(self.quotas[number], cost=cost))
                if not isinstance(got, str):
                    self.running.append((number, self.ages[number], got, cost))

    @rule(ends=st.lists(st.tuples(st.integers(0, 20), st.integers(0, 4)), min_size=1, max_size=6))
    def end(self, ends):
        for which, quarters in ends:
            if which < len(self.running):
                number, age, reservation, cost = self.running.pop(which)
                if self.quotas[number] is not None and age == self.ages[number]:
                    settle(reservation, self.logs[number], cost * quarters // 4)
                    assert reservation.settle(cost, 0) is None
                    reservation.release()

    @rule(number=st.integers(0, 2), costs=st.lists(st.integers(1, 12), min_size=1, max_size=4), write=st.booleans())
    def be_busy(self, number, costs, write):
        for cost in costs if self.quotas[number] is not None else ():
            got = self.do(tried(self.quotas[number], cost=cost))
            if not isinstance(got, str):
                settle(got, self.logs[number], cost)
        if write:
            self.write(number)

    @rule(which=st.integers(0, 20))
    def give_up(self, which):
        if which < len(self.running):
            _, _, reservation, _ = self.running.pop(which)
            reservation.release()
            assert reservation.settle(1, 1) is None

    @rule(number=st.integers(0, 2))
    def write(self, number):
        if self.quotas[number] is not None:
            self.do(self.quotas[number].refresh())

    @rule(seconds=st.sampled_from([0.6, 6, 25, 35]))
    def wait(self, seconds):
        self.clock.now += seconds
        for quota in filter(None, self.quotas):  # whoever lives says so in time
            if self.clock.now - quota._beat >= 20:
                self.do(quota.refresh())
        for number, (amount, until) in list(self.unsaid.items()):
            if self.clock.now > until:
                self.doubt += amount
                self.unsaid[number] = (0, until)

    @rule(number=st.integers(0, 2), lost=st.integers(0, 3))
    def kill(self, number, lost):
        if self.quotas[number] is not None:
            quota, log = self.quotas[number], self.logs[number]
            log.cut(lost)
            known = quota._counted or 0
            amount = sum(charge["cost"] for charge in log.entries[known:] if charge)
            self.unsaid[number] = (amount, self.clock.now + 60)
            if self.clock.now > quota._expires:
                self.doubt += amount
            self.quotas[number] = None

    @rule(number=st.integers(0, 2))
    def start_again(self, number):
        if self.quotas[number] is None:
            self.start(number)

    @precondition(lambda self: any(self.quotas))
    @rule(most=st.integers(0, 130))
    def change(self, most):
        quota = next(quota for quota in self.quotas if quota)
        assert self.do(quota.set("organisation", "chu", "money", "total", most)).number == self.rule
        self.most, self.highest = most, max(self.highest, most)

    @invariant()
    def never_overspent(self):
        leased = int(sql(self.path, "SELECT coalesce(sum(amount), 0) FROM quota_leases")[0][0])
        assert self.spent() + leased <= self.highest + self.doubt
        assert sum(log.sum(self.rule) for log in self.logs) <= self.highest + self.doubt


TestOffices = Offices.TestCase
TestOffices.settings = settings(
    max_examples=25, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@given(st.lists(AMOUNTS, max_size=20), st.integers(-LARGEST, LARGEST), st.integers(-LARGEST, LARGEST), st.integers(1, 9))
def test_a_slice_is_never_more_than_what_is_left(needs, free, left, workers):
    """A slice is between nothing and what is left, and where all needs fit it covers them."""
    amount = slice_of(needs, free, left, workers)
    assert 0 <= amount <= max(0, left)
    if needs and sum(needs) - free <= left:
        assert free + amount >= sum(needs)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 80), st.booleans())))
def test_what_an_account_holds_changes_by_no_request(steps):
    """Taking, settling (for more than was kept, too) and releasing move amounts and leave their sum as it is."""
    account = Account(Rule(1, "organisation", "chu", "", "money", "day", 1000), 0, 86_400)
    account.free = 1000
    for kept, used, settled in steps:
        account.take(kept)
        account.settle(kept, used if settled else 0)
        assert account.held == 1000
    assert account.unwritten == sum(used for _, used, settled in steps if settled)


@given(st.sampled_from(PERIODS), st.integers(0, 4_000_000_000))
def test_periods_follow_each_other_without_a_gap(period, now):
    """Every moment is in one period, and where one ends the next begins."""
    start, until = window_of(period, now)
    assert start <= now < until
    assert window_of(period, start) == window_of(period, until - 1) == (start, until)
    if period != "total":
        assert window_of(period, until)[0] == until


@given(st.floats(0, 1e6), st.floats(0, 1e6), st.integers(0, 10**7), st.integers(0, 10**7), st.integers(0, 10**6))
def test_more_tokens_never_cost_less(price_in, price_out, tokens_in, tokens_out, more):
    """A reservation for more tokens covers fewer, to the millionth."""
    assert cost_of(price_in, price_out, tokens_in, tokens_out) <= cost_of(price_in, price_out, tokens_in + more, tokens_out)
    assert cost_of(price_in, price_out, tokens_in, tokens_out) <= cost_of(price_in, price_out, tokens_in, tokens_out + more)


def test_money_is_rounded_up():
    """Three tokens at 0.10 a million are 0.3 millionths, and count as one."""
    assert cost_of(0.1, 0.0, 3, 0) == 1
