"""Questions about public rules stay neutral: a citizen who asks how a thing is done speaks of nobody's health or case."""

import json
from pathlib import Path
from random import Random

import pytest

from daffa.privacy import matters
from daffa.privacy.learning.office import QUESTIONS, prompts
from daffa.privacy.learning.said import LANGUAGES, parts
from daffa.privacy.matters import worded
from daffa.privacy.scorer import scorer

PACKS = sorted((Path(__file__).parents[2] / "packs").glob("*/questions.jsonl"))
CASES = {"health", "judicial"}


def questions(times, *, held):
    """Our questions that were learned from, or those held back: each alone, and some times in company."""
    return [text for text, kind, _ in prompts(Random(7), times, held=held) if kind == QUESTIONS]


def test_questions_held_back_are_neutral():
    """Of the questions held back at most one in a hundred is about a health or a case, by words and sum together."""
    every = questions(0, held=True)
    assert len(every) > 500
    assert sum(bool(CASES & matters(text)) for text in every) <= 0.01 * len(every)


def test_questions_in_company_are_neutral():
    """With a greeting, thanks or other questions at most one in a hundred is raised by the sum, whatever the matter."""
    every = questions(4, held=True)
    assert sum(bool(scorer().spoken(text)) for text in every) <= 0.01 * len(every)


def test_questions_of_the_packs_are_mostly_neutral():
    """Of questions nobody learned from about 1 % tell of a pregnancy, a handicap or a case; 2.5 % are raised at most."""
    every = [json.loads(line)["question"] for file in PACKS for line in file.read_text(encoding="utf-8").splitlines()]
    assert len(every) > 500
    assert sum(bool(CASES & matters(text)) for text in every) <= 0.025 * len(every)


@pytest.mark.parametrize("side", ["questions", "questions-held"])
def test_every_language_has_its_questions(side):
    """Each language has a hundred questions on either side, Tamazight twenty, and no two sides share one."""
    counted = {heading.removeprefix("question "): len(set(each)) for heading, each in parts(side).items() if " " in heading}
    assert all(counted[language] >= 100 for language in LANGUAGES)
    assert counted["zgh"] >= 20
    assert not set(questions(0, held=True)) & set(questions(0, held=False))


@pytest.mark.parametrize(
    ("complaint", "near"),
    [
        ("chikaya 3la ljama3a", "w lboulis"),
        ("fin n7ett chikaya 3la lwizara", "3la serqa"),
        ("درت شكاية على العمالة", "والبوليس"),
        ("أقدم شكاية ضد الوزارة", "أمام محكمة"),
        ("une plainte contre la commune", "à la police"),
        ("a complaint against the town hall", "and a judge"),
    ],
)
def test_a_complaint_alone_is_no_case(complaint, near):
    """A complaint to or about an administration raises nothing; with the police, a theft or a court near it is a case."""
    assert matters(complaint) == frozenset()
    assert worded(f"{complaint} {near}") == {"judicial"}


def test_words_of_one_entry_count_as_one():
    """Two spellings of a complaint are one hint, and a complaint and the court are two."""
    assert worded("chikaya nmra 5, fin weslat lchikaya") == frozenset()
    assert worded("الشكاية رقم 5 وشكايات أخرى") == frozenset()
    assert worded("chikaya f lma7kama") == {"judicial"}
