"""The label and its join."""

import pytest
from decision_strategies import labels
from hypothesis import given
from hypothesis import strategies as st

from daffa.decision import NEUTRAL, Basis, Category, Form, Label, Level, Purpose
from daffa.errors import Invalid


@given(labels, labels, labels)
def test_join_is_a_semilattice(a: Label, b: Label, c: Label):
    """The join is associative, commutative and idempotent, and NEUTRAL is its identity."""
    assert (a | b) | c == a | (b | c)
    assert a | b == b | a
    assert a | a == a
    assert a | NEUTRAL == a


@given(labels, labels)
def test_join_never_lowers(a: Label, b: Label):
    """What is joined is at least as high as either part in every field."""
    both = a | b
    assert both.level >= a.level
    assert both.form >= a.form
    assert both.categories >= a.categories
    assert both.owners >= a.owners
    assert both.purposes <= a.purposes
    assert both.basis <= a.basis
    assert a.expires is None or (both.expires is not None and both.expires <= a.expires)


@given(labels)
def test_a_label_survives_being_written_and_read(label: Label):
    """Parse reads what str writes."""
    assert Label.parse(str(label)) == label


@given(st.text())
def test_any_header_is_read_or_refused_by_name(text: str):
    """Any text is a label or an error that names the field and the expectation."""
    try:
        label = Label.parse(text)
    except Invalid as error:
        code, expected = error.code, error.facts["expected"]
    else:
        code, expected = "invalid_label", label
    assert (code, bool(expected)) == ("invalid_label", True)


def test_the_header_of_the_documentation_is_read():
    """Fields come in any order and what is not said stays neutral."""
    label = Label.parse("basis=law; level=confidential; categories=health, personal")
    assert label == Label(Level.CONFIDENTIAL, frozenset({Category.HEALTH, Category.PERSONAL}), basis=frozenset({Basis.LAW}))
    assert label.form is Form.DEIDENTIFIED
    assert label.purposes == frozenset(Purpose)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("level=top", "level"),
        ("level=7", "level"),
        ("level", "level"),
        ("level=1; level=0", "level"),
        ("levle=1", "levle"),
        ("categories=health,astrology", "categories"),
        ("form=cooked", "form"),
        ("purposes=gossip", "purposes"),
        ("basis=because", "basis"),
        ("owners=a b", "owners"),
        ("owners=a\r\nX-Forged: 1", "owners"),
        ("expires=tomorrow", "expires"),
        ("expires=-1", "expires"),
    ],
)
def test_a_bad_label_names_its_field(text: str, field: str):
    """Each mistake is refused with the name of its field."""
    with pytest.raises(Invalid) as raised:
        Label.parse(text)
    assert raised.value.facts["field"] == field


def test_a_set_may_be_written_by_what_it_lacks():
    """``!`` names what is not in the set; the two ways of writing are not mixed."""
    assert Label.parse("purposes=!training_ai").purposes == frozenset(Purpose) - {Purpose.TRAINING_AI}
    assert str(Label.parse("purposes=!training_ai")) == "level=public; purposes=!training_ai"
    with pytest.raises(Invalid):
        Label.parse("purposes=!training_ai,research")


def test_an_empty_set_is_said_and_not_forgotten():
    """``basis=`` says that there is no legal ground, which is not the same as saying nothing."""
    assert Label.parse("basis=").basis == frozenset()
    assert Label.parse("").basis == frozenset(Basis)
