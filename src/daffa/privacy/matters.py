"""What a text is about, as far as the law looks at it: health, courts, children. Knows words; knows no person and no grammar.

``matters.toml`` lists the words by language and how much each says. One word that is enough raises its category; of the
others two different ones must stand near each other, for many a text says "hospital" and is about nobody's health. Words of one
entry count as one, as "complaint" and "complaints". What no word says, all words may say together: ``scorer`` adds them up.
"""

from __future__ import annotations

import functools
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator
from importlib import resources
from typing import NamedTuple

from daffa.decision import Category

from .scan import Scan
from .scorer import MATTERS, scorer
from .skim import skim

__all__ = ["Matter", "matters", "matters_bytes", "scan", "why", "worded"]

_NEAR = 400
"""Bytes within which two hints count together: two or three sentences, half of that in Arabic letters."""

# A letter or digit at the end, and at the start, of a stretch of UTF-8; signs of these blocks are none.
_ASCII_SIGN, _LATIN_SIGN, _ARABIC_SIGN = (
    rb"[\x00-\x2f:-@\[-`{-\x7f]",
    rb"\xc2[\x80-\xbf]",
    rb"\xd8[\x8c\x9b\x9f]|\xd9[\xaa-\xad]",
)
_SIGN = b"(?:%b|%b|%b|%b)" % (_ASCII_SIGN, _LATIN_SIGN, _ARABIC_SIGN, rb"\xe2[\x80-\xb3][\x80-\xbf]|\xef\xb4[\xbe\xbf]")
# What Arabic writes together with a word: "and", "so", "in", "like", the article; behind it pronouns and plurals.
_ATTACHED = "(?:(?:و|ف)?(?:ب|ك)?(?:ال)?|(?:و|ف)?(?:لل|ل))".encode()
_PRONOUN = "(?:ه|ها|هم|هن|ي|ك|كم|نا|ين|ات|ان)?".encode()
_BEFORE = re.compile(rb"(?:\A|%b)\Z" % _SIGN)
_BEHIND = re.compile(rb"\Z|%b" % _SIGN)
_BEFORE_ARABIC = re.compile(rb"(?:\A|%b)%b\Z" % (_SIGN, _ATTACHED))
_BEHIND_ARABIC = re.compile(rb"%b(?:\Z|%b)" % (_PRONOUN, _SIGN))
# Bytes: the longest of what is attached, and a sign.
_REACH = 16
# What a byte beside a word says alone: a sign of ASCII parts all words, a letter or digit none; else ask the expressions.
_PARTS, _GOES_ON, _ASK = 0, 1, 2
_EDGES = bytes(_ASK if byte > 0x7F else _GOES_ON if chr(byte).isalnum() else _PARTS for byte in range(256))

# Stands for the years of a child in a word of the vocabulary.
_AGE = "{age}"

_FOLDED = str.maketrans("أإآةى", "اااهي")
_ARABIC = re.compile("[\u0621-\u064a]")
# Letters that end nothing that is attached before a word, and that begin nothing that is attached behind one.
_LETTERS = frozenset(chr(point).encode() for point in range(0x621, 0x64B))
_NEVER_BEFORE, _NEVER_BEHIND = (_LETTERS.difference(letter.encode() for letter in some) for some in ("وفبكل", "هكنيا"))


class _Word(NamedTuple):
    """One spelling of a word of the vocabulary: what it says, and how its edges are looked at; its entry has a number."""

    word: int
    category: Category
    enough: bool
    spelled: bytes
    before: re.Pattern[bytes]
    behind: re.Pattern[bytes] | None


class Matter(NamedTuple):
    """One thing that a text is about, and what says so.

    Attributes:
        category: health, judicial or minors.
        check: ``word`` (one that is enough), ``words`` (two hints near each other), ``scorer`` (all words of a stretch).
        words: those that said it, as they are written; of a stretch the ones with most points, small letters.
    """

    category: Category
    check: str
    words: tuple[str, ...]


def matters(text: str) -> frozenset[Category]:
    """What ``text`` is about: of health, judicial and minors those that its words show. Linear in its length."""
    return matters_bytes(text.encode("utf-8", "surrogatepass"))


def matters_bytes(data: bytes) -> frozenset[Category]:
    """The same for UTF-8 bytes; what is no UTF-8 is passed over."""
    said = _said(data)
    if len(said) == len(MATTERS):
        return frozenset(said)
    spoken = skim().spoken(data)
    return spoken.union(said) if said else spoken


def worded(text: str) -> frozenset[Category]:
    """What the vocabulary alone finds in ``text``: what the scorer learns from lines of a corpus."""
    return frozenset(_said(text.encode("utf-8", "surrogatepass")))


