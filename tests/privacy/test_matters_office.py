"""Everyday work stays neutral: what an office asks, letters and source code raise nothing, but for a known share."""

from collections import Counter
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from daffa.privacy import matters
from daffa.privacy.learning.office import CODE, LETTERS, PROMPTS, accompanied, code, prompts
from daffa.privacy.matters import worded
from daffa.privacy.scorer import ENOUGH, MATTERS, SHORT, scorer

from .matters_scores import FOLDER

OFFICE = (FOLDER / "office.txt").read_text(encoding="utf-8").splitlines()
SOURCE = Path(__file__).parents[2] / "src"


def held():
    """Texts with their kind that were not learned from."""
    for text, kind, _ in prompts(Random(5), 4, held=True):
        yield kind, text
    for text in code(Random(5), 300, held=True):
        yield CODE, text


@pytest.mark.parametrize("text", OFFICE[:10])
def test_what_once_closed_the_road_is_neutral(text):
    """Prompts, and words of requests, that an earlier scorer raised raise nothing."""
    assert matters(text) == frozenset()


def test_prompts_held_back_are_neutral():
    """Of prompts on other topics at most 0.3 % raise a matter by the scorer, of letters and source code 2 %."""
    every, raised = Counter(), Counter()
    for kind, text in held():
        every[kind] += 1
        raised.update((kind, matter) for matter in scorer().spoken(text))
    assert every[PROMPTS] > 2_000
    for kind, share in ((PROMPTS, 0.003), (LETTERS, 0.02), (CODE, 0.02)):
        assert all(raised[kind, matter] <= share * every[kind] for matter in MATTERS), raised


def test_prompts_written_later_are_nearly_all_neutral():
    """Of 130 prompts that no word, example or limit was chosen by, two were raised when they were first read, and none now."""
    assert len(OFFICE) == 130
    assert sum(bool(matters(text)) for text in OFFICE) <= 1


def test_source_code_is_neutral():
    """Of pieces of 2,000 characters of this repository, which speaks of law, at most 3 % are raised by the scorer alone."""
    texts = (file.read_text(encoding="utf-8") for file in sorted(SOURCE.rglob("*.py")))
    pieces = [text[start : start + 2_000] for text in texts for start in range(0, len(text), 2_000)]
    some = list(islice(pieces, 0, None, 3))
    raised = [piece for piece in some if scorer().spoken(piece) - worded(piece)]
    assert len(raised) <= 0.03 * len(some)


@pytest.mark.parametrize("count", range(3, ENOUGH + 3))
def test_few_words_need_more(count):
    """What a text must have more, where it is short, falls with each word and is nothing from ``ENOUGH`` words on."""
    reader = scorer()
    some = [f"mot{chr(97 + place)}" for place in range(count)]
    tops, (sums,) = reader.tops(" ".join(some)), reader.sums(some)
    rise = [(points - top) * scale for points, top, scale in zip(sums, tops, reader.model.scales, strict=True)]
    assert rise == pytest.approx([SHORT * max(ENOUGH - count, 0)] * len(MATTERS))


def test_everyday_texts_are_the_same_for_a_seed():
    """What is learned and what is held back is drawn by the seed alone, and they share no prompt."""
    learned, kept = ([text for text, *_ in prompts(Random(2), 0, held=side)] for side in (False, True))
    assert learned == [text for text, *_ in prompts(Random(2), 0, held=False)]
    assert list(code(Random(2), 9, held=False)) == list(code(Random(2), 9, held=False))
    assert min(len(learned), len(kept)) > 500
    assert not set(learned) & set(kept)


def test_company_keeps_the_text():
    """A greeting or thanks stand beside a text and not in it."""
    assert all("le budget" in accompanied("le budget", Random(seed)) for seed in range(20))
