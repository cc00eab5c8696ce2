"""Laws of the sums: what is parted is whole, what is cut off never helps, and a cut of nothing changes nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.decision import Actor, Basis, Category, Label, Level, Place, Purpose
from daffa.gateway import Model
from daffa.observatory import (
    EVERY_STATE,
    KINDS,
    Catalogue,
    Cut,
    Flow,
    Recorded,
    measure,
    run_drill,
    sum_usage,
)
from daffa.policy import Bundle

NOW = 1_763_812_800
LAW = Bundle.read(Path(__file__).resolve().parents[2] / "policies" / "ma")
IDS = ["rabat", "paris", "virginia", "beijing"]
STATES = ["MA", "FR", "US", "CN"]
URLS = ["http://10.0.0.1/v1", "https://api.openai.com/v1", "https://api.mistral.ai/v1"]

flows = st.lists(
    st.builds(
        Flow,
        time=st.integers(NOW - 90 * 86_400, NOW),
        place=st.sampled_from([*IDS, "", "of old"]),
        allowed=st.booleans(),
        status=st.sampled_from(["answered", "failed", ""]),
        decisions=st.integers(1, 50),
        tokens_in=st.integers(0, 10_000),
        tokens_out=st.integers(0, 10_000),
        model=st.sampled_from([None, "m0", "m1", "of old"]),
        organisation=st.sampled_from([None, "chu", "tax"]),
    ),
    max_size=12,
)


@st.composite
def catalogues(draw):
    """Places of some states, some of which nothing is known, and models at them."""
    places = {}
    for name in draw(st.lists(st.sampled_from(IDS), unique=True, max_size=4)):
        state = draw(st.sampled_from(STATES))
        reach = draw(st.frozensets(st.sampled_from(STATES), max_size=2))
        known = {"hw": state, "operator": state, "reach": reach, "qual": 2, "trains": False, "retention_days": 0}
        places[name] = Place(id=name, **(known if draw(st.booleans()) else {}))
    models = {}
    for number in range(draw(st.integers(0, 5)) if places else 0):
        name = f"m{number}"
        models[name] = Model(
            id=name,
            wire="openai",
            url=draw(st.sampled_from(URLS)),
            upstream_model=name,
            place=draw(st.sampled_from(sorted(places))),
            price_in=draw(st.sampled_from([0.0, 0.1, 2.0])),
            price_out=draw(st.sampled_from([0.0, 0.3])),
            context=draw(st.sampled_from([0, 1000])),
            fallback=tuple(draw(st.lists(st.sampled_from(sorted(models)), unique=True, max_size=2))) if models else (),
        )
    return Catalogue.at(NOW, LAW, places, models, "USD")


recorded = st.builds(
    Recorded,
    index=st.integers(0, 1000),
    time=st.just(float(NOW)),
    purpose=st.sampled_from(Purpose),
    label=st.builds(
        Label,
        level=st.sampled_from([Level.PUBLIC, Level.INTERNAL, Level.RESTRICTED, Level.CONFIDENTIAL]),
        categories=st.frozensets(st.sampled_from(Category), max_size=2),
        basis=st.frozensets(st.sampled_from(Basis), max_size=2),
    ),
    actor=st.builds(
        Actor, id=st.just("key:1"), organisation=st.sampled_from(["chu", "tax"]), roles=st.just(frozenset({"agent"}))
    ),
    asked=st.sampled_from(["auto", "m0", "m1", "of old"]),
    model=st.sampled_from(["", "m0", "m1", "m2", "of old"]),
    place=st.just(""),
    evaluated=st.booleans(),
    tokens_in=st.integers(0, 2000),
    tokens_out=st.integers(0, 200),
)
requests = st.lists(recorded, max_size=8)
cuts = st.frozensets(st.sampled_from(IDS))


@given(flows, catalogues(), st.sampled_from(KINDS))
def test_usage_is_parted_and_nothing_falls_out(some, catalogue, by):
    """The rows of usage add up to its total, whatever it is parted by, and the total is the sum of what went in."""
    used = sum_usage(some, by, catalogue)
    assert len({row.key for row in used.rows}) == len(used.rows)
    for name in ("requests", "failed", "refused", "tokens_in", "tokens_out", "unpriced", "unmetered"):
        assert sum(getattr(row, name) for row in used.rows) == getattr(used.total, name)
    assert sum(row.money for row in used.rows) == pytest.approx(used.total.money)
    assert sum(row.energy for row in used.rows) == pytest.approx(used.total.energy)
    assert used.total.requests + used.total.refused == sum(flow.decisions for flow in some)


@given(flows, catalogues())
def test_shares_of_a_partition_sum_to_one(some, catalogue):
    """By operator and by vendor each measure adds up to the whole; the index lies between evenly spread and all in one hand."""
    found = measure(some, catalogue)
    for kind, rows in (("operator", found.operator), ("vendor", found.vendor)):
        assert sum(row.amount.requests for row in rows) == found.total.requests
        for name in ("requests", "tokens", "money"):
            parts = [getattr(row, f"of_{name}") for row in rows]
            whole = getattr(found.total, name)
            assert sum(parts) == pytest.approx(1.0 if whole else 0.0)
            index = found.concentration[kind][name]
            assert not whole or 1 / len(rows) - 1e-9 <= index <= 1 + 1e-9


@given(flows, catalogues())
def test_reach_holds_the_operator_and_home_is_what_no_other_law_reaches(some, catalogue):
    """A state reaches at least what its operators run; what is national and what some foreign state reaches is all there is."""
    found = measure(some, catalogue)
    reach = {row.key: row for row in found.reach if row.kind == "state"}
    for row in found.operator:
        if row.kind == "state" and row.key in reach:
            assert row.amount.requests <= reach[row.key].amount.requests
    foreign = [row for row in found.reach if row.foreign]
    assert found.national.amount.requests + sum(row.amount.requests for row in foreign) >= found.total.requests
    assert all(row.amount.requests + found.national.amount.requests <= found.total.requests for row in foreign)
    assert set(found.gone) == {row.key for row in found.vendor if row.kind == "gone"}
    unknown = [
        name for name in catalogue.places if catalogue.everybodys(name) and any(f.place == name and f.allowed for f in some)
    ]
    assert (EVERY_STATE in reach) is bool(unknown)


@given(flows, catalogues())
def test_months_add_up(some, catalogue):
    """The months hold all that the whole period holds."""
    found = measure(some, catalogue)
    assert sum(month.amount.requests for month in found.months) == found.total.requests
    assert sum(month.refused for month in found.months) == found.refused
    assert sum(month.national.amount.tokens for month in found.months) == found.national.amount.tokens
    assert [month.month for month in found.months] == sorted({month.month for month in found.months})


@settings(deadline=None)
@given(requests, catalogues())
def test_cutting_nothing_changes_nothing(some, catalogue):
    """Without a cut every request goes where it went before, at the same price, and nobody loses anything."""
    found = run_drill(some, catalogue, frozenset(), ("price",))
    assert found.fates["kept"] + found.fates["without"] == found.asked == len(some)
    assert found.before == found.after
    assert (found.price_before, found.price_lost) == (found.price_after, 0)
    assert (found.examples, found.rules) == ((), {})


@settings(deadline=None)
@given(requests, catalogues(), cuts, cuts)
def test_cutting_more_never_helps(some, catalogue, cut, more):
    """Whoever is not answered after a cut is not answered after a larger one; nobody is sent to a place that is cut off."""
    small, large = run_drill(some, catalogue, cut, ("home",)), run_drill(some, catalogue, cut | more, ("home",))
    assert large.fates["kept"] + large.fates["moved"] <= small.fates["kept"] + small.fates["moved"]
    assert large.fates["lost"] >= small.fates["lost"]
    assert large.fates["kept"] <= small.fates["kept"]
    assert (large.fates["without"], large.drifted) == (small.fates["without"], small.drifted)
    assert not set(large.after) & (cut | more)
    for request in some:
        alone, worse = (run_drill([request], catalogue, gone, ("home",)) for gone in (cut, cut | more))
        assert not (worse.fates["kept"] and not alone.fates["kept"])


@settings(deadline=None)
@given(requests, catalogues(), cuts)
def test_every_request_meets_one_fate(some, catalogue, cut):
    """The fates add up to what was asked, as a whole and by organisation and purpose, in whatever order requests come."""
    found = run_drill(some, catalogue, cut, ("price", "home"))
    assert sum(found.fates.values()) == found.asked == len(some)
    for groups in (found.organisations, found.purposes):
        for fate, number in found.fates.items():
            assert sum(group.fates[fate] for group in groups) == number
    turned = run_drill(reversed(some), catalogue, cut, ("price", "home"))
    assert turned.price_after == pytest.approx(found.price_after)
    assert replace(turned, examples=(), rules={}, before={}, after={}, price_before=0, price_after=0, price_lost=0) == replace(
        found, examples=(), rules={}, before={}, after={}, price_before=0, price_after=0, price_lost=0
    )
    assert len(found.examples) == min(3, len({(e.organisation, e.purpose, e.label, e.named) for e in found.examples}))


@given(catalogues(), st.sampled_from(STATES))
def test_a_cut_by_reach_takes_all_that_a_state_reaches(catalogue, state):
    """What its operators run is among what a state's law reaches; a place of which nothing is known is reached by all."""
    reach, operator = (Cut(**{name: (state,)}).places(catalogue.places) for name in ("reach", "operator"))
    assert operator <= reach
    assert {name for name in catalogue.places if catalogue.everybodys(name)} <= reach


@given(catalogues(), flows)
def test_what_the_own_assistant_was_asked_changes_no_share(catalogue, before):
    """Questions to the house's own assistant leave the measure of dependence as it was: nobody served them."""
    house = Place(id="house", hw="MA", operator="MA", reach=frozenset({"MA"}), trains=False)
    own = Model(id="daffa", wire="assistant", url="", upstream_model="daffa", place="house")
    with_it = Catalogue.at(NOW, LAW, {**catalogue.places, "house": house}, {**catalogue.models, "daffa": own}, "USD")
    asked = [
        Flow(
            time=NOW,
            place="house",
            allowed=True,
            status="answered",
            decisions=7,
            tokens_in=9,
            tokens_out=9,
            model="daffa",
            organisation="chu",
        )
    ]
    assert measure([*before, *asked], with_it) == measure(before, with_it)
