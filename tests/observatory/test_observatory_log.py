"""The observatory over a real log: the index's sums are the log's, and what cannot be known is said and counted."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest

from daffa.audit import Erasure
from daffa.errors import Invalid
from daffa.observatory import ALWAYS, Cut, Period

from .conftest import DAY, MODELS, NOON, PLACES

US = Cut(reach=("US",))
ABROAD = {name: PLACES[name] for name in ("paris", "virginia")}, {name: MODELS[name] for name in ("seine", "potomac")}


async def test_the_index_sums_as_the_log_does(book):
    """Sums by day, place and status are those over the decisions one by one, in a period too."""
    chance, expected = random.Random(7), Counter()
    for _ in range(300):
        day, at = chance.randrange(5), chance.choice(["rabat", "paris", None])
        status, tokens = chance.choice(["answered", "failed", ""]), (chance.randrange(99), chance.randrange(99))
        await book.write(at, time=NOON + day * DAY, status=status, tokens=tokens)
        expected[day, at or "", status if at else ""] += 1 if not (at and status) else 1 + 1000 * sum(tokens)
    await book.log.flush()
    await book.index.follow()
    start = NOON - NOON % DAY
    rows = await book.index.totals()
    found = Counter(
        {
            ((row.day - start) // DAY, row.place, row.status): row.decisions + 1000 * (row.tokens_in + row.tokens_out)
            for row in rows
        }
    )
    assert found == expected
    part = await book.index.totals(since=start + DAY, until=start + 3 * DAY)
    assert [row for row in rows if start + DAY <= row.day < start + 3 * DAY] == part
    first = await book.index.totals(before=1)
    assert sum(row.decisions for row in first) == 1


async def test_details_tell_models_and_organisations(book):
    """By model and by organisation the sealed details are opened; the refused count under what was asked for."""
    await book.write("rabat", organisation="chu")
    await book.write("virginia", organisation="tax", tokens=(1_000_000, 0))
    await book.write(None, organisation="tax", asked="potomac")
    observatory = book.observatory()
    used, footing = await observatory.usage(ALWAYS, "organisation", 100)
    assert [(row.key, row.requests, row.refused) for row in used.rows] == [("tax", 1, 1), ("chu", 1, 0)]
    assert (used.rows[0].money, footing.erased, footing.unread, footing.currency) == (pytest.approx(0.1), 0, 0, "USD")
    used, _ = await observatory.usage(ALWAYS, "model", 100)
    assert {row.key: (row.requests, row.refused) for row in used.rows} == {"atlas": (1, 0), "potomac": (1, 1)}


async def test_what_is_erased_or_not_opened_stays_in_the_sums(book):
    """Erased details and decisions beyond the limit have a row without a name, and the total is that without details."""
    for number in range(5):
        await book.write("paris", organisation=f"o{number}")
    await book.log.erase(Erasure(await book.write("paris"), float(NOON), {}))
    observatory = book.observatory()
    used, footing = await observatory.usage(ALWAYS, "organisation", 3)
    assert (footing.erased, footing.unread) == (1, 3)
    assert {row.key: row.requests for row in used.rows} == {"o3": 1, "o4": 1, None: 4}
    by_place, _ = await observatory.usage(ALWAYS, "place", 0)
    assert by_place.total == used.total


async def test_where_prices_differ_the_model_is_looked_up(book, differing):
    """At a place with two prices the details tell which; unopened, the dearest counts, and how many of those is said."""
    await book.write("virginia", tokens=(1_000_000, 0))
    observatory = book.observatory(models=differing)
    opened, footing = await observatory.dependence(ALWAYS, 100)
    assert (opened.total.money, footing.estimated) == (pytest.approx(0.1), 0)
    bounded, footing = await observatory.dependence(ALWAYS, 0)
    assert (bounded.total.money, footing.estimated) == (pytest.approx(9.0), 1)


async def test_vendors_come_from_the_law_and_lost_places_are_named(book):
    """A vendor is named as the law's list of hosts names it; a place that is configured no longer is never left out."""
    await book.write("virginia")
    await book.write("rabat")
    await book.write("of-old")
    places = {name: PLACES[name] for name in ("rabat", "virginia")}
    models = {name: MODELS[name] for name in ("atlas", "potomac")}
    found, _ = await book.observatory(places, models).dependence(ALWAYS, 10)
    assert [(row.key, row.kind, row.foreign) for row in found.vendor] == [
        ("OpenAI", "vendor", True),
        ("of-old", "gone", True),
        ("rabat", "place", False),
    ]
    assert (found.gone, found.unpriced, found.national.of_requests) == (("of-old",), 1, pytest.approx(1 / 3))
    assert [row.key for row in found.reach if row.kind == "gone"] == ["of-old"]


async def test_expired_evidence_counts_for_every_state(book):
    """A place whose evidence ran out is reached by every state, and by each state that others name."""
    from daffa.decision import Evidence

    stale = replace(PLACES["paris"], evidence={"reach": Evidence("x.pdf", NOON - 1)})
    await book.write("paris")
    await book.write("virginia")
    found, _ = await book.observatory({**PLACES, "paris": stale}).dependence(ALWAYS, 0)
    assert {row.key: row.amount.requests for row in found.reach} == {"*": 1, "US": 2}
    assert found.largest_state.key == "US"


