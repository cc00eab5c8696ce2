"""Repair of damaged Arabic: laws first, then the damage seen in law texts, then the edges."""

from __future__ import annotations

import gzip
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.language import Change, repair, repair_lines
from daffa.language.damage.letters import collapse, damage, originals, pairs
from daffa.language.learning.repair.score import score

DATA = Path(__file__).parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the data folder is not beside this checkout")

LINES = ["األمر األول", "مدينة موالي إدريس", "المادة الأولى", "هذا ،وكذا", "22من صفر", "", "abc 12"]
CLEAN = "ينص القانون رقم 09.08 المتعلق بحماية الأشخاص الذاتيين على الحياة الخاصة خلال معالجة المعطيات، ولا يجوز إلا بموافقة"

pieces = st.sampled_from(
    "ا أ إ آ ل ه و ف ب ك م ن ي ة ر د َ ّ ـ ال لا األ الأ اال هللا اهلل هلل لأل خالل الفالحة القانون رقم قال المالك 4 7 22 1430 "
    '2011 09.08 2-24-921 24-921-2 166-00-2 123456AB ٣ ٤٥ % ( ) « » " ، . : ؛ - / A b é'.split()
) | st.sampled_from([" ", "\n", "\u00a0", "\r\n", "\u2028", "  "])
rough = st.lists(pieces, max_size=40).map("".join)
anything = st.text(max_size=120) | rough


@settings(max_examples=600)
@given(anything)
def test_a_repair_can_be_taken_back(text):
    """Whatever the text, undoing gives it back code point by code point."""
    assert repair(text).undo() == text


@settings(max_examples=1500)
@given(anything)
def test_a_second_repair_changes_nothing(text):
    """Repair is idempotent."""
    once = repair(text).text
    assert repair(once).text == once


@settings(max_examples=600)
@given(anything)
def test_the_report_says_all_that_changed(text):
    """The changes are in order, do not overlap, quote the damaged text, and make the repaired one."""
    repaired = repair(text)
    read, parts = 0, []
    for change in repaired.changes:
        assert read <= change.start < change.end
        assert text[change.start : change.end] == change.before != change.after
        parts += [text[read : change.start], change.after]
        read = change.end
    assert "".join([*parts, text[read:]]) == repaired.text


@given(st.text(alphabet="ابتلأإآموي", max_size=12))
def test_the_damage_is_among_what_is_undone(word):
    """Each clean word is one of the readings of what the damage makes of it."""
    damaged, truth = collapse(word)
    assert damaged == damage(word)
    assert word in {original for _, original in originals(damaged, pairs(damaged))}
    assert [at for at, _ in truth] == pairs(damaged)


@given(st.text(alphabet=st.characters(max_codepoint=0x5FF), max_size=200))
def test_other_scripts_come_back_untouched(text):
    """A text without an Arabic letter is not even looked at."""
    assert repair(text).changes == ()


@pytest.mark.parametrize(
    ("damaged", "clean"),
    [
        ("حماية األشخاص الذاتيين", "حماية الأشخاص الذاتيين"),
        ("اإلدارة واآلجال لألشخاص", "الإدارة والآجال للأشخاص"),
        ("قانون الفالحة", "قانون الفلاحة"),
        ("خالل المدة", "خلال المدة"),
        ("ال يجوز إال بموافقة", "لا يجوز إلا بموافقة"),
        ("الوثائق الالزمة لالستفادة من اإلعانة", "الوثائق اللازمة للاستفادة من الإعانة"),
        ("الحمد هلل وحده", "الحمد لله وحده"),
        ("أسماه هللا وأعز أمره", "أسماه الله وأعز أمره"),
        ("صادر في 22من صفر 18( 1430فبراير )2009", "صادر في 22 من صفر 1430 (18 فبراير 2009)"),
        ("الفصلين 29و 105منه", "الفصلين 29 و105 منه"),
        ("القانون رقم ،37.25الجريدة الرسمية", "القانون رقم 37.25، الجريدة الرسمية"),
        ("في سنة 1975تحدد", "في سنة 1975 تحدد"),
        ("المرسوم رقم 24-921-2 الصادر", "المرسوم رقم 2-24-921 الصادر"),
        ("المرسوم رقم 166-00-2بتاريخ 14صفر", "المرسوم رقم 2-00-166 بتاريخ 14 صفر"),
        ("صاحب البطاقة رقم 123456AB", "صاحب البطاقة رقم AB123456"),
        ("من نسبة %22من األعضاء", "من نسبة 22% من الأعضاء"),
    ],
)
def test_the_damage_of_law_texts_is_taken_back(damaged, clean):
    """One line is enough, and nothing else in it moves."""
    assert repair(damaged).text == clean
    assert repair(clean).changes == ()


