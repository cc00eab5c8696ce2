"""The scorer of matters: words have points whatever stands beside them, spellings meet, and the work is linear."""

import hashlib
import importlib
import re
import sys
import threading
from importlib import resources
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daffa.decision import Category
from daffa.privacy import matters, remembered, why
from daffa.privacy import scorer as room
from daffa.privacy.learning.lines import Line
from daffa.privacy.learning.said import LANGUAGES, written
from daffa.privacy.scorer import MATTERS, STRIDE, WINDOW, Scorer, packed
from daffa.privacy.words_hashed import BUCKETS, LONGEST, features, words

MODELS = resources.files("daffa.privacy").joinpath("models")
MODEL = room._read(MODELS.joinpath("matters.npz").read_bytes())
TEXTS = st.text(st.sampled_from("abé7ش طب ـَ1_.\u200bkh'’ß𝒂\n"), max_size=300)
PHRASES = (
    "merbout hadi 3am w ba9i lih 6 chhor w ykhrej",
    "خويا باقي ليه ست شهور ويخرج",
    "dahri bzaf mab9itch 9ader nw9ef",
    "une recette de tajine aux pruneaux",
)


def buckets(word):
    """The features of one word."""
    return set(features([word])[1].tolist())


@given(st.lists(st.text(min_size=1, max_size=30).filter(lambda word: words(word) == [word.lower()]), max_size=40))
def test_a_word_is_worth_what_it_is_alone(some):
    """The points of a stretch are those of its words, each read by itself and counted once."""
    some = list(dict.fromkeys(words(" ".join(some))))[:WINDOW]
    alone = [Scorer(MODEL).sums([word])[0] for word in some]
    assert Scorer(MODEL).sums(some) == [tuple(sum(each[column] for each in alone) for column in range(len(MATTERS)))]


@given(TEXTS)
def test_what_is_remembered_changes_nothing(text):
    """A scorer that has read much and one that has read nothing say the same."""
    used = Scorer(MODEL)
    for phrase in (*PHRASES, text):
        used.spoken(phrase)
    assert used.sums(words(text)) == Scorer(MODEL).sums(words(text))


