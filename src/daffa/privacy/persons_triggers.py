"""What announces a name of a person: patterns for the one pass, and the words found again in a text. Reads no name."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from . import persons_words as words
from .given_names import EVERYDAY, GIVEN_NAMES
from .persons_runs import Text, has_family_shape, is_arabic, tokens
from .pieces import in_bytes
from .scan import Hit

__all__ = ["PATTERNS", "WORDS", "places", "shapes", "triggers"]

_CAPITAL = rb"(?:[A-Z]|\xc3[\x80-\x9e])"
_NO_LETTER = rb"(?:\A|[^0-9A-Za-z\xc3])"
_SMALL = rb"[a-z\xc3\x80-\xbf]"
_HAMZA = str.maketrans("أإآ", "ااا")
# A shorter word ends too many others (machines, comme): these are looked for as they are written.
_SHORT = 4


def _spelled(group: Iterable[str], *behind: str, before: str = "") -> set[bytes]:
    """The ways of writing words, with all or no accents, between what must stand before and behind them."""
    ways = {way for word in group for way in (word, word.translate(_HAMZA), _bare(word))}
    ways |= {way.replace("'", "’") for way in ways}
    ways |= {re.sub("ل([اأإآ])", r"\1ل", word) for word in ways}
    ways = {written for way in ways for written in ((way.lower(),) if way.isascii() else (way, way.upper()))}
    return {(before + way + end).encode() for way in ways for end in behind}


def _bare(word: str) -> str:
    return word if is_arabic(word) else "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


_LATIN_NAMES = sorted(name for name in GIVEN_NAMES if not is_arabic(name))
_ARABIC_NAMES = sorted(name for name in GIVEN_NAMES if is_arabic(name))
_LATIN_TITLES = (*words.LATIN_TITLES, *words.SACRED)
# They end many other words (الرسمية, المجاري): looked for behind what is no letter.
_ENDINGS = "سمية مها ربيع سليم وفاء حسن ناصر حكيم عزيز أمين عادل لحسن حسين خولة مراد حياة نور ريم سامي جاري سي".split()
# They end other words too (médecin): a shape looks for them.
_CARDS = ("cin", "c.i.n", "cnie")
_EDGES = " \n\t(«:،-\"'"
_ARABIC_TITLES = [article + title for title in words.ARABIC_TITLES for article in ("ال", "لل")]
# Behind these words a name may come in small letters.
_ARABIZI = re.compile("(?i)s{1,3}mi|ism|kat|kay|kan|ms|mous|almad|lmad|lmed|b smi|bism")
# Behind these a name is less likely than not: an office, or a word like any other.
_WEAK = re.compile("مسم|حاجة|مواطن|طبيب|محامي|عدل|شيخ|مهندس|موثق|فقيه|قايد|[آا]نسة|[تي]سمى|سفله")

PATTERNS = (
    *(re.escape(title).encode() + rb"[ :]" for title in _LATIN_TITLES if len(title) <= _SHORT and title.lower() != "si"),
    _NO_LETTER + b"[Ss]i " + _CAPITAL,
    *(re.escape(name.capitalize()).encode() + b" " for name in _LATIN_NAMES if len(name) <= _SHORT),
    *(re.escape(name.upper()).encode() + b" " for name in _LATIN_NAMES if len(name) <= _SHORT),
    rb"[ ,(]n(?:\xc3\xa9|e)e " + _CAPITAL,
    _NO_LETTER + b"(?i:" + in_bytes(words.ROLES) + b")(?: :? ?|, )" + _CAPITAL,
    _SMALL + b" (?:[Bb]en|Bent|Bin|Ibn|[Oo]uld|[Ee]l|[Aa]l|A(?:i|\xc3\xaf)t|[Bb]ou|Abou)[ -]" + _CAPITAL,
    rb"Abd[eoa]",
    rb"(?:[a-z]|\xc3[\xa0-\xbf]) [A-Z][A-Z'-]{3}",
    rb"[A-Z'-]{4} [A-Z][a-z\xc3\x80-\xbf]{2}",
    rb"\A(?:" + "|".join(_ENDINGS).encode() + b") ",
    rb"[ (](?i:cin|c\.i\.n|cnie)[^a-z]",
)
"""Short titles and names, roles before capitals, particles, shapes; too many candidates rather than a dear automaton."""

_GROUPS = {
    "title": _spelled([title for title in _LATIN_TITLES if len(title) > _SHORT], " ", ":"),
    "si": _spelled([f"si {name}" for name in _LATIN_NAMES if len(name) <= _SHORT], " "),
    "given": _spelled([name for name in _LATIN_NAMES if len(name) > _SHORT], " "),
    "called": _spelled([phrase for phrase in words.CALLED if phrase != "née" and not _ARABIZI.match(phrase)], " "),
    "latin": _spelled([phrase for phrase in words.CALLED if _ARABIZI.match(phrase)], " ")
    | _spelled(words.KIN, " ")
    | _spelled(words.LABELS, ":", " :"),
    "behind": _spelled([word for word in words.BEHIND if " " not in word and word not in _CARDS], " ", ",", before=" ")
    | _spelled([phrase for phrase in words.BEHIND if " " in phrase], "", before=" ")
    | _spelled(["né", "titulaire", "âgé", "demeurant"], "", before="("),
    "arabic_name": {f"{name} ".encode() for name in _ARABIC_NAMES if name not in _ENDINGS}
    | {f"{edge}{name} ".encode() for edge in _EDGES for name in _ENDINGS if name in GIVEN_NAMES},
    "arabic": _spelled([title for title in _ARABIC_TITLES if not _WEAK.search(title)], " ")
    | _spelled([phrase for phrase in words.ARABIC_CONTEXT if phrase not in _ENDINGS and not _WEAK.search(phrase)], " ")
    | {f"{edge}سي ".encode() for edge in _EDGES}
    | _spelled(words.ARABIC_LABELS, ":", " :")
    | _spelled(("عبد ال",), ""),
    "arabic_role": _spelled([word for word in words.ARABIC_ROLES if word not in _ENDINGS], " ")
    | {f"{edge}جاري ".encode() for edge in _EDGES}
    | _spelled([word for word in (*_ARABIC_TITLES, *words.ARABIC_CONTEXT) if _WEAK.search(word)], " "),
    "inside": _spelled((" بن", " بنت", " آيت"), " ") | _spelled(words.BEHIND_ARABIC, ""),
}
WORDS = tuple(_GROUPS.values())
"""Titles, what somebody is called, roles, forms, given names; the same in Arabic. The spellings of one kind are one word."""

_KINDS = tuple(_GROUPS)
_PARTICLE = r"(?:el|al|ben|bin|bent|ibn|ait|aït|bou|abou|ould|ez|er|es|et|w|o)[ -]"
_CAPITAL_BEHIND = re.compile(rf"[ .:,«()'-]{{0,3}}(?:{_PARTICLE}){{0,2}}[A-ZÀ-ÖØ-Þ]")
_CAPITAL_BEFORE = re.compile(rf"[A-ZÀ-ÖØ-Þ][\w'’]{{0,30}}\.?,?[ -](?:{_PARTICLE})?\Z")
_NAMES_BEFORE = re.compile(
    rf"[A-ZÀ-ÖØ-Þ][\w'’]{{0,30}}\.?[ -](?:(?i:{_PARTICLE})){{0,2}}[A-ZÀ-ÖØ-Þ][\w'’]{{0,30}}\.?,?[ -]\(?\Z"
)
_CALLED_BEHIND = re.compile(rf"[ :,«()]{{0,4}}(?:(?:hiya|howa|est|mr|m|monsieur)\b|(?i:{_PARTICLE})?[A-ZÀ-ÖØ-Þ\u0621-\u064a])")
# What the one pass takes for a name in capitals, and what must stand before it: it would pay a quarter more for looking back.
_CAPITALS = re.compile("[a-zà-ÿ] [A-Z][A-Z'-]{3}")
_CAPITALISED = re.compile("[A-ZÀ-Þ][a-zÀ-ÿ]{1,60} \\Z")
_SMALL_BEHIND = re.compile(r" ?(?:el |al )?([^\W_]+)")
_ARABIC_BEHIND = re.compile("[ :،«]{0,3}([\u0621-\u064a]{2,30})(?: ([\u0621-\u064a]{2,30}))?")
_SENTENCE = re.compile("[يتن][\u0621-\u064a]{3}|ا[أإآا]?ل|لل|است|ا[^ل][\u0621-\u064a]ت|[لو]|ب[^نول]")
_ARABIC_LETTER = re.compile("[\u0621-\u064a]")
_GLUED = re.compile("(?<![\u0621-\u064a])[وفبكل]\\Z")


def shapes(text: str, ends: list[int]) -> list[int]:
    """The ends of shapes, but for words in capitals behind a small word: behind a capitalised one they are a name."""
    return [end for end in ends if not _CAPITALS.match(text, end - 6) or _CAPITALISED.search(text, max(end - 70, 0), end - 4)]


def places(text: str, hits: list[Hit]) -> list[int]:
    """The ends of those words that stand where a word begins and have around them what a name can stand in."""
    return [end for end, size, kind in hits if _BESIDE[_KINDS[kind]](text, end - size, end)]


def _begins(text: str, start: int) -> bool:
    return not text[start - 1 : start].isalnum()


def _title_beside(text: str, start: int, end: int) -> bool:
    word = text[start : end - 1]
    if not _begins(text, start) or not (word in _TITLES or word in _SACRED or word.rstrip(".") in _TITLES):
        return False
    if word in _SACRED or word[0] in "osld" or _CAPITAL_BEHIND.match(text, end):
        return True
    behind = _SMALL_BEHIND.match(text, end)
    return behind is not None and (behind[1] in GIVEN_NAMES or behind[1].lower() in words.OFFICES)


def _given_beside(text: str, start: int, end: int) -> bool:
    if not text[start].isupper():
        return text[max(start - 3, 0) : start] in ("si ", "Si ")
    return _begins(text, start) and bool(
        _CAPITAL_BEHIND.match(text, end) or _CAPITAL_BEFORE.search(text, max(start - 40, 0), start)
    )


def _called_beside(text: str, start: int, end: int) -> bool:
    return _begins(text, start) and _CALLED_BEHIND.match(text, end) is not None


def _latin_beside(text: str, start: int, _end: int) -> bool:
    return _begins(text, start)


def _behind_beside(text: str, start: int, _end: int) -> bool:
    return _NAMES_BEFORE.search(text, max(start - 60, 0), start + 1) is not None


def _arabic_name_beside(text: str, start: int, end: int) -> bool:
    """An everyday word is a name only before another, or before a family's."""
    if text[start] in _EDGES:
        start += 1
    if _ARABIC_LETTER.match(text[start - 1 : start]):
        return False
    if text[start : end - 1] not in EVERYDAY:
        return True
    behind = _ARABIC_BEHIND.match(text, end - 1)
    if behind is None:
        return False
    return behind[1] in GIVEN_NAMES or behind[1] in words.ARABIC_PARTICLES or has_family_shape(behind[1])


