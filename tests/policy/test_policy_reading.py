"""A question as JSON: it comes back as it went, and what does not fit is named."""

from __future__ import annotations

import copy
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.decision import FOREVER, STATES, UNKNOWN, Actor, Door, Evidence, Form, KeyHolder, Label, Level, Place, Purpose, ask
from daffa.errors import Invalid
from daffa.policy import NOW, Second, question_json, random_questions, read_place, read_question

PARIS = Place("paris", hw="FR", operator="FR", reach=frozenset({"FR"}), trains=False)
ASKED = {
    "door": "gateway",
    "purpose": "health_care",
    "label": "level=confidential; categories=health,personal; basis=law",
    "place": "paris",
    "actor": {"organisation": "hospital", "roles": ["agent"]},
}


def test_a_question_is_read_from_plain_json():
    """The header's label, a known place and an actor make a question; what is left out is the neutral or false value."""
    label = Label.parse(ASKED["label"])
    actor = Actor("", "hospital", frozenset({"agent"}))
    expected = ask(Door.GATEWAY, Purpose.HEALTH_CARE, label, PARIS, actor, NOW)
    assert read_question(ASKED, {"paris": PARIS}, NOW) == expected


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_a_question_comes_back_as_it_went(shared_law, seed):
    """question_json and read_question are inverse, through real JSON, on any question whose names are texts."""
    for question in random_questions(random.Random(seed), 20, shared_law.table.rules, shared_law.country):
        said = question_json(question)
        names = [question.actor.organisation, *question.actor.roles]
        if all(name.strip() and "\u0000" not in name for name in names):
            assert read_question(json.loads(json.dumps(said)), {}, NOW) == question


def test_the_label_may_be_an_object():
    """An object says the same label as the header text, level by name or number."""
    places = {"paris": PARIS}
    label = {"level": "confidential", "categories": ["health", "personal"], "basis": ["law"]}
    assert read_question({**ASKED, "label": label}, places, NOW) == read_question(ASKED, places, NOW)
    numbered = read_question({**ASKED, "label": {"level": 3, "form": 2, "expires": None}}, places, NOW).label
    assert (numbered.level, numbered.form, numbered.expires) == (Level.CONFIDENTIAL, Form.RAW, None)


def test_a_place_that_says_nothing_is_the_worst_place():
    """What a place leaves out has the worst value."""
    place = read_question({**ASKED, "place": {}}, {}, NOW).place
    assert (place.hw, place.operator, place.key, place.retention_days, place.trains) == (
        UNKNOWN,
        UNKNOWN,
        KeyHolder.PROVIDER,
        FOREVER,
        True,
    )
    assert place.reach >= STATES


def test_evidence_that_has_run_out_is_worth_the_worst():
    """A date of evidence lasts to the end of its day (UTC); from then on the attribute has its worst value."""
    place = {"hw": "MA", "operator": "MA", "evidence": {"hw": {"source": "a.pdf", "until": "2027-06-30"}}}
    end = 1_814_400_000  # 2027-07-01T00:00:00Z
    assert read_place(place).evidence["hw"] == Evidence("a.pdf", end)
    for now, hw in ((end - 1, "MA"), (end, UNKNOWN)):
        assert read_question({**ASKED, "place": place}, {}, now).place.hw == hw


def test_a_declaration_counts_only_where_the_law_accepts_it():
    """Without accept_declared, an attribute that nothing shows has its worst value, for known places too."""
    assert read_question(ASKED, {"paris": PARIS}, NOW).place.hw == "FR"
    assert read_question(ASKED, {"paris": PARIS}, NOW, accept_declared=False).place.hw == UNKNOWN


