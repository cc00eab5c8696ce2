"""What was learned of words: which stand for which of the other language, and in how many articles each stands.

Packed by ``learning``; the file and its card stand in ``models``. Knows no question.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any

import numpy as np

__all__ = ["Tables", "read", "shipped", "write"]

_FILE = Path(__file__).parent / "models" / "terms.npz"
_NO_TRANSLATION: Mapping[str, float] = {}


@dataclass(frozen=True)
class Tables:
    """Terms of the analyser.

    Attributes:
        translations: term -> terms of the other language with how likely each stands for it (the shares add up to one).
        counts: term -> in how many texts of ``texts`` it stands; a term of less than two is not kept.
        texts: how many texts were counted.
    """

    translations: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    texts: int = 1

    def translated(self, term: str) -> Mapping[str, float]:
        """What may stand for ``term`` in the other language; empty for a term that was not learned."""
        return self.translations.get(term, _NO_TRANSLATION)

    def known(self, term: str) -> bool:
        """Whether ``term`` stands in any text that was counted."""
        return term in self.counts

    def rarity(self, term: str) -> float:
        """How telling ``term`` is, 0 (in every text) to 1 (in none that was counted)."""
        return math.log(self.texts / min(self.counts.get(term, 1), self.texts)) / math.log(max(self.texts, 2))


def write(file: Path | IO[bytes], tables: Tables) -> None:
    """Pack tables: the terms in order, counts as bytes of eighths of a power of two, shares as bytes of 255ths."""
    terms = sorted({*tables.counts, *tables.translations, *(to for row in tables.translations.values() for to in row)})
    places = {term: place for place, term in enumerate(terms)}
    cells = [(places[of], places[to], share) for of, row in sorted(tables.translations.items()) for to, share in row.items()]
    logs = [round(8 * math.log2(tables.counts[term])) if term in tables.counts else 255 for term in terms]
    packed: dict[str, Any] = {
        "terms": np.frombuffer("\n".join(terms).encode(), dtype=np.uint8),
        "counts": np.array(logs, dtype=np.uint8),
        "of": np.array([of for of, _, _ in cells], dtype=np.uint32),
        "to": np.array([to for _, to, _ in cells], dtype=np.uint32),
        "shares": np.array([max(1, round(share * 255)) for _, _, share in cells], dtype=np.uint8),
        "texts": np.array(tables.texts, dtype=np.uint32),
    }
    np.savez_compressed(file, **packed)


def read(file: Path | IO[bytes]) -> Tables:
    """The tables that ``write`` packed."""
    with np.load(file, allow_pickle=False) as packed:
        text = packed["terms"].tobytes().decode()
        terms = text.split("\n") if text else []
        logs = packed["counts"].tolist()
        cells = zip(packed["of"].tolist(), packed["to"].tolist(), packed["shares"].tolist(), strict=True)
        texts = int(packed["texts"])
    translations: dict[str, dict[str, float]] = {}
    for of, to, share in cells:
        translations.setdefault(terms[of], {})[terms[to]] = share / 255
    counts = {term: round(2 ** (log / 8)) for term, log in zip(terms, logs, strict=True) if log != 255}
    return Tables(translations, counts, texts)


@cache
def shipped() -> Tables:
    """The tables that come with Daffa, read once."""
    return read(_FILE)
