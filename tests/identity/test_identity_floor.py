"""Floors: what is unsaid is refused, what a key says only narrows, and nothing falls below the organisation's floor."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.decision import Basis, Category, Form, Label, Level, Purpose
from daffa.errors import Invalid
from daffa.identity import read_floor
from daffa.identity.floor import check_narrower, floor_of

SLUGS = st.from_regex(r"[a-z0-9]{1,8}", fullmatch=True)


@st.composite
def floors(draw):
    """The text of a floor: any fields, in any order, said or not."""
    fields = {
        "level": st.sampled_from([level.name.lower() for level in Level]),
        "categories": st.sets(st.sampled_from(Category)).map(",".join),
        "form": st.sampled_from([form.name.lower() for form in Form]),
        "purposes": st.sets(st.sampled_from(Purpose)).map(",".join),
        "basis": st.sets(st.sampled_from(Basis)).map(",".join),
        "owners": st.sets(SLUGS).map(",".join),
        "expires": st.integers(0, 10**12 - 1).map(str),
    }
    said = draw(st.lists(st.sampled_from(sorted(fields)), unique=True))
    return "; ".join(f"{field}={draw(fields[field])}" for field in said)


# Laws


@given(SLUGS, floors(), floors())
def test_a_callers_floor_is_never_below_the_organisations(organisation, organisation_floor, key_floor):
    """Joining the organisation's floor to the caller's changes nothing: it is already there."""
    caller = floor_of(organisation, organisation_floor, key_floor)
    assert caller | read_floor(organisation_floor) == caller
    assert caller | Label.parse(key_floor) == caller
    assert organisation in caller.owners


@given(SLUGS, floors())
def test_a_key_that_says_nothing_inherits(organisation, organisation_floor):
    """An empty key floor adds nothing to the organisation's but its ownership."""
    expected = read_floor(organisation_floor) | Label(owners=frozenset({organisation}))
    assert floor_of(organisation, organisation_floor, "") == expected


@given(floors())
def test_a_floor_is_never_below_the_label_that_it_reads_as(text):
    """Silence raises: the floor of a text is the label of the text, or higher."""
    assert read_floor(text) | Label.parse(text) == read_floor(text)


@given(floors(), floors())
def test_a_key_floor_that_passes_the_check_is_kept_as_said(organisation_floor, key_floor):
    """Where the check lets a key's floor pass, the basis and purposes that it says are those that its caller has."""
    try:
        check_narrower(organisation_floor, key_floor)
    except Invalid:
        return
    caller, said = floor_of("home", organisation_floor, key_floor), Label.parse(key_floor)
    if "basis" in key_floor:
        assert caller.basis == said.basis
    if "purposes" in key_floor:
        assert caller.purposes == said.purposes


# The walk


def test_an_unsaid_basis_is_none_and_unsaid_purposes_leave_out_training():
    """A floor that says nothing grants no legal ground and every purpose but training."""
    floor = read_floor("level=internal")
    assert floor.basis == frozenset()
    assert floor.purposes == frozenset(Purpose) - {Purpose.TRAINING_AI}
    assert floor.level is Level.INTERNAL
    assert read_floor("").form is Form.DEIDENTIFIED


def test_what_is_said_is_taken_as_said():
    """Every basis can be granted, or none, and training too, by naming them."""
    assert read_floor("basis=" + ",".join(Basis)).basis == frozenset(Basis)
    assert read_floor("basis=").basis == frozenset()
    assert read_floor("purposes=training_ai, research").purposes == {Purpose.TRAINING_AI, Purpose.RESEARCH}


def test_a_key_narrows_what_its_organisation_has():
    """Of an organisation with law and consent, a key with consent has consent, and one that is silent has both."""
    organisation = "level=restricted; categories=health; basis=law,consent; purposes=health_care,research"
    narrow = floor_of("chu", organisation, "level=confidential; basis=consent; purposes=research; owners=lab")
    assert narrow.basis == {Basis.CONSENT}
    assert narrow.purposes == {Purpose.RESEARCH}
    assert (narrow.level, narrow.owners) == (Level.CONFIDENTIAL, {"chu", "lab"})
    assert floor_of("chu", organisation, "level=public").level is Level.RESTRICTED
    assert floor_of("chu", organisation, "").basis == {Basis.LAW, Basis.CONSENT}


# The edges


@pytest.mark.parametrize(
    ("organisation", "key", "field"),
    [
        ("", "basis=law", "basis"),
        ("basis=law", "basis=law,consent", "basis"),
        ("", "purposes=training_ai", "purposes"),
        ("purposes=research", "purposes=research,justice", "purposes"),
    ],
)
def test_a_key_that_asks_for_more_is_invalid_yet_never_gets_it(organisation, key, field):
    """A basis or purpose beyond the organisation's is refused by name; the join alone would not grant it either."""
    with pytest.raises(Invalid) as caught:
        check_narrower(organisation, key)
    assert caught.value.facts["field"] == field
    assert getattr(floor_of("home", organisation, key), field) <= getattr(read_floor(organisation), field)


@pytest.mark.parametrize(
    "text", ["nonsense", "level=9", "basis=magic", "level=secret; level=public", "Basis=law", "=", "expires=soon"]
)
def test_a_floor_that_does_not_read_is_invalid(text):
    """A floor is refused by the same words as a label."""
    with pytest.raises(Invalid) as caught:
        read_floor(text)
    assert caught.value.code == "invalid_label"
