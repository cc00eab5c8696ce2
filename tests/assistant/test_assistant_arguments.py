"""What a question gives a tool, and that nothing which it counts is left out in silence."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.assistant.arguments import read_arguments, unused

SCHEMA = {
    "properties": {
        "income": {"type": "number", "x-title": {"fr": "revenu en dirhams"}},
        "dependants": {
            "type": "integer",
            "x-title": {"fr": "personnes à charge"},
            "x-words": ["enfant", "enfants", "femme", "دراري", "أولاد"],
        },
        "ages": {"type": "array", "items": {"type": "integer"}, "x-title": {"fr": "âge de chacun"}},
        "widow": {"type": "boolean", "x-title": {"fr": "veuve"}, "x-words": ["veuve", "باهم ميت"]},
    },
    "required": ["income"],
}


def read(question: str) -> dict[str, Any]:
    """What the question gives, with no glossary."""
    return read_arguments(SCHEMA, question, lambda *_: False)


@given(
    income=st.integers(3000, 10**7),
    children=st.integers(2, 12),
    other=st.integers(13, 999),
    thing=st.sampled_from(("voitures", "chèvres", "appartements")),
)
def test_a_number_is_taken_or_named(income: int, children: int, other: int, thing: str):
    """Whatever numbers a question has, each is in an argument or among what was not used."""
    question = f"Combien d'impôt pour {income} dirhams avec {children} enfants et {other} {thing} ?"
    arguments = read(question)
    assert arguments == {"income": income, "dependants": children}
    assert unused(SCHEMA, arguments, question) == [f"{other} {thing}"]


@pytest.mark.parametrize(
    ("question", "given_", "left"),
    [
        ("J'ai 2 enfants et je gagne 9000 dirhams", {"income": 9000, "dependants": 2}, []),
        ("9000 dirhams avec un enfant", {"income": 9000, "dependants": 1}, []),
        ("9000 dirhams, ma femme et 3 enfants", {"income": 9000, "dependants": 3}, ["femme"]),
        ("9000 dirhams avec mes enfants", {"income": 9000}, ["enfants"]),
        ("9000 درهم و 2 دراري", {"income": 9000, "dependants": 2}, []),
        ("9000 dirhams selon l'article 73 de la loi 58 en 2026", {"income": 9000}, []),
        ("9000 dirhams depuis le 3 mars 2025", {"income": 9000}, []),
        ("9000 dirhams, âgés de 3, 7 et 9 ans", {"income": 9000, "ages": [3, 7, 9]}, []),
        ("9000 dirhams, trois âgés de 3, 7 et 9 ans", {"income": 9000, "ages": [3, 7, 9]}, []),
        ("9000 dirhams, veuve", {"income": 9000, "widow": True}, []),
        ("9000 dirhams, pas veuve", {"income": 9000}, []),
        ("9000 درهم وباهم ميت", {"income": 9000, "widow": True}, []),
        ("120k dirhams", {"income": 120_000}, []),
        ("120 K de dirhams", {"income": 120_000}, []),
        ("1,2345678 million de dirhams", {"income": 1_234_567.8}, []),
        ("١٢٠٬٠٠٠٫٥٠ درهم", {"income": 120_000.5}, []),
        ("je gagne -9000 dirhams", {}, ["-9000 dirhams"]),
        ("9000 dirhams pour 3/4 hectare", {"income": 9000}, ["3/4 hectare"]),
        (f"{'9' * 400} dirhams", {}, []),
    ],
)
def test_words_of_a_field_say_what_it_counts(question: str, given_: dict[str, Any], left: list[str]):
    """By the words that a pack gives a field; years, dates and the numbers of texts count nothing."""
    assert read(question) == given_
    assert unused(SCHEMA, given_, question) == left


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("Combien d'impôt pour 120 000 DH par an avec 2 enfants ?", 17_800),
        ("ch7al dyal lir 3la 120000 dh f l3am w 3ndi 2 wlad ?", 17_800),
        ("كم الضريبة على الدخل لمن يربح 120000 درهم في السنة وله ولدان؟", 17_800),
        ("How much income tax on 120,000 dirhams a year with two children?", 17_800),
        ("شحال الدعم على جوج دراري عندهم 7 و10 سنين وباهم ميت؟", 800),
        ("كم الدعم الاجتماعي لأسرة لها أربعة أولاد أعمارهم 3 و7 و9 و14؟", 936),
    ],
)
@pytest.mark.asyncio(loop_scope="session")
async def test_children_count_in_every_tongue(desk: Any, question: str, value: float):
    """Who is counted changes what is computed, in the words that people use."""
    outcome = await desk.outcome(desk.asked(question))
    assert outcome.status == "answered"
    assert outcome.tool.result["value"] == value


@pytest.mark.parametrize(
    ("question", "month", "year", "behind"),
    [
        ("Combien d'impôt pour un salaire de 10 000 dh ?", "par mois", "par an", "par mois"),
        ("كم الضريبة على الدخل لأجر 10000 درهم؟", "في الشهر", "في السنة", "في الشهر"),
        ("شحال الضريبة على 10000 درهم ديال الصالير؟", "فالشهر", "فالعام", "فالشهر"),
        ("ch7al dyal lir 3la 10000 dh ?", "f chhar", "f l3am", "f chhar"),
        ("How much income tax on a salary of 10,000 dirhams?", "a month", "a year", "monthly"),
        ("ⵎⵏⵛⴽ ⵏ IR ⵉ 10000 ⴷⵔⵀⵎ ?", "ⴽⵓ ⴰⵢⵢⵓⵔ", "ⴽⵓ ⴰⵙⴳⴳⵯⴰⵙ", "ⴽⵓ ⴰⵢⵢⵓⵔ"),
    ],
)
@pytest.mark.asyncio(loop_scope="session")
async def test_a_period_is_asked_and_never_assumed(desk: Any, question: str, month: str, year: str, behind: str):
    """A pay without its period is asked back, a whole question for each; both, and the bare word behind it, are worked out."""
    outcome = await desk.outcome(desk.asked(question))
    assert (outcome.status, outcome.mode, outcome.tool) == ("clarification", "tool", None)
    assert [month in choice or year in choice for choice in outcome.choices] == [True, True]
    a_month, a_year = [await desk.outcome(desk.asked(choice)) for choice in outcome.choices]
    goes_on = await desk.outcome(desk.asked(question, behind))
    assert [each.tool.arguments["period"] for each in (a_year, a_month, goes_on)] == ["year", "month", "month"]
    assert [each.tool.result["value"] for each in (a_year, a_month, goes_on)] == [0, 1566.67, 1566.67]
    assert {each.status for each in (a_year, a_month, goes_on)} == {"answered"}


@pytest.mark.parametrize(
    "question", ["10 000 dh par mois, donc par an ?", "10 000 dh, 120 000 par an mais par mois combien d'impôt ?"]
)
def test_two_periods_choose_none(question: str):
    """Where both are said, neither is taken; a year of the calendar is no period, and no income."""
    schema = {"properties": SCHEMA["properties"] | {"period": {"enum": ["year", "month"]}}, "required": ["income", "period"]}
    assert "period" not in read_arguments(schema, question, lambda *_: True)
    assert read_arguments(schema, "Which income tax in the year 2025?", lambda *_: True) == {}
    assert read_arguments(schema, "9000 dh/mois", lambda *_: False) == {"income": 9000, "period": "month"}


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("Combien d'impôt pour 120 000 DH par an et 4 voitures ?", "4 voitures"),
        ("كم الضريبة على الدخل لمن يربح 120000 درهم في السنة وله أبناء؟", "أبناء"),
        ("How much income tax on 120,000 dirhams a year with 3 cows?", "3 cows"),
    ],
)
@pytest.mark.asyncio(loop_scope="session")
async def test_what_is_left_out_is_said(desk: Any, question: str, left: str):
    """A value that leaves out what the question counts is no whole answer, and says what it leaves out."""
    outcome = await desk.outcome(desk.asked(question))
    assert (outcome.status, outcome.mode) == ("partial", "tool")
    assert left in outcome.message


@pytest.mark.asyncio(loop_scope="session")
async def test_a_question_that_goes_on_has_its_own_numbers(desk: Any):
    """«And for so much?» is worked out for so much, not for what the turn before said."""
    outcome = await desk.outcome(desk.asked("Combien d'impôt pour 120 000 DH par an ?", "et pour 200 000 DH ?"))
    assert outcome.tool.arguments["income"] == 200_000
    assert outcome.status == "answered"


def test_a_year_that_the_answer_is_not_for_is_told():
    """A figure of today is no answer to what was asked of another year."""
    question, given_ = "9000 dirhams en 2019 selon la loi 2019", {"income": 9000}
    assert unused(SCHEMA, given_, question, 2026) == ["2019 selon"]
    assert unused(SCHEMA, given_, question, 2019) == []
