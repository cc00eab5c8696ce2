"""The circuit breaker: laws that hold whatever happens in whatever order, then each way in and out of each state."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import settings
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, precondition, rule

from daffa.gateway.breaker import Breaker, Limits, State
from daffa.gateway.health import Health

LIMITS = Limits(failures=3, share=0.5, least=8, window=10.0, rest=2.0, longest=30.0, saturation=1.0)


class Clock:
    """Time that a test moves, and chance that it chooses."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.luck = 0.0

    def __call__(self) -> float:
        return self.now

    def chance(self) -> float:
        return self.luck


class Anything(RuleBasedStateMachine):
    """Requests begin and end in any order, while time passes and somebody looks at the server."""

    begun: Any = Bundle("begun")

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.breaker = Breaker(LIMITS, self.clock, self.clock.chance)
        self.trial: int | None = None
        self.rests = 0

    @rule(seconds=st.one_of(st.floats(0, 5), st.floats(0, 100)), luck=st.floats(0, 0.999))
    def time_passes(self, seconds: float, luck: float) -> None:
        self.clock.now += seconds
        self.clock.luck = luck

    @rule(target=begun)
    def begin(self) -> int | None:
        state, wait, trial = self.breaker.state, self.breaker.wait, self.trial
        era = self.breaker.begin()
        assert (era is not None) == (wait == 0)
        if state in (State.OPEN, State.SATURATED):
            assert era is None
        if state is State.CLOSED:
            assert era is not None
        if state is State.HALF_OPEN and era is not None:
            assert trial is None, "two trials at once"
            self.trial = era
        return era

    def ended(self, era: int | None, how: Any) -> None:
        """Whether what ended counted, the state must make sense afterwards."""
        if era is None:
            return
        before, opened, wait = self.breaker.state, self.breaker.opened, self.breaker.wait
        how(era)
        if era == self.trial:
            self.trial = None
        after = self.breaker.state
        if self.breaker.opened > opened:
            assert after is State.OPEN
            self.check_rest(wait)
        elif before is State.OPEN:
            assert after is State.OPEN, "what began before it opened cannot close it"

    def check_rest(self, before: float = 0.0) -> None:
        """It rests as long as the limits say; longer where it had ``before`` to wait for what its server named."""
        rest = self.breaker.wait
        assert 0.75 * LIMITS.rest - 1e-6 <= rest <= LIMITS.longest + 1e-6
        longest = max(min(LIMITS.rest * 2.0**self.rests, LIMITS.longest), before)
        assert rest <= longest + 1e-6
        self.rests += 1

    @rule(era=consumes(begun))
    def succeeded(self, era: int | None) -> None:
        trial, before = era is not None and era == self.trial, self.breaker.opened
        self.ended(era, self.breaker.succeeded)
        assert self.breaker.opened == before
        if trial:
            assert self.breaker.state is State.CLOSED
            self.rests = 0

    @rule(era=consumes(begun))
    def failed(self, era: int | None) -> None:
        trial = era is not None and era == self.trial
        self.ended(era, self.breaker.failed)
        if trial:
            assert self.breaker.state is State.OPEN

    @rule(era=consumes(begun), seconds=st.one_of(st.none(), st.floats(0, 1e6)))
    def saturated(self, era: int | None, seconds: float | None) -> None:
        trial, before = era is not None and era == self.trial, self.breaker.opened
        self.ended(era, lambda era: self.breaker.saturated(era, seconds))
        assert self.breaker.opened == before
        if self.breaker.state is State.SATURATED:
            assert self.breaker.wait <= LIMITS.longest + 1e-6
        if trial:
            self.rests = 0

    @rule(era=consumes(begun))
    def left(self, era: int | None) -> None:
        before = self.breaker.state
        self.ended(era, self.breaker.left)
        assert self.breaker.state is before

    @precondition(lambda self: self.breaker.due)
    @rule(reached=st.booleans())
    def looked(self, reached: bool) -> None:
        self.breaker.looked(reached)
        assert not self.breaker.due
        assert self.breaker.state is (State.HALF_OPEN if reached else State.OPEN)
        if not reached:
            self.check_rest()

    @invariant()
    def it_never_rests_for_ever(self) -> None:
        assert 0 <= self.breaker.wait <= LIMITS.longest + 1e-6


