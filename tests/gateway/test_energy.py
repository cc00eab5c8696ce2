"""The estimate of energy: its dimension, its shape, and that what was measured wins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.gateway import Model, watt_hours
from daffa.gateway.energy import watt_hours_per_token

SIZES = st.floats(1e8, 1e12)


def model(**fields: float) -> Model:
    """A model of which nothing else matters."""
    return Model("m", "openai", "http://127.0.0.1:9/v1", "m", "rabat", **fields)


def test_the_dimension_is_watt_hours_of_an_answer():
    """An answer of 400 tokens takes hundredths of a watt-hour of 24 thousand million parameters, tenths to a few of 405."""
    assert 0.005 < watt_hours(model(params_active=24e9), 400) < 0.5
    assert 0.1 < watt_hours(model(params_active=405e9), 400) < 5


def test_one_figure_by_hand():
    """8 thousand million parameters fit into one GPU: its energy, and an eighth of a server for a 64th of a token's time."""
    gpu = 1.1665273170451914e-06 * 0.4881144 * 8 + 4.052928146734005e-05
    seconds = 0.0006785088094353663 * 8 + 0.0003119310311688259 * 64 + 0.019473717579473387
    assert watt_hours_per_token(8e9) == pytest.approx(1.54 * (gpu + seconds / 3600 * 1200 / 8 / 64), rel=1e-5)


@given(SIZES, SIZES, st.integers(0, 100_000))
def test_more_parameters_and_more_tokens_never_take_less(one: float, other: float, tokens: int):
    """It grows with the size, is in proportion to the tokens, and is nothing for no token."""
    small, large = sorted((one, other))
    assert watt_hours_per_token(small) <= watt_hours_per_token(large)
    whole = watt_hours(model(params_active=small), tokens)
    assert whole == pytest.approx(tokens * watt_hours(model(params_active=small), 1))
    assert watt_hours(model(params_active=small), 0) == 0


def test_what_was_measured_wins_and_what_is_not_known_is_nothing():
    """``energy_out`` is in watt-hours per million tokens; without it and without parameters there is no estimate."""
    assert watt_hours(model(params_active=24e9, energy_out=150.0), 2000) == pytest.approx(0.3)
    assert watt_hours(model(), 2000) == 0
