"""How likely a word of Darija in Arabic letters is: a lexicon of words, and a character model for all others.

Knows no Latin letter. Learned from permissively licensed text by ``learning.arabizi``; the file and its card stand in
``models``.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any

import numpy as np

__all__ = ["EDGE", "ORDER", "Model", "read", "shipped", "write"]

ORDER = 5
"""Letters that the character model looks at, the one that it predicts included."""
EDGE = " "
"""What stands before the first letter of a word and after its last."""

_FILE = Path(__file__).parents[1] / "models" / "arabizi.npz"
_ALPHABET = 44
_LEXICON_SHARE = 0.7
_MOST_CACHED = 1 << 18


@dataclass
class Model:
    """Counts of letter runs (a run's last letter is what follows the others), of words and of pairs of words."""

    runs: Mapping[str, float]
    words: Mapping[str, float]
    pairs: Mapping[str, float]
    _follows: dict[str, float] = field(init=False)
    _kinds: dict[str, int] = field(init=False)
    _known: dict[str, float] = field(init=False)
    _total: float = field(init=False)

    def __post_init__(self) -> None:
        self._follows, self._kinds, self._known = {}, {}, {}
        for run, count in self.runs.items():
            context = run[:-1]
            self._follows[context] = self._follows.get(context, 0.0) + count
            self._kinds[context] = self._kinds.get(context, 0) + 1
        self._total = sum(self.words.values())

    def letter(self, context: str, letter: str) -> float:
        """Natural logarithm of how likely ``letter`` follows ``context`` (its last ``ORDER`` - 1 letters count).

        Witten and Bell's interpolation of all shorter contexts, down to a uniform alphabet.
        """
        run = context[1 - ORDER :] + letter
        known = self._known.get(run)
        if known is None:
            if len(self._known) > _MOST_CACHED:
                self._known.clear()
            known = self._known[run] = math.log(self._chance(run))
        return known

    def _chance(self, run: str) -> float:
        shorter = self._chance(run[1:]) if len(run) > 1 else 1 / _ALPHABET
        context = run[:-1]
        kinds = self._kinds.get(context)
        if not kinds:
            return shorter
        return (self.runs.get(run, 0.0) + kinds * shorter) / (self._follows[context] + kinds)

    def word(self, word: str, letters: float) -> float:
        """Natural logarithm of how likely ``word`` is, given that its letters have ``letters`` by the character model."""
        lexical = self.words.get(word, 0.0) / self._total
        return math.log(_LEXICON_SHARE * lexical + (1 - _LEXICON_SHARE) * math.exp(letters))

    def spelled(self, word: str) -> float:
        """``word`` by the character model alone, its end included."""
        framed = EDGE + word + EDGE
        return sum(self.letter(framed[max(0, at - ORDER + 1) : at], framed[at]) for at in range(1, len(framed)))

    def pair(self, before: str, word: str) -> float:
        """What it adds (nats, never less than 0) that ``word`` stands behind ``before``."""
        together = self.pairs.get(f"{before} {word}", 0.0)
        alone = self.words.get(before, 0.0) * self.words.get(word, 0.0) / self._total
        return math.log1p(together / (alone + 1.0)) if together else 0.0


def write(file: Path | IO[bytes], model: Model) -> None:
    """Pack a model: texts in order, counts as bytes of eighths of a power of two."""
    packed: dict[str, Any] = {}
    for name, counts in (("runs", model.runs), ("words", model.words), ("pairs", model.pairs)):
        texts = sorted(counts)
        packed[name] = np.frombuffer("\n".join(texts).encode(), dtype=np.uint8)
        logs = [min(255, max(0, round(8 * math.log2(counts[text]) + 32))) for text in texts]
        packed[f"{name}_counts"] = np.array(logs, dtype=np.uint8)
    np.savez_compressed(file, **packed)


def read(file: Path | IO[bytes]) -> Model:
    """The model that ``write`` packed."""
    tables = []
    with np.load(file, allow_pickle=False) as packed:
        for name in ("runs", "words", "pairs"):
            text = packed[name].tobytes().decode()
            texts = text.split("\n") if text else []
            counts = (2.0 ** ((packed[f"{name}_counts"].astype(float) - 32) / 8)).tolist()
            tables.append(dict(zip(texts, counts, strict=True)))
    return Model(*tables)


@cache
def shipped() -> Model:
    """The model that comes with Daffa, read once."""
    return read(_FILE)
