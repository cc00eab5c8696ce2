"""What speaks for a passage, as numbers: laws of the rows, each column on a case made by hand, and the edges."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.search import Because, Concept, Hit, Query, Term
from daffa.search.traits import TRAITS, traits

VOCABULARY = ("divorc", "tribunal", "jug", "طالق", "محكم", "salair")
OTHERS = ("loi", "articl", "present")
SHARES = ("share", "place", "place_in_language", "beside", "spoken", "telling_share", "head", "window", "prefixes")
NUMBERS = ("", "0", "1", "2", "3", "٣", "24bis", "²", "9" * 5000)

reasons = st.sampled_from(("word", "stem", "translation", "arabizi", "glossary", "kind", "name"))
fields = st.sampled_from(("stem", "stem", "number", "work"))
terms = st.builds(
    lambda field, text, weight, by: Term(field, text, weight, Because(text, text, by)),
    fields, st.sampled_from(VOCABULARY), st.floats(0, 3), reasons,
)  # fmt: skip
concepts = st.builds(Concept, st.just("asked"), st.frozensets(st.sampled_from(VOCABULARY), max_size=3), st.floats(0, 1))
queries = st.builds(
    lambda language, terms, concepts: Query("asked", language, tuple(terms), tuple(concepts)),
    st.sampled_from(("fr-Latn", "ar-Arab", "ary-Arab", "ary-Latn", "other", "")),
    st.lists(terms, max_size=6),
    st.lists(concepts, max_size=5),
)
texts = st.lists(st.sampled_from(VOCABULARY + OTHERS), max_size=60).map(" ".join)
found = st.lists(
    st.builds(
        Hit,
        st.sampled_from("ab"), st.sampled_from("xy"), st.text("0123456789", min_size=1, max_size=3),
        st.one_of(st.just(0.0), st.just(7.0), st.floats(0, 100)),
        st.sampled_from(("fr-Latn", "ar-Arab", "")), st.sampled_from(NUMBERS), texts,
    ),
    max_size=12, unique_by=lambda hit: (hit.collection, hit.id),
)  # fmt: skip


def all_alike(_: str) -> float:
    """Every term is as telling as every other."""
    return 1.0


def by_length(term: str) -> float:
    """Long terms are more telling."""
    return min(len(term), 10) / 10


def columns(query: Query, *hits: Hit) -> list[dict[str, float]]:
    """The traits of each hit by their names."""
    return [dict(zip(TRAITS, map(float, row), strict=True)) for row in traits(query, hits, all_alike)]


def hit(terms: str, name: str = "1", score: float = 1.0, **more: Any) -> Hit:
    """A passage in French that was found."""
    return Hit("c", more.pop("document", "d"), name, score, more.pop("language", "fr-Latn"), terms=terms, **more)


def asked(*words: str, language: str = "fr-Latn", **weights: float) -> Query:
    """A question of these words, each a concept that weighs as ``weights`` say, else one."""
    wanted = tuple(Term("stem", word, 1.0, Because(word, word, "word")) for word in words)
    return Query("", language, wanted, tuple(Concept(word, frozenset({word}), weights.get(word, 1.0)) for word in words))


# Laws


@settings(max_examples=60)
@given(query=queries, hits=found)
def test_each_hit_has_a_row_of_numbers(query: Query, hits: list[Hit]) -> None:
    """A row for each hit and a column for each trait; all are finite, none is below nothing, and shares are at most one."""
    rows = traits(query, hits, by_length)
    assert rows.shape == (len(hits), len(TRAITS))
    assert rows.dtype == np.float32
    assert np.isfinite(rows).all()
    assert (rows >= 0).all()
    shares = rows[:, [TRAITS.index(name) for name in SHARES]]
    assert (shares <= 1 + 1e-6).all()


@settings(max_examples=60)
@given(query=queries, hits=found, chance=st.randoms(use_true_random=False))
def test_the_order_of_the_hits_says_nothing(query: Query, hits: list[Hit], chance: Any) -> None:
    """However hits are given, each has the row that it had, also where scores, articles and documents are the same."""
    order = list(range(len(hits)))
    chance.shuffle(order)
    mixed = traits(query, [hits[number] for number in order], by_length)
    assert mixed == pytest.approx(traits(query, hits, by_length)[order], abs=1e-6)


@settings(max_examples=60)
@given(query=queries, text=texts)
def test_the_window_is_the_best_of_all_stretches(query: Query, text: str) -> None:
    """No stretch of twenty terms has more of what was asked, and one has as much; the head is the first of them."""
    given = text.split(" ")
    weights = [concept.weight for concept in query.concepts]
    whole = sum(weights) or 1.0

    def has(stretch: list[str]) -> float:
        return sum(concept.weight for concept in query.concepts if concept.stems & set(stretch)) / whole

    (row,) = columns(query, hit(text))
    assert row["window"] == pytest.approx(max(has(given[at : at + 20]) for at in range(len(given))), abs=1e-5)
    assert row["head"] == pytest.approx(has(given[:20]), abs=1e-5)
    assert row["telling_share"] == pytest.approx(has(given), abs=1e-5)
    assert row["head"] <= row["window"] + 1e-5 <= row["telling_share"] + 2e-5


# Each column on a case of its own


def test_concepts_are_counted_once_and_weighed() -> None:
    """A concept counts once, by whichever of its stems; ``telling`` is what those that are there weigh, also as a share."""
    divorce, court = Concept("divorce", frozenset({"divorc", "طالق"}), 0.75), Concept("tribunal", frozenset({"tribunal"}), 0.25)
    query = Query("", "fr-Latn", (), (divorce, court))
    both, twice, other, none = columns(
        query, hit("divorc tribunal"), hit("divorc divorc طالق", "2"), hit("tribunal", "3"), hit("loi", "4")
    )
    assert [row["concepts"] for row in (both, twice, other, none)] == pytest.approx([0.4, 0.2, 0.2, 0.0])
    assert [row["telling"] for row in (both, twice, other, none)] == pytest.approx([1 / 3, 0.25, 0.25 / 3, 0.0])
    assert [row["telling_share"] for row in (both, twice, other, none)] == pytest.approx([1.0, 0.75, 0.25, 0.0])


def test_what_it_begins_with_and_what_stands_together() -> None:
    """``head`` knows the first twenty terms, ``window`` the best twenty anywhere, ``begins`` where the first term stands."""
    far = " ".join(["divorc", *["loi"] * 30, "tribunal"])
    late = " ".join([*["loi"] * 30, "divorc", "tribunal"])
    last = " ".join(["divorc", *["loi"] * 18, "tribunal"])
    beyond = " ".join(["divorc", *["loi"] * 19, "tribunal"])
    far, late, last, beyond, none = columns(asked("divorc", "tribunal"), *map(hit, (far, late, last, beyond, "loi"), "12345"))
    assert [row["head"] for row in (far, late, last, beyond, none)] == [0.5, 0.0, 1.0, 0.5, 0.0]
    assert [row["window"] for row in (far, late, last, beyond, none)] == [0.5, 1.0, 1.0, 0.5, 0.0]
    firsts = [math.log1p(first) / 5 for first in (0, 30, 0, 0, 1)]
    assert [row["begins"] for row in (far, late, last, beyond, none)] == pytest.approx(firsts)
    (again,) = columns(asked("divorc", "tribunal"), hit(" ".join(["divorc", *["loi"] * 30, "divorc"])))
    assert again["head"] == again["window"] == 0.5
    assert late["length"] == pytest.approx(math.log1p(32) / 5)


def test_the_articles_beside_speak_for_it() -> None:
    """``beside`` is the better of the articles before and behind in its document, as a share of the best."""
    query = asked("divorc")
    rows = columns(
        query,
        hit("divorc", "5", 8.0, number="5"),
        hit("divorc", "6", 2.0, number="6"),
        hit("divorc", "7", 4.0, number="7"),
        hit("divorc", "7 again", 1.0, number="7"),
        hit("divorc", "8", 1.0, number="8"),
        hit("divorc", "4", 3.0, number="4", document="another"),
        hit("divorc", "6bis", 1.0, number="6bis"),
        hit("divorc", "none", 1.0),
    )
    assert [row["beside"] for row in rows] == pytest.approx([2 / 8, 8 / 8, 2 / 8, 2 / 8, 4 / 8, 0, 0, 0])


def test_its_document_speaks_for_it() -> None:
    """``document`` grows with each hit of the same document of the same collection, most with the best."""
    query = asked("divorc")
    one, beside, alone, elsewhere = columns(
        query,
        hit("divorc", "1", 10.0),
        hit("divorc", "2", 5.0),
        hit("divorc", "3", 10.0, document="e"),
        Hit("other", "d", "1", 5.0, "fr-Latn", terms="divorc"),
    )
    assert one["document"] == beside["document"] == pytest.approx(math.log1p(1 + math.exp(-3)) / 3)
    assert alone["document"] == pytest.approx(math.log1p(1) / 3)
    assert elsewhere["document"] == pytest.approx(math.log1p(math.exp(-3)) / 3)


def test_places_are_among_all_and_among_its_language() -> None:
    """One over the rank, by score; in its language the first of each language is first."""
    rows = columns(
        asked("divorc"), hit("", "1", 1.0), hit("", "2", 9.0), hit("", "3", 5.0, language="ar-Arab"), hit("", "4", 3.0)
    )
    assert [row["place"] for row in rows] == pytest.approx([1 / 4, 1, 1 / 2, 1 / 3])
    assert [row["place_in_language"] for row in rows] == pytest.approx([1 / 3, 1, 1, 1 / 2])
    assert [row["share"] for row in rows] == pytest.approx([1 / 9, 1, 5 / 9, 1 / 3])
    assert [row["score"] for row in rows] == pytest.approx([1 / 20, 9 / 20, 5 / 20, 3 / 20])


@pytest.mark.parametrize(
    ("language", "french", "arabic", "told"),
    [
        ("fr-Latn", 1, 0, "french"),
        ("ar-Arab", 0, 1, "arabic"),
        ("ary-Arab", 0, 1, "arabic"),
        ("ary-Latn", 0, 1, "arabizi_asked"),
    ],
)
def test_who_speaks_the_language_of_the_question(language: str, french: int, arabic: int, told: str) -> None:
    """Darija, in either letters, is answered by Arabic; and each passage is told which language was asked."""
    rows = columns(asked("divorc", language=language), hit("", "1"), hit("", "2", language="ar-Arab"))
    assert [row["spoken"] for row in rows] == [french, arabic]
    for row in rows:
        assert {name for name in ("french", "arabic", "arabizi_asked") if row[name]} == {told}
        assert row["asked"] == pytest.approx(1 / 8)


def test_prefixes_are_of_the_words_that_were_asked() -> None:
    """The share of the question's own words of five letters whose beginning a term has; not in the middle of one."""
    because = Because("travail", "emploi", "translation")
    query = Query("", "fr-Latn", (*asked("licenciement", "travail", "loi").terms, Term("stem", "emploi", 1.0, because)), ())
    rows = columns(
        query, *map(hit, ("licencier emploi", "travail licence", "loi retravail", "emploi", "droit licencie"), "12345")
    )
    assert [row["prefixes"] for row in rows] == pytest.approx([0.5, 1.0, 0.0, 0.0, 0.5])


