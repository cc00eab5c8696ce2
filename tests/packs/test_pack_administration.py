"""Deadlines of administrative law, and the letters and forms of the pack on procedures."""

import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.errors import Invalid
from daffa.packs import Origin, Tools, read_pack

PACKS = Path(__file__).parents[2] / "packs"
DAYS = st.dates(datetime.date(2024, 1, 1), datetime.date(2035, 12, 31))
DAY = datetime.timedelta(days=1)
TODAY = datetime.date(2026, 6, 1)
# The figures of the law again, as they are read in it, apart from those of the pack.
CALENDAR = {
    "decision": 60,
    "investment": 30,
    "incomplete_file": 30,
    "exchange": 15,
    "tacit": 7,
    "tacit_authority": 15,
    "tacit_certificate": 10,
    "appeal": 30,
    "appeal_answer": 15,
    "information_urgent": 3,
    "information_complaint_answer": 15,
    "commission": 30,
    "commission_answer": 30,
    "information_court": 60,
    "late_registration": 60,
    "clerical_error": 15,
    "complaint": 60,
    "complaint_form": 15,
}


@pytest.fixture(scope="module")
def pack():
    """The pack on procedures."""
    return read_pack(PACKS / "administration", Origin.SHIPPED)


@pytest.fixture(scope="module")
def deadline(pack):
    """The tool, as a date."""
    with Tools([pack], workers=1) as tools:

        def last(procedure, start, language="fr", **more):
            arguments = {"procedure": procedure, "start": str(start), **more}
            result = tools.call("administration", "deadline", arguments, day=TODAY, language=language)
            assert result.unit == "date"
            return datetime.date.fromisoformat(result.value)

        yield last


@settings(deadline=None, max_examples=60)
@given(procedure=st.sampled_from(sorted(CALENDAR)), start=DAYS)
def test_a_calendar_delay_is_its_days(deadline, procedure, start):
    """The last day lies as many days after the first as the law says."""
    assert deadline(procedure, start) == start + CALENDAR[procedure] * DAY


@settings(deadline=None, max_examples=40)
@given(start=DAYS, extended=st.booleans())
def test_twenty_working_days_are_four_weeks_and_their_end_is_one(deadline, start, extended):
    """With no holiday, twenty working days end on a working day, four weeks on; extended, eight (law 31-13, article 16)."""
    last = deadline("information", start, extended=extended)
    weeks = 8 if extended else 4
    # A start on a weekend counts as the Friday before.
    working = start - max(0, start.weekday() - 4) * DAY
    assert last == working + weeks * 7 * DAY
    assert last.weekday() < 5


@settings(deadline=None, max_examples=40)
@given(start=DAYS, holidays=st.lists(st.integers(1, 60), max_size=5, unique=True))
def test_holidays_only_put_a_deadline_off(deadline, start, holidays):
    """With holidays the last day is none of them and never earlier."""
    days = [start + after * DAY for after in holidays]
    last = deadline("information", start, holidays=[str(day) for day in days])
    assert last >= deadline("information", start)
    assert last not in days


@settings(deadline=None, max_examples=40)
@given(start=DAYS, event=st.sampled_from(["birth", "death"]))
def test_a_declaration_never_ends_on_a_weekend(deadline, start, event):
    """Thirty days, put off to the next working day (decree of 22 June 2023, article 40)."""
    last = deadline(event, start)
    assert last.weekday() < 5
    assert 0 <= (last - start).days - 30 <= 2


@settings(deadline=None, max_examples=30)
@given(start=DAYS, suspended=st.integers(0, 200), inquiry=st.integers(0, 200))
def test_suspension_and_inquiry_are_added(deadline, start, suspended, inquiry):
    """The decision is due later by the days of suspension and of an expertise or inquiry (law 55-19, articles 14 and 17)."""
    assert (
        deadline("decision", start, suspended_days=suspended, inquiry_days=inquiry) == start + (60 + suspended + inquiry) * DAY
    )


def test_abroad_a_birth_is_declared_within_a_year(deadline):
    """Moroccans living abroad have a year; 29 February becomes the 28th."""
    assert deadline("birth", "2026-03-02", abroad=True) == datetime.date(2027, 3, 2)
    assert deadline("birth", "2024-02-29", abroad=True) == datetime.date(2025, 2, 28)


@pytest.mark.parametrize(
    ("procedure", "more", "field"),
    [
        ("appeal", {"suspended_days": 3}, "suspended_days"),
        ("complaint", {"inquiry_days": 3}, "inquiry_days"),
        ("decision", {"extended": True}, "extended"),
        ("decision", {"abroad": True}, "abroad"),
        ("passport", {}, "procedure"),
    ],
)
@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_what_the_law_does_not_know_is_refused_by_name(deadline, procedure, more, field, language):
    """A delay is not made longer where no article says so."""
    with pytest.raises(Invalid) as refused:
        deadline(procedure, "2026-03-02", language, **more)
    assert field in str(refused.value.facts)


def test_a_day_before_the_law_is_refused(deadline):
    """No delay of law 55-19 is computed for a file of 2019."""
    with pytest.raises(Invalid) as refused:
        deadline("decision", "2019-06-01")
    assert refused.value.code == "parameter_not_valid"


def test_each_letter_is_written_in_french_and_arabic_with_the_same_facts(pack):
    """The two versions of a letter ask for the same facts of the same types."""
    letters = {}
    for letter in pack.templates:
        facts = {name: (fact.type, fact.required) for name, fact in letter.facts.items()}
        letters.setdefault(letter.name, {})[letter.language] = facts
    assert set(letters) == {"appeal", "complaint", "information-request", "request-document"}
    assert all(both["fr"] == both["ar"] for both in letters.values())


def test_each_field_of_a_form_can_be_found_in_both_languages(pack):
    """A form knows French and Arabic words beside which each field stands."""
    assert {form.name for form in pack.forms} == {"request", "birth"}
    assert all(field.cues["fr"] and field.cues["ar"] for form in pack.forms for field in form.fields)