@pytest.mark.parametrize(
    ("until", "seconds"),
    [(7, 7), ("1970-01-02T00:00:00+01:00", 82_800), ("1970-01-02T00:00:00", 86_400), ("1970-01-01", 86_400)],
)
def test_an_instant_may_be_written_in_several_ways(until, seconds):
    """Unix seconds, a date with a time and its zone (UTC where none), or a day, which lasts until its end."""
    assert read_place({"evidence": {"qual": {"source": "x", "until": until}}}).evidence["qual"].until == seconds


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ((), None, "question"),
        ((), [], "question"),
        (("door",), "window", "door"),
        (("door",), ["gateway"], "door"),
        (("door",), ..., "door"),
        (("purpose",), None, "purpose"),
        (("label",), 3, "label"),
        (("label",), "level=high", "level"),
        (("label",), "x" * 4001, "label"),
        (("label",), "level=public; owners=\ud800", "label"),
        (("label",), {"level": "High"}, "label.level"),
        (("label",), {"level": True}, "label.level"),
        (("label",), {"level": 5}, "label.level"),
        (("label",), {"levels": 1}, "label.levels"),
        (("label",), {"categories": "health"}, "label.categories"),
        (("label",), {"categories": ["helth"]}, "label.categories"),
        (("label",), {"categories": [["health"]]}, "label.categories"),
        (("label",), {"owners": [""]}, "label.owners"),
        (("label",), {"owners": ["x"] * 1001}, "label.owners"),
        (("label",), {"expires": -1}, "label.expires"),
        (("label",), {"expires": "9999-12-31"}, "label.expires"),
        (("label",), {"expires": True}, "label.expires"),
        (("label",), {"expires": 1e3}, "label.expires"),
        (("place",), "lyon", "place"),
        (("place",), 7, "place"),
        (("place",), {"hw": "MAR"}, "place.hw"),
        (("place",), {"hw": ["MA"]}, "place.hw"),
        (("place",), {"hw": "MA", "region": "FR-04"}, "place.region"),
        (("place",), {"reach": "MA"}, "place.reach"),
        (("place",), {"reach": ["Mars"]}, "place.reach"),
        (("place",), {"qual": True}, "place.qual"),
        (("place",), {"qual": 1.0}, "place.qual"),
        (("place",), {"retention_days": -1}, "place.retention_days"),
        (("place",), {"retention_days": FOREVER + 1}, "place.retention_days"),
        (("place",), {"key": "me"}, "place.key"),
        (("place",), {"trains": "no"}, "place.trains"),
        (("place",), {"hardware": "MA"}, "place.hardware"),
        (("place",), {"evidence": {"hw": "a.pdf"}}, "place.evidence.hw"),
        (("place",), {"evidence": {"hw": {"source": "a.pdf"}}}, "place.evidence.hw.until"),
        (("place",), {"evidence": {"id": {"source": "a", "until": 1}}}, "place.evidence.id"),
        (("place",), {"evidence": {"hw": {"source": "a.pdf", "until": "soon"}}}, "place.evidence.hw.until"),
        (("actor",), "me", "actor"),
        (("actor", "organisation"), ..., "actor.organisation"),
        (("actor", "organisation"), " ", "actor.organisation"),
        (("actor", "organisation"), "x" * 201, "actor.organisation"),
        (("actor", "organisation"), "\ud800", "actor.organisation"),
        (("actor", "organisation"), "a\x1b[2Jb", "actor.organisation"),
        (("actor", "roles"), "agent", "actor.roles"),
        (("actor", "roles"), [1], "actor.roles"),
        (("actor", "role"), ["agent"], "actor.role"),
        (("evaluated",), 1, "evaluated"),
        (("now",), 1, "now"),
    ],
)
def test_what_does_not_fit_is_named(path, value, field):
    """Each wrong, missing or misspelt field is an error with its name, never a default and never a crash."""
    data = copy.deepcopy(ASKED)
    if not path:
        data = value
    else:
        inner = data if len(path) == 1 else data[path[0]]
        if value is ...:
            del inner[path[-1]]
        else:
            inner[path[-1]] = value
    with pytest.raises(Invalid) as caught:
        read_question(data, {"paris": PARIS}, NOW)
    assert caught.value.facts["field"] == field
    caught.value.say("ar").encode("utf-8")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_reading_is_total(shared_law, data):
    """Any JSON in any field gives a question that both judges can answer, or Invalid; nothing else ever."""
    asked = copy.deepcopy(ASKED)
    names = ["door", "purpose", "label", "place", "actor", "evaluated"]
    known = st.sampled_from(["MA", "level=secret", "FR", "paris", "law", "1970-01-01", 0, 2, True, {}, []])
    inner = st.dictionaries(
        st.sampled_from(
            ["hw", "region", "operator", "reach", "qual", "key", "organisation", "roles", "level", "owners", "expires"]
        ),
        JSON | known | st.lists(known, max_size=2),
        max_size=3,
    )
    asked[data.draw(st.sampled_from(names))] = data.draw(JSON | known | inner)
    try:
        question = read_question(asked, {"paris": PARIS}, NOW)
    except Invalid:
        pass
    else:
        verdict = shared_law.table.decide(question)
        assert (verdict.allowed, verdict.rules) == Second(shared_law.cedar, shared_law.schema).decide(question)
