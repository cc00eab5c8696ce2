"""Runs of words that look like a name: capitals and particles in Latin letters, units in Arabic. Knows no trigger."""

from __future__ import annotations

import functools
import re
from bisect import bisect_left
from typing import NamedTuple

from . import persons_words as words
from .given_names import EVERYDAY, GIVEN_NAMES

__all__ = ["Run", "Text", "has_family_shape", "is_arabic", "plain", "stands_for_place", "tokens"]

_TOKEN = re.compile(
    r"(?:[dljnsc]|qu|L|D)['’](?=[A-Za-zÀ-ɏ])|(?<![A-Za-zÀ-ɏ])[A-Z]\.(?=[ A-Z])"
    r"|[A-Za-zÀ-ÖØ-öø-ɏ0-9]+(?:['’-][A-Za-zÀ-ÖØ-öø-ɏ0-9]+)*|[\u0621-\u0652\u0671-\u06d3]+"
)
_VOWELS = re.compile("[\u0640\u064b-\u0652]")
_GAP = re.compile(r"[ \t\u00a0]{1,3}|[ ]?-[ ]?")
_ROMAN = re.compile(r"II|III|IV|V|VI|VII|XII|XIV|الاول|الأول|الثاني|الثالث|الرابع|الخامس|السادس")
_ABD = re.compile("(?i)abd(?:e[ldrsnz]|ou|a)-?[a-z]{2,}")
_OF = frozenset("de du des d' d’ la le l' l’ el al".split())
_FAMILY = re.compile("ال[\u0621-\u064a]{2,}[يى]|(?:بن|بل|بو|أو|او)[\u0621-\u064a]{3,}|[\u0621-\u064a]{2,}(?:اوي|يوي)")
_FAMILY_SMALL = re.compile("(?:l[^aeiou]|ben|bou|ait|ou)[a-z0-9]{3,}|[a-z0-9]{2,}i")
_VERB = re.compile("(?:[يتن]|كي|كت|كن|غا|ما[^ر])[\u0621-\u064a]{3,}|ما[\u0621-\u064a]+ش")
_LONGEST = 9
_SON = frozenset("بن ابن بنت".split())
_NEGATION = re.compile("ما[\u0621-\u064a]{2,}ش")
_GLUED = re.compile("(?:بال|لل|وال|فال|كال|ولل|وبال)[\u0621-\u064a]+")


class Run(NamedTuple):
    """Words ``first`` to before ``last`` of a text, that look like a name.

    Attributes:
        names: how many words of it are names; particles and initials are not counted.
        known: what its given names say: 2 for one that is nothing else, 1 for one that is an everyday word, 0 for none.
        family: whether its last word has the shape of a family name (Arabic), or stands behind a particle.
    """

    first: int
    last: int
    names: int
    known: int
    family: bool


_ACCENTED = "àâäáãåéèêëíìîïóòôöõúùûüçñÿ’أإآٱةى"
_PLAIN = str.maketrans(_ACCENTED, "aaaaaaeeeeiiiiooooouuuucny'اااااهي"[: len(_ACCENTED)])


@functools.lru_cache(maxsize=8192)
def plain(word: str) -> str:
    """A word in small letters without accents or hamza, and with its article the right way round."""
    low = word.lower().translate(_PLAIN)
    return "الا" + low[3:] if low.startswith("اال") else low


_STOP = frozenset(map(plain, words.ARABIC_STOP))
_SAINTS = frozenset(map(plain, words.SAINTS))
_PARTICLES = words.LATIN_PARTICLES | words.ARABIC_PARTICLES


def tokens(phrase: str) -> tuple[str, ...]:
    """The plain words of a phrase, cut as ``Text`` cuts them."""
    return tuple(plain(each[0]) for each in _TOKEN.finditer(phrase))


def is_arabic(word: str) -> bool:
    """Whether it is written in Arabic letters."""
    return word > "\u0600"


@functools.lru_cache(maxsize=8192)
def _ends_arabic(word: str, inside: bool) -> bool:
    """Whether an Arabic word is none of a name; ``inside`` where it is neither its first nor led by a particle."""
    if (
        word in words.ARABIC_STOP
        or plain(word) in _STOP
        or len(word) < 2
        or word == "ال"
        or _GLUED.fullmatch(word)
        or _NEGATION.fullmatch(word)
    ):
        return True
    if word in GIVEN_NAMES or not inside:
        return False
    return (word[0] in "وفبل" and (word[1:] in words.ARABIC_STOP or word[1:] in GIVEN_NAMES or word[0] == "و")) or (
        _VERB.fullmatch(word) is not None and not _FAMILY.fullmatch(word)
    )


def has_family_shape(word: str) -> bool:
    """Whether an Arabic word is built as names of families are."""
    return _FAMILY.fullmatch(word) is not None


@functools.lru_cache(maxsize=8192)
def _known(word: str) -> int:
    """What a word says as a given name: 2 for one that is nothing else, 1 for an everyday word, 0 for none."""
    low = word.lower()
    # A servant's name, Abdelouadoud, is one whether it is listed or not.
    if word == "عبد" or (low not in EVERYDAY and (low in GIVEN_NAMES or _ABD.fullmatch(low))):
        return 2
    return 1 if low in EVERYDAY and (low in GIVEN_NAMES or _ABD.fullmatch(low)) else 0


