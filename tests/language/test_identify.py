"""Which language a text is in: laws that hold for every text, the eight classes, mixed text, hostile text."""

import doctest
import itertools
import string
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.language import Span, by_sentence, identify, identify_many, spans
from daffa.language.identification import Identifier, shipped
from daffa.language.identification.sums import CHUNK
from daffa.language.learning.identify.score import class_of, f1

LANGUAGES = {
    "ary-Arab", "ary-Latn", "ar-Arab", "fr-Latn", "en-Latn", "es-Latn", "zgh-Tfng", "zgh-Latn", "kab-Latn", "other", "und",
}  # fmt: skip
OWN = {
    name: text.strip().splitlines()
    for name, text in tomllib.loads((Path(__file__).parent / "identify_sentences.toml").read_text(encoding="utf-8")).items()
}

WORDS = st.sampled_from(
    "bghit l'7wayj 3lach 2024 12 le La ÉTÉ the ديال الذي السَّلام ٣ ڭاع 4ادي ﻻ ﷺ ⵜⴰⵎⴰⵣⵉⵖⵜ ⴽⵯ e\u0301t\u0301 ɣer γef "
    "привет 你好 😀 a\u200bb الـعـربية aب 𝒜𝓁 ’ ' - % x\u00a0y".split(" ")
)
CHARACTERS = st.characters() | st.sampled_from("\ud800\udfff\u200f\u0640\u0301\ufefb\x1c\x85\u2028\n\r\t '3٣")
TEXTS = st.lists(WORDS | st.text(CHARACTERS, max_size=12), max_size=12).map(" ".join) | st.text(CHARACTERS, max_size=80)


def same(one, other):
    """Two answers agree; the last bit of a probability may differ with the order of additions."""
    assert (one.language, one.plausible) == (other.language, other.plausible)
    assert one.confidence == pytest.approx(other.confidence, abs=1e-9)


@settings(max_examples=300, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_one_by_one_is_as_many_at_once(texts):
    """A text gets the same answer alone, from remembered words, and among others, from arrays."""
    identifier = Identifier(shipped())
    at_once = identifier.many(texts)
    for _ in range(2):  # the second time all words are remembered
        for text, answer in zip(texts, at_once, strict=True):
            same(identifier.one(text), answer)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_sums_add_up_over_words(left, right):
    """The sums of two texts with a blank between them are the sums of the two."""
    identifier = Identifier(shipped())
    rows = identifier.rows([left, right, f"{left} {right}"], 1 << 40)
    assert (rows[0] + rows[1]).tolist() == rows[2].tolist()


@settings(deadline=None)
@given(TEXTS)
def test_an_answer_is_well_formed(text):
    """The language is one of ours, the confidence a probability, and the plausible set begins with the language."""
    answer = identify(text)
    assert answer.language in LANGUAGES
    assert 0.0 <= answer.confidence <= 1.0 + 1e-9
    assert answer.plausible[:1] == (() if answer.language == "und" else (answer.language,))
    assert len(set(answer.plausible)) == len(answer.plausible)


@settings(deadline=None)
@given(TEXTS)
def test_spans_are_in_order_and_begin_and_end_at_words(text):
    """Spans do not overlap, are not empty, have no blank at their edges, and neighbours differ in language."""
    found = spans(text)
    assert all(left.end <= right.start and left.language != right.language for left, right in itertools.pairwise(found))
    assert all(span.start < span.end and text[span.start : span.end] == text[span.start : span.end].strip() for span in found)
    covered = {place for span in found for place in range(span.start, span.end)}
    assert not found or all(place in covered or letter.isspace() for place, letter in enumerate(text))


@pytest.mark.parametrize("name", OWN)
def test_own_sentences_are_told_apart(name):
    """On sentences written for this test, each of the eight classes has an F1 of at least 0.94."""
    pairs = [(truth, class_of(answer.language)) for truth, lines in OWN.items() for answer in identify_many(lines)]
    assert f1(pairs)[name]["f1"] >= 0.94
    assert f1(pairs)[name]["lines"] >= 25


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "\n",
        "12 345,67",
        "٣٤٥",
        "😀👍🏽",
        "…!?-–«»",
        "\ud800",
        "\udfff\ud800",
        "\u200f\u202b",
        "ـــ",
        "\u064e\u0651",
        "0600000000",
    ],
)
def test_a_text_without_letters_is_undetermined(text):
    """Digits, signs, emoji, lone surrogates and marks alone are ``und``, with no plausible language and no span."""
    assert identify(text) == ("und", 0.0, ())
    assert identify_many([text, "bonjour"])[0] == ("und", 0.0, ())
    assert spans(text) == []


@pytest.mark.parametrize("text", ["привет, как дела", "שלום לך", "你好，世界", "नमस्ते दुनिया", "안녕하세요", "Γειά σου Κόσμε"])
def test_other_scripts_are_another_language(text):
    """Letters of a script that has no model are ``other``."""
    assert identify(text).language == "other"