def test_each_reason_gives_what_its_terms_give() -> None:
    """Terms give to the column of their reason by weight, rarity and count, as BM25 counts; the best one is ``strongest``."""
    query = Query(
        "", "fr-Latn",
        (
            Term("stem", "divorc", 1.0, Because("divorce", "divorce", "word")),
            Term("stem", "طالق", 0.5, Because("divorce", "طلاق", "translation")),
            Term("number", "loi", 9.0, Because("loi", "loi", "number")),
        ), (),
    )  # fmt: skip
    filler = ["loi"] * 98
    (row,) = traits(query, [hit(" ".join(["divorc", "طالق", *filler]))], lambda _: 0.8)
    (again,) = traits(query, [hit(" ".join(["divorc", "divorc", *filler]))], lambda _: 0.8)
    told, more = (dict(zip(TRAITS, map(float, one), strict=True)) for one in (row, again))
    assert told["word"] == told["strongest"] == pytest.approx(0.8)
    assert told["translation"] == pytest.approx(0.4)
    assert more["word"] == pytest.approx(0.8 * 2 * 2.2 / 3.2)
    assert sum(told[name] for name in ("stem", "arabizi", "glossary", "kind")) == 0.0


# Edges


def test_nothing_found_is_no_row() -> None:
    """Without hits there are columns and no rows."""
    assert traits(asked("divorc"), [], all_alike).shape == (0, len(TRAITS))


