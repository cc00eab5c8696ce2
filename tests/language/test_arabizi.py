"""Arabizi into Arabic letters: laws first, then words and sentences, the figures, and the edges."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.language import arabizi_candidates
from daffa.language.arabizi.lattice import edges, key
from daffa.language.arabizi.model import Model, read, write
from daffa.language.arabizi.table import by_table
from daffa.language.learning.arabizi.learn import learn
from daffa.language.learning.arabizi.score import character_errors, normal, score

DATA = Path(__file__).parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the data folder is not beside this checkout")

syllables = st.sampled_from("kh gh ch sh ou a e i o b t j 7 5 d r z s 3 4 f 9 k l m n h w y p v g T S D 2 tt rr".split())
arabizi_words = st.lists(syllables, min_size=1, max_size=7).map("".join)
phrases = st.lists(arabizi_words, min_size=1, max_size=5).map(" ".join)


def first(text: str) -> str:
    return arabizi_candidates(text, 1)[0].text


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60) | phrases, st.integers(1, 8))
def test_there_is_always_an_answer(text, most):
    """Whatever the text: at least one candidate, no more than asked, none twice, shares that fall and do not exceed one."""
    found = arabizi_candidates(text, most)
    assert 1 <= len(found) <= most
    assert len({candidate.text for candidate in found}) == len(found)
    shares = [candidate.score for candidate in found]
    assert shares == sorted(shares, reverse=True)
    assert 0 < sum(shares) <= 1 + 1e-9


@settings(max_examples=100, deadline=None)
@given(phrases)
def test_no_latin_letter_is_left(text):
    """Every Arabizi word comes out in Arabic letters."""
    for candidate in arabizi_candidates(text.lower()):
        assert not re.search("[a-z]", candidate.text)


@settings(max_examples=60, deadline=None)
@given(phrases)
def test_fewer_are_the_beginning_of_more(text):
    """Asking for less gives the same best readings."""
    assert arabizi_candidates(text, 2) == arabizi_candidates(text, 6)[:2]


@given(st.text(alphabet="ابتثجحخدذرزسشصضطظعغفقكلمنهوي ،؟ⴰⴱⵣ٣٤", max_size=60))
def test_text_without_latin_letters_stays(text):
    """Arabic and Tifinagh come back as they are."""
    assert first(text) == text


@given(arabizi_words)
def test_each_letter_can_be_read(word):
    """From every place of a word some edge leads on, and none leads beyond its end."""
    ways = edges(word)
    assert len(ways) == len(word)
    for at, leaving in enumerate(ways):
        assert leaving
        assert all(0 < length <= len(word) - at and cost >= 0 for length, _, cost in leaving)


@given(arabizi_words)
def test_a_key_leaves_out_the_freedoms_of_spelling(word):
    """Capitals, a last e and one of two ways to write a sound do not matter."""
    assert key(word) == key(word.upper()) == key(f"{word}e")
    assert key(word) == key(word.replace("kh", "5").replace("gh", "4"))


@given(st.text("abc", max_size=8), st.text("abc", max_size=8), st.text("abc", max_size=8))
def test_character_errors_are_a_distance(one, two, three):
    """None for equals only, the same both ways, and no way around is shorter."""
    assert (character_errors(one, two) == 0) == (one == two)
    assert character_errors(one, two) == character_errors(two, one)
    assert character_errors(one, three) <= character_errors(one, two) + character_errors(two, three)


@pytest.mark.parametrize(
    ("arabizi", "arabic"),
    [
        ("wach ghadi tji m3aya?", "واش غادي تجي معايا؟"),
        ("bghit nmchi lddar daba", "بغيت نمشي الدار دابا"),
        ("chno hadchi", "شنو هادشي"),
        ("3lach ma jitich lbare7", "علاش ما جيتيش البارح"),
        ("kif dayr labas", "كيف داير لاباس"),
        ("had lktab dyali", "هاد الكتاب ديالي"),
        ("fin kayn sbitar", "فين كاين السبيطار"),
        ("khassni n9ra l9anoun", "خاصني نقرا القانون"),
    ],
)
def test_everyday_sentences(arabizi, arabic):
    """What everybody writes is read right, first."""
    assert first(arabizi) == arabic


@pytest.mark.parametrize(
    "spellings", ["bezzaf bzzaf bzaf Bzaf", "ghadi 4adi", "khdma 5dma", "wach wash", "7it hit", "8adchi hadchi", "9bel qbel"]
)
def test_spellings_of_one_word_meet(spellings):
    """Digits, digraphs, doubled letters and a left-out e do not matter."""
    assert len({first(spelling) for spelling in spellings.split()}) == 1


def test_an_open_consonant_is_among_the_candidates():
    """Latin s may be س or ص, h may be ه or ح, t may be ط: the reader is offered both."""
    offered = {candidate.text for candidate in arabizi_candidates("sbah", 8)}
    assert "صباح" in offered
    assert {"صباح", "سباح"} <= offered


@pytest.mark.parametrize("kept", ["a.b@c.ma", "https://daffa.ma/x?y=1", "CNSS", "2024", "10", "8h30", "4G/5G"])
def test_what_is_no_word_stays(kept):
    """Addresses, numbers and acronyms in capitals keep their letters."""
    assert kept in first(f"sift liya {kept} daba").split(" ")


def test_a_text_in_capitals_is_read_as_any_other():
    """Shouting is no acronym."""
    assert first("WACH KAYN CHI 7AJA") == first("wach kayn chi 7aja")


def test_commas_stay_inside_numbers():
    """Punctuation becomes Arabic, decimal commas do not."""
    assert first("wakha, 12,50 drhm") == "واخا، 12,50 درهم"


@pytest.mark.parametrize("piece", ["a", "khgh", "wach ", "3", "'", "l'a", "@", "A", "٣", "2a ", "://", "\n"])
def test_a_hostile_text_is_read_too(piece):
    """Endless words and repetitions, fifty thousand code points long, get an answer."""
    assert arabizi_candidates(piece * (50_000 // len(piece)), 1)[0].text


def test_the_table_reads_letter_by_letter():
    """The yardstick is what its page says: digraphs, digits, doubled letters once, e left out, vowels written."""
    assert by_table("wach bezzaf, khouya 7ta ghdda?") == "واش بزاف, خويا حتا غدا?"


def test_a_model_comes_back_from_its_file(tmp_path):
    """Packing keeps every run, word and pair, and counts within an eighth of a power of two."""
    model = learn(["واش كاين شي حاجة", "كاين شي حاجة"], ["كان يا ما كان"], ["wach kayn chi 7aja"])
    write(tmp_path / "small.npz", model)
    again = read(tmp_path / "small.npz")
    for before, after in ((model.runs, again.runs), (model.words, again.words), (model.pairs, again.pairs)):
        assert set(before) == set(after)
        assert all(abs(after[text] / before[text] - 1) < 0.1 for text in before)


def test_letters_are_chances():
    """Whatever stands before, the chances of what may follow add up to no more than one."""
    model = Model({"ab": 2.0, "a": 3.0, "b": 1.0, "ca": 1.0}, {"ab": 1.0}, {})
    for context in ("", "a", "c", "xyz"):
        assert sum(2.718281828459045 ** model.letter(context, letter) for letter in "abc") <= 1 + 1e-9


def test_normal_text_has_no_marks():
    """Comparison looks at letters alone; loosely it takes hamza and the like for what they sit on."""
    assert normal("شتّها، أُ الـدار!") == "شتها أ الدار"
    assert normal("أخرى", loose=True) == normal("اخري")


@needs_data
def test_the_figures_hold_on_the_data():
    """On phrases that nothing was learned from the character error rate is far below 0.75 of the letter table's."""
    rates = score(DATA, most=150)["written by hand"]
    assert rates["daffa, first"] <= 0.6 * rates["letter table"]
    assert rates["daffa, best of 5"] <= rates["daffa, first"]
