"""Dated figures: on every day of its span a figure has exactly one value, and none outside."""

import datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.errors import Invalid, NotFound
from daffa.packs import Parameters
from daffa.packs.parameters import Dated, Parameter

DAY = datetime.timedelta(days=1)
FIRST = datetime.date(2000, 1, 1)


def made(spans, *, closed=False, written_ends=()):
    """A parameter whose values last as many days as ``spans`` says, numbered; the last is open or closed."""
    values, start = [], FIRST
    for number, days in enumerate(spans):
        end = start + (days - 1) * DAY
        last = number == len(spans) - 1
        says_end = (closed if last else number in written_ends) or None
        values.append(Dated(since=start, until=says_end and end, value=float(number), reference="article 1", source="law-1"))
        start = end + DAY
    return Parameter(name="figure", unit="MAD", title={"fr": "f", "ar": "a", "en": "e"}, values=tuple(values))


spans = st.lists(st.integers(1, 400), min_size=1, max_size=8)


@given(spans=spans, ends=st.sets(st.integers(0, 7)), data=st.data())
def test_each_day_of_the_span_has_exactly_one_value(spans, ends, data):
    """The value on a day is that of the one stretch in which the day lies, whether its end is written or not."""
    parameters = Parameters([made(spans, closed=True, written_ends=ends)])
    day = data.draw(st.integers(0, sum(spans) - 1))
    stretch = next(number for number in range(len(spans)) if day < sum(spans[: number + 1]))
    held = parameters.on("figure", FIRST + day * DAY)
    assert held.value == stretch
    assert held.since <= FIRST + day * DAY


@given(spans=spans, before=st.integers(1, 4000), after=st.integers(1, 4000))
def test_no_day_outside_the_span_has_a_value(spans, before, after):
    """A day before the first value or after the last is refused with the span that is known."""
    parameters = Parameters([made(spans, closed=True)])
    last = FIRST + (sum(spans) - 1) * DAY
    for day in (FIRST - before * DAY, last + after * DAY):
        with pytest.raises(Invalid) as refused:
            parameters.on("figure", day)
        assert refused.value.code == "parameter_not_valid"
        assert refused.value.facts == {"name": "figure", "day": str(day), "first": str(FIRST), "last": str(last)}


@given(spans=spans, after=st.integers(0, 100_000))
def test_an_open_end_holds_for_ever(spans, after):
    """Where the last value has no end, it holds on every later day."""
    start = FIRST + sum(spans[:-1]) * DAY
    assert Parameters([made(spans)]).on("figure", start + after * DAY).value == len(spans) - 1


@given(spans=st.lists(st.integers(2, 400), min_size=2, max_size=8), shift=st.sampled_from([-1, 1]), data=st.data())
def test_a_gap_or_an_overlap_of_one_day_is_refused(spans, shift, data):
    """Values that leave a day out, or give it two values, do not become parameters."""
    whole = made(spans, closed=True, written_ends=range(8))
    place = data.draw(st.integers(1, len(spans) - 1))
    values = list(whole.values)
    values[place] = msgspec.structs.replace(values[place], since=values[place].since + shift * DAY)
    with pytest.raises(Invalid) as refused:
        Parameters([msgspec.structs.replace(whole, values=tuple(values))])
    assert refused.value.facts["field"] == "figure.from"


@given(spans=st.lists(st.integers(2, 50), min_size=2, max_size=6), data=st.data())
def test_values_out_of_order_are_refused(spans, data):
    """Values stand in the order of their days, each day once as a beginning."""
    whole = made(spans)
    order = data.draw(st.permutations(range(len(spans))))
    values = tuple(whole.values[place] for place in order)
    if list(order) == sorted(order):
        assert Parameters([whole])["figure"].values == values
    else:
        with pytest.raises(Invalid):
            Parameters([msgspec.structs.replace(whole, values=values)])


def test_the_last_and_the_first_day_of_the_calendar_are_days():
    """Nothing runs over at the ends of the calendar."""
    value = Dated(since=datetime.date.min, until=datetime.date.max, value=1.0, reference="a", source="law-1")
    figure = Parameter(name="figure", unit="x", title={}, values=(value,))
    parameters = Parameters([figure])
    assert parameters.on("figure", datetime.date.max).value == parameters.on("figure", datetime.date.min).value == 1


def test_an_end_on_the_last_day_of_the_calendar_leaves_room_for_nothing():
    """A value after one that ends on the last day there is, is an overlap and not a crash."""
    first = Dated(since=FIRST, until=datetime.date.max, value=1.0, reference="a", source="law-1")
    second = Dated(since=datetime.date.max, value=2.0, reference="a", source="law-1")
    with pytest.raises(Invalid):
        Parameters([Parameter(name="figure", unit="x", title={}, values=(first, second))])


def test_an_unknown_figure_names_the_known_ones():
    """The error lists what there is."""
    with pytest.raises(NotFound) as unknown:
        Parameters([made([3])]).on("other", FIRST)
    assert unknown.value.facts == {"name": "other", "known": "figure"}


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), [1.0, float("nan")], [[1.0, float("-inf")]], {"a": float("inf")}]
)
def test_a_figure_is_a_finite_number(value):
    """Neither nan nor infinity is a figure of the law."""
    dated = Dated(since=FIRST, value=value, reference="a", source="law-1")
    with pytest.raises(Invalid) as refused:
        Parameters([Parameter(name="figure", unit="x", title={}, values=(dated,))])
    assert refused.value.facts["field"] == "figure.value"