@given(TEXTS)
def test_every_stretch_is_read(text):
    """Each word stands in a stretch, none longer than the window, and a short text is one."""
    some = words(text) * 7
    sums = Scorer(MODEL).sums(some)
    assert len(sums) == max(1, -(-(len(some) - WINDOW) // STRIDE) + 1)
    for number, found in enumerate(sums):
        stretch = some[number * STRIDE : number * STRIDE + WINDOW]
        assert Scorer(MODEL).sums(stretch) == [found]
    assert len(some) <= (len(sums) - 1) * STRIDE + WINDOW


@given(st.lists(st.sampled_from([*PHRASES, "oui", "non merci", "le budget de la commune"]), max_size=6), st.randoms())
def test_no_part_takes_away_what_another_says(phrases, chance):
    """Quoted strings are heard each by itself, in any order; a word that comes again and again counts once."""
    scorer = Scorer(MODEL)
    expected = frozenset().union(*map(scorer.spoken, phrases))
    chance.shuffle(phrases)
    assert scorer.spoken('", "'.join(phrases)) == expected
    assert scorer.spoken("prison " * 500) == frozenset()


def test_a_full_memory_is_begun_anew(monkeypatch):
    """More words than are remembered are scored all the same, and memory does not grow with them."""
    monkeypatch.setattr(remembered, "_MOST", 50)
    scorer = Scorer(MODEL)
    some = [f"mot{number}x" for number in range(300)]
    assert scorer.sums(some) == Scorer(MODEL).sums(some)
    for first in range(0, 300, 20):
        scorer.sums(some[first : first + 20])
    assert len(scorer._words.known) <= 50


@pytest.mark.parametrize(
    ("one", "other"),
    [("tbib", "طبيب"), ("7ebs", "حبس"), ("kharej", "خارج"), ("tabib", "tbib"), ("chhor", "شهور"), ("mrida", "مريضة")],
)
def test_consonants_are_the_same_in_both_scripts(one, other):
    """A word and its other spelling share the feature of their consonants."""
    assert buckets(one) & buckets(other)


@pytest.mark.parametrize(
    ("one", "other"), [("hôpital", "hopital"), ("أُسرة", "اسره"), ("مدرســـة", "مدرسه"), ("ÉLÈVE", "eleve")]
)
def test_marks_and_case_are_folded(one, other):
    """Accents, hamza, vowel signs, stretching and capitals make no other word."""
    assert features(words(one))[1].tolist() == features(words(other))[1].tolist()


def test_numbers_up_to_seventeen_are_years_of_a_child():
    """Two numbers of one kind are one word; those of the other kind another."""
    assert buckets("6") == buckets("17") != buckets("18") == buckets("2026") == buckets("٤٥")


def test_what_is_no_word_has_no_points():
    """Keys, digests and pictures say nothing, however long."""
    rng = Random(7)
    key = "".join(rng.choices("abcdef0123456789", k=LONGEST + 1))
    assert Scorer(MODEL).sums([key]) == [(0, 0, 0)]
    assert all(0 <= bucket < BUCKETS for bucket in buckets("كلمة"))


def test_all_words_together_say_what_no_word_does():
    """Where no word of the list stands, the sum raises it, and says by which words."""
    for phrase, matter in zip(PHRASES, (Category.JUDICIAL, Category.JUDICIAL, Category.HEALTH), strict=False):
        found = next(each for each in why(phrase) if each.category == matter)
        assert found.check == "scorer"
        assert set(found.words) <= set(words(phrase))
        assert len(found.words) > 1
    assert why(PHRASES[-1]) == ()


def test_a_word_of_the_list_is_shown():
    """One word that is enough, or two hints, are shown as they are written, whatever the sum says."""
    shown = {found.category: found for found in why("Son DIABÈTE s'aggrave")}
    assert shown[Category.HEALTH].check == "word"
    assert shown[Category.HEALTH].words == ("DIABÈTE",)


@given(st.lists(st.sampled_from([*PHRASES, "Le tribunal a condamné le prévenu.", "l'enfant à la crèche", "\x00", "…"])))
def test_what_is_said_is_what_is_raised(phrases):
    """Each category that a text raises has its reason, and no other has."""
    text = "\n".join(phrases)
    assert {found.category for found in why(text)} == matters(text)


def test_several_threads_agree():
    """Threads that read new words at once say what one thread says."""
    scorer = Scorer(MODEL)
    texts = [" ".join(f"{word}{turn}" for word in words(phrase)) for turn in range(40) for phrase in PHRASES]
    expected = [Scorer(MODEL).sums(words(text)) for text in texts]
    found = {}
    threads = [
        threading.Thread(target=lambda turn=turn: found.update({turn: [scorer.sums(words(text)) for text in texts]}))
        for turn in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[turn] for turn in range(4)] == [expected] * 4


def calls(text):
    """Calls made while a text is read by a scorer that knows no word."""
    scorer, made = Scorer(MODEL), 0

    def count(_frame, event, _argument):
        nonlocal made
        made += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        scorer.spoken(text)
    finally:
        sys.setprofile(before)
    return made


@given(st.integers(1, 30), st.sampled_from(["abcdefgh", "ابتثجحخد", "0123456789", "a_", "é'"]), st.integers(0, 9))
@settings(max_examples=25, deadline=None)
def test_work_is_linear(size, letters, seed):
    """Four times the words, none met before, cost at most four times the calls, and a little."""
    chance = Random(seed)
    text = " ".join("".join(chance.choices(letters, k=size)) for _ in range(1_500))
    more = " ".join("".join(chance.choices(letters, k=size)) for _ in range(6_000))
    assert calls(more) <= 4.4 * calls(text) + 500


def test_the_model_has_its_papers():
    """The file is small, is the one on its card, and lies beside its licence."""
    data = MODELS.joinpath("matters.npz").read_bytes()
    assert len(data) <= 1_000_000
    assert hashlib.sha256(data).hexdigest() in MODELS.joinpath("matters.MODEL_CARD.md").read_text(encoding="utf-8")
    assert "CC-BY-SA-4.0" in MODELS.joinpath("matters.LICENSE").read_text(encoding="utf-8")


def test_a_model_comes_back_as_it_was_packed():
    """Packing and reading lose nothing; what is no such model is refused."""
    again = room._read(packed(MODEL))
    assert (again.weights == MODEL.weights).all()
    assert again[1:] == MODEL[1:]
    with pytest.raises(ValueError, match="2"):
        room._read(packed(MODEL._replace(weights=MODEL.weights[:2])))


@pytest.mark.parametrize("language", LANGUAGES)
def test_written_sentences_are_whole(language):
    """Every sentence of ours is filled, is the same for the same seed, and each topic has hundreds."""
    rows = list(written(language, Random(3), 1))
    assert rows == list(written(language, Random(3), 1))
    assert not [text for text, _ in rows if re.search("[{}|]", text)]
    topics = [topic for _, topic in rows]
    assert set(topics) == {"health", "judicial", "minors", "neutral"}
    assert min(map(topics.count, set(topics))) >= 80


def test_a_small_model_learns_what_it_is_told():
    """Learned from a few lines, a model raises what they are about; of the held lines hardly one passes a limit."""
    make = pytest.importorskip("daffa.privacy.learning.make", reason="making a model needs scikit-learn")
    lines = importlib.import_module("daffa.privacy.learning.lines")
    said = [(text, {topic} - {"neutral"}) for text, topic in written("fr", Random(1), 1)]
    learned = tuple(Line(text, frozenset(about), 1.0, ("fr", "ours", "CC-BY-SA-4.0")) for text, about in said[::9])
    held = tuple(line for line in learned if not line.about)
    assert held
    corpus = lines.Corpus(learned, held, {})
    model = make._limited(make._learned(corpus, 1), held)
    scorer = Scorer(model)
    assert sum(bool(scorer.spoken(line.text)) for line in held) <= len(MATTERS)
    about_health = [line for line in learned if line.about == {"health"}]
    assert sum(Category.HEALTH in scorer.spoken(line.text) for line in about_health) >= 0.8 * len(about_health)
