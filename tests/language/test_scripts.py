"""Writings: Tifinagh and Latin there and back, digits, marks of direction. Laws first, then the seed, then the edges."""

from __future__ import annotations

import gzip
import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.language import (
    base_direction,
    convert_digits,
    isolate,
    latin_to_tifinagh,
    strip_marks,
    tifinagh_to_latin,
)

IRCAM = "ⴰⴱⴳⴷⴹⴻⴼⴽⵀⵃⵄⵅⵇⵉⵊⵍⵎⵏⵓⵔⵕⵖⵙⵚⵛⵜⵟⵡⵢⵣⵥⵯ"
OTHER_DIGITS = "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹０１２３４５６７８９"
LATIN = "abgdḍefkhḥɛxqijlmnurṛɣsṣctṭwyzẓʷ"
TUAREG = "ⴲⴴⴵⴶⴸⴺⴾⴿⵁⵂⵆⵈⵋⵌⵐⵑⵗⵘⵝⵤⵦⵧ⵰⵿"

tifinagh = st.text(st.sampled_from(IRCAM + "ⵒⵠⵞ 0123456789.,;:!?()«»\n-'’" + TUAREG))
mixed = st.text(
    st.sampled_from(IRCAM + TUAREG + "abcdghkosxyzÉéγεΣöœ \u200c\u2060\u0301\u0323سلامλό°ʷ.1")
    | st.characters(exclude_categories=["Cs"])
)
directions = st.text(st.sampled_from("aب1 \n\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))


@settings(max_examples=500)
@given(tifinagh)
def test_tifinagh_comes_back_exactly(text):
    """Tifinagh with digits, signs and Tuareg letters comes back from Latin letters as it was."""
    assert latin_to_tifinagh(tifinagh_to_latin(text)) == text


@settings(max_examples=1500)
@given(mixed)
def test_any_text_comes_back_exactly(text):
    """What was Latin, Greek, Arabic or invisible in a text comes back too, wherever it stands."""
    assert latin_to_tifinagh(tifinagh_to_latin(text)) == text


@given(st.text(st.sampled_from(IRCAM)))
def test_latin_of_tifinagh_has_no_tifinagh_left(text):
    """No letter of the alphabet is forgotten by the table."""
    assert not any("ⴰ" <= letter <= "⵿" for letter in tifinagh_to_latin(text))


@given(st.text(st.characters(exclude_categories=["Cs"]).filter(lambda c: "LATIN" not in unicodedata.name(c, ""))))
def test_other_scripts_are_left_untouched(text):
    """Into Tifinagh, only Latin letters change; into Latin, without marks, only Tifinagh ones."""
    bare = text.translate(dict.fromkeys(map(ord, "\u200c\u2060γεΓΕΣԑԐ")))
    assert latin_to_tifinagh(bare) == bare
    arabic = "".join(letter for letter in bare if not "ⴰ" <= letter <= "⵿")
    assert tifinagh_to_latin(arabic, exact=False) == arabic


def test_the_table_is_that_of_ircam():
    """Each letter of IRCAM has its Latin letter, and each comes back."""
    assert tifinagh_to_latin(IRCAM, exact=False) == LATIN
    assert latin_to_tifinagh(" ".join(LATIN)) == " ".join(IRCAM)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("Azul", "ⴰⵣⵓⵍ"),
        ("AMAZIƔ", "ⴰⵎⴰⵣⵉⵖ"),
        ("amazigh amaziγ amaziɣ", "ⴰⵎⴰⵣⵉⵖ ⴰⵎⴰⵣⵉⵖ ⴰⵎⴰⵣⵉⵖ"),
        ("taɛrabt taεrabt tâarabt", "ⵜⴰⵄⵔⴰⴱⵜ ⵜⴰⵄⵔⴰⴱⵜ ⵜⵄⴰⵔⴰⴱⵜ"),
        ("ack ašk achk ashk", "ⴰⵛⴽ ⴰⵛⴽ ⴰⵛⴽ ⴰⵛⴽ"),
        ("axxam akham", "ⴰⵅⵅⴰⵎ ⴰⵅⴰⵎ"),
        ("asggʷas", "ⴰⵙⴳⴳⵯⴰⵙ"),
        ("aḍar ad\u0323ar", "ⴰⴹⴰⵔ ⴰⴹⴰⵔ"),
        ("ačamma pipa vista", "ⴰⵞⴰⵎⵎⴰ ⵒⵉⵒⴰ ⵠⵉⵙⵜⴰ"),
        ("ouzzal uzzal", "ⵓⵣⵣⴰⵍ ⵓⵣⵣⴰⵍ"),
        ("lǧiran", "ⵍⴷⵊⵉⵔⴰⵏ"),
    ],
)
def test_variants_are_read(typed, written):
    """Capitals, Greek letters, digraphs and dots typed apart are read as the letter that is meant."""
    assert latin_to_tifinagh(typed) == written


