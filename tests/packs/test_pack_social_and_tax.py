"""Taxes and social aid: the calculators follow the law, and the texts state the figures that they compute with."""

import datetime
import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.errors import Invalid
from daffa.packs import Origin, Tools, read_pack

FOLDER = Path(__file__).parents[2] / "packs" / "social-and-tax"
DAY = datetime.date(2026, 6, 1)
INCOMES = st.integers(0, 2_000_000)
AGES = st.lists(st.integers(0, 20), max_size=8)
few = settings(max_examples=25, deadline=None)


@pytest.fixture(scope="module")
def pack():
    """The pack as it is shipped."""
    return read_pack(FOLDER, Origin.SHIPPED)


@pytest.fixture(scope="module")
def ask(pack):
    """Call a tool on a day of 2026, in warm processes."""
    with Tools([pack]) as tools:

        def asking(tool, language="fr", **arguments):
            return tools.call(pack.id, tool, arguments, day=DAY, language=language)

        yield asking


def text_of(pack, name, language):
    """The text of a document."""
    (document,) = [one for one in pack.documents if (one.name, one.language) == (name, language)]
    return document.text


def grouped(amount):
    """40000 as French writes it."""
    return f"{amount:,.0f}".replace(",", " ")


@given(income=INCOMES)
@few
def test_the_quick_calculation_is_the_sum_over_the_bands(ask, pack, income):
    """Income times rate less an amount is what each part of the income pays at the rate of its band."""
    rows = pack.parameters.on("income_tax_scale", DAY).value
    ends = [row[0] for row in rows[1:]] + [float("inf")]
    slices = sum(max(0, min(income, end) - row[0]) * row[1] for row, end in zip(rows, ends, strict=True))
    assert ask("income_tax", income=income, period="year").value == pytest.approx(slices, abs=0.01)


@given(less=INCOMES, more=INCOMES, dependants=st.integers(0, 8))
@few
def test_who_earns_more_pays_no_less_and_keeps_more(ask, less, more, dependants):
    """The tax rises with income, by less than the income; a dependant never raises it."""
    less, more = sorted((less, more))
    low, high = (ask("income_tax", income=income, period="year", dependants=dependants).value for income in (less, more))
    assert 0 <= low <= high
    assert high - low <= more - less
    assert ask("income_tax", income=more, period="year", dependants=dependants + 1).value <= high


@given(ages=AGES, more=st.integers(0, 20))
@few
def test_a_child_more_never_lowers_the_aid(ask, ages, more):
    """The aid is at least the floor, does not fall with one child more, and the order of the ages is nothing."""
    aid = ask("social_aid", ages=ages).value
    assert aid >= 500
    assert ask("social_aid", ages=[*ages, more]).value >= aid
    assert ask("social_aid", ages=ages[::-1]).value == aid


@pytest.mark.parametrize("day", [datetime.date(2024, 6, 1), DAY])
def test_no_band_begins_with_a_jump(pack, day):
    """At the edge of two bands both give the same tax: the amounts to deduct are right."""
    rows = pack.parameters.on("income_tax_scale", day).value
    for before, after in itertools.pairwise(rows):
        edge = after[0]
        assert edge * before[1] - before[2] == pytest.approx(edge * after[1] - after[2])


def test_a_month_is_a_twelfth_of_a_year(ask):
    """The tax of a month is that of twelve such months, divided by twelve."""
    month, year = ask("income_tax", income=9000, period="month"), ask("income_tax", income=108_000, period="year")
    assert month.value == pytest.approx(year.value / 12, abs=0.005)
    assert (month.unit, year.unit) == ("MAD/month", "MAD/year")


def test_the_text_states_the_scale_that_is_computed_with(pack):
    """Each band, rate and amount to deduct of the parameters stands in the French text."""
    text = text_of(pack, "income-tax", "fr")
    rows = pack.parameters.on("income_tax_scale", DAY).value
    assert f"ne dépasse pas {grouped(rows[1][0])} dirhams par an est exonéré" in text
    for row, after in itertools.pairwise(rows[1:]):
        band = f"de {grouped(row[0] + 1)} à {grouped(after[0])} dirhams par an est imposée au taux de {row[1]:.0%}"
        assert band.replace("%", " %") in text
    assert f"{grouped(rows[-1][0])} dirhams par an est imposée au taux de {rows[-1][1] * 100:.0f} %" in text
    deducted = re.search(r"sommes à déduire[^\n]*", text)[0]
    assert all(grouped(row[2]) in deducted for row in rows[1:])