TestAnything = Anything.TestCase
TestAnything.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@pytest.fixture
def clock() -> Clock:
    """Time that stands still until it is moved."""
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    """A closed breaker."""
    return Breaker(LIMITS, clock, clock.chance)


def fail(breaker: Breaker, times: int = 1) -> None:
    """Requests that are let through and fail."""
    for _ in range(times):
        era = breaker.begin()
        assert era is not None
        breaker.failed(era)


def succeed(breaker: Breaker, times: int = 1) -> None:
    """Requests that are let through and answered."""
    for _ in range(times):
        era = breaker.begin()
        assert era is not None
        breaker.succeeded(era)


def test_failures_in_a_row_open_it(breaker: Breaker):
    """Two failures are borne, a success between counts them anew, and the third in a row opens it."""
    fail(breaker, 2)
    succeed(breaker)
    fail(breaker, 2)
    assert breaker.state is State.CLOSED
    fail(breaker)
    assert (breaker.state, breaker.begin(), breaker.opened) == (State.OPEN, None, 1)


def test_a_large_share_of_failures_opens_it(breaker: Breaker):
    """Every other request failing never makes three in a row, and still opens it, once there are enough of them."""
    for turn in range(4):
        assert breaker.state is State.CLOSED, turn
        succeed(breaker)
        fail(breaker)
    assert breaker.state is State.OPEN


def test_failures_of_long_ago_do_not_count(breaker: Breaker, clock: Clock):
    """The same failures, spread over more than the window, leave it closed."""
    for _ in range(20):
        succeed(breaker)
        fail(breaker)
        clock.now += 2.6 * LIMITS.window / 3
    assert breaker.state is State.CLOSED


def test_each_rest_is_twice_as_long_up_to_a_limit(breaker: Breaker, clock: Clock):
    """A trial that fails doubles the rest; a trial that succeeds makes the next one short again."""
    fail(breaker, 3)
    rests = []
    for _ in range(6):
        rests.append(breaker.wait)
        clock.now += breaker.wait
        fail(breaker)
    assert rests == pytest.approx([2.0, 4.0, 8.0, 16.0, 30.0, 30.0])
    clock.now += breaker.wait
    succeed(breaker)
    fail(breaker, 3)
    assert breaker.wait == pytest.approx(2.0)


def test_chance_shortens_a_rest_by_a_quarter_at_most(breaker: Breaker, clock: Clock):
    """Many workers that saw the same failure do not come back in the same moment."""
    clock.luck = 0.999
    fail(breaker, 3)
    assert breaker.wait == pytest.approx(1.5, abs=0.01)


def test_saturation_is_no_failure(breaker: Breaker, clock: Clock):
    """However often a server says that it has too much to do, its breaker does not open; it is left alone until then."""
    for _ in range(10):
        era = breaker.begin()
        assert era is not None
        breaker.saturated(era, 4.0)
        assert (breaker.state, breaker.begin()) == (State.SATURATED, None)
        clock.now += 4.0
    assert (breaker.state, breaker.opened) == (State.CLOSED, 0)
    era = breaker.begin()
    assert era is not None
    breaker.saturated(era, None)
    assert breaker.wait == pytest.approx(LIMITS.saturation)


def test_a_breaker_that_bears_everything_never_opens(clock: Clock):
    """With a limit of no failures at all it is switched off."""
    breaker = Breaker(Limits(failures=0), clock, clock.chance)
    fail(breaker, 200)
    assert breaker.state is State.CLOSED


def test_health_speaks_of_models(clock: Clock):
    """Each model has a breaker of its own; the mean time to the first byte moves by a fifth of the difference."""
    health = Health(clock, clock.chance, LIMITS)
    for _ in range(3):
        turn = health.begin("a")
        assert turn is not None
        turn.failed()
    assert (health.begin("a"), health.failing("a"), health.failing("b")) == (None, True, False)
    assert (health.state("a"), health.state("b")) == (State.OPEN, State.CLOSED)
    for seconds in (1.0, 2.0):
        turn = health.begin("b")
        assert turn is not None
        turn.succeeded(seconds)
    assert health.seconds == {"b": pytest.approx(1.2)}
    clock.now += health.wait("a")
    assert list(health.due()) == ["a"]
    health.looked("a", reached=False)
    assert (list(health.due()), health.opened) == ([], {"a": 2, "b": 0})
