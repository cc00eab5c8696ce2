"""What the lexicon of ``repair`` learns from, and how. Knows no damaged text and no file that it goes to.

Sources: Common Voice Arabic (CC0), the Darija side of the OLDI seed (CC-BY-SA-4.0), titles of Moroccan laws (official
texts). One line in three of the first and the last is never learned from: on these ``score`` measures.
"""

from __future__ import annotations

import gzip
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np

from ...arabic import bare
from ...damage.letters import collapse, pairs
from ...damage.lexicon import BUCKETS, features, stems
from ..data import PERMISSIVE, objects, required
from ..papers import Source
from .words import WORDS

__all__ = ["FILES", "Corpus", "corpus", "learn"]

_ARABIC = "lang/ar-Arab.jsonl.gz"
_TITLES = "docs/laws_ar_index.jsonl.gz"
_SEED = "parallel/oldi_seed_en_ary_zgh_taq.tsv.gz"
FILES = (_ARABIC, _TITLES, _SEED)

_WORD = re.compile("[\u0621-\u063a\u0641-\u064a]+")
_DAMAGED_TITLE = re.compile("(?<![\u0621-\u064a])[وفبك]{0,2}ا[أإآ]ل")
_HELD_OUT = {_ARABIC: 39, _TITLES: 34, _SEED: 0}
"""Lines in a hundred that are kept for measuring; 39 leave a little more than 10,000 of Common Voice."""
_SALT = "repair 2: "
_BY_HAND = 2
"""What standing in the hand-written list counts for."""
_EPOCHS, _BATCH, _RATE, _RIDGE = 12, 256, 0.3, 1e-5


@dataclass(frozen=True)
class Corpus:
    """Clean lines: those to learn from, those to measure on by file, and how many of the first are from where."""

    learn: list[str]
    held_out: dict[str, list[str]]
    sources: Counter[Source]


def corpus(data: Path, *, all_lines: bool = False) -> Corpus:
    """The clean lines under ``data``, split by a digest of their letters so that a vowelled twin stays with its twin.

    ``all_lines`` takes lines under every licence. Raises ``Invalid("invalid_field")`` where the folder is not such a folder.
    """
    required(data, FILES)
    learn: list[str] = []
    held_out: dict[str, list[str]] = {file: [] for file in FILES}
    sources: Counter[Source] = Counter()
    for file in FILES:
        for line, source in _lines(data / file, file, all_lines):
            if crc32(f"{_SALT}{bare(line)}".encode()) % 100 < _HELD_OUT[file]:
                held_out[file].append(line)
            else:
                learn.append(line)
                sources[source] += 1
    return Corpus(learn, held_out, sources)


def _lines(path: Path, file: str, all_lines: bool) -> Iterator[tuple[str, Source]]:
    if file == _SEED:
        with gzip.open(path, "rt", encoding="utf-8") as rows:
            next(rows)
            yield from ((row.split("\t")[2], ("ary-Arab", "openlanguagedata/seed", "CC-BY-SA-4.0")) for row in rows)
        return
    for row in objects(path):
        if file == _TITLES:
            if not _DAMAGED_TITLE.search(row["title"]):
                yield row["title"], ("ar-Arab", "titles of laws of the Kingdom of Morocco", "official text")
        elif all_lines or row["lic"] in PERMISSIVE:
            yield row["text"], ("ar-Arab", row["src"], row["lic"])


def learn(lines: Iterable[str]) -> tuple[dict[str, int], np.ndarray]:
    """Counts of the clean words that the damage can change or that look as if it had, and the weights of letter contexts."""
    words = Counter(word for line in lines for word in _WORD.findall(bare(line)))
    for word in WORDS:
        words[word] += _BY_HAND
    kept = {word: count for word, count in words.items() if any(pairs(collapse(stem)[0]) for stem, _ in stems(word))}
    return kept, _weights(words)


def _examples(words: Mapping[str, int]) -> Iterator[tuple[list[int], bool, float]]:
    for word, count in words.items():
        damaged, truth = collapse(word)
        for at, swapped in truth:
            yield features(damaged, at), swapped, 1 + math.log(count)


def _weights(words: Mapping[str, int]) -> np.ndarray:
    """Logistic regression over the contexts of all pairs, AdaGrad, the mean of the second half of the epochs."""
    contexts, swapped, heft = map(np.array, zip(*_examples(words), strict=True))
    heft = heft / heft.mean()
    weights, squares, total = np.zeros(BUCKETS), np.full(BUCKETS, 1e-2), np.zeros(BUCKETS)
    chance = np.random.default_rng(0)
    for epoch in range(_EPOCHS):
        for batch in _batches(chance.permutation(len(contexts))):
            rows = contexts[batch]
            error = (1 / (1 + np.exp(-weights[rows].sum(1))) - swapped[batch]) * heft[batch]
            gradient = np.bincount(rows.ravel(), np.repeat(error, rows.shape[1]), BUCKETS) + _RIDGE * len(batch) * weights
            squares += gradient**2
            weights -= _RATE * gradient / np.sqrt(squares)
        if epoch >= _EPOCHS // 2:
            total += weights
    return total / (_EPOCHS - _EPOCHS // 2)


def _batches(order: np.ndarray) -> Iterable[np.ndarray]:
    return (order[at : at + _BATCH] for at in range(0, len(order), _BATCH))
