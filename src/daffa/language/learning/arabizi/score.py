"""Measures ``arabizi`` beside the letter table on pairs of both scripts. Knows nothing of training but what to keep apart.

The pairs are CC-BY-NC-4.0: they measure, and nothing that is shipped learns from them. Most of them (DODa) have an Arabic side
that was itself made by a letter table; those say how near two tables are, so that they are counted apart.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from ...arabic import PLAIN_ALEF, bare
from ...arabizi.candidates import candidates
from ...arabizi.decoding import Decoder, Remembering, shipped_decoder
from ...arabizi.model import read
from ...arabizi.table import by_table
from ..data import objects, required
from ..papers import loaded
from .learn import corpus, learn

__all__ = ["FILE", "Pair", "Rates", "character_errors", "compare", "load", "normal", "pairs", "score"]

FILE = "arabizi.npz"

_PAIRS = "translit/ary_arabizi_arab_pairs.tsv.gz"
_PHRASES = "qa/smartly_domain_phrases.jsonl.gz"
_LOOKED_AT = 15
"""Of a hundred Arabic sides those whose errors were looked at while the costs were written by hand: never counted."""
_MOST = 5

_NOT_A_WORD = re.compile(r"[^\w\s]|_")
_LOOSE = PLAIN_ALEF | str.maketrans("ىةگڭڤپ", "يهككفب")

Rates = dict[str, dict[str, float]]
"""By kind of reference and way: the character error rate."""


@dataclass(frozen=True, slots=True)
class Pair:
    """One phrase in both scripts, and whether a person or a table wrote the Arabic side."""

    arabizi: str
    arabic: str
    by_hand: bool


def load(folder: Path) -> Decoder:
    """A decoder over the model in ``folder``. Raises ``Invalid("invalid_field")`` where there is none, or something else."""
    return Remembering(loaded(folder / FILE, read))


def pairs(data: Path, by_hand: bool = True) -> list[Pair]:
    """One pair for each Arabic side, its Arabizi spelling drawn by a digest; those looked at left out."""
    spellings: dict[str, list[str]] = {}
    for pair in _read(data):
        if pair.by_hand == by_hand and crc32(pair.arabic.encode()) % 100 >= _LOOKED_AT:
            spellings.setdefault(pair.arabic, []).append(pair.arabizi)
    drawn = {arabic: found[crc32(arabic.encode()) // 100 % len(found)] for arabic, found in spellings.items()}
    return [Pair(arabizi, arabic, by_hand) for arabic, arabizi in drawn.items()]


def _read(data: Path) -> Iterator[Pair]:
    with gzip.open(data / _PAIRS, "rt", encoding="utf-8") as rows:
        next(rows)
        for row in rows:
            arabizi, arabic, _, source, _ = row.rstrip("\n").split("\t")
            yield Pair(arabizi, arabic, source.startswith("SmartlyAI"))
    for phrase in objects(data / _PHRASES):
        yield Pair(phrase["Arabizi"], phrase["Darija_Arabe"], True)


def normal(text: str, loose: bool = False) -> str:
    """``text`` for comparison: without marks, tatweels and punctuation; loosely also without hamza and the like."""
    kept = _NOT_A_WORD.sub(" ", bare(unicodedata.normalize("NFC", text)).lower())
    return " ".join((kept.translate(_LOOSE) if loose else kept).split())


def character_errors(said: str, meant: str) -> int:
    """Letters to insert, delete or change to make ``meant`` of ``said`` (Levenshtein, one row of bits a letter: Myers 1999)."""
    if not meant:
        return len(said)
    places: dict[str, int] = {}
    for at, letter in enumerate(meant):
        places[letter] = places.get(letter, 0) | 1 << at
    full, last = (1 << len(meant)) - 1, 1 << len(meant) - 1
    rises, falls, errors = full, 0, len(meant)
    for letter in said:
        equal = places.get(letter, 0)
        diagonal = (((equal & rises) + rises) ^ rises) | equal
        up, down = falls | ~(diagonal | rises) & full, rises & diagonal
        errors += bool(up & last) - bool(down & last)
        up = up << 1 | 1
        rises, falls = (down << 1 | ~(equal | falls | up)) & full, up & (equal | falls) & full
    return errors


def compare(tests: Iterable[Pair], ways: dict[str, Callable[[str], list[str]]], loose: bool = False) -> dict[str, float]:
    """Character error rate of the best of what each way says."""
    errors = dict.fromkeys(ways, 0)
    letters = 0
    for pair in tests:
        meant = normal(pair.arabic, loose)
        letters += len(meant)
        for name, way in ways.items():
            errors[name] += min(character_errors(normal(said, loose), meant) for said in way(pair.arabizi))
    return {name: count / max(1, letters) for name, count in errors.items()}


def _ways(decoder: Decoder, name: str) -> dict[str, Callable[[str], list[str]]]:
    return {
        f"{name}, first": lambda text: [candidates(decoder, text, 1)[0].text],
        f"{name}, best of {_MOST}": lambda text: [candidate.text for candidate in candidates(decoder, text, _MOST)],
    }


def score(data: Path, decoder: Decoder | None = None, *, all_lines: bool = False, most: int = 1_000_000) -> Rates:
    """Character error rates of the table and of ``decoder`` (or what is shipped), by kind of reference.

    Args:
        data: the data folder.
        decoder: what to measure.
        all_lines: also build a model with lines of all licences but without the test phrases, and measure it.
        most: at most so many phrases of each kind.

    Raises ``Invalid("invalid_field")`` where the folder has no such phrases.
    """
    required(data, (_PAIRS, _PHRASES))
    ways: dict[str, Callable[[str], list[str]]] = {"letter table": lambda text: [by_table(text)]}
    ways |= _ways(decoder or shipped_decoder(), "daffa")
    tests = pairs(data)[:most]
    if all_lines:
        ways |= _ways(_with_every_line(data), "every line")
    return {
        "written by hand": compare(tests, ways),
        "written by hand, loosely": compare(tests, ways, loose=True),
        "made by a table": compare(pairs(data, by_hand=False)[: min(most, len(tests))], ways),
    }


def _with_every_line(data: Path) -> Decoder:
    """A decoder that learned from lines of all licences, those that hold a test phrase left out."""
    tests = pairs(data)
    tested = {normal(pair.arabic) for pair in tests} | {normal(pair.arabizi) for pair in tests}
    lines = corpus(data, all_lines=True)
    kept = [[line for line in part if normal(line) not in tested] for part in (lines.darija, lines.arabic, lines.arabizi)]
    return Remembering(learn(*kept))
