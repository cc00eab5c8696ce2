"""Numbers of identity cards (CIN, CNIE). Knows their letters and the words that stand before them.

One or two letters and five or six digits, without control digit: shape, prefix and context are all there is to go by.
In text taken from right-to-left pages the two halves change places (123456AB).
"""

from __future__ import annotations

import re

from .checks import KNOWN_PREFIXES
from .finding import Finding, Type
from .fold import Window

__all__ = ["cards"]

_LATIN = "0-9A-Za-zÀ-ÖØ-öø-ɏ"
# Read backwards from the last digit: the digits, then the letters before them, if any.
_BACKWARDS = re.compile(f"([0-9]{{5,6}})(?:([ .-]{{0,2}})([A-Za-z]{{1,2}}))?(?![{_LATIN}])")
_BEHIND = re.compile(f"([A-Z]{{1,2}})(?![{_LATIN}])")
# What denies a card behind its digits: a letter, or the short tail of a land title (T69394/13) or of a fraction.
_TAIL = re.compile(f"[{_LATIN}]|[./][0-9]{{1,2}}(?![0-9])")
_ARABIC = re.compile("[\u0621-\u064a]")
# Words that name a card; the short ones stand in other words as well (cinq, médecin).
_WORDS = ("c.i.n", "carte", "identit", "ta9a", "lakart", "بطاق", "تعريف", "لاكارط")
_SHORT_WORD = re.compile(r"(?<![a-zà-ÿ])l?c(?:in|ni)e?(?![a-zà-ÿ])")
_DIRECTLY = re.compile(r"(?<![a-zà-ÿ])l?c(?:in|ni)e?[ :n°.-]*\Z")
# Bytes. A card: eight characters of three bytes, a mark after each, and what bounds it. Near it: 48 Arabic letters.
_LONGEST, _NEAR = 60, 96


def cards(data: bytes, ends: list[int], found: list[Finding]) -> None:
    """Add every identity-card number of ``data`` whose digits, five or six together, end at one of ``ends``."""
    for end in ends:
        window = Window(data, max(end - _LONGEST, 0), end + 16)
        stop = window.digits_end(end)
        read = _BACKWARDS.match(window.text[stop - 1 :: -1])
        if read is None:
            continue
        digits, gap, letters = read.groups()
        behind = _BEHIND.match(window.text, stop)
        if behind and (gap or not letters):
            _mirrored(data, *window.span(stop - len(digits), behind.end()), behind[1], len(digits), found)
        elif letters and not _TAIL.match(window.text, stop):
            _plain(data, *window.span(stop - read.end(), stop), letters[::-1], bool(gap), found)


def _plain(data: bytes, start: int, end: int, letters: str, apart: bool, found: list[Finding]) -> None:
    """Letters, then digits. Apart, only letters of an office count, capital or just after "CIN": "de 20000" is an amount."""
    known, near = letters.upper() in KNOWN_PREFIXES, _before(data, start)
    named = _named(near)
    if apart:
        if known and named and (letters.isupper() or _DIRECTLY.search(near)):
            found.append(Finding(Type.CIN, start, end, 0.7, "context"))
    elif named:
        found.append(Finding(Type.CIN, start, end, 0.97, "context"))
    else:
        capitals, small = (0.8, 0.6) if known else (0.4, 0.2)
        found.append(Finding(Type.CIN, start, end, capitals if letters.isupper() else small, "prefix" if known else "format"))


def _mirrored(data: bytes, start: int, end: int, letters: str, digits: int, found: list[Finding]) -> None:
    """Digits, then letters, beside Arabic. Neither letters of no office, nor one letter after five digits: a measure."""
    if letters not in KNOWN_PREFIXES or digits + len(letters) < 7:
        return
    near = _before(data, start)
    if _ARABIC.search(near + data[end : end + _NEAR].decode("utf-8", "ignore")):
        named = _named(near)
        found.append(Finding(Type.CIN, start, end, 0.8 if named else 0.5, "context" if named else "prefix"))


def _before(data: bytes, start: int) -> str:
    return data[max(start - _NEAR, 0) : start].decode("utf-8", "ignore").lower()


def _named(near: str) -> bool:
    """Whether a word in ``near`` (lower case) names an identity card."""
    if ("cin" in near or "cni" in near) and _SHORT_WORD.search(near):
        return True
    for word in _WORDS:  # noqa: SIM110 - twice as fast as any() on the hot path
        if word in near:
            return True
    return False