@pytest.mark.parametrize(
    "text",
    [
        "Questa mattina sono andato in comune ma era chiuso.", "Die Schule beginnt morgen um acht Uhr.",
        "این کتاب را دیروز از کتابخانه گرفتم", "یہ کتاب میں نے کل خریدی تھی", "Bu sabah belediyeye gittim ama kapalıydı.",
        "Esta manhã fui à câmara mas não estava ninguém lá.",
    ],
)  # fmt: skip
def test_neighbours_are_another_language(text):
    """Italian, German, Persian, Urdu, Turkish and Portuguese are ``other``."""
    assert identify(text).language == "other"


@pytest.mark.parametrize("text", ["الماء", "الحمد لله", "كتاب", "السلام عليكم"])
def test_what_is_good_in_both_names_both(text):
    """Words that Darija and Standard Arabic share get both as plausible answers."""
    assert set(identify(text).plausible) == {"ary-Arab", "ar-Arab"}


def test_a_marker_decides():
    """One word of Darija in a formal sentence makes the sentence Darija."""
    assert identify("الوزارة أعلنت على فتح باب الترشيح ديال هاد المباراة").language == "ary-Arab"
    assert identify("أعلنت الوزارة عن فتح باب الترشيح لهذه المباراة").language == "ar-Arab"


def test_folding_does_not_change_the_answer():
    """Tashkeel, tatweel, presentation forms and capitals change nothing."""
    plain = identify("لا شيء هنا")
    same(identify("لَا شَيْء هُنَـــا"), plain)
    same(identify("\ufefb شيء هنا"), plain)
    same(identify("BGHIT NMCHI L DAR"), identify("bghit nmchi l dar"))


def test_mixed_text_is_cut_into_spans():
    """French before Arabizi, Arabic before French, and Amazigh as one stretch."""
    text = "Bonjour, je voudrais prendre un rendez-vous, wach kayn chi blassa daba?"
    cut = text.index("wach")
    assert spans(text) == [Span(0, cut - 1, "fr-Latn"), Span(cut, len(text), "ary-Latn")]
    text = "خاصني نمشي للمقاطعة le certificat de résidence est obligatoire"
    assert [span.language for span in spans(text)] == ["ary-Arab", "fr-Latn"]
    assert len(spans("azul fellawn, manzakin? ad awn iniɣ tanmmirt")) == 1


def test_offsets_are_code_points():
    """A character outside the basic plane counts as one."""
    text = "😀😀 je voudrais prendre un rendez-vous 😀 بغيت نسول على الوراق ديالي"
    assert [text[span.start : span.end] for span in spans(text)][1] == "بغيت نسول على الوراق ديالي"


def test_each_sentence_has_its_language():
    """Sentences are cut and identified one by one."""
    text = "Je voudrais un certificat. شنو هي الوراق اللي خاصني نجيب؟ Thank you very much for your help."
    found = by_sentence(text)
    assert [span.language for span in found] == ["fr-Latn", "ary-Arab", "en-Latn"]
    assert [text[span.start : span.end][-1] for span in found] == [".", "؟", "."]
    assert by_sentence("") == []


def test_many_texts_keep_their_order():
    """More texts than fit in one batch, long ones and texts with newlines among them, come back in order."""
    texts = [f"bghit nmchi {number}" for number in range(2500)]
    texts[7], texts[8], texts[9] = "line\nof\ntext in english\n", "", "je ne sais pas " * 40_000
    answers = identify_many(texts)
    assert len(answers) == len(texts)
    for place in (0, 7, 8, 9, 999, 1000, 2499):
        same(answers[place], identify(texts[place]))
    assert identify_many([]) == []


@pytest.mark.parametrize("unit", ["a", "ⵣ", "aب", "1", "ا ", "bghit ", "le 3 mai ", "\u0301", "😀", "\n", "'", "\ud800"])
def test_long_hostile_text_is_answered(unit):
    """A megabyte of one thing, words or none, is answered by every function, the same by each path."""
    text = unit * (1_000_000 // len(unit))
    same(identify(text), identify_many([text])[0])
    assert all(span.end <= len(text) for span in spans(text[:100_000]))


@pytest.mark.parametrize("length", [CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_a_text_longer_than_a_chunk_loses_nothing(length):
    """The sums of a long text are those of its words, wherever it is cut for adding."""
    identifier = Identifier(shipped())
    words = [string.ascii_lowercase[place % 26] * (1 + place % 5) + str(place % 7) for place in range(length // 5)]
    rows = identifier.rows([" ".join(words), *words], 1 << 40)
    assert rows[0].tolist() == rows[1:].sum(axis=0).tolist()


def test_remembered_words_are_bounded():
    """However many words pass by, no more than 50,000 are remembered, and none that is very long."""
    identifier = Identifier(shipped())
    for first in range(0, 120_000, 200):
        identifier.one(" ".join(f"w{number}x" for number in range(first, first + 200)))
        assert len(identifier._known) <= 50_000
    identifier.one("y" * 200)
    assert "y" * 200 not in identifier._known


def test_the_examples_of_the_page_are_true():
    """What ``docs/language-identification.md`` shows is what happens."""
    page = Path(__file__).parents[2] / "docs" / "language-identification.md"
    told = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert told.failed == 0
    assert told.attempted >= 6
