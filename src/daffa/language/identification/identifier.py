"""Texts in, answers out: many at once in numpy, or one by one from remembered words. Knows no file.

Both ways give the same answer, since the sums of a text are the sums of its words; so a word that was seen before costs a
look-up and an addition.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .answer import HEAD, SHARE, Answers, Identified
from .letters import OTHER, SCRIPTS
from .model import Model
from .sums import count_letters, units_of, weigh

__all__ = ["Identifier"]

_AT_ONCE: Final = 1000
_LETTERS_AT_ONCE: Final = 1 << 19
_WORDS: Final = 50_000
"""Words remembered; then all are forgotten."""
_LONGEST_WORD: Final = 40
_LONGEST: Final = 1500
"""Longer texts are not taken word by word: their words would push out the common ones."""
_BIAS: Final = 128
_EVERY: Final = 1 << 40


class Identifier:
    """Identifies under one model. Threads may share it."""

    def __init__(self, model: Model) -> None:
        self.answers = Answers(model)
        self._tables = [part.tables for part in model.parts]
        self._columns = [len(part.languages) for part in model.parts]
        self._layout = struct.Struct(f"<{self.answers.width}I")
        self._known: dict[str, int] = {}
        # A remembered score is raised by _BIAS for each n-gram, so that it is never negative; by column, which count to take.
        self._raised = [OTHER + 1 + script for script, columns in enumerate(self._columns) for _ in range(columns)]

    def one(self, text: str) -> Identified:
        """The language of ``text``, from remembered words where all are known."""
        if len(text) > _LONGEST:
            return self.answers.one(self.rows([text])[0].tolist())
        words = text.split()
        try:
            total = sum(map(self._known.__getitem__, words))
        except KeyError:
            total = self._learn(words)
        return self.answers.one(self._row(total), _BIAS)

    def many(self, texts: Sequence[str]) -> list[Identified]:
        """The languages of ``texts``, in their order."""
        found: list[Identified] = []
        for batch in _batches(texts):
            found += self.answers.many(self.rows(batch))
        return found

    def forget(self) -> None:
        """Forget the words seen so far."""
        self._known.clear()

    def rows(self, texts: Sequence[str], share: int = SHARE) -> NDArray[np.int64]:
        """Sums of each text: shape ``(texts, width)``; see ``answer`` for the columns.

        A script with fewer than one letter in ``share`` is not weighed.
        """
        rows = np.zeros((len(texts), self.answers.width), np.int64)
        units, starts = units_of(texts)
        letters = count_letters(units, starts)
        rows[:, : OTHER + 1] = letters
        lengths = np.diff(starts, append=len(units))
        heard = letters[:, : len(SCRIPTS)] * share >= np.maximum(letters.sum(axis=1), 1)[:, None]
        column = HEAD
        for script, columns in enumerate(self._columns):
            chosen = np.flatnonzero(heard[:, script])
            if len(chosen):
                kept = units if len(chosen) == len(texts) else units[np.repeat(heard[:, script], lengths)]
                scores, numbers = weigh(kept, script, self._tables[script])
                rows[chosen, column : column + columns] = scores[:, :columns]
                rows[chosen, OTHER + 1 + script] = numbers
            column += columns
        return rows

    def chances_of_words(self, words: Sequence[str]) -> list[list[float]]:
        """Probability of each language for single words, as ``answers.languages`` has them; empty for one without letters."""
        seen: dict[str, list[float]] = {}
        for batch in _batches(words):
            new = [word for word in batch if word not in seen]
            seen |= {word: self.answers.of(self._row(value), _BIAS) for word, value in self._values(new).items()}
        return [seen[word] for word in words]

    def _row(self, total: int) -> Sequence[int]:
        return self._layout.unpack(total.to_bytes(self._layout.size, "little"))

    def _learn(self, words: Sequence[str]) -> int:
        """Sum of the rows of ``words``, each as one whole number; the new ones are remembered."""
        values = self._values(words)
        return sum(values[word] for word in words)

    def _values(self, words: Sequence[str]) -> dict[str, int]:
        """The row of each word as one whole number, 32 bits a column."""
        known = self._known
        values = {word: known.get(word, -1) for word in words}
        new = [word for word, value in values.items() if value < 0]
        if new:
            rows = self.rows(new, _EVERY)  # in a word each script is weighed: its share is the whole text's to say
            rows[:, HEAD:] += _BIAS * rows[:, self._raised]
            data, size = rows.astype("<u4").tobytes(), self._layout.size
            values |= {word: int.from_bytes(data[size * n : size * (n + 1)], "little") for n, word in enumerate(new)}
            kept = [word for word in new if len(word) <= _LONGEST_WORD]
            if len(known) + len(kept) > _WORDS:
                known.clear()
            known.update((word, values[word]) for word in kept)
        return values


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """Texts a thousand at a time, fewer where they are long."""
    first = letters = 0
    for place, text in enumerate(texts):
        letters += len(text)
        if place - first == _AT_ONCE or letters > _LETTERS_AT_ONCE:
            if place > first:
                yield texts[first:place]
            first, letters = place, len(text)
    if first < len(texts):
        yield texts[first:]
