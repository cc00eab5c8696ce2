"""Where an article, a chapter or a title of a law begins, and which number it has. Knows lines of text, and no format.

A reference that happens to stand at the head of a line ("Article 171 ci-après, ...") is none: what stands around it tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from daffa.language import convert_digits

__all__ = ["ARTICLE_LEVEL", "ENDED", "Mark", "articled", "mark", "number_of"]

ARTICLE_LEVEL = 6

_ONES = {
    "الأولى": 1, "الأول": 1, "الاولى": 1, "الاول": 1, "الثانية": 2, "الثاني": 2, "الثالثة": 3, "الثالث": 3,
    "الرابعة": 4, "الرابع": 4, "الخامسة": 5, "الخامس": 5, "السادسة": 6, "السادس": 6, "السابعة": 7, "السابع": 7,
    "الثامنة": 8, "الثامن": 8, "التاسعة": 9, "التاسع": 9, "العاشرة": 10, "العاشر": 10, "الحادية": 1, "الحادي": 1,
    "فريدة": 1, "الفريدة": 1,
}  # fmt: skip
_TEENS = {"عشر": 10, "عشرة": 10}
_TENS = {
    "العشرون": 20, "العشرين": 20, "الثلاثون": 30, "الثلاثين": 30, "الأربعون": 40, "الأربعين": 40, "الخمسون": 50, "الخمسين": 50,
    "الستون": 60, "الستين": 60, "السبعون": 70, "السبعين": 70, "الثمانون": 80, "الثمانين": 80, "التسعون": 90, "التسعين": 90,
}  # fmt: skip
_ORDINAL = f"(?:{'|'.join(_ONES)})(?:\\s+(?:عشرة?|و(?:{'|'.join(_TENS)})))?|(?:{'|'.join(_TENS)})"
_DIGITS = r"[0-9٠-٩]{1,4}(?:[-.][0-9٠-٩]{1,3})*"
_AGAIN = r"(?:bis|ter|quater|quinquies|sexies|septies|octies|nonies|decies)"
_NOTE = r"(?:\[\d{1,3}\])?"
_SEPARATOR = r"\s*[:.\-–—]+\s*"

_FRENCH = (
    rf"(?P<label>(?:Article|ARTICLE|Art\.|ART\.)\s*(?P<number>premier|PREMIER|unique|UNIQUE|{_DIGITS})(?:\s?er)?"
    rf"(?P<again>[ -]{_AGAIN})?){_NOTE}(?!\w)(?P<rest>(?:{_SEPARATOR}|\s+(?=[A-ZÀ-ÖØ-ÞŒ«\"“])|\s*\Z).*)"
)
_ARABIC = (
    rf"(?P<label>(?:ال)?(?:مادة|فصل)\s*(?P<number>{_DIGITS}|{_ORDINAL})(?P<again>\s*-?\s*مكررة?)?){_NOTE}(?!\w)"
    rf"(?P<rest>(?:{_SEPARATOR}|\s*\Z).*)"
)
_TIFINAGH = rf"(?P<label>ⴰⵎⴰ?ⴳⵔⴰⴷ\s+(?P<number>{_DIGITS})){_NOTE}(?!\w)(?P<rest>(?:{_SEPARATOR}|\s*\Z).*)"
_ARTICLE = tuple(re.compile(pattern, re.DOTALL) for pattern in (_FRENCH, _ARABIC, _TIFINAGH))
_COUNTED = r"(?:premier|première|unique|préliminaire|[IVXLC]+|[0-9]+)(?:\s+(?:bis|ter))?"
_PARTS = tuple(
    (re.compile(f"(?:{words})(?!\\w).{{0,200}}", re.IGNORECASE), level)
    for words, level in (
        (rf"(?:livre|partie)\s+{_COUNTED}", 1),
        (rf"titre\s+{_COUNTED}", 2),
        (rf"chapitre\s+{_COUNTED}", 3),
        (rf"section\s+{_COUNTED}", 4),
        (rf"sous-section\s+{_COUNTED}", 5),
        (rf"الكتاب\s+(?:{_ORDINAL})", 1),
        (rf"(?:القسم|الباب|الجزء)\s+(?:{_ORDINAL})", 2),
        (rf"الفصل\s+(?:{_ORDINAL})", 3),
        (rf"(?:الفرع|المبحث)\s+(?:{_ORDINAL})", 4),
    )
)
_REFERS = re.compile(
    r"(?:^|\s)(?:في|من|إلى|على|أحكام|بأحكام|لأحكام|بموجب|بمقتضى|طبقا|مقتضيات|لمقتضيات|حسب|أو|و|نص|هذه|عليها|عليه"
    r"|de|du|des|à|au|aux|par|et|ou|dans|en|le|la|les|[ld]['’])\s*\Z"
)
ENDED = re.compile(r"[.;:؛!?؟»\"”)]\s*\Z")
"""What a line ends with that does not go on in the next one."""
_SMALL = re.compile("[a-zà-öø-ÿœ]")
_CAPITAL = re.compile("[A-ZÀ-ÖØ-ÞŒء-ي]")
_ARTICLE_WORD = re.compile(r"\s*(?:ال)?مادة\s*[0-9٠-٩ا]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A heading at the head of a text: itself, its level, the number of its article or empty, and the text after it."""

    heading: str
    level: int
    number: str
    rest: str


def articled(lines: Iterable[str]) -> bool:
    """Whether the articles of a text are called المادة, so that الفصل is a chapter in it."""
    return any(map(_ARTICLE_WORD.match, lines))


def mark(line: str, previous: str = "", following: str = "", *, chapters: bool = False) -> Mark | None:
    """The heading that ``line`` begins with, if any.

    ``previous`` and ``following`` are the lines around it in a text whose lines are folded; ``chapters`` as ``articled`` says.
    """
    match = _article(line)
    if match and not (chapters and "فصل" in match["label"]):
        rest = match["rest"].lstrip(" \t\n\u00a0:.-–—").rstrip()
        refers = not rest and _refers(previous, following)
        return None if refers else Mark(match["label"].strip(), ARTICLE_LEVEL, _number(match), rest)
    for pattern, level in _PARTS:
        if pattern.fullmatch(line) and _CAPITAL.match(line) and not _refers(previous, following):
            return Mark(line.strip(), level, "", "")
    return None


def number_of(heading: str) -> str:
    """The number of the article that a heading names: ``Article 24 bis - De la preuve`` gives ``24 bis``; else empty."""
    match = _article(heading)
    return _number(match) if match else ""


def _article(line: str) -> re.Match[str] | None:
    return next((match for pattern in _ARTICLE if (match := pattern.match(line))), None)


def _refers(previous: str, following: str) -> bool:
    """Whether a label alone in its line is part of a folded sentence."""
    if not previous or ENDED.search(previous):
        return False
    return bool(_SMALL.match(following) or _REFERS.search(previous))


def _number(match: re.Match[str]) -> str:
    written = match["number"].lower()
    again = (match.groupdict().get("again") or "").strip(" -")
    if written in {"premier", "unique"}:
        number = "1"
    elif written[0].isdigit():
        number = convert_digits(written).replace(".", "-")
    else:
        number = str(_ordinal(written))
    return f"{number} {'bis' if 'مكرر' in again else again}".strip()


def _ordinal(words: str) -> int:
    """The value of ``الحادية والعشرون``: 21."""
    return sum(_ONES.get(word, 0) or _TEENS.get(word, 0) or _TENS.get(word.removeprefix("و"), 0) for word in words.split())
