"""The one analyser of texts and questions: words of all scripts as terms that meet, with their places. Knows no index.

A word is analysed by its script: Arabic letters as Arabic, Tifinagh as Tamazight, Latin letters as French; only a text
that is said to be English or Tamazight (``language``) has its Latin letters read as that. Tamazight in either script gives
one term. What a word gives depends on nothing around it, so that an index and a question never disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from daffa.language import convert_digits, normalise, stem

from .arabic import arabic_stem, turned
from .stops import STOPS

__all__ = ["ANALYSER", "Token", "number", "terms", "tokens", "words"]

ANALYSER = "2026-11-26.3"
"""Changes whenever a text may give other terms than before: an index that another analyser made is built again."""

_ARABIC = (
    "\u0610-\u061a\u0621-\u065f\u066e-\u06d3\u06d5-\u06dc\u06df-\u06e8"
    "\u06ea-\u06ed\u06fa-\u06ff\u0750-\u077f\ufb50-\ufdfb\ufe70-\ufefc"
)
_TIFINAGH = "\u2d30-\u2d7f"
_WORD = re.compile(
    r"(?P<number>[0-9٠-٩۰-۹]+(?:[.,/\-][0-9٠-٩۰-۹]+|[ \u00a0\u202f][0-9]{3}(?![0-9]))*)"
    # A PDF reader often parts the article from its lam.
    rf"|(?P<arabic>(?:(?<![{_ARABIC}])ا (?=ل[{_ARABIC}]{{3}}))?[{_ARABIC}]+)"
    rf"|(?P<tifinagh>[{_TIFINAGH}]+)"
    rf"|(?P<latin>(?:[^\W\d_{_ARABIC}{_TIFINAGH}]|[\u0300-\u036f])+)"
)
_LONGEST = 64
_GROUPED = re.compile(r"[0-9]{1,3}(?:[ .,][0-9]{3})+")
_LATIN = {"en": "en", "zgh": "zgh", "tzm": "zgh", "shi": "zgh", "rif": "zgh", "ber": "zgh", "kab": "zgh"}
_APART = {word: word.removesuffix("s") for word in ("loyer", "loyers", "delit", "delits", "delai", "delais")}
"""Words whose French stem is that of a word with which it has nothing to do: loyer and loi, délit and délai."""


@dataclass(frozen=True, slots=True)
class Token:
    """A term, and the code points of the text that it stands for: ``text[start:end]``."""

    term: str
    start: int
    end: int


def tokens(text: str, language: str = "") -> list[Token]:
    """The terms of ``text`` in their order, stop words left out.

    Args:
        text: any text.
        language: BCP 47; matters for Latin letters alone (see the head of this file).
    """
    latin = _latin(language)
    found = []
    for word in _WORD.finditer(text):
        term = _term(word[0], word.lastgroup or "", latin)
        if term:
            found.append(Token(term, word.start(), word.end()))
    return found


def terms(text: str, language: str = "") -> list[str]:
    """The terms of ``text`` without their places."""
    latin = _latin(language)
    found = (_term(word[0], word.lastgroup or "", latin) for word in _WORD.finditer(text))
    return [term for term in found if term]


def words(text: str) -> Iterator[tuple[str, int, int]]:
    """Each word of ``text`` as it is written, stop words too, and its place."""
    for word in _WORD.finditer(text):
        yield word[0], word.start(), word.end()


def number(text: str) -> str:
    """The term of a number: ``"65-99"``, ``"٦٥.٩٩"`` and ``"65/99"`` give ``"65.99"``; ``"1 000"`` gives ``"1000"``."""
    plain = convert_digits(text, "ascii").replace("\u00a0", " ").replace("\u202f", " ")
    if _GROUPED.fullmatch(plain):
        return re.sub("[ .,]", "", plain)[:_LONGEST]
    first, *rest = re.split(r"[.,/\- ]", plain)
    return ".".join([first.lstrip("0") or "0", *rest])[:_LONGEST]


def _latin(language: str) -> str:
    return _LATIN.get(language.partition("-")[0], "fr")


@lru_cache(maxsize=1 << 18)
def _term(word: str, script: str, latin: str) -> str:
    """The term of a word, empty for a stop word; ``latin`` is the language of Latin letters."""
    if script == "number":
        return number(word)
    key = normalise(word[:_LONGEST].replace(" ", ""), loose=True)
    if script == "arabic":
        return "" if turned(key) in STOPS["arabic"] else arabic_stem(word[:_LONGEST].replace(" ", ""))
    if script == "tifinagh" or latin == "zgh":
        return "" if key in STOPS["zgh"] or len(key) < 2 else stem(word[:_LONGEST], "zgh")
    if len(key) < 2 or key in STOPS["en" if latin == "en" else "latin"]:
        return ""
    return _APART.get(key) or stem(word[:_LONGEST], latin)