async def test_an_empty_log_and_a_log_of_refusals(book):
    """Without anything let out every share is nothing; refusals alone are counted and no division fails."""
    observatory = book.observatory()
    found, _ = await observatory.dependence(ALWAYS, 10)
    assert (found.total.requests, found.refused, found.reach, found.months, found.largest_state) == (0, 0, (), (), None)
    drill, left_out = await observatory.drill(US, 10)
    assert (drill.asked, sum(left_out.values())) == (0, 0)
    await book.write(None, label="level=secret")
    found, _ = await observatory.dependence(ALWAYS, 10)
    assert (found.total.requests, found.refused, found.national.of_requests) == (0, 1, 0.0)
    used, _ = await observatory.usage(ALWAYS, "place", 10)
    assert [(row.key, row.refused) for row in used.rows] == [(None, 1)]
    drill, _ = await book.observatory(*ABROAD).drill(US, 10)
    assert (drill.fates["without"], drill.drifted, drill.price_before) == (1, 0, 0)


async def test_a_drill_says_who_loses_what_and_why(book):
    """Cut from the United States, what was free to choose moves, and what named one model there is lost, with its reason."""
    await book.write("rabat", label="level=confidential; categories=health", organisation="chu", purpose="health_care")
    await book.write("virginia", tokens=(1_000_000, 0))
    await book.write("virginia", asked="potomac", organisation="tax", purpose="taxation")
    drill, _ = await book.observatory().drill(US, 10)
    assert dict(drill.fates) == {"kept": 1, "moved": 1, "elsewhere": 1, "lost": 0, "without": 0}
    assert (drill.cut, drill.left) == (("virginia",), ("rabat", "paris"))
    assert (drill.before, drill.after) == ({"virginia": 2, "rabat": 1}, {"rabat": 1, "paris": 1})
    assert drill.price_after - drill.price_before == pytest.approx(0.3)
    assert [(group.key, group.hit) for group in drill.organisations] == [("tax", 1), ("chu", 0), ("home", 0)]
    (lost,) = drill.examples
    assert (lost.purpose, lost.before, lost.named, lost.elsewhere) == ("taxation", "virginia", "potomac", ("atlas", "seine"))
    home, _ = await book.observatory().drill(Cut(place=("rabat",)), 10)
    (lost,) = home.examples
    assert (home.fates["lost"], lost.organisation, lost.level, lost.categories) == (1, "chu", 3, ("health",))
    assert set(lost.rules) == {"paris", "virginia"}
    assert all(lost.rules.values())
    assert set(home.rules) == {rule for rules in lost.rules.values() for rule in rules}


async def test_a_drill_counts_what_it_cannot_ask(book):
    """Erased, unreadable, failed and forgotten requests are left out, each under its reason; the rest is asked."""
    await book.write("virginia")
    await book.log.erase(Erasure(await book.write("virginia"), float(NOON), {}))
    await book.write("virginia", status="failed")
    await book.write("of-old", asked="of-old", receiver="of-old")
    for spoiled in ({"label": "level=9"}, {"purpose": "mischief"}, {"roles": "agent"}, {"label": None}):
        await book.write("virginia", **spoiled)
    drill, left_out = await book.observatory().drill(US, 100)
    assert drill.asked == 1
    assert left_out == {"erased": 1, "unreadable": 4, "failed": 1, "unknown_model": 1}
    newest, _ = await book.observatory().drill(US, 1)
    assert newest.asked == 0


async def test_a_request_that_no_model_left_could_hold_is_lost(book):
    """A model whose context is smaller than what was recorded is no way out."""
    await book.write("virginia", tokens=(50_000, 10))
    small = {name: replace(each, context=8_000) for name, each in MODELS.items()}
    drill, _ = await book.observatory(models={**small, "potomac": MODELS["potomac"]}).drill(US, 10)
    assert drill.fates["lost"] == 1


async def test_a_verdict_that_would_differ_today_is_counted(book):
    """What was let out then and has no lawful place today is no loss of the cut, and is said."""
    await book.write("virginia", label="level=secret; categories=security")
    drill, _ = await book.observatory(*ABROAD).drill(US, 10)
    assert (drill.fates["without"], drill.drifted, drill.examples) == (1, 1, ())


@pytest.mark.parametrize(
    ("cut", "field"),
    [(Cut(reach=("USA",)), "reach"), (Cut(operator=("us",)), "operator"), (Cut(place=("atlantis",)), "place")],
)
async def test_a_cut_of_what_is_not_there_is_refused(book, cut, field):
    """No state of that code, no place of that name: the field is named and nothing is asked."""
    with pytest.raises(Invalid) as caught:
        await book.observatory().drill(cut, 10)
    assert (caught.value.code, caught.value.facts["field"]) == ("invalid_field", field)


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-13-01", "", "from"),
        ("20261101", "", "from"),
        ("", "2026-02-30", "to"),
        ("٢٠٢٦-٠١-٠١", "", "from"),
        ("2026-11-02", "2026-11-01", "to"),
        ("", "2026-11-01\n", "to"),
    ],
)
def test_a_period_that_is_none_is_refused(first, last, field):
    """A day that no calendar has, another way of writing it, an end before the beginning: the field is named."""
    with pytest.raises(Invalid) as caught:
        Period.read(first, last)
    assert caught.value.facts["field"] == field


def test_a_period_counts_both_its_days():
    """From a day to the same day is that day, whole; an open side has no bound; the last day of all has no end."""
    period = Period.read("2025-11-22", "2025-11-22")
    assert (period.since, period.until) == (NOON - DAY / 2, NOON + DAY / 2)
    assert (ALWAYS.since, ALWAYS.until, Period.read("", "9999-12-31").until) == (None, None, None)
    assert Period.read("0001-01-01", "").since < 0