def why(text: str) -> tuple[Matter, ...]:
    """What ``text`` is about, and what says so, in the order of the categories."""
    data = text.encode("utf-8", "surrogatepass")
    said, spoken = _said(data), scorer().spoken(data.decode("utf-8", "replace"))
    found = []
    for category in MATTERS:
        if category in said:
            spans = said[category]
            shown = tuple(data[start:end].decode("utf-8", "replace") for start, end in spans)
            found.append(Matter(category, "word" if len(spans) == 1 else "words", shown))
        elif category in spoken:
            found.append(Matter(category, "scorer", scorer().telling(text, category)))
    return tuple(found)


def _said(data: bytes) -> dict[Category, tuple[tuple[int, int], ...]]:
    """What the vocabulary finds, each with the one place of a word, or the two of hints, that raised it first."""
    found = scan().candidates(data)
    if found is scan().nothing:
        return {}
    vocabulary = _vocabulary()
    seen: dict[Category, tuple[tuple[int, int], ...]] = {}
    last: dict[Category, tuple[int, tuple[int, int]]] = {}
    for end, _, number in found.words[0]:
        word = vocabulary[number]
        if word.category in seen or not _stands_alone(data, word, end):
            continue
        here = end - len(word.spelled), end
        before, there = last.get(word.category, (word.word, here))
        # One inside the other, "jeune fille" and "fille", is one.
        if word.enough:
            seen[word.category] = (here,)
        elif before != word.word and there[1] <= here[0] and end - there[1] <= _NEAR:
            seen[word.category] = there, here
        last[word.category] = word.word, here
    return seen


def _stands_alone(data: bytes, word: _Word, end: int) -> bool:
    start = end - len(word.spelled)
    edge = _EDGES[data[start - 1]] if start else _PARTS
    if edge == _GOES_ON or (edge == _ASK and not _begins(data, word, start)):
        return False
    if word.behind is None or end == len(data):
        return True
    edge = _EDGES[data[end]]
    return edge == _PARTS or (edge == _ASK and _ends(data, word.behind, end))


def _begins(data: bytes, word: _Word, start: int) -> bool:
    if data[start - 2 : start] in _NEVER_BEFORE:
        return False
    return word.before.search(data[max(start - _REACH, 0) : start]) is not None


def _ends(data: bytes, behind: re.Pattern[bytes], end: int) -> bool:
    return data[end : end + 2] not in _NEVER_BEHIND and behind.match(data[end : end + _REACH]) is not None


@functools.cache
def _vocabulary() -> tuple[_Word, ...]:
    """Every spelling that is looked for, with what it says; one may say two things."""
    table = tomllib.loads(resources.files(__package__).joinpath("matters.toml").read_text(encoding="utf-8"))
    found: list[_Word] = []
    ages: dict[str, list[str]] = table.pop("ages")
    for category, ranks in table.items():
        for rank in ("hint", "enough"):
            for language, entry in ((language, entry) for language, spoken in ranks[rank].items() for entry in spoken):
                number = found[-1].word + 1 if found else 1
                for each in [entry] if isinstance(entry, str) else entry:
                    for written in _aged(each, ages.get(language, [])):
                        found += _ways(written, number, Category(category), rank == "enough")
    return tuple(found)


def _aged(word: str, ages: Iterable[str]) -> Iterable[str]:
    """``word`` with each of ``ages`` where it has a place for one; else as it is."""
    return [word.replace(_AGE, age) for age in ages] if _AGE in word else [word]


def _ways(written: str, number: int, category: Category, enough: bool) -> Iterator[_Word]:
    """The spellings of one word, all with the number of its entry."""
    arabic = _ARABIC.search(written) is not None
    before, behind = (_BEFORE_ARABIC, _BEHIND_ARABIC) if arabic else (_BEFORE, _BEHIND)
    for spelled in _spelled(written.removesuffix("*")):
        yield _Word(number, category, enough, spelled, before, None if written.endswith("*") else behind)


@functools.cache
def scan() -> Scan:
    """Words alone, apart from the scan of the finder: who looks for identifiers need not wait for thousands of words."""
    return Scan("matters", [], [[[word.spelled] for word in _vocabulary()]])


def _spelled(word: str) -> set[bytes]:
    """How people write it: with its accents, in capitals, without them; hamza and final letters folded; another apostrophe.

    The scan takes ASCII letters in either case: ways that differ in nothing else are one.
    """
    bare = "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))
    ways = {word, word.upper(), word.translate(_FOLDED), word if _ARABIC.search(word) else bare}
    ways |= {way.replace("'", "’") for way in ways} | {way.replace(" ", "\u00a0") for way in ways}
    return {way.encode().lower() for way in ways}
