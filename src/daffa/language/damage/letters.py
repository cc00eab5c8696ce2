"""The lam-alef swap as letters: what the damage does to a word, and which words a damaged one may have been.

Knows no frequency and no context: which of the words it was is for ``lexicon`` to say.

An Arabic font draws lam and alef as one sign. A PDF reader that turns lines around after reading them keeps
the two letters of that sign in the wrong order, so that each lam + alef of a text becomes alef + lam.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["ALEFS", "MOST_PAIRS", "WORD", "collapse", "damage", "originals", "pairs"]

ALEFS = "اأإآ"
MOST_PAIRS = 5
"""Words with more pairs than this are left alone: no Arabic word has them, and the candidates double with each."""

_LAM_ALEF = re.compile(f"ل([{ALEFS}])")
WORD = re.compile("[\u0621-\u065f\u0670-\u06d3]+")
"""A run of Arabic letters, with the marks and tatweels inside it."""


def damage(text: str) -> str:
    """``text`` as it comes out of such a PDF: each lam + alef the other way round."""
    return _LAM_ALEF.sub(r"\1ل", text)


def pairs(word: str) -> list[int]:
    """Where an alef is followed by a lam: the places that may be swapped."""
    return [at for at in range(len(word) - 1) if word[at] in ALEFS and word[at + 1] == "ل"]


def originals(word: str, places: list[int]) -> Iterator[tuple[int, str]]:
    """Each word that the damage would have turned into ``word``, with the set of swapped ``places`` as bits.

    A lam before an unswapped pair would itself have been swapped: those combinations fall away.
    """
    for swapped in range(1 << len(places)):
        letters = list(word)
        for bit, at in enumerate(places):
            if swapped >> bit & 1:
                letters[at], letters[at + 1] = letters[at + 1], letters[at]
        original = "".join(letters)
        if damage(original) == word:
            yield swapped, original


def collapse(word: str) -> tuple[str, list[tuple[int, bool]]]:
    """A clean word as the damage leaves it, with each pair's place and whether it was swapped."""
    damaged = damage(word)
    truth: list[tuple[int, bool]] = [(at, word[at] == "ل" and word[at + 1] in ALEFS) for at in pairs(damaged)]
    return damaged, truth
