"""What the model of ``arabizi`` learns from, and how. Knows no pair of both scripts and no file that it goes to.

Sources: the Darija side of the OLDI seed (CC-BY-SA-4.0), Common Voice Arabic (CC0) at a lower weight, and Arabizi lines of
the Darija Open Dataset (MIT), read by the model itself in a second round: digits and capitals tell there which consonant
is meant, and what is learned so helps where a writer leaves it open. ``all_lines`` adds lines of other licences; such a
model is never shipped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from ...arabic import bare
from ...arabizi.decoding import Decoder, plain
from ...arabizi.model import EDGE, ORDER, Model
from ...arabizi.words import common_words
from ..data import PERMISSIVE, objects, required
from ..papers import Source

__all__ = ["FILES", "Corpus", "corpus", "learn"]

_DARIJA = "lang/ary-Arab.jsonl.gz"
_ARABIC = "lang/ar-Arab.jsonl.gz"
_ARABIZI = "lang/ary-Latn.jsonl.gz"
FILES = (_DARIJA, _ARABIC, _ARABIZI)

_ARABIC_WORD = re.compile("[\u0621-\u063a\u0641-\u064aپڤگڭ]+")
_LATIN_WORD = re.compile("[A-Za-z0-9'’]*[A-Za-z][A-Za-z0-9'’]*")
_ARABIC_WEIGHT = 0.25
_COMMON_COUNT = 30.0
_READ_WEIGHT = 1.0
_DAMPING = 0.6
"""Counts of words are raised to this power before their letters are counted, so that few words do not speak for all."""
_LEAST_RUN, _LEAST_WORD, _LEAST_PAIR = 1.5, 0.5, 2.5
_WORD_CAP, _PAIR_CAP = 40_000, 12_000


@dataclass(frozen=True)
class Corpus:
    """Lines of Darija in Arabic letters, of Standard Arabic, and of Arabizi; and how many are from where."""

    darija: list[str]
    arabic: list[str]
    arabizi: list[str]
    sources: Counter[Source]


def corpus(data: Path, *, all_lines: bool = False) -> Corpus:
    """The lines under ``data`` whose licence allows a model that is given on, or all of them.

    Raises ``Invalid("invalid_field")`` where the folder is not such a folder.
    """
    required(data, FILES)
    sources: Counter[Source] = Counter()
    darija, arabic, arabizi = (list(_lines(data / file, all_lines, sources)) for file in FILES)
    return Corpus(darija, arabic, arabizi, sources)


def _lines(file: Path, all_lines: bool, sources: Counter[Source]) -> Iterator[str]:
    language = file.name.removesuffix(".jsonl.gz")
    for row in objects(file):
        if all_lines or row["lic"] in PERMISSIVE:
            sources[language, row["src"], row["lic"]] += 1
            yield bare(row["text"])


def learn(darija: Iterable[str], arabic: Iterable[str], arabizi: Iterable[str]) -> Model:
    """A model of Darija in Arabic letters from lines of Darija, of Standard Arabic, and of Arabizi."""
    words: Counter[str] = Counter()
    pairs: Counter[str] = Counter()
    for line in darija:
        _count(_ARABIC_WORD.findall(line), 1.0, words, pairs)
    for line in arabic:
        _count(_ARABIC_WORD.findall(line), _ARABIC_WEIGHT, words, pairs)
    for spellings, _ in common_words():
        for place, spelling in enumerate(spellings):
            if " " not in spelling:
                words[spelling] += _COMMON_COUNT / (1 + place)  # type: ignore[assignment]
    first = Decoder(_model(words, Counter()))
    best: dict[str, str] = {}
    for line in arabizi:
        read = []
        for word in map(plain, _LATIN_WORD.findall(line)):
            if word not in best:
                best[word] = next((arabic for arabic, _ in first.readings(word)), "")
            read += best[word].split()
        _count(read, _READ_WEIGHT, words, pairs)
    return _model(words, pairs)


def _count(line: list[str], weight: float, words: Counter[str], pairs: Counter[str]) -> None:
    for word in line:
        words[word] += weight  # type: ignore[assignment]
    for before, word in pairwise(line):
        pairs[f"{before} {word}"] += weight  # type: ignore[assignment]


def _model(words: Counter[str], pairs: Counter[str]) -> Model:
    runs: Counter[str] = Counter()
    for word, count in words.items():
        framed, weight = EDGE + word + EDGE, count**_DAMPING
        for end in range(2, len(framed) + 1):
            for length in range(1, min(ORDER, end) + 1):
                runs[framed[end - length : end]] += weight
    kept_runs = {run: count for run, count in runs.items() if len(run) <= 3 or count >= _LEAST_RUN}
    kept_words = {word: count for word, count in words.most_common(_WORD_CAP) if count >= _LEAST_WORD}
    kept_pairs = {pair: count for pair, count in pairs.most_common(_PAIR_CAP) if count >= _LEAST_PAIR}
    return Model(kept_runs, kept_words, kept_pairs)
