"""Who is tried again: other models first, then the same within its attempts and its budget, and never what cannot help."""

from __future__ import annotations

import random

import hypothesis.strategies as st
import pytest
from hypothesis import given

from daffa.errors import Unavailable
from daffa.gateway.breaker import Limits, State
from daffa.gateway.health import Health
from daffa.gateway.retrying import Budgets, Patience, Tries, saturation, seconds_of, worth_retrying

RESET = Unavailable("upstream_unreachable", reason="ConnectionResetError")
UNREADABLE = Unavailable("upstream_unreadable", status=200)


def tries(*models: str, attempts: int = 2, share: float = 0.2, health: Health | None = None) -> Tries:
    """The tries of one request."""
    patience = dict.fromkeys(models, Patience(attempts=attempts))
    return Tries(models, patience, health or Health(lambda: 0.0, limits=Limits(failures=0)), Budgets(share), lambda: 0.0)


async def walked(tries: Tries, error: Unavailable, *, most: int = 50) -> list[str]:
    """Who is asked where everybody fails."""
    asked = []
    while (turn := await tries.next()) is not None and len(asked) < most:
        asked.append(turn.model)
        turn.failed()
        tries.failed(turn, error)
    return asked


@given(st.floats(0.01, 1.0), st.lists(st.integers(0, 3), max_size=300))
def test_retries_stay_below_a_share_of_the_requests(share: float, wishes: list[int]):
    """However many retries each request wishes, they never exceed the reserve and the share of the requests."""
    budgets, retries = Budgets(share), 0
    for requests, wished in enumerate(wishes, 1):
        budgets.asked("dead")
        retries += sum(budgets.take("dead") for _ in range(wished))
        assert retries <= 5 + share * requests + 1e-9


def test_without_a_share_there_are_no_retries():
    """A share of nothing switches retries off, the reserve included."""
    budgets = Budgets(0.0)
    budgets.asked("a")
    assert not budgets.take("a")


async def test_every_model_is_tried_before_one_is_tried_again():
    """Other models come first; then each once more, in the same order."""
    assert await walked(tries("a", "b", "c"), RESET) == ["a", "b", "c", "a", "b", "c"]


async def test_what_cannot_help_is_not_tried_again():
    """An answer that is none would be none again; nor does a certificate get better in a moment."""
    assert await walked(tries("a", "b"), UNREADABLE) == ["a", "b"]
    certificate = Unavailable("upstream_unreachable", reason="SSLCertVerificationError")
    assert await walked(tries("a", "b"), certificate) == ["a", "b"]


async def test_the_budget_of_a_dead_model_ends():
    """A hundred requests to a model that is dead make a hundred tries and hardly more."""
    health, budgets = Health(lambda: 0.0, limits=Limits(failures=0)), Budgets(0.1)
    asked = 0
    for _ in range(100):
        one = Tries(["a"], {"a": Patience(attempts=3)}, health, budgets, lambda: 0.0)
        one._paused = _at_once(one)  # type: ignore[method-assign]
        asked += len(await walked(one, RESET))
    assert 105 <= asked <= 115


def _at_once(tries: Tries):
    async def paused(name: str) -> bool:
        return tries._budgets.take(name)

    return paused


async def test_a_model_that_rests_is_passed_over():
    """While its breaker is open nobody asks it; where it is the only one, the client hears when to come back."""
    now = [0.0]
    health = Health(lambda: now[0], limits=Limits(failures=2, rest=7.0))
    assert await walked(tries("a", "b", attempts=1, health=health), RESET) == ["a", "b"]
    assert await walked(tries("a", attempts=1, health=health), RESET) == ["a"]
    resting = tries("a", attempts=3, health=health)
    assert await walked(resting, RESET) == []
    given_up = resting.given_up()
    assert (given_up.code, given_up.facts["resting"], given_up.facts["retry_after"]) == ("models_resting", "a", 7)
    assert await walked(tries("a", "b", attempts=1, health=health), RESET) == ["b"]
    now[0] = 7.0
    assert (health.state("a"), await walked(tries("a", health=health, attempts=1), RESET)) == (State.HALF_OPEN, ["a"])


async def test_whoever_named_a_moment_is_waited_for():
    """A server that has too much to do for a moment is asked again after it, if nobody else answers."""
    health = Health(_wall(), limits=Limits(failures=0))
    one = tries("a", health=health)
    turn = await one.next()
    assert turn is not None
    turn.saturated(0.05)
    one.failed(turn, Unavailable("upstream_failed", status=429, retry_after=0.05))
    again = await one.next()
    assert again is not None
    assert again.model == "a"


def _wall():
    import time

    return time.monotonic


async def test_nobody_waits_for_long():
    """A server that asks for a minute is not waited for: the client hears of the minute."""
    health = Health(lambda: 0.0, limits=Limits(failures=0))
    one = tries("a", health=health)
    turn = await one.next()
    assert turn is not None
    turn.saturated(60.0)
    one.failed(turn, Unavailable("upstream_failed", status=429, retry_after=60.0))
    assert await one.next() is None
    assert one.given_up().facts == {"tried": "a", "retry_after": 60}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_statuses_of_the_moment_are_worth_a_retry(status: int):
    """Too much to do, a failure of the server's own, a gateway of its own that found nobody."""
    assert worth_retrying(Unavailable("upstream_failed", status=status))


@pytest.mark.parametrize("status", [302, 401, 403, 404, 451, 501])
def test_other_statuses_are_not(status: int):
    """What is refused, moved or unknown is so again."""
    assert not worth_retrying(Unavailable("upstream_failed", status=status))


def test_saturation_is_what_the_server_says():
    """429 always is, 503 where it names a time, 500 never."""
    assert saturation(Unavailable("upstream_failed", status=429)) == (True, None)
    assert saturation(Unavailable("upstream_failed", status=503, retry_after=3.0)) == (True, 3.0)
    assert saturation(Unavailable("upstream_failed", status=503))[0] is False
    assert saturation(Unavailable("upstream_failed", status=500, retry_after=3.0))[0] is False
    assert saturation(RESET)[0] is False


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7.0),
        (" 120 ", 120.0),
        ("Thu, 01 Jan 1970 00:01:00 GMT", 50.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("-1", None),
        ("1.5", None),
        ("٧", None),
        ("9" * 400, 999_999_999.0),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str, seconds: float | None):
    """Whatever else stands there says nothing."""
    assert seconds_of(header, 10.0) == seconds


@given(st.text(max_size=60))
def test_no_header_breaks_the_reader(header: str):
    """Any text is read to seconds that are not negative, or to nothing."""
    found = seconds_of(header, random.random() * 1e10)
    assert found is None or found >= 0