def test_a_passage_without_terms_has_nothing_of_the_question() -> None:
    """Empty terms, as of a passage that its number alone has found, give nothing to any column of terms."""
    (row,) = columns(asked("divorc"), hit(""))
    assert [row[name] for name in ("word", "strongest", "concepts", "telling_share", "head", "window", "prefixes")] == [0] * 7


def test_a_question_without_concepts_has_no_shares() -> None:
    """No concepts, or concepts that weigh nothing, give shares of nothing, and no division by it."""
    for query in (asked(), asked("divorc", divorc=0.0)):
        (row,) = columns(query, hit("divorc loi"))
        assert [row[name] for name in ("telling", "telling_share", "head", "window")] == [0.0] * 4


def test_scores_of_nothing_are_shares_of_nothing() -> None:
    """Where all scores are zero nobody has a share, and each still has its place."""
    rows = columns(asked("divorc"), hit("", "1", 0.0, number="1"), hit("", "2", 0.0, number="2"))
    assert [(row["share"], row["beside"], row["place"]) for row in rows] == [(0, 0, 1), (0, 0, 0.5)]


@pytest.mark.parametrize("number", ["²", "2²", "①", "24bis", "l.12", "-3", "9" * 5000])
def test_a_number_that_nothing_stands_beside(number: str) -> None:
    """Signs that are digits and no numbers, and numbers that no law counts to, have no article beside them."""
    rows = columns(asked("divorc"), hit("", "1", number=number), hit("", "2", number="2"))
    assert [row["beside"] for row in rows] == [0, 0]
