"""The analyser: any text gives terms with their places, spellings of one word meet, damaged files too."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.search import FIELDS, Passage, fields_of, tokens
from daffa.search.analyser import number, terms
from daffa.search.arabic import arabic_stem
from daffa.search.fields import article_number
from daffa.search.stops import ARABIZI, STOPS

LETTERS = st.text(st.characters(codec="utf-8")) | st.text("القانون األجيرلإآ ةى 0٣9.-ⵜⴰⵎacéè'’\n", max_size=80)


@given(LETTERS, st.sampled_from(["", "fr-Latn", "en-Latn", "zgh-Latn", "ar-Arab", "x"]))
def test_tokens_have_their_places_in_the_text(text: str, language: str) -> None:
    """Any text gives tokens that follow one another inside it, none of them empty, with the terms of ``terms``."""
    found = tokens(text, language)
    assert [token.term for token in found] == terms(text, language)
    assert all(token.term and not token.term.isspace() for token in found)
    ends = [0, *(token.end for token in found)]
    assert all(before <= token.start < token.end <= len(text) for before, token in zip(ends, found, strict=False))


@given(LETTERS)
def test_a_term_has_no_space(text: str) -> None:
    """A term is one word to an engine that takes texts apart at spaces."""
    assert all(len(term.split()) == 1 for term in terms(text))


@pytest.mark.parametrize(
    ("clean", "damaged"),
    [
        ("الأجير", "األجير"),
        ("للأجل", "لألجل"),
        ("الإدارة", "اإلدارة"),
        ("لإدارة", "إلدارة"),
        ("خلافات", "خالفات"),
        ("المعاملات", "المعامالت"),
        ("الآجال", "اآلجال"),
        ("طلاق", "طالق"),
        ("والأجراء", "واألجراء"),
        ("الحبس", "ا لحبس"),
    ],
)
def test_a_damaged_word_meets_the_clean_one(clean: str, damaged: str) -> None:
    """A word whose lam and alef a PDF reader has turned around gives the term of the word."""
    assert terms(clean) == terms(damaged) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("salariés", "salarié"),
        ("L’ÉCOLE", "école"),
        ("الشركة", "شركات"),
        ("بالأجرة", "أجرة"),
        ("سلطته", "السلطة"),
        ("مُدَوَّنة", "مدونة"),
        ("٦٥.٩٩", "65-99"),
        ("1 000", "1.000"),
    ],
)
def test_spellings_meet(one: str, other: str) -> None:
    """What a reader takes for one word is one term."""
    assert terms(one) == terms(other) != []


def test_tamazight_meets_in_both_scripts() -> None:
    """A Latin text that is said to be Tamazight gives the terms of its Tifinagh."""
    assert terms("tamurt umurakuc", "zgh-Latn") == terms("ⵜⴰⵎⵓⵔⵜ ⵓⵎⵓⵔⴰⴽⵓⵛ", "zgh-Tfng") != []


@pytest.mark.parametrize(("one", "other"), [("loyer", "loi"), ("délai", "délit")])
def test_words_that_the_stemmer_takes_for_one_stay_apart(one: str, other: str) -> None:
    """Where Snowball gives one stem to two words of law, they are told apart."""
    assert terms(one) != terms(other)


def test_english_is_stemmed_as_english_where_it_is_said() -> None:
    """The language of a text decides how its Latin letters are read."""
    assert terms("the workers and working", "en-Latn") == ["worker", "work"]


def test_stop_words_go() -> None:
    """Words that no question is about give no term, in each language."""
    assert terms("quels sont les délais ? ما هي الآجال؟ شنو هو الأجل ديال ⴷ") == ["delai", "اجال", "اجل"]
    assert all(STOPS.values())
    assert ARABIZI


def test_an_arabic_stem_is_never_empty() -> None:
    """A word of nothing but affixes stays a word."""
    assert arabic_stem("ال")
    assert arabic_stem("هم")
    assert arabic_stem("ات")


@pytest.mark.parametrize(
    ("text", "term"), [("24", "24"), ("24 bis", "24bis"), ("24 مكرر", "24bis"), ("٢٤", "24"), ("L. 12", "l.12"), ("", "")]
)
def test_article_numbers_meet(text: str, term: str) -> None:
    """An article number is one term in either language."""
    assert article_number(text) == term


def test_numbers_of_laws_meet() -> None:
    """A law is written 65-99, 65.99, 65/99 and 09-08, 9-08."""
    assert {number("65-99"), number("65.99"), number("65/99")} == {"65.99"}
    assert number("09-08") == number("9.08")


def test_fields_of_a_passage() -> None:
    """A passage gives a list of terms for each field; heading and text are one."""
    passage = Passage(
        "1", "c", "d", "Le salarié a droit à un congé.", "Congé annuel", "fr-Latn", "231", "Code du travail (loi 65-99)"
    )
    fields = fields_of(passage)
    assert tuple(fields) == FIELDS
    assert fields["stem"] == ["cong", "annuel", "salari", "droit", "cong"] * 2
    assert fields["number"] == ["231"]
    assert {"travail", "65.99"} <= set(fields["work"])
    assert fields_of(Passage("1", "c", "d", ""))["number"] == []


def test_a_word_without_end_is_cut() -> None:
    """A megabyte without a space is one term of bounded length."""
    (token,) = tokens("ب" * 1_000_000)
    assert token.end == 1_000_000
    assert len(token.term) <= 64
