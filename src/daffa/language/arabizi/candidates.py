"""Whole texts of Arabizi in Arabic letters, the likeliest first. Knows no letter: words come from ``decoding``.

French words inside are written as they are heard, as Moroccans do; addresses, numbers and acronyms in capitals stay.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from daffa.errors import Invalid

from .decoding import Decoder, shipped_decoder

__all__ = ["Candidate", "arabizi_candidates", "candidates"]

_BEAM = 24
_PAIR_WEIGHT = 0.5
_MOST = 50
_ADDRESS = re.compile(r"@|://|^www\.")
_PART = re.compile(
    r"(?P<stays>\b[A-Z]{2,}\b|\b[0-9]{1,2}[hH][0-9]{2}\b|\b[2-6][gG]\b|[0-9]+(?![^\W\d_])|[0-9]*[01][0-9]*|[0-9]{2,})"
    r"|(?P<word>[0-9]?[^\W\d_\u0590-\u10ff\u2d30-\u2d7f](?:[^\W_\u0590-\u10ff\u2d30-\u2d7f]|['’](?=[^\W_]))*)"
    r"|(?P<rest>.)",
    re.DOTALL,
)
_PUNCTUATION = str.maketrans({"?": "؟", ",": "،", ";": "؛"})
_DECIMAL = re.compile(r"(?<=[0-9])،(?=[0-9])")


_Written = tuple["_Written", str] | None
"""What is written so far, last part first: hypotheses share their beginnings, so that a long text costs no more."""
_Hypothesis = tuple[float, str, _Written]
"""Score so far, the last word, and what is written."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One reading of a text.

    Attributes:
        text: in Arabic letters.
        score: its share among all the readings that were weighed, above 0 and at most 1.
    """

    text: str
    score: float


def arabizi_candidates(text: str, limit: int = 5) -> list[Candidate]:
    """The likeliest spellings of an Arabizi ``text`` in Arabic letters, at most ``limit`` (1 to 50), the best first.

    There is always at least one; where a text has no Latin word it is the text itself.

    Raises:
        Invalid: ``limit`` is out of range (``invalid_field``).
    """
    if not 1 <= limit <= _MOST:
        raise Invalid("invalid_field", field="limit", expected=f"1..{_MOST}", got=limit)
    return candidates(shipped_decoder(), text, limit)


def candidates(decoder: Decoder, text: str, limit: int) -> list[Candidate]:
    """As ``arabizi_candidates``, by any ``decoder``."""
    if text.isupper():
        text = text.lower()
    beam: list[_Hypothesis] = [(0.0, "", None)]
    for word, kept in _split(text):
        if word:
            beam = _extended(decoder, beam, word)
        else:
            beam = [(score, last if kept.isspace() else "", (written, kept)) for score, last, written in beam]
    return _ranked(beam, limit)


def _split(text: str) -> Iterator[tuple[str, str]]:
    """Each part of ``text`` as a word to read or as something to keep; the other of the two is empty."""
    for token in re.finditer(r"\s+|\S+", text):
        if _ADDRESS.search(token[0]):
            yield "", token[0]
            continue
        for part in _PART.finditer(token[0]):
            yield part["word"] or "", part["stays"] or (part["rest"] or "").translate(_PUNCTUATION)


def _extended(decoder: Decoder, beam: list[_Hypothesis], word: str) -> list[_Hypothesis]:
    readings = decoder.readings(word)
    longer: list[_Hypothesis] = []
    for score, last, written in beam:
        before = last.rpartition(" ")[2]
        for arabic, more in readings:
            together = _PAIR_WEIGHT * decoder.model.pair(before, arabic.partition(" ")[0])
            longer.append((score + more + together, arabic, (written, arabic)))
    return sorted(longer, key=lambda hypothesis: -hypothesis[0])[:_BEAM]


def _ranked(beam: list[_Hypothesis], limit: int) -> list[Candidate]:
    best = beam[0][0]
    weights: dict[str, float] = {}
    for score, _, written in beam:
        text = _DECIMAL.sub(",", "".join(reversed(list(_parts(written)))))
        weights[text] = weights.get(text, 0.0) + math.exp(score - best)
    total = sum(weights.values())
    ranked = sorted(weights.items(), key=lambda weight: -weight[1])
    return [Candidate(text, weight / total) for text, weight in islice(ranked, limit)]


def _parts(written: _Written) -> Iterator[str]:
    """The parts of what is written, the last first."""
    while written is not None:
        written, part = written
        yield part