def _arabic_beside(text: str, start: int, _end: int) -> bool:
    if text[start] in _EDGES:
        start += 1
    return not _ARABIC_LETTER.match(text[start - 1 : start]) or _GLUED.search(text, max(start - 2, 0), start) is not None


def _arabic_role_beside(text: str, start: int, end: int) -> bool:
    """Before what can be a name by itself: no verb, no word with an article."""
    if not _arabic_beside(text, start, end):
        return False
    behind = _ARABIC_BEHIND.match(text, end - 1)
    if behind is None or behind[1] in words.ARABIC_STOP:
        return False
    if behind[1] in GIVEN_NAMES or not _SENTENCE.match(behind[1]):
        return True
    return not behind[1].startswith(("ال", "لل")) and behind[2] is not None and has_family_shape(behind[2])


def _anywhere(_text: str, _start: int, _end: int) -> bool:
    return True


_BESIDE: dict[str, Callable[[str, int, int], bool]] = {
    "title": _title_beside,
    "si": _latin_beside,
    "given": _given_beside,
    "called": _called_beside,
    "latin": _latin_beside,
    "behind": _behind_beside,
    "arabic_name": _arabic_name_beside,
    "arabic": _arabic_beside,
    "arabic_role": _arabic_role_beside,
    "inside": _anywhere,
}