@pytest.mark.parametrize(
    "text",
    [
        CLEAN,
        "قال المالك إن الحالة المالية للوكالة صالحة",
        "ألف شخص إلى ألمانيا",
        "السفر لألمانيا ممكن",
        "غادي نمشي 4ادي ونرجع على 7",
        "القانون 08.09 والقانون 09.08",
        "الفصل رقم 218-4-2 أعلاه",
        "بتاريخ رقم 26-3-2014",
        "le décret 24-921-2 et la carte 123456AB",
        "وَطَالِبُ الْعِلْمِ",
        "",
    ],
)
def test_what_is_right_stays(text):
    """Clean text, Darija digits and numbers with more than one order are left alone."""
    assert repair(text).text == text


def test_the_text_around_a_line_decides_about_it():
    """A word with two readings is repaired in a damaged text, and kept in a clean one."""
    doubtful = "المادة الثالثة من الباب"
    assert repair(f"{CLEAN}\n{doubtful}").changes == ()
    assert "مولاي" in repair("األمر األول\nمدينة موالي إدريس").text


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(["األمر األول", "مدينة موالي إدريس", "المادة الأولى", "هذا ،وكذا", "22من صفر", "", "abc 12"]),
        max_size=6,
    )
)
def test_lines_are_repaired_as_their_text(lines):
    """Lines repaired together are the lines of the text repaired, and each can be taken back by itself."""
    done = repair_lines(lines)
    assert "\n".join(repaired.text for repaired in done) == repair("\n".join(lines)).text
    assert [repaired.undo() for repaired in done] == lines


def test_marks_and_tatweels_stay_where_they_were():
    """Only the two letters change places."""
    assert repair("األحــكــام الـعـامـة األولى").text == "الأحــكــام الـعـامـة الأولى"


def test_a_change_tells_place_and_kind():
    """Offsets are code points of the damaged text."""
    assert repair("قانون األسرة").changes == (Change(6, 12, "األسرة", "الأسرة", "article"),)


@pytest.mark.parametrize("piece", ["ال", "األ", "لا", "1", "1 ", "( ", "،", "ـ", "رقم 1-", "123456AB ", "هللا ", "\n", "22من "])
def test_a_hostile_text_is_repaired_too(piece):
    """Repetition of any part, hundreds of thousands of code points long, comes back and can be taken back."""
    text = f"األمر {piece * 60_000}"
    assert repair(text).undo() == text


@needs_data
def test_the_figures_hold_on_the_data():
    """What the issue asks of repair, on lines and titles that the lexicon never saw and on the laws themselves."""
    figures = {
        kind: {name: right / of for name, (right, of) in shares.items() if of} for kind, shares in score(DATA, most=700).items()
    }
    assert all(share <= 0.001 for share in figures["clean"].values())
    for kind in ("broken lines", "broken titles", "broken, as one text"):
        assert figures[kind]["article"] >= 0.99, kind
    for kind in ("broken titles", "broken, as one text"):
        assert figures[kind]["inside"] >= 0.88, kind
    assert figures["law texts"]["article words"] >= 0.999
    assert figures["law texts"]["title words, inside"] >= 0.95


@needs_data
def test_raw_texts_lose_their_damage():
    """Of the article words in the seven readable raw texts hardly one stays damaged; the garbled ones are not made worse."""
    for path in sorted((DATA / "docs" / "raw_ar_txt").glob("*.gz")):
        with gzip.open(path, "rt", encoding="utf-8", errors="replace") as file:
            text = "".join(islice(file, 400))
        repaired = repair(text)
        assert repaired.undo() == text
        if not path.name.startswith("GARBLED"):
            assert repaired.text.count("األ") <= text.count("األ") * 0.02
            assert repaired.text.count("الأ") > 10