class Text:
    """The words of a text and where they stand."""

    def __init__(self, text: str) -> None:
        self.text = text
        spans = [each.span() for each in _TOKEN.finditer(text)]
        self.words = [text[start:end] for start, end in spans]
        if _VOWELS.search(text):
            bare = [_VOWELS.sub("", word) for word in self.words]
            spans = [span for span, word in zip(spans, bare, strict=True) if word]
            self.words = [word for word in bare if word]
        self.plain = list(map(plain, self.words))
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]

    def at(self, place: int) -> int:
        """The number of the first word that begins at ``place`` or behind it."""
        return bisect_left(self.starts, place)

    def joined(self, number: int) -> bool:
        """Whether the word follows the one before it, with nothing but a space or hyphen between."""
        if not 0 < number < len(self.words):
            return False
        end, start = self.ends[number - 1], self.starts[number]
        return (start == end + 1 and self.text[end] == " ") or _GAP.fullmatch(self.text, end, start) is not None

    def capitals(self, first: int) -> Run | None:
        """The run of capitalised words and particles from ``first`` on, at most four names."""
        names = 0
        number = last = first
        while number < len(self.words) and names < 4 and number - first < _LONGEST and (number == first or self.joined(number)):
            word = self.words[number]
            low = word.lower()
            if low in words.LATIN_PARTICLES or (len(word) == 2 and word[1] == "."):
                number += 1
                continue
            if not word[0].isupper() or low in words.LATIN_STOP or len(word) < 2 or word.isdigit():
                break
            if word.isupper() and len(word) < 4 and low not in GIVEN_NAMES:
                break
            names += 1
            number += 1
            last = number
        return self._run(first, last, names)

    def small(self, first: int, most: int, *, strict: bool = False) -> Run | None:
        """The run of at most ``most`` names from ``first`` on where no capitals are written, as in Arabizi.

        ``strict`` takes a second word only where it has the shape of a family name: it may be a verb.
        """
        names = 0
        number = last = first
        while (
            number < len(self.words) and names < most and number - first < _LONGEST and (number == first or self.joined(number))
        ):
            low = self.words[number].lower()
            if low in words.LATIN_PARTICLES:
                number += 1
                continue
            if low in words.LATIN_STOP or len(low) < 3 or low.isdigit() or is_arabic(low):
                break
            if strict and names and not _FAMILY_SMALL.fullmatch(low):
                break
            names += 1
            number += 1
            last = number
        return self._run(first, last, names)

    def arabic(self, first: int) -> Run | None:
        """The run of two names from ``first`` on, each with its particles, and of more behind particles."""
        names = alone = 0
        number = last = first
        led = son = False
        while number < len(self.words) and number - first < _LONGEST and (number == first or self.joined(number)):
            word = self.words[number]
            if not is_arabic(word) or (alone == 2 and not led and word not in words.ARABIC_PARTICLES) or names == 4:
                break
            if word in words.ARABIC_PARTICLES and number + 1 < len(self.words):
                led, son = True, word in _SON
                number += 1
                continue
            if _ends_arabic(word, bool(names) and not led):
                break
            names += 1
            alone += not son
            led = son = False
            number += 1
            last = number
        return self._run(first, last, names)

    def before(self, end: int) -> Run | None:
        """The run that ends before word ``end``."""
        first = end
        arabic = is_arabic(self.words[end - 1]) if end else False
        while first > 0 and end - first < 5 and (first == end or self.joined(first)):
            word = self.words[first - 1]
            low = word.lower()
            if arabic:
                if not is_arabic(word) or (word not in words.ARABIC_PARTICLES and _ends_arabic(word, False)):
                    break
                if end - first >= 2 and self.words[first] not in words.ARABIC_PARTICLES and word not in words.ARABIC_PARTICLES:
                    break
            elif not (
                low in words.LATIN_PARTICLES
                or (word[0].isupper() and low.rstrip(".") not in words.LATIN_STOP and len(word) > 1)
            ):
                break
            first -= 1
        if first == end:
            return None
        return self.arabic(first) if arabic else self.capitals(first)

    def _run(self, first: int, last: int, names: int) -> Run | None:
        if not names:
            return None
        known = max(map(_known, self.words[first:last]))
        end = self.words[last - 1]
        led = last - 1 > first and self.words[last - 2].lower() in _PARTICLES
        return Run(
            first, last, names, known, led or (is_arabic(end) and last - 1 > first and _FAMILY.fullmatch(end) is not None)
        )


def stands_for_place(text: Text, run: Run) -> bool:
    """Whether the words before or behind a run make it the name of a street, a house or a king."""
    number = run.first - 1
    for _ in range(2):
        if number >= 0 and text.words[number].lower() in _OF:
            number -= 1
    before = text.plain[number] if number >= 0 else ""
    before = before[1:] if before[1:] in ("سيدي", "مولاي", "لالا", "للا") else before
    if f"{before} {text.plain[run.first]}" in _SAINTS or " ".join(text.plain[run.first : run.first + 2]) in _SAINTS:
        return True
    if number >= 0 and text.starts[run.first] - text.ends[number] < 12 and text.words[number].lower() in words.PLACES:
        return True
    last = text.words[run.last - 1]
    behind = text.words[run.last] if run.last < len(text.words) else ""
    whole = " ".join(text.words[run.first : run.last]).lower()
    return (
        _ROMAN.fullmatch(behind) is not None
        or _ROMAN.fullmatch(last) is not None
        or whole in words.LATIN_STOP
        or whole in words.ARABIC_STOP
    )
