"""Search keys: one word meets itself across its spellings. Knows letters; knows no grammar and no language.

A key is made by a row of steps, each a table of letters or one pattern. The same row runs with a map of offsets, so
that what is found in a key can be shown in the text. Two keys: the strict one makes equal what a reader takes for the
same writing (typography, keyboards, vowel signs, hamza on alef); the loose one also what writers confuse (accents,
ة and ه, elided articles, Tifinagh and Latin).
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable

from .scripts import DIGITS
from .scripts.tifinagh import TO_LATIN

__all__ = ["ELIDED", "normalise", "normalise_with_map"]

Table = dict[int, str]
Step = Table | tuple[re.Pattern[str], str] | Callable[[str], str]
Span = tuple[int, int]

_MARKS = (
    "\u00ad\u034f\u0610-\u061a\u061c\u0640\u064b-\u0652\u0656-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed"
    "\u08d3-\u08e1\u08e3-\u08ff\u115f\u1160\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufc5e-\ufc63"
    "\ufcf2-\ufcf4\ufe00-\ufe0f\ufe70-\ufe7f\ufeff\uffa0\U000e0000-\U000e0fff"
)
# Vowel signs with a space or a line of their own would cut a word when they are decomposed, so they go before. Madda and
# hamza as separate signs wait until the letter under them has taken them.
_UNSEEN = re.compile(f"[{_MARKS}]+")
_LEFT_OVER = re.compile(f"[{_MARKS}\u0653-\u0655]+")


def _letters(pairs: str) -> Table:
    """``"ab cd"``: each letter of a group but the last becomes the last."""
    return {ord(letter): group[-1] for group in pairs.split() for letter in group[:-1]}


_SIGNS: Table = {
    **dict.fromkeys(map(ord, "‘’‚‛ʼʻʹʽ´`′ʾʿ＇"), "'"),
    **dict.fromkeys(map(ord, "“”„‟«»″"), '"'),
    **dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-"),
    ord("،"): ",",
    ord("؛"): ";",
    ord("؟"): "?",
    ord("۔"): ".",
    ord("٪"): "%",
    ord("٫"): ".",
    ord("٬"): ",",
    ord("⁄"): "/",
}
_SPACES: Table = {ord(space): " " for space in "\t\n\v\f\r\x1c\x1d\x1e\x1f\x85\u1680\u2028\u2029"}
_STRICT: Table = {
    **_SIGNS,
    **_SPACES,
    **{ord(digit): str(value) for own in DIGITS.values() for value, digit in enumerate(own) if own != DIGITS["ascii"]},
    **_letters("أإآٱٲٳٵا ىیېۍي کڪگڭݣك ڤڥڢف پب چج ژز ہەھۀۂه ۃة"),
    ord("œ"): "oe",
    ord("æ"): "ae",
}
_LOOSE: Table = {
    **_letters("ةه ؤو ئي ثت ذد ظض əǝe ıi čšc"),
    ord("ء"): "",
    **dict.fromkeys(map(ord, "ɣγ"), "gh"),  # Greek letters stand for the Latin ones in much Amazigh text
    **dict.fromkeys(map(ord, "ɛεԑ"), "a"),
    ord("ø"): "o",
    ord("ł"): "l",
    ord("đ"): "d",
    **{ord(letter): latin for letter, latin in TO_LATIN.items()},
    ord("ⵖ"): "gh",
    ord("ⵄ"): "a",
    **_letters("ⴹd ⵃh ⵕr ⵚs ⵟt ⵥz ⵞc ⵯw"),
    **_letters("ⵆx ⵈq ⵗⵘg ⴾk ⵂⵁh ⵋⵌⴵj ⵤz ⴲb ⴸd ⴺd ⵝt ⴿk ⴴⴶg ⵦe ⵧo"),
}
_STRICT_AND_LOOSE: Table = _LOOSE | {letter: to.translate(_LOOSE) for letter, to in _STRICT.items()}
_ACCENTS = re.compile("[\u0300-\u036f]")
ELIDED = re.compile(r"(?<![\w'])(?:(?:[ldjnmtsc]|qu|jusqu|lorsqu|puisqu|quoiqu)')+(?=\w)")
_SPACING_ACUTE = re.compile("[´΄᾽᾿]")  # typed for an apostrophe; composition would make a space of it
_SECONDS = re.compile("[″〃]")
_BLANKS = re.compile(" {2,}")
_EDGES = re.compile("^ +| +$")


def _nfkc(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def _bare(text: str) -> str:
    """Without accents, and the letters under them folded like others."""
    if unicodedata.is_normalized("NFD", text) and not _ACCENTS.search(text):
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFD", text))).translate(_LOOSE)


_COMPOSED: tuple[Step, ...] = (
    (_UNSEEN, ""),
    (_SPACING_ACUTE, "'"),
    (_SECONDS, '"'),
    _nfkc,
    str.casefold,
    _nfkc,
    (_LEFT_OVER, ""),
)
_TRIMMED: tuple[Step, ...] = ((_BLANKS, " "), (_EDGES, ""))
_STEPS: dict[bool, tuple[Step, ...]] = {
    False: (*_COMPOSED, _STRICT, *_TRIMMED),
    True: (*_COMPOSED, _STRICT_AND_LOOSE, _bare, (ELIDED, ""), *_TRIMMED),
}

# Text falls into clusters that no composition joins: a character, and the marks and Hangul letters that may join it.
_HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7a3\uff9e-\uffdc]")


def normalise(text: str, loose: bool = False) -> str:
    """The search key of ``text``: the strict one, or the loose one. The key of a key is the key. Linear in its length."""
    for step in _STEPS[loose]:
        if isinstance(step, dict):
            text = text.translate(step)
        elif isinstance(step, tuple):
            text = step[0].sub(step[1], text)
        else:
            text = step(text)
    return text


def normalise_with_map(text: str, loose: bool = False) -> tuple[str, list[Span]]:
    """The key of ``text`` and, for each of its characters, the span of ``text`` that it comes from.

    The spans ascend; ``key[a:b]`` comes from ``text[spans[a][0] : spans[b - 1][1]]``. A mark that a key leaves out
    belongs to the letter before it. Some ten times slower than ``normalise``: for what is shown, not for what is indexed.
    """
    spans = [(place, place + 1) for place in range(len(text))]
    for step in _STEPS[loose]:
        if isinstance(step, dict):
            text, spans = _by_pieces(text, spans, list(range(len(text) + 1)), _translation(step))
        elif isinstance(step, tuple):
            text, spans = _by_pattern(text, spans, *step)
        else:
            text, spans = _by_pieces(text, spans, _clusters(text), step)
    return text, spans


def _translation(table: Table) -> Callable[[str], str]:
    return lambda piece: piece.translate(table)


def _by_pieces(text: str, spans: list[Span], bounds: list[int], change: Callable[[str], str]) -> tuple[str, list[Span]]:
    """Change each piece of ``text`` alone; what comes out of a piece has the span of the piece."""
    pieces: list[str] = []
    whence: list[Span] = []
    for start, end in itertools.pairwise(bounds):
        changed = change(text[start:end])
        pieces.append(changed)
        whence += [(spans[start][0], spans[end - 1][1])] * len(changed)
    return "".join(pieces), whence


def _by_pattern(text: str, spans: list[Span], pattern: re.Pattern[str], to: str) -> tuple[str, list[Span]]:
    """Set ``to`` for each match. A mark that goes belongs from then on to the letter before it."""
    pieces: list[str] = []
    whence: list[Span] = []
    place = 0
    for found in pattern.finditer(text):
        start, end = found.span()
        pieces += [text[place:start], to]
        whence += spans[place:start]
        if to:
            whence += [(spans[start][0], spans[end - 1][1])] * len(to)
        elif start and pattern in (_UNSEEN, _LEFT_OVER):
            whence[-1] = (whence[-1][0], spans[end - 1][1])
        place = end
    return "".join([*pieces, text[place:]]), whence + spans[place:]


def _clusters(text: str) -> list[int]:
    """The bounds of the clusters of ``text``, its two ends included."""
    if not text:
        return [0]
    inner = (
        place
        for place, letter in enumerate(text)
        if place and (letter.isascii() or not (unicodedata.category(letter)[0] == "M" or _HANGUL.match(letter)))
    )
    return [0, *inner, len(text)]
