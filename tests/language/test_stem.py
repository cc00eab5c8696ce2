"""Light stems: the forms of a word meet, other words stay apart. Laws first, then each language."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.language import normalise, stem, tifinagh_to_latin

LANGUAGES = ["ar-Arab", "ary-Arab", "ary-Latn", "zgh-Tfng", "zgh-Latn", "kab-Latn", "fr-Latn", "en-Latn", "es-Latn", "mt"]
arabic = st.text(st.sampled_from("ابتكلمنهويةسقفشدغر"), min_size=1, max_size=12)


@given(st.text(max_size=20), st.sampled_from(LANGUAGES))
def test_a_stem_is_made_of_the_loose_key(word, language):
    """Spellings with one strict key have one stem."""
    assert stem(word, language) == stem(normalise(word), language)


@given(arabic, st.sampled_from(["ar", "ary"]))
def test_an_arabic_stem_stands_in_its_word(word, language):
    """An Arabic stem is a stretch of the key, and keeps two letters of a word that has them."""
    key = normalise(word, loose=True)
    found = stem(word, language)
    assert found in key or found == "ديال"
    assert len(found) >= min(len(key), 2)


@given(st.text(st.sampled_from("ⴰⵎⵣⵉⵖⵜⵏⵓⵔⴳⵯⴽⴻ"), max_size=12))
def test_both_scripts_of_tamazight_share_a_stem(word):
    """A Tifinagh word and its Latin form have one stem."""
    assert stem(word, "zgh-Tfng") == stem(tifinagh_to_latin(word), "zgh-Latn")


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("ar", "القانون والقانون بالقانون قانون للقانون قَانُون"),
        ("ar", "المؤسسة للمؤسسات مؤسسة والمؤسسات"),
        ("ar", "العقوبات عقوبة بالعقوبة"),
        ("ar", "وزارة الوزارة والوزارة"),
        ("ar", "الموظفون للموظفين موظف الموظف"),
        ("ary", "كيكتب كايكتب غيكتب غايكتب كنكتب ماكيكتبش ماكتبش كتبو"),
        ("ary", "لكتاب فالكتاب الكتاب كتاب"),
        ("ary", "ديالي ديالهم ديال ديالو"),
        ("ary", "الدار فالدار للدار داري"),
        ("zgh", "ⴰⵎⴰⵣⵉⵖ ⵉⵎⴰⵣⵉⵖⵏ imaziɣen ⵜⴰⵎⴰⵣⵉⵖⵜ tamazight ⵜⵉⵎⴰⵣⵉⵖⵉⵏ"),
        ("zgh", "ⵜⴰⵎⴰⵣⵉⵔⵜ ⵜⵎⴰⵣⵉⵔⵜ"),
        ("zgh", "ⴰⵙⴳⴳⵯⴰⵙ aseggas asggas"),
        ("zgh", "asif wasif ⴰⵙⵉⴼ"),
        ("fr", "l'administration administrations administratif Administrations"),
        ("fr", "règles regles règle"),
        ("fr", "nationales nationale national"),
        ("en", "rules rule"),
        ("es", "reglas regla"),
    ],
)
def test_forms_of_a_word_meet(language, forms):
    """The usual forms of a word share a stem."""
    assert len({stem(form, language) for form in forms.split()}) == 1


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("ar", "قانون", "قنصل"),
        ("ar", "وزير", "زيارة"),
        ("ary", "كنيسة", "يسار"),
        ("ary", "كتاب", "باب"),
        ("fr", "charte", "carte"),
        ("zgh", "ⴰⵙⵉⴼ", "ⴰⵣⵉⴼ"),
    ],
)
def test_other_words_stay_apart(language, one, other):
    """What only looks like an affix stays on."""
    assert stem(one, language) != stem(other, language)


def test_arabizi_keeps_its_letters():
    """A word spelled by ear is only folded, never stemmed as French."""
    assert stem("Kanktbo", "ary-Latn") == "kanktbo"


def test_an_unknown_language_gives_the_loose_key():
    """Where no rules are known the loose key is the stem."""
    assert stem("L’École", "mt") == normalise("L’École", loose=True)


def test_stems_shrink_the_vocabulary_of_the_seed(shared):
    """Tamazight stems bring the word forms of the seed together, by a quarter at least and not by half."""
    seed = gzip.decompress((shared / "parallel" / "oldi_seed_en_ary_zgh_taq.tsv.gz").read_bytes()).decode()
    keys = {
        normalise(word, loose=True) for row in seed.splitlines()[1:] for word in row.split("\t")[3].split() if word.isalpha()
    }
    stems = {stem(key, "zgh") for key in keys}
    assert 0.5 < len(stems) / len(keys) < 0.85