_Phrase = tuple[tuple[str, ...], str]


def _phrases() -> dict[str, list[_Phrase]]:
    """Every phrase that announces a name and its kind, by its first word."""
    groups = {
        "label": (*words.LABELS, *words.ARABIC_LABELS),
        "called": words.CALLED,
        "role": words.ROLES,
        "kin": words.KIN,
        "behind": (*words.BEHIND, *words.BEHIND_ARABIC),
        "arabic_title": [article + title for title in words.ARABIC_TITLES for article in ("ال", "لل")],
        "arabic_called": words.ARABIC_CONTEXT,
        "arabic_role": words.ARABIC_ROLES,
    }
    table: dict[str, list[_Phrase]] = defaultdict(list)
    for kind, group in groups.items():
        for phrase in {tokens(each) for each in group}:
            table[phrase[0]].append((phrase, kind))
    return dict(table)


_PHRASES = _phrases()
_TITLES = frozenset(title if len(title) == 2 else title.rstrip(".") for title in words.LATIN_TITLES)
_SACRED = frozenset(words.SACRED)
# Bytes between two words of one phrase: a space, an apostrophe, a bracket.
_CLOSE = 3


def triggers(text: Text) -> Iterator[tuple[str, int, int]]:
    """(kind, number of the first word, number behind the last) of what announces a name; one place may have several."""
    for number, opened in enumerate(map(_opens, text.words, text.plain)):
        if opened is None:
            continue
        title, phrases = opened
        if title:
            yield title, number, number + 1
        for word in phrases:
            yield from _phrases_at(text, number, word)


@functools.lru_cache(maxsize=8192)
def _opens(written: str, word: str) -> tuple[str, tuple[str, ...]] | None:
    """What a word, as written and plain, can be the first of: a kind of title, words that phrases are listed by."""
    title = "title" if written in _TITLES else "sacred" if written in _SACRED else ""
    glued = word[1:] if word[0] in "وفبكل" and len(word) > 2 else ""
    phrases = tuple(each for each in (word, glued) if each in _PHRASES)
    return (title, phrases) if title or phrases else None


def _phrases_at(text: Text, number: int, word: str) -> Iterator[tuple[str, int, int]]:
    for phrase, kind in _PHRASES[word]:
        last = number + len(phrase)
        if len(phrase) == 1 or (tuple(text.plain[number + 1 : last]) == phrase[1:] and _together(text, number, last)):
            yield kind, number, last


def _together(text: Text, first: int, last: int) -> bool:
    return all(text.starts[number] - text.ends[number - 1] <= _CLOSE for number in range(first + 1, last))
