"""Routing: the law first, then the preferences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.decision import Actor, Door, Label, Place, Purpose, Verdict, ask
from daffa.errors import Invalid, NotFound
from daffa.gateway import PREFERENCES, Model, routing
from daffa.guard import Candidate


def model(name: str, **fields: object) -> Model:
    """A model of the catalogue."""
    return Model(id=name, wire="openai", url="http://127.0.0.1", upstream_model=name, place=name, **fields)


def candidate(name: str, *, allowed: bool = True) -> Candidate:
    """A candidate with a verdict."""
    question = ask(Door.GATEWAY, Purpose.RESEARCH, Label(), Place(name), Actor("a", "b"), 0)
    return Candidate(name, question, Verdict(allowed, ("rule",)))


HOME = model("home", price_in=6.0, price_out=12.0, params_active=70e9, quality={"fr": 0.6, "ary": 0.7})
PARIS = model(
    "paris", price_in=4.0, price_out=9.0, params_active=20e9, quality={"fr": 0.9, "ary": 0.3}, capabilities=frozenset({"tools"})
)
CHEAP = model("cheap", price_in=1.0, price_out=3.0, params_active=200e9, quality={"fr": 0.8}, context=1000)
CATALOGUE = {entry.id: entry for entry in (HOME, PARIS, CHEAP)}
LAWFUL = tuple(routing.Route(entry, candidate(entry.id)) for entry in CATALOGUE.values())


def ordered(*prefer: str, seconds: dict | None = None, failing: str = "", language: str = "") -> list[str]:
    """The ids in order of preference."""
    scales = routing.Scales(frozenset({"home"}), seconds or {}, lambda name: name == failing, language)
    return [route.model.id for route in routing.order(LAWFUL, prefer, scales, 400, 100)]


@pytest.mark.parametrize(
    ("prefer", "expected"),
    [
        (("home", "price"), ["home", "cheap", "paris"]),
        (("price",), ["cheap", "paris", "home"]),
        (("energy",), ["paris", "home", "cheap"]),
        (("quality",), ["cheap", "home", "paris"]),
        ((), ["home", "paris", "cheap"]),
    ],
)
def test_preferences_order_the_lawful(prefer: tuple[str, ...], expected: list[str]):
    """Each preference weighs before those behind it; equals stay as written."""
    assert ordered(*prefer) == expected


def test_speed_is_what_was_measured():
    """The model whose first byte came soonest is first; one never asked gets its chance."""
    assert ordered("speed", seconds={"home": 0.2, "paris": 0.1, "cheap": 0.3}) == ["paris", "home", "cheap"]
    assert ordered("speed", seconds={"home": 0.2, "paris": 0.1})[0] == "cheap"


@pytest.mark.parametrize(
    ("language", "expected"),
    [("fr", ["paris", "cheap", "home"]), ("ary", ["cheap", "home", "paris"]), ("zgh", ["cheap", "home", "paris"])],
)
def test_quality_is_that_in_the_language_of_the_question(language: str, expected: list[str]):
    """A model counts by what it is worth in the language asked in; where the catalogue is silent, by its mean."""
    assert ordered("quality", language=language) == expected


def test_a_failing_model_comes_last_whatever_is_preferred():
    """Health outweighs preference, and excludes nobody."""
    assert ordered("home", "price", failing="home") == ["cheap", "paris", "home"]


@given(st.lists(st.sampled_from(PREFERENCES), unique=True), st.sampled_from(["", *CATALOGUE]))
def test_ordering_neither_adds_nor_drops(prefer: list[str], failing: str):
    """Whatever is preferred, exactly the lawful ones are tried."""
    assert sorted(ordered(*prefer, failing=failing)) == sorted(CATALOGUE)


@given(st.lists(st.booleans(), min_size=3, max_size=3))
def test_weighing_parts_by_the_verdict_alone(allowed: list[bool]):
    """The lawful and the refused are parted by their verdicts, and each keeps its verdict."""
    verdicts = dict(zip(CATALOGUE, allowed, strict=True))
    routes = routing.weigh(CATALOGUE.values(), lambda entry: candidate(entry.id, allowed=verdicts[entry.id]))
    assert {route.model.id for route in routes.lawful} == {name for name, lawful in verdicts.items() if lawful}
    assert {refused.receiver for refused in routes.refused} == {name for name, lawful in verdicts.items() if not lawful}


def test_auto_asks_for_all_and_a_name_for_one_with_its_fallbacks():
    """``auto`` stands for the catalogue; a name for itself and what it falls back on."""
    catalogue = {**CATALOGUE, "boss": model("boss", fallback=("paris",))}
    assert routing.asked(CATALOGUE, "auto") == list(CATALOGUE.values())
    assert [entry.id for entry in routing.asked(catalogue, "boss")] == ["boss", "paris"]
    with pytest.raises(NotFound, match="home, paris, cheap"):
        routing.asked(CATALOGUE, "gpt-17")
    with pytest.raises(NotFound) as raised:
        routing.asked({}, "auto")
    assert raised.value.code == "no_model_configured"


def test_only_models_that_can_are_asked():
    """Capabilities and context keep out who cannot; where nobody can, the error says what is needed."""
    able = routing.capable(CATALOGUE.values(), frozenset({"tools"}), 10, 0)
    assert [entry.id for entry in able] == ["paris"]
    assert CHEAP not in routing.capable(CATALOGUE.values(), frozenset(), 4 * 900, 101)
    assert CHEAP in routing.capable(CATALOGUE.values(), frozenset(), 4 * 900, 100)
    with pytest.raises(Invalid, match="images"):
        routing.capable(CATALOGUE.values(), frozenset({"images"}), 10, 0)
