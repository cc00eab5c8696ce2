"""One search in two languages: who takes turns, and when nobody does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from daffa.search import Planner, Query, everyday, search_across
from daffa.search.engines.tantivy import TantivyIndex

from .engines_made import passage, within

FRENCH = [f"Le divorce est prononcé par le tribunal, chambre {number}." for number in range(8)]
ARABIC = [f"تحكم المحكمة بالطلاق في الغرفة {number}." for number in range(8)]


@pytest.fixture
async def index(tmp_path):
    """Eight passages in French and eight in Arabic that speak of divorce."""
    index = await TantivyIndex.open(tmp_path)
    french = [replace(passage(text, document=f"fr{number}"), language="fr-Latn") for number, text in enumerate(FRENCH)]
    arabic = [replace(passage(text, document=f"ar{number}"), language="ar-Arab") for number, text in enumerate(ARABIC)]
    await index.put([*french, *arabic])
    yield index
    await index.close()


def ask(text: str, language: str) -> Query:
    """A planned question."""
    return Planner(everyday()).plan(text, language)


@pytest.mark.parametrize(
    ("text", "language", "other"),
    [("divorce au tribunal", "fr-Latn", "ar"), ("الطلاق أمام المحكمة", "ar-Arab", "fr"), ("بغيت نطلق", "ary-Arab", "fr")],
)
async def test_every_second_place_is_for_the_other_language(index, text, language, other):
    """The other language has its half of the places, the best first, and no passage comes twice."""
    hits = (await search_across(index, ask(text, language), within("c"), 6)).hits
    assert len({hit.id for hit in hits}) == len(hits) == 6
    theirs = [hit.score for hit in hits if hit.document.startswith(other)]
    assert len(theirs) >= 3
    assert theirs == sorted(theirs, reverse=True)
    assert hits[1].document.startswith(other)


@pytest.mark.parametrize(
    ("text", "language", "how", "k"),
    [
        ("divorce au tribunal", "fr-Latn", {"languages": frozenset({"fr-Latn"})}, 6),
        ("divorce au tribunal", "fr-Latn", {}, 17),
        ("bghit ntelle9 f lm7kama", "ary-Latn", {}, 6),
        ("", "fr-Latn", {}, 6),
    ],
)
async def test_nobody_takes_turns_where_nobody_is_crowded_out(index, text, language, how, k):
    """A scope of one language, fewer that fit than places, Darija in Latin letters, no question: as one search says."""
    query, scope = ask(text, language), within("c", **how)
    assert await search_across(index, query, scope, k) == await index.search(query, scope, k)


@pytest.mark.parametrize("k", [1, 2, 5, 12, 16])
async def test_all_that_one_search_finds_first_is_found(index, k):
    """The first half of what one search finds is there, in its order, and the first of it is the first of all."""
    query, scope = ask("divorce au tribunal", "fr-Latn"), within("c")
    alone = (await index.search(query, scope, k)).hits
    both = (await search_across(index, query, scope, k)).hits
    assert len(both) == len(alone)
    assert both[0] == alone[0]
    half = alone[: (k + 1) // 2]
    assert [hit for hit in both if hit in half] == list(half)
