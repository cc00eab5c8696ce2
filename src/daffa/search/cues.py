"""What a question asks for besides its topic: an article by its number, a penalty, a time limit. Knows no law's name.

The kinds of questions and the words that texts answer them with stand in ``cues.csv``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from daffa.language import convert_digits, normalise

from . import latin
from .analyser import terms
from .fields import article_number

__all__ = ["Kind", "article", "kinds"]

_FILE = Path(__file__).with_name("cues.csv")
_NUMBER = (
    r"\s*(?:n\s*[°º]|رقم|num[eé]ro)?\s*"
    r"(?P<number>[0-9]{1,4}(?:-[0-9]{1,2}(?![0-9]))?(?:\s*(?:bis|ter|quater|مكرر))?|premier\b|1er\b)"
)
_ARTICLE = re.compile(
    r"(?:\b(?:articles?|art\.?|amagrad|l?ma+da|l?fa?sl)"
    r"|(?<![\u0621-\u064a])(?:[وفبل]?(?:ال|ل)?(?:ماد[ةه]|فصل))"
    rf"|ⴰⵎⴰⴳⵔⴰⴷ){_NUMBER}",
    re.IGNORECASE,
)
_FIRST = {"premier": "1", "1er": "1"}
_WORDS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of question: its name, phrases that ask it, and the terms of texts that answer it."""

    name: str
    asked: tuple[str, ...]
    heard: tuple[str, ...]
    terms: tuple[str, ...]


def article(text: str) -> tuple[str, str] | None:
    """The article that ``text`` asks for by number: the words that say so, and the number as a term of the index."""
    found = _ARTICLE.search(convert_digits(text, "ascii"))
    if not found:
        return None
    number = found["number"].casefold()
    return text[found.start() : found.end()], article_number(_FIRST.get(number, number))


def kinds(text: str, language: str) -> list[tuple[str, Kind]]:
    """The kinds of question that ``text`` is, each with the phrase that says so."""
    asked = f" {' '.join(_WORDS.findall(normalise(text.replace(chr(39), ' ').replace('’', ' '), loose=True)))} "
    heard = f" {' '.join(latin.key(word[0]) for word in latin.WORD.finditer(text))} " if language == "ary-Latn" else ""
    return [(phrase, kind) for kind in _kinds() if (phrase := _said(kind, asked, heard))]


def _said(kind: Kind, asked: str, heard: str) -> str:
    said = (phrase for phrase in kind.asked if f" {phrase} " in asked)
    return next(said, "") or next((phrase for phrase in kind.heard if f" {phrase} " in heard), "")


@cache
def _kinds() -> Sequence[Kind]:
    with _FILE.open(encoding="utf-8", newline="") as lines:
        return tuple(_kind(row) for row in csv.DictReader(lines))


def _kind(row: dict[str, str]) -> Kind:
    asked = tuple(normalise(phrase, loose=True) for phrase in row["asks"].split("|"))
    heard = tuple(" ".join(map(latin.key, phrase.split())) for phrase in asked if phrase.isascii())
    answers = terms(f"{row['fr']} {row['ar']}".replace("|", " "))
    return Kind(row["kind"], asked, heard, tuple(dict.fromkeys(answers)))
