"""Sentences that are nearly the same, across scripts: Arabizi beside its Arabic form, Tifinagh beside Latin. Knows no language.

A sentence is reduced to its consonants in one alphabet; two are twins where their reduced forms are equal or share most of
their six-letter runs. Candidates are found by minimum hashes, so that a search costs the same however many are known.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable
from typing import Final

__all__ = ["Twins", "skeleton"]

_RUN: Final = 6
_ALIKE: Final = 0.5
_SALTS: Final = (0, 0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F, 0x165667B1)

_ONE_LETTER: Final = str.maketrans({
    **dict.fromkeys("اأإآىةوياءئؤaeiouwy2ⴰⴻⵉⵓⵡⵢəǎăɛε3عⵄ'", ""),
    **dict.fromkeys("بپbpⴱⴲⵒ", "b"), **dict.fromkeys("تطثtṭ6ⵜⵟⵝ", "t"), **dict.fromkeys("جjⵊⵋ", "j"),
    **dict.fromkeys("حهh78ḥⵃⵀⵂ", "h"), **dict.fromkeys("خ5xⵅⵆ", "x"), **dict.fromkeys("دذضdḍⴷⴹⴸ", "d"),
    **dict.fromkeys("رrṛⵔⵕ", "r"), **dict.fromkeys("زظzẓⵣⵥ", "z"), **dict.fromkeys("سصsṣcçⵙⵚ", "s"),
    **dict.fromkeys("شšⵛ", "S"), **dict.fromkeys("غɣγ4ⵖⵗ", "G"), **dict.fromkeys("فڤfvⴼⵠ", "f"),
    **dict.fromkeys("قكگڭkqg9ⴽⵇⴳⵯʷ", "k"), **dict.fromkeys("لlⵍ", "l"),
    **dict.fromkeys("مmⵎ", "m"), **dict.fromkeys("نnⵏ", "n"),
})  # fmt: skip
_MARKS: Final = re.compile(r"[\u0300-\u036f\u064b-\u0670\u0640]")


def skeleton(text: str) -> str:
    """The consonants of ``text`` in one alphabet for all scripts, words parted by a space, no letter doubled."""
    plain = _MARKS.sub("", unicodedata.normalize("NFC", text.lower()))
    for digraph, letter in (("kh", "x"), ("gh", "ɣ"), ("ch", "š"), ("sh", "š")):
        plain = plain.replace(digraph, letter)
    words = re.findall(r"\w+", plain.translate(_ONE_LETTER))
    return " ".join(re.sub(r"(.)\1+", r"\1", word) for word in words)


class Twins:
    """Whether a sentence has a twin among known ones."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._whole: set[str] = set()
        self._runs: dict[tuple[int, int], set[frozenset[int]]] = {}
        for text in texts:
            self._add(skeleton(text).replace(" ", ""))

    def has(self, text: str) -> bool:
        """Whether a known sentence is the same or nearly so."""
        bare = skeleton(text).replace(" ", "")
        if bare in self._whole:
            return True
        runs = _runs(bare)
        return any(
            len(runs & known) >= _ALIKE * len(runs | known) for key in _smallest(runs) for known in self._runs.get(key, ())
        )

    def _add(self, bare: str) -> None:
        if bare not in self._whole:
            self._whole.add(bare)
            runs = _runs(bare)
            for key in _smallest(runs):
                self._runs.setdefault(key, set()).add(runs)


def _runs(bare: str) -> frozenset[int]:
    return frozenset(zlib.crc32(bare[place : place + _RUN].encode()) for place in range(len(bare) - _RUN + 1))


def _smallest(runs: frozenset[int]) -> list[tuple[int, int]]:
    return (
        [(row, min((run ^ salt) * 0x2545F491 & 0xFFFFFFFF for run in runs)) for row, salt in enumerate(_SALTS)] if runs else []
    )