@pytest.mark.parametrize(
    ("parameter", "sentence"),
    [
        ("aid_first_three_in_school", "l'aide est de {} dirhams par mois depuis janvier 2026 si l'enfant a moins de 6 ans"),
        ("aid_first_three_out_of_school", "qui ne va pas à l'école, l'aide est de {} dirhams par mois depuis janvier 2026"),
        ("aid_handicap", "donne droit à {} dirhams de plus par mois"),
        ("aid_floor", "inférieur à {} dirhams par mois"),
    ],
)
def test_the_text_states_the_aid_that_is_computed_with(pack, parameter, sentence):
    """The amounts of 2026 in the text are those of the parameters."""
    amount = pack.parameters.on(parameter, DAY).value
    assert sentence.format(f"{amount:g}") in text_of(pack, "direct-aid", "fr")


def test_the_total_for_a_fatherless_child_is_what_was_announced(pack):
    """Grant and supplement together give 350, 375 and 400 dirhams."""
    days = [datetime.date(2024, 6, 1), datetime.date(2025, 6, 1), DAY]
    names = ("aid_first_three_in_school", "aid_fatherless")
    assert [sum(pack.parameters.on(name, day).value for name in names) for day in days] == [350, 375, 400]


def test_rank_schooling_and_handicap_each_count(ask):
    """The eldest three have the full amount; out of school less; a severe handicap counts as in school and more."""
    assert ask("social_aid", ages=[18, 15, 12, 9, 6, 2, 1]).value == 3 * 300 + 3 * 36
    assert ask("social_aid", ages=[18, 15, 12, 9], out_of_school=[18, 9]).value == 200 + 300 + 300 + 24
    assert ask("social_aid", ages=[14, 12], out_of_school=[14], severe_handicap=[14]).value == 300 + 100 + 300
    assert ask("social_aid", ages=[5, 4], out_of_school=[5]).value == 600
    assert ask("social_aid", ages=[25, 24]).value == 500


def test_what_the_sources_do_not_say_is_refused(ask):
    """The supplement of an orphan out of school was not found, so that no sum is given for it."""
    with pytest.raises(Invalid) as refused:
        ask("social_aid", ages=[15], out_of_school=[15], fatherless=True)
    assert refused.value.facts["field"] == "fatherless"


def test_ages_must_be_of_the_children_named(ask):
    """A child out of school that is not in the list is a mistake, not a child more."""
    with pytest.raises(Invalid) as refused:
        ask("social_aid", ages=[8], out_of_school=[9])
    assert refused.value.facts["field"] == "out_of_school"


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("income_tax", {"income": 120_000, "period": "year", "day": "2027-01-01"}),
        ("professional_expenses", {"gross": 120_000, "day": "2027-01-01"}),
        ("corporate_tax", {"profit": 120_000, "day": "2025-12-31"}),
        ("solidarity_contribution", {"profit": 5_000_000, "day": "2029-01-01"}),
        ("social_aid", {"ages": [4], "day": "2023-11-30"}),
    ],
)
def test_a_day_without_a_known_figure_is_refused(ask, tool, arguments):
    """No tool computes with the figure of another year."""
    with pytest.raises(Invalid) as refused:
        ask(tool, **arguments)
    assert refused.value.code == "parameter_not_valid"


def test_the_edge_of_the_expenses_is_on_the_generous_side(ask):
    """At exactly 78,000 dirhams the higher rate applies; one dirham more and the lower one does."""
    assert ask("professional_expenses", gross=78_000).value == 27_300
    assert ask("professional_expenses", gross=78_001).value == pytest.approx(19_500.25)


def test_a_profit_below_a_million_owes_no_solidarity(ask):
    """The first band begins at a million dirhams exactly."""
    assert ask("solidarity_contribution", profit=999_999).value == 0
    assert ask("solidarity_contribution", profit=1_000_000).value == 15_000


@pytest.mark.parametrize(
    ("language", "word", "number"), [("fr", "Barème", "17 800"), ("ar", "الجدول", "17 800"), ("en", "Scale", "17,800")]
)
def test_steps_are_in_the_language_asked_for_and_name_the_article(ask, language, word, number):
    """The way of the calculation is told with its articles, its figures as that language writes them."""
    result = ask("income_tax", language=language, income=120_000, period="year", dependants=2)
    assert result.value == 17_800
    assert word in result.steps[0]
    assert "73-I" in result.steps[0]
    assert "74" in result.steps[1]
    assert number in result.steps[-1]
    assert result.warning
    assert {used.name for used in result.used} == {"income_tax_scale", "family_charge", "family_charge_persons"}
