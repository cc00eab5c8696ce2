"""Sentences that are about health, courts or children, and neutral ones, all written before the vocabulary was read.

Every second one is held out: the vocabulary was mended by the errors on the others alone.
"""

from collections import defaultdict
from functools import cache
from pathlib import Path

from daffa.privacy import matters

FOLDER = Path(__file__).parent / "matters"
CATEGORIES = ("health", "judicial", "minors")


@cache
def said(topic, held_out):
    """(language, sentence) of one file, one of its two halves."""
    lines = [line.split("\t") for line in (FOLDER / f"{topic}.txt").read_text(encoding="utf-8").splitlines()]
    by_language = defaultdict(list)
    for language, sentence in lines:
        by_language[language].append(sentence)
    return [
        (language, sentence)
        for language, sentences in by_language.items()
        for place, sentence in enumerate(sentences)
        if place % 2 == held_out
    ]


def missed(category, held_out):
    """The sentences about it that do not raise it."""
    return [(language, text) for language, text in said(category, held_out) if category not in matters(text)]


def raised(held_out):
    """The neutral sentences that raise anything, with what they raise."""
    return [(language, text, sorted(matters(text))) for language, text in said("neutral", held_out) if matters(text)]


if __name__ == "__main__":
    for held_out in (False, True):
        print("held out" if held_out else "dev")
        for category in CATEGORIES:
            every, lost = said(category, held_out), missed(category, held_out)
            by_language = {
                language: f"{sum(one == language for one, _ in every) - sum(one == language for one, _ in lost)}"
                f"/{sum(one == language for one, _ in every)}"
                for language in dict.fromkeys(one for one, _ in every)
            }
            print(f"  {category}: recall {1 - len(lost) / len(every):.3f} {by_language}")
            if not held_out:
                print(*(f"      {language} {text}" for language, text in lost), sep="\n")
        wrong = raised(held_out)
        print(f"  neutral: {len(wrong)} of {len(said('neutral', held_out))} raised")
        if not held_out:
            print(*(f"      {each}" for each in wrong), sep="\n")
