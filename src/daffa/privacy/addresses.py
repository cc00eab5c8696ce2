"""Postal addresses in French, Arabic, Arabizi: parts that stand close together. Knows the words of a street, not the streets.

One part alone (rue Mohammed V) is a place on a map. Two are an address (12, rue Mohammed V), or one behind words that say where
somebody lives; a town and a postal code make it surer.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from .finding import Finding, Type
from .pieces import DIGIT, LATIN, any_of, in_bytes, in_text, starts
from .scan import stretches
from .towns import TOWNS

__all__ = ["PATTERNS", "read", "warm"]


def _words(text: str) -> tuple[str, ...]:
    """Words or phrases, parted by bars."""
    return tuple(word.strip() for word in text.split("|"))


# Behind these a name may be written small. The others are common words, and need a name with a capital.
_STREETS = _words(
    "rue|avenue|av.|av|ave|boulevard|bd|bd.|blvd|bld|impasse|allée|ruelle|derb|zankat|zan9at|zen9at|zanqat|zn9at|zn9a|"
    "zen9a|zan9a|"
    "chari3|chara3|charii|street"
)
_QUARTERS = _words("hay|hey|7ay|7ey|7ayy|lotissement|quartier|douar|dwar|jnane|jnan|drb|i9amat|tajzi2at|9artier|el hay")
_COMMON_STREETS = _words("route|place|passage|square")
_COMMON_QUARTERS = _words("lot|lot.|qt|cité|résidence|rés.|rés|complexe|groupe|secteur|ryad|riad|i9ama|villas|ensemble|tranche")
_UNITS = _words(
    "immeuble|imm.|imm|appartement|appart|appt.|appt|app.|app|apt.|apt|étage|étg|bloc|blok|escalier|esc|porte|villa|n°|nº|no|"
    "numéro|num|bp|b.p.|b.p|boîte postale|3imara|3imarat|cho9a|cho99a|chi99a|cha99a|ch9a|tabe9|taba9|ra9m|nmra|noumra|nemra|"
    "dar|magasin|bureau|lot|secteur|tranche|rdc|blok|groupe"
)
_ARABIC_STREETS = _words("زنقة|زنقت|زقاق|شارع|درب|ساحة|ممر|محج|زنيقة")
_ARABIC_QUARTERS = _words("حي|الحي|تجزئة|دوار|حومة|جنان|رياض|ديور")
_COMMON_ARABIC = _words("إقامة|طريق|مجموعة|مركب|قطاع")
_ARABIC_UNITS = _words(
    "عمارة|العمارة|شقة|الشقة|الطابق|طابق|رقم|الرقم|بلوك|فيلا|نمرة|النمرة|مدخل|المدخل|ص.ب|صندوق البريد|محل|قطاع|باب|"
    "الدار رقم|مجموعة"
)
_ARABIC_COMMUNES = _words("جماعة|الجماعة القروية|قيادة|دائرة|إقليم|عمالة|مقاطعة")
_LIVES_FRENCH = _words(
    "adresse|address|demeurant|domicilié|domiciliée|domicile|résidant|réside|habite|habitant|siège social|sis|sise|"
    "livrer|livraison|"
    "j'habite|lives at|living at|residing at|loge|logé|sakn|saken|sakna|sakin|sakina|sakan|kanskn|kansken|kanskon|"
    "kayskn|kaysken|kayskon|"
    "katskn|katsken|kanseken|kayseken|l3onwan|l3nwan|l3inwan|3onwan|3nwan|3inwan|ladresse|ladrisa|ladrissa|ladres|"
    "l'adresse|sken|skna"
)
_LIVES_ARABIC = _words(
    "العنوان|عنوان|عنوانه|عنوانها|عنواني|القاطن|القاطنة|قاطن|قاطنة|الساكن|الساكنة|ساكن|ساكنة|أسكن|يسكن|تسكن|يقطن|تقطن|"
    "أقطن|كنسكن|"
    "كيسكن|كتسكن|الكائن|الكائنة|كائن|مقره|مقرها|المقيم|المقيمة|مقيم|لادريسة|لادريس|السكن|سكناه|سكناها|ساكنين"
)

_BREAK = b"(?:[\\x20,.:-]|\\xc2\\xa0|\\xc2[\\xb0\\xba]){1,3}"
_TELLING = _words(
    "rue|avenue|boulevard|impasse|ruelle|zankat|zan9at|zen9at|zn9at|zn9a|zen9a|zan9a|chari3|derb|hay|lotissement|lot|"
    "résidence|douar|"
    "quartier|imm|immeuble|appt|appartement|app|apt|villa|bloc|bp|7ay|hey|3imara|cho9a"
)
_TELLING_ARABIC = (
    *_ARABIC_STREETS,
    "الزنقة",
    "حي",
    "الحي",
    "إقامة",
    "تجزئة",
    "دوار",
    "بلوك",
    "عمارة",
    "شقة",
    "الشقة",
    "العمارة",
)
PATTERNS = (
    b"(?i)%b(?:\\x20?(?:bis|ter))?%b%b[.\\x20]" % (DIGIT, _BREAK, in_bytes((*_STREETS, *_QUARTERS, *_COMMON_STREETS))),
    b"(?i)(?:\\A|[^a-z])%b%b[a-z0-9]" % (in_bytes(_TELLING), _BREAK),
    b"(?:\\A|[\\x00-\\x7f]|\\xd8\\x8c|\\xc2[\\xa0-\\xbf]|\\xe2\\x80[\\x80-\\xaf])(?:%b)?%b\\x20"
    % (any_of("وبفل"), in_bytes(_TELLING_ARABIC)),
)
"""A number before a word of streets; the words that tell by themselves; the Arabic ones."""

# What a street is called: words that begin large or are numbers, with small ones between.
_SMALL = "(?:al|el|ibn|ben|bin|bni|sidi|moulay|lalla|oued|de|du|des|la|le|les|et|d|l|dyal|n°|n)"
_LARGE = f"(?-i:[A-ZÀ-Ý][{LATIN}'’.-]{{0,40}}|[0-9]{{1,4}}(?![0-9]))"
_NAME = rf"(?:(?:{_SMALL}[ '’-]){{0,2}}{_LARGE}(?: (?:{_SMALL}[ '’]){{0,2}}{_LARGE}){{0,4}})"
_STOP = (
    "(?:de|du|des|au|aux|ou|où|et|dans|sont|est|la|le|les|un|une|à|a|qui|que|pour|par|sur|en|f|fi|wla|o|w|dyal|"
    "dial|appt?|imm|nmra|ra9m|n|no|num)"
)
_PART_WORD = in_text(_STREETS + _QUARTERS + _UNITS)
_LOOSE = (
    rf"(?!(?:{_STOP}|{_PART_WORD})\b)[{LATIN}'’]{{1,20}}(?: (?!(?:{_STOP}|{_PART_WORD})\b)(?:[{LATIN}'’]{{2,20}}|"
    rf"[0-9]{{1,3}}(?![{LATIN}])))?"
)
_ARABIC_STOP = (
    "(?:رقم|الرقم|عمارة|العمارة|شقة|الشقة|الطابق|طابق|حي|زنقة|شارع|إقامة|بلوك|مدينة|تجزئة|درب|نمرة|جماعة|"
    "قيادة|دائرة|إقليم|عمالة|مقاطعة|هاتف|و?هاتفه|و?رقم|عند|هو|هي|ديال|وهو|في|من|على|حتى)"
)
_ARABIC_NAME = f"(?:[\u0621-\u064a]{{2,20}}(?: (?!{_ARABIC_STOP}(?![\u0621-\u064a]))[\u0621-\u064a]{{1,20}}){{0,2}})"
_NUMBER = r"[0-9]{1,5}(?:[ ]?(?:bis|ter)\b|(?-i:[A-Z])\b)?"
_LEFT = rf"(?=[{LATIN}])(?<![{LATIN}])"
# An Arabic word may begin behind a preposition that is glued to it.
_LEFT_ARABIC = "(?=[\u0621-\u064a])(?:(?<![\u0621-\u064a])|(?<=(?<![\u0621-\u064a])[وبفل]))"
_UNIT_NUMBER = f"(?:{_NUMBER}|(?-i:[A-Z][0-9]{{0,3}})(?![{LATIN}]))"
_ARABIC_UNIT_NUMBER = rf"(?:{_NUMBER}|(?-i:[A-Z])\b|[أبجد](?![\u0621-\u064a]))"
_RIGHT = f"(?![{LATIN}/]|[.,][0-9])"
_DOOR = rf"(?:n[°ºo]|numéro|num)?[ .:]{{0,2}}(?<![{LATIN}/.-]){_NUMBER}[ ,.-]{{1,3}}"
_FRENCH_TOWNS = tuple(town for town in TOWNS if town < "ء")
_ARABIC_TOWNS = tuple(town for town in TOWNS if town > "ء")
_COMMUNES = ("commune", "caïdat", "caidat", "cercle", "province", "préfecture", "arrondissement")
_COMMON = (*_COMMON_STREETS, *_COMMON_QUARTERS)
_DIGITS = tuple("0123456789")
_DOORS = (*_DIGITS, "n°", "nº", "no", "numéro", "num")
# Parts: what each is, the words that it may begin with, and what it looks like from there.
_PARTS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    (
        "numbered",
        _DOORS,
        (
            rf"{_DOOR}(?:{in_text(_STREETS)} {{1,3}}(?:{_NAME}|{_LOOSE})|"
            rf"{in_text((*_QUARTERS, *_COMMON))} {{1,3}}(?![0-9]){_NAME})"
        ),
    ),
    ("street", _STREETS, rf"{in_text(_STREETS)} {{1,3}}(?:{_NAME}|{_LOOSE})"),
    ("quarter", _QUARTERS, rf"{in_text(_QUARTERS)} {{1,3}}(?:{_NAME}|{_LOOSE})"),
    ("common", _COMMON, rf"{in_text(_COMMON)} {{1,3}}(?![0-9]){_NAME}"),
    (
        "unit",
        _UNITS,
        rf"{in_text(_UNITS)}[ .:]{{0,2}}(?:n[°ºo][ .]?)?{_UNIT_NUMBER}(?:[-/][0-9]{{1,3}})?{_RIGHT}",
    ),
    ("unit", _DIGITS, rf"(?<![{LATIN}/.,-])[0-9]{{1,2}} ?(?:er|[eè]me|e|°)? étage"),
    ("postal", _DIGITS, rf"(?<![{LATIN}.,/-])[1-9][0-9]{{4}}[ ,-]{{1,3}}{in_text(TOWNS)}(?![{LATIN}\u0621-\u064a])"),
    ("commune", _COMMUNES, rf"{in_text(_COMMUNES)}(?: rurale| urbaine)?(?: d[e'’]s?)? ?{_NAME}"),
    ("town", _FRENCH_TOWNS, rf"{in_text(_FRENCH_TOWNS)}(?![{LATIN}])(?:[ ,-]{{1,3}}[1-9][0-9]{{4}}(?![0-9]))?"),
    (
        "street",
        _ARABIC_STREETS,
        rf"{in_text(_ARABIC_STREETS)} (?:رقم )?(?:[0-9]{{1,4}}(?![0-9])|{_ARABIC_NAME})(?: [0-9]{{1,3}}(?![0-9/]))?",
    ),
    ("street", ("ال",), "ال(?:زنقة|شارع|درب) (?:رقم )?[0-9]{1,4}(?![0-9])"),
    ("quarter", _ARABIC_QUARTERS, rf"{in_text(_ARABIC_QUARTERS)} {_ARABIC_NAME}(?: [0-9]{{1,3}}(?![0-9/]))?"),
    ("common", _COMMON_ARABIC, rf"{in_text(_COMMON_ARABIC)} {_ARABIC_NAME}"),
    (
        "unit",
        _ARABIC_UNITS,
        rf"{in_text(_ARABIC_UNITS)}[ :]{{0,2}}(?:(?:رقم|عدد)[ :]{{0,2}})?{_ARABIC_UNIT_NUMBER}{_RIGHT}",
    ),
    ("unit", ("ال",), "الطابق (?:الأرضي|السفلي|الأول|الثاني|الثالث|الرابع|الخامس|السادس)"),
    ("commune", _ARABIC_COMMUNES, rf"{in_text(_ARABIC_COMMUNES)} {_ARABIC_NAME}"),
    (
        "town",
        (*_ARABIC_TOWNS, "مدينة"),
        rf"(?:مدينة )?{in_text(_ARABIC_TOWNS)}(?![\u0621-\u064a])(?:[ ,،-]{{1,3}}[1-9][0-9]{{4}}(?![0-9]))?",
    ),
)


_TOKEN = re.compile(rf"[{LATIN}]+|[\u0621-\u064a]+")


def _begins(word: str) -> str:
    """What parts are listed by: the first letters of a word, without a number that follows it; of a number, nothing."""
    return word[:3].rstrip("0123456789")


def _by_start() -> dict[str, tuple[int, ...]]:
    """The parts that may begin where a word does, by its first letters."""
    table: dict[str, set[int]] = {}
    for number, (_, words, _) in enumerate(_PARTS):
        for first in {first.group() for first in map(_TOKEN.match, words) if first}:
            for start in {_begins(start) for start in starts(first)}:
                table.setdefault(start, set()).add(number)
    return {start: tuple(sorted(numbers)) for start, numbers in table.items()}


_BY_START = _by_start()
_GLUED = frozenset("وبفل")
_LIVES = re.compile(
    rf"{_LEFT}{in_text(_LIVES_FRENCH)}(?![{LATIN}])|{_LEFT_ARABIC}{in_text(_LIVES_ARABIC)}(?![\u0621-\u064a])", re.IGNORECASE
)
_DIGIT = re.compile("[0-9]")
# Between two parts of one address: a comma, a line of a form, a small word.
_JOINT = re.compile(
    r"(?:[ ,;:./()\-–|،\"']|\n(?!\n)|\b(?:à|a|au|f|fi|fe|dans|de|du|ville|mdinat|mdint|maroc)\b|في|ف|ب|مدينة|بمدينة|بال){0,8}",
    re.IGNORECASE,
)
# A quarter that no word announces may stand before the town: Lotissement Al Qods, Sidi Bernoussi, Casablanca.
_UNNAMED = re.compile(rf"[ ]?[,\n-][ ]?{_NAME}[ ]?[,\n-][ ]?|[ ]?[،,\n-][ ]?{_ARABIC_NAME}[ ]?[،,\n-][ ]?", re.IGNORECASE)
_POINTS = {
    "numbered": 2.0,
    "street": 1.0,
    "quarter": 1.0,
    "common": 1.0,
    "unit": 1.0,
    "postal": 1.0,
    "commune": 1.0,
    "town": 0.5,
}
_MAIN = frozenset(("numbered", "street", "quarter", "common"))
_NEAR, _DOOR_LENGTH = 48, 8


class _Part(NamedTuple):
    start: int
    end: int
    kind: str


def read(text: str, ends: list[int], found: list[Finding]) -> None:
    """Add every address of ``text`` that has one of ``ends`` inside."""
    for start, stop in stretches(ends, 120, 240, len(text)):
        for cluster in _clusters(text, _parts(text, start, stop)):
            first, last = cluster[0].start, cluster[-1].end
            lives = _LIVES.search(text, max(first - _NEAR, 0), first) is not None
            sure, check = _sureness([part.kind for part in cluster], _DIGIT.search(text, first, last) is not None, lives)
            if sure:
                found.append(Finding(Type.ADDRESS, first, last, sure, check))


def _sureness(kinds: list[str], numbered: bool, lives: bool) -> tuple[float, str]:
    """How surely parts are an address: by their points, and whether a word before them says that somebody lives there."""
    points = sum(map(_POINTS.__getitem__, kinds))
    check = "context" if lives else "parts"
    if _MAIN.isdisjoint(kinds):
        return 0.0, ""
    # Without a number or a town it is a quarter that somebody speaks of.
    if not (numbered or {"town", "postal", "commune"}.intersection(kinds)):
        return (0.7 if lives and points >= 2 else 0.4), check
    if points >= 2:
        return (0.95 if points >= 3 or lives else 0.85), check
    return (0.8 if lives and kinds != ["common"] else 0.4), check


def _parts(text: str, start: int, stop: int) -> list[_Part]:
    """The parts of addresses in a stretch of ``text``, by position; of those that overlap, the first and longest."""
    every: list[_Part] = []
    done = [0] * len(_PARTS)
    for word in _TOKEN.finditer(text, start, stop):
        place, written = word.start(), word.group()
        if place == start and place and _TOKEN.match(text, place - 1, place):
            continue  # The stretch begins inside of a word.
        tried = [(place, _BY_START.get(_begins(written), ()))]
        if written[0] in _DIGITS and len(written) <= _DOOR_LENGTH:
            tried.append((place, _BY_START[""]))
        elif written[0] in _GLUED:
            tried.append((place + 1, _BY_START.get(_begins(written[1:]), ())))
        for begin, numbers in tried:
            for number in numbers:
                match = _expression(number).match(text, begin, stop) if done[number] <= begin else None
                if match:
                    every.append(_Part(*match.span(), _PARTS[number][0]))
                    done[number] = match.end()
    if not any(part.kind in _MAIN for part in every):
        return []
    every.sort(key=lambda part: (part.start, -part.end))
    kept: list[_Part] = []
    for part in every:
        if not kept or part.start >= kept[-1].end:
            kept.append(part)
        elif part.end >= kept[-1].end and part.start > kept[-1].start and part.kind in ("postal", "town", "unit", "commune"):
            # A name that ran on into the next part ends where that begins.
            before = text[kept[-1].start : part.start].rstrip(" ,")
            kept[-1] = _Part(kept[-1].start, kept[-1].start + len(before), kept[-1].kind)
            kept.append(part)
    return [part for part in kept if part.end > part.start]


@functools.cache
def _expression(number: int) -> re.Pattern[str]:
    """What a part looks like. At first use: all of them take longer than many a command that finds nobody's address."""
    return re.compile(_PARTS[number][2], re.IGNORECASE)


def warm() -> None:
    """Make all expressions now."""
    for number in range(len(_PARTS)):
        _expression(number)


def _clusters(text: str, parts: list[_Part]) -> list[list[_Part]]:
    clusters: list[list[_Part]] = []
    for part in parts:
        end = clusters[-1][-1].end if clusters else 0
        joint = clusters and (
            _JOINT.fullmatch(text, end, part.start)
            or (part.kind in ("town", "postal") and part.start - end < _NEAR and _UNNAMED.fullmatch(text, end, part.start))
        )
        if joint:
            clusters[-1].append(part)
        else:
            clusters.append([part])
    return clusters
