"""Where sentences begin and end, in French, Arabic, Tamazight and mixed text. Knows signs and abbreviations; no grammar.

A sign ends a sentence unless what stands around it says otherwise: an abbreviation, a number, an initial, the mark of an
item (``1)``, ``أ -``), a small letter after it. A line that was only folded goes on in the next one.
"""

from __future__ import annotations

import re

__all__ = ["sentences"]

_FOLDED = 40  # a line as long as this, without a sign at its end, was folded by a page and goes on

_CLOSERS = "\"'”’»)\\]\u2069"
_SIGNS = ".!?؟۔…。⵰"
# A run of signs is read from its first one only, and never given back: linear on any text.
_END = re.compile(
    f"(?<![{_SIGNS}])[{_SIGNS}]++[{_CLOSERS}]*+(?:[ \u00a0\u202f]++[»”)\\]])?(?=\\s|\\Z)"
    f"|؛(?=\\s|\\Z)|[؟!۔⵰](?=[ء-يⴰ-ⵧ])|(?<=[ء-ي]{{3}})\\.(?=[ء-ي]{{2}})|\n"
)
_SPACE = re.compile(r"\s*")
_LAST_WORD = re.compile(r"([^\s(«\"'’]*)\Z")
_NUMBER = re.compile(r"[\d٠-٩]+(?:[-./٫][\d٠-٩]+)*", re.ASCII)
_INITIALS = re.compile(r"[A-ZÀ-ÖØ-Þ](?:\.?-?[A-Z])*\.?|[ء-ي](?:\.[ء-ي])*ـ?|[ⴰ-ⵥ]")
_ITEM = re.compile(
    r"[ \t]*(?:[-–—•*▪●◦►]|\(?(?:[\d٠-٩]{1,3}|[ivxIVX]{1,5}|[a-zA-Z]|[ء-ي])\s?[-–—.)°](?=\s)"
    r"|\(?(?:[\d٠-٩]{1,3}|[a-zA-Zء-ي])\))",
    re.ASCII,
)
_OPEN_REFERENCE = re.compile(
    r"(?<!\w)(?:art(?:icle|icles|s)?\.?|al(?:inéa)?\.?|n[°º]|nos?\.|numéro|chapitre|titre|section|livre|paragraphe"
    r"|(?:[وفبلك]{0,2}(?:ال)?|لل)(?:مادة|مادتين|مواد|فصل|فصلين|فصول|بند|باب|فقرة|عدد)|رقم|عدد|ص)\s*\Z",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"(?:art(?:icle)?\.?|المادة|مادة|الفصل|فصل)\s+\S+(?:[ -](?:bis|ter|quater|مكررة?|عشرة?|و?العشرون))?", re.IGNORECASE
)
_TITLES = frozenset("M MM Me Mr Mrs Ms Dr Drs Pr Prof Mgr St Ste Av Bd Bld Blvd Sr Jr د ذ أ".split())
_BEFORE_NUMBERS = frozenset("art arts al n no nos p pp par chap sect vol fig tab ann t ص ج م ف ع ط ر ق".split())
_SHORTENED = frozenset(
    "cf ex env av éd ed tél tel réf ref resp dép approx vs i.e e.g c.-à-d p.ex janv févr fév avr juil sept oct nov déc".split()
)
_SMALL = re.compile(f"[{_CLOSERS}«“(\\s-]*[a-zà-öø-ÿœæḍḥɛɣṛṣṭẓ]")
_DIGIT = re.compile(r"\s*[\d٠-٩]", re.ASCII)
_CAPITAL = re.compile("[A-ZÀ-ÖØ-ÞŒÆ]")
_LISTS = re.compile(r"[:؛;]\s*\Z")
_CONTINUES = re.compile(r"[,،]\s*\Z")
_BLANK_LINE = re.compile(r"[^\S\n]*(?:\n|\Z)")
_WINDOW = 40


def sentences(text: str) -> list[tuple[int, int]]:
    """The sentences of ``text`` as ``(start, end)`` in code points, in order, without blanks at their edges.

    Every character that is not a blank lies in exactly one of them. Linear in the length of ``text``.
    """
    cased = bool(_CAPITAL.search(text))
    found: list[tuple[int, int]] = []
    start = _skip(text, 0)
    line = 0  # where the line begins that we are in
    for sign in _END.finditer(text):
        place, end = sign.span()
        if sign[0] == "\n":
            goes_on = _folded(text, line, place, end)
            line = end
        else:
            goes_on = sign[0][0] in ".!?…" and _goes_on(text, start, sign, cased)
        if goes_on or end <= start:
            continue
        kept = len(text[start:end].rstrip()) + start
        if kept > start:
            found.append((start, kept))
        start = _skip(text, end)
    return [*found, *_rest(text, start)]


def _skip(text: str, place: int) -> int:
    blank = _SPACE.match(text, place)
    return blank.end() if blank else place


def _rest(text: str, start: int) -> list[tuple[int, int]]:
    end = start + len(text[start:].rstrip())
    return [(start, end)] if end > start else []


def _folded(text: str, line: int, place: int, end: int) -> bool:
    """Whether the line that ends at ``place`` goes on in the next one."""
    before = text[max(line, place - _WINDOW) : place]
    if _BLANK_LINE.match(text, end):
        return False
    if _OPEN_REFERENCE.search(before) and _DIGIT.match(text, end):
        return True
    if _ITEM.match(text, end) or _LISTS.search(before):
        return False
    return place - line >= _FOLDED or bool(_CONTINUES.search(before))


def _goes_on(text: str, start: int, sign: re.Match[str], cased: bool) -> bool:
    """Whether a full stop, or a sign that looks like one, stands inside a sentence."""
    place, end = sign.span()
    after = text[end : end + _WINDOW]
    if cased and _SMALL.match(after):
        return True
    if sign[0] != ".":
        return False
    before = text[max(start, place - _WINDOW) : place]
    last = _LAST_WORD.search(before)
    word = last[1] if last else ""
    if place - start <= _WINDOW and (_HEADING.fullmatch(before) or _NUMBER.fullmatch(before)):
        return True  # the number of an article or of an item stays with what it numbers
    if word.lower() in _BEFORE_NUMBERS:
        return bool(_DIGIT.match(after))
    after_number = _NUMBER.fullmatch(before[: -len(word)].rstrip().rpartition(" ")[2]) if word else None
    initial = bool(_INITIALS.fullmatch(word)) and not after_number
    return word in _TITLES or word.lower() in _SHORTENED or initial
