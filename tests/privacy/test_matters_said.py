"""Health, courts and children in sentences of agents and citizens: recall by category, and neutral ones that stay neutral."""

import pytest

from daffa.privacy import matters

from .matters_scores import CATEGORIES, FOLDER, missed, raised, said


@pytest.mark.parametrize("category", CATEGORIES)
@pytest.mark.parametrize("held_out", [False, True], ids=["tuned", "held out"])
def test_what_is_sensitive_is_raised(category, held_out):
    """At least nine of ten sentences about it raise the category, in every language of the set."""
    every, lost = said(category, held_out), missed(category, held_out)
    assert len(every) >= 39
    assert 1 - len(lost) / len(every) >= 0.9
    for language in ("fr", "ar", "ary-Arab", "ary-Latn"):
        those = [one for one, _ in every if one == language]
        assert sum(one == language for one, _ in lost) <= 0.2 * len(those)


@pytest.mark.parametrize("held_out", [False, True], ids=["tuned", "held out"])
def test_neutral_sentences_stay_neutral(held_out):
    """Of about a hundred neutral sentences, at most three raise a category."""
    assert len(said("neutral", held_out)) >= 99
    assert len(raised(held_out)) <= 3


@pytest.mark.parametrize("file", ["later", "last"])
def test_other_ways_of_saying_it_are_raised_too(file):
    """Sentences written after the first words were mended, to be missed by them: they are in the vocabulary by now."""
    rows = [line.split("\t") for line in (FOLDER / f"{file}.txt").read_text(encoding="utf-8").splitlines()]
    about = [(topic, text) for topic, _, text in rows if topic != "neutral"]
    assert sum(topic in matters(text) for topic, text in about) >= 0.9 * len(about)
    neutral = [text for topic, _, text in rows if topic == "neutral"]
    assert sum(bool(matters(text)) for text in neutral) <= 0.05 * len(neutral)


def test_sentences_of_another_hand_are_mostly_raised():
    """Sentences by somebody who never saw the words raise in nine of ten cases, and no neutral one does."""
    # 0.907 was measured. No word, example or limit was chosen by these
    # sentences, and none shall be.
    rows = [line.split("\t") for line in (FOLDER / "blind.txt").read_text(encoding="utf-8").splitlines()]
    about = [(topic, text) for topics, _, text in rows if topics != "neutral" for topic in topics.split(",")]
    assert len(rows) == 300
    assert sum(topic in matters(text) for topic, text in about) >= 0.9 * len(about)
    neutral = [text for topics, _, text in rows if topics == "neutral"]
    assert sum(bool(matters(text)) for text in neutral) == 0


@pytest.mark.parametrize(("file", "least", "most"), [("another_dev", 0.87, 0.02), ("another_test", 0.85, 0.06)])
def test_sentences_of_one_more_hand_are_mostly_raised(file, least, most):
    """Of sentences that no word or part was written by, six in seven raise, and hardly a neutral one."""
    # Both 0.68 at first; 0.88 and 0.86 when words and parts had grown twice. The limits were judged by those of the first file.
    rows = [line.split("\t") for line in (FOLDER / f"{file}.txt").read_text(encoding="utf-8").splitlines()]
    about = [(topic, text) for topics, _, text in rows if topics != "neutral" for topic in topics.split(",")]
    assert sum(topic in matters(text) for topic, text in about) >= least * len(about)
    neutral = [text for topics, _, text in rows if topics == "neutral"]
    assert sum(bool(matters(text)) for text in neutral) <= most * len(neutral)
