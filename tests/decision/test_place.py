"""Places, their evidence and their worst values."""

import pytest
from decision_strategies import places
from hypothesis import given

from daffa.decision import FOREVER, STATES, UNKNOWN, Evidence, KeyHolder, Place
from daffa.errors import Invalid


@given(places)
def test_reach_contains_hardware_and_operator(place: Place):
    """The law of the soil and the law of the operator always reach a place."""
    assert {place.hw, place.operator} <= place.reach


@given(places)
def test_a_place_without_evidence_counts_as_declared(place: Place):
    """A declared place is itself where declarations count, and the worst place where they do not."""
    assert place.effective(0) == place
    worst = place.effective(0, accept_declared=False)
    assert worst == Place(place.id)


def test_expired_evidence_counts_as_the_worst_value():
    """An attribute is worth the worst from the instant at which its evidence ends."""
    shown = {name: Evidence("paper", 100) for name in ("hw", "reach", "qual", "key", "retention_days", "trains")}
    place = Place(
        "rabat", hw="MA", region="MA-04", operator="MA", reach=frozenset({"MA"}), qual=2, key=KeyHolder.STATE,
        retention_days=0, trains=False, evidence=shown,
    )  # fmt: skip
    assert place.effective(99) == Place(
        "rabat", "MA", "MA-04", "MA", frozenset({"MA"}), 2, key=KeyHolder.STATE, retention_days=0, trains=False
    )
    lost = place.effective(100)
    assert (lost.hw, lost.region, lost.operator) == (UNKNOWN, "", "MA")
    assert lost.reach >= STATES
    assert (lost.qual, lost.key, lost.retention_days, lost.trains) == (0, KeyHolder.PROVIDER, FOREVER, True)


def test_unshown_attributes_stay_when_one_loses_its_evidence():
    """Only the attribute whose evidence ran out is lost."""
    place = Place("p", hw="MA", operator="MA", reach=frozenset({"MA"}), qual=2, evidence={"qual": Evidence("decree", 5)})
    assert place.effective(5) == Place("p", hw="MA", operator="MA", reach=frozenset({"MA"}), qual=0)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"hw": "XX"}, "place.hw"),
        ({"operator": "morocco"}, "place.operator"),
        ({"reach": frozenset({"EU"})}, "place.reach"),
        ({"hw": "MA", "region": "FR-IDF"}, "place.region"),
        ({"qual": 3}, "place.qual"),
        ({"seal": 5}, "place.seal"),
        ({"retention_days": -1}, "place.retention_days"),
        ({"evidence": {"colour": Evidence("x", 1)}}, "place.evidence"),
    ],
)
def test_a_bad_place_names_its_field(fields: dict, field: str):
    """A place with a value that cannot be is refused by field."""
    with pytest.raises(Invalid) as raised:
        Place("p", **fields)
    assert raised.value.facts["field"] == field
