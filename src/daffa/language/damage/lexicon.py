"""Which of two words it was: clean words by frequency, and the letters around a pair. Knows no sentence.

Learned from clean, permissively licensed text by ``learning.repair``; the file and its card stand in ``models``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import IO
from zlib import crc32

import numpy as np

from .letters import MOST_PAIRS, originals, pairs

__all__ = ["BUCKETS", "Lexicon", "features", "shipped", "stems"]

BUCKETS = 1 << 15
_FILE = Path(__file__).parents[1] / "models" / "repair.npz"

_ARTICLES = ("ال", "وال", "فال", "بال", "كال", "لل", "ولل", "وبال")
_PREFIXES = ("و", "ف", "ب", "ك", "ل", "وب", "ول", *_ARTICLES)
_SUFFIXES = ("ها", "هم", "هما", "ه", "ة", "ات", "ين", "ون", "ي", "ية", "تها", "ته", "ا", "ان", "نا", "ك", "هن")
_UNSEEN = 0.02
_OTHER_CLITIC, _OTHER_SUFFIX = 0.7, 1.3
_LETTERS_WEIGHT = 0.55


def features(word: str, at: int) -> list[int]:
    """Numbers of the letter contexts of the pair at ``at`` in a damaged ``word``, below ``BUCKETS``.

    A context is up to four letters before and after the pair, at most five in all, with the word's ends marked.
    """
    framed = f"^^^^{word}$$$$"
    at += 4
    before, alef, after = framed[:at], framed[at], framed[at + 2 :]
    return [
        crc32(f"{left}{before[len(before) - left :]}{alef}{after[:right]}".encode()) % BUCKETS
        for left in range(5)
        for right in range(5)
        if 0 < left + right <= 5
    ]


def stems(word: str) -> Iterator[tuple[str, float]]:
    """``word`` without each clitic that it may begin with, and what reading it so costs (nats)."""
    yield word, 0.0
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) - len(prefix) >= 3:
            rest = word[len(prefix) :]
            yield rest, 1.0
            if prefix in _ARTICLES:
                yield f"ال{rest}", 0.5


@dataclass(frozen=True)
class Lexicon:
    """Clean words with their counts, and a weight for each context of a pair (positive: swapped)."""

    counts: Mapping[str, int]
    weights: list[float]

    @cached_property
    def _by_stem(self) -> dict[str, int]:
        by_stem: dict[str, int] = {}
        for word, count in self.counts.items():
            for stem, _ in stems(word):
                by_stem[stem] = by_stem.get(stem, 0) + count
        return by_stem

    def familiarity(self, word: str) -> float:
        """Log of how often clean text holds ``word``, its stem counting for less; ``log(0.02)`` when never."""
        by_stem = self._by_stem
        best = max(self.counts.get(word, 0), _UNSEEN)
        for stem, cost in stems(word):
            best = max(best, by_stem.get(stem, 0) * math.exp(-cost - _OTHER_CLITIC))
        for suffix in _SUFFIXES:
            if word.endswith(suffix) and len(word) - len(suffix) >= 4:
                for stem, cost in stems(word[: -len(suffix)]):
                    best = max(best, by_stem.get(stem, 0) * math.exp(-cost - _OTHER_CLITIC - _OTHER_SUFFIX))
        return math.log(best)

    def known(self, word: str) -> bool:
        """Whether clean text holds ``word`` or its stem."""
        return self.familiarity(word) > math.log(_UNSEEN)

    def readings(self, word: str) -> list[tuple[float, str]]:
        """Each word that damage would have turned into ``word``, with its score in nats, the best first.

        Empty when there are none or too many to try.
        """
        places = pairs(word)
        if not places or len(places) > MOST_PAIRS:
            return []
        pulls = [sum(self.weights[feature] for feature in features(word, at)) / 2 for at in places]
        scored = []
        for swapped, original in originals(word, places):
            letters = sum(pull if swapped >> bit & 1 else -pull for bit, pull in enumerate(pulls))
            scored.append((self.familiarity(original) + _LETTERS_WEIGHT * letters, original))
        return sorted(scored, reverse=True)


def write(file: Path | IO[bytes], counts: Mapping[str, int], weights: np.ndarray) -> None:
    """Pack a lexicon: words in order, counts as bytes of eighths of a power of two, weights as int8 by the maximum."""
    words = sorted(counts)
    scale = float(np.abs(weights).max()) / 127
    packed = np.rint(weights / scale).astype(np.int8)
    logs = np.array([min(255, round(8 * math.log2(counts[word]))) for word in words], dtype=np.uint8)
    text = np.frombuffer("\n".join(words).encode(), dtype=np.uint8)
    np.savez_compressed(file, words=text, counts=logs, weights=packed, scale=np.float32(scale))


def read(file: Path | IO[bytes]) -> Lexicon:
    """The lexicon that ``write`` packed."""
    with np.load(file, allow_pickle=False) as packed:
        words = packed["words"].tobytes().decode().split("\n")
        counts = np.maximum(1, np.rint(2 ** (packed["counts"] / 8))).astype(int).tolist()
        weights = (packed["weights"] * float(packed["scale"])).tolist()
    return Lexicon(dict(zip(words, counts, strict=True)), weights)


@cache
def shipped() -> Lexicon:
    """The lexicon that comes with Daffa, read once."""
    return read(_FILE)
