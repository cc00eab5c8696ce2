"""Numbers of identity cards (CIN, CNIE). Knows their letters and the words that stand before them.

One or two letters and five or six digits, without control digit: shape, prefix and context are all there is to go by.
In text taken from right-to-left pages the two halves change places (123456AB).
"""

from __future__ import annotations

import re

from .checks import KNOWN_PREFIXES
from .finding import Finding, Type
from .pieces import AFTER, DIGIT, LATIN, MARK, digits_end

__all__ = ["PATTERNS", "read"]

PATTERNS = (b"(?:\\A|[^0-9])%b(?:%b*%b){4,5}%b" % (DIGIT, MARK, DIGIT, AFTER),)
"""Five or six digits together."""

# Read backwards from the last digit: the digits, then the letters before them, if any.
_BACKWARDS = re.compile(f"([0-9]{{5,6}})(?:([ .-]{{0,2}})([A-Za-z]{{1,2}}))?(?![{LATIN}])")
_BEHIND = re.compile(f"([A-Z]{{1,2}})(?![{LATIN}])")
# What denies a card behind its digits: a letter, or the short tail of a land title (T69394/13) or of a fraction.
_TAIL = re.compile(f"[{LATIN}]|[./][0-9]{{1,2}}(?![0-9])")
_ARABIC = re.compile("[\u0621-\u064a]")
# Words that name a card; the short ones stand in other words as well (cinq, médecin).
_WORDS = ("c.i.n", "carte", "identit", "ta9a", "lakart", "بطاق", "تعريف", "لاكارط")
_SHORT_WORD = re.compile(r"(?<![a-zà-ÿ])l?c(?:in|ni)e?(?![a-zà-ÿ])")
_DIRECTLY = re.compile(r"(?<![a-zà-ÿ])l?c(?:in|ni)e?[ :n°.-]{0,8}\Z")
# Other things are numbered that way too: bills, flights, goods.
_THING = re.compile(
    r"(?:facture|commande|command|invoice|order|r[ée]f|r[ée]f[ée]rence|vol|flight|produit|product|lot|s[ée]rie|serial|"
    r"mod[èe]le|model|"
    r"ch[èe]que|march[ée]|bon|sku|article|item|colis|ticket|فاتورة|فاكتورة|طلبية|مرجع|المرجع|رحلة|شيك)"
    r"[ :#=.\"']{0,4}(?:n[°ºo]|num[ée]ro|رقم)?[ :#=.\"']{0,4}\Z"
)
# A card, with the letter before it that denies it; what is near.
_LONGEST, _NEAR = 12, 64


def read(text: str, ends: list[int], found: list[Finding]) -> None:
    """Add every identity-card number of ``text`` whose digits, five or six together, end at one of ``ends``."""
    for end in ends:
        stop = digits_end(text, end)
        read = _BACKWARDS.match(text[max(stop - _LONGEST, 0) : stop][::-1])
        if read is None:
            continue
        digits, gap, letters = read.groups()
        behind = _BEHIND.match(text, stop)
        if behind and (gap or not letters):
            _mirrored(text, stop - len(digits), behind.end(), behind[1], found)
        elif letters and not _TAIL.match(text, stop):
            _plain(text, stop - read.end(), stop, letters[::-1], bool(gap), found)


def _plain(text: str, start: int, end: int, letters: str, apart: bool, found: list[Finding]) -> None:
    """Letters, then digits. Apart, only letters of an office count, capital or just after "CIN": "de 20000" is an amount."""
    known, near = letters.upper() in KNOWN_PREFIXES, _before(text, start)
    named = _named(near)
    if apart:
        if known and named and (letters.isupper() or _DIRECTLY.search(near)):
            found.append(Finding(Type.CIN, start, end, 0.7, "context"))
    elif named:
        found.append(Finding(Type.CIN, start, end, 0.97, "context"))
    else:
        capitals, small = (0.8, 0.6) if known and not _THING.search(near) else (0.4, 0.2)
        found.append(Finding(Type.CIN, start, end, capitals if letters.isupper() else small, "prefix" if known else "format"))


def _mirrored(text: str, start: int, end: int, letters: str, found: list[Finding]) -> None:
    """Digits, then letters, beside Arabic. Neither letters of no office, nor one letter after five digits: a measure."""
    if letters not in KNOWN_PREFIXES or end - start < 7:
        return
    if _ARABIC.search(text, max(start - _NEAR, 0), end + _NEAR):
        named = _named(_before(text, start))
        found.append(Finding(Type.CIN, start, end, 0.8 if named else 0.5, "context" if named else "prefix"))


def _before(text: str, start: int) -> str:
    return text[max(start - _NEAR, 0) : start].lower()


def _named(near: str) -> bool:
    """Whether a word in ``near`` (lower case) names an identity card."""
    if ("cin" in near or "cni" in near) and _SHORT_WORD.search(near):
        return True
    for word in _WORDS:  # noqa: SIM110 - twice as fast as any() on the hot path
        if word in near:
            return True
    return False