def test_greek_words_are_no_amazigh_letters():
    """A gamma inside a Latin word is an Amazigh letter; a Greek word stays Greek."""
    assert latin_to_tifinagh("aγ ε λόγος") == "ⴰⵖ ε λόγος"


def test_marks_stand_only_where_the_table_would_confuse():
    """Plain Tifinagh becomes plain Latin; a Latin word in it, and g before h, are marked."""
    assert tifinagh_to_latin("ⴰⵣⵓⵍ ⴼⵍⵍⴰⵡⵏ, 12") == "azul fllawn, 12"
    assert tifinagh_to_latin("ⴰⴷ XOR ⴰⴳⵀⴰ") == "ad \u2060XOR ag\u200cha"
    assert tifinagh_to_latin("ⴰⴷ XOR ⴰⴳⵀⴰ", exact=False) == "ad XOR agha"


def test_the_seed_comes_back_exactly(shared):
    """Every Tifinagh line of the parallel seed and of the monolingual lines comes back as it was."""
    seed = shared / "parallel" / "oldi_seed_en_ary_zgh_taq.tsv.gz"
    rows = [row.split("\t") for row in gzip.decompress(seed.read_bytes()).decode().splitlines()[1:]]
    lines = [text for row in rows for text in (row[3], row[5])]
    for name in ("zgh-Tfng", "taq-Tfng"):
        packed = (shared / "lang" / f"{name}.jsonl.gz").read_bytes()
        lines += [json.loads(row)["text"] for row in gzip.decompress(packed).decode().splitlines()]
    assert len(lines) > 24_000
    assert [text for text in lines if latin_to_tifinagh(tifinagh_to_latin(text)) != text] == []


def test_hostile_text_stays_linear():
    """A long text of what is marked, or looks like it, is read to its end."""
    for piece in ("\u2060", "\u200c", "a\u200c", "\u2060\u200c", "ⴳⵀ", "ⴰa", "γ", "a\u0323"):
        text = piece * (200_000 // len(piece))
        assert latin_to_tifinagh(tifinagh_to_latin(text)) == text
        latin_to_tifinagh(text)


# digits


@given(st.text())
def test_digits_become_ascii_and_nothing_else_changes(text):
    """Every digit of the four writings becomes ASCII, one character for one, and other characters stay."""
    changed = convert_digits(text)
    assert len(changed) == len(text)
    for before, after in zip(text, changed, strict=True):
        assert after == before or (
            before in "٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹０１２３４５６７８９" and int(after) == unicodedata.digit(before)
        )


@given(st.text(st.characters(max_codepoint=127)), st.sampled_from(["arabic", "persian", "fullwidth"]))
def test_digits_come_back(text, writing):
    """Digits in another writing come back to ASCII as they were."""
    assert convert_digits(convert_digits(text, writing)) == text


def test_digits_of_a_date():
    """A date in Arabic-Indic digits, and one in mixed digits."""
    assert convert_digits("٢٠٢٦/١٢/٣١") == "2026/12/31"
    assert convert_digits("۱۲٣４5", "arabic") == "١٢٣٤٥"


# direction


@given(directions)
def test_nothing_in_an_island_reaches_out(text):
    """In an island every opener has its closer inside, so that what stands around keeps its order."""
    inside = isolate(text)[1:-1]
    depth: list[str] = []
    for mark in inside:
        if mark in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068":
            depth.append(mark)
        elif mark == "\u202c":
            assert depth
            assert depth.pop() in "\u202a\u202b\u202d\u202e"
        elif mark == "\u2069":
            while depth and depth[-1] in "\u202a\u202b\u202d\u202e":
                depth.pop()
            assert depth
            depth.pop()
    assert depth == []
    assert strip_marks(inside) == strip_marks(text)


@given(st.text())
def test_marks_are_stripped_once_for_all(text):
    """Stripping twice is stripping once, and takes nothing but marks of direction."""
    stripped = strip_marks(text)
    assert strip_marks(stripped) == stripped
    assert [letter for letter in text if unicodedata.category(letter) != "Cf"] == [
        letter for letter in stripped if unicodedata.category(letter) != "Cf"
    ]


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        ("salam", "ltr"),
        ("سلام", "rtl"),
        ("123 - سلام", "rtl"),
        ("ⴰⵣⵓⵍ سلام", "ltr"),
        ("\u2068abc\u2069 سلام", "rtl"),
        ("12", "ltr"),
    ],
)
def test_the_first_strong_letter_gives_the_direction(text, direction):
    """Digits, signs and islands have no say in the direction of a line."""
    assert base_direction(text) == direction
    assert base_direction("12", default="rtl") == "rtl"


def test_islands_of_hostile_marks_stay_linear():
    """A long text of openers and closers in the worst order is balanced in one pass."""
    assert isolate("\u202a" * 250_000 + "\u2069" * 250_000) == "\u2068\u2069"
