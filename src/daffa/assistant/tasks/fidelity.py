"""Whether a translation keeps what must not change: numbers, dates, names, articles, addresses, its length. Pure; no model.

It does not say that a translation is good: it says where one is surely not to be trusted.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

from daffa.language import convert_digits, identify, latin_names, name_key
from daffa.privacy import Type, find

from ..checks import Number, missing, numbers_of
from ..wording import key_of, words_of

__all__ = ["flags"]

_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s<>\"'»)،؛]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_NUMBER = r"\d+(?:[-.]\d+)*"
_LABEL = r"(?:(?<!\w)(?:articles?|art\.)|(?:ال|لل)(?:مادة|مواد|مادتين|مادتان|فصل|فصول|فصلين|فصلان))\s*(?:من\s*)?[.:]?\s*"
_AGAIN = r"(?:(?:l['’]|de l['’]|d['’])?(?:article|art\.)?|(?:ال|لل)?(?:مادة|فصل))"
_ARTICLES = re.compile(rf"{_LABEL}({_NUMBER}(?:\s*(?:,|،|et|ou|à|و|أو|إلى|ومن|-)\s*\.?{_AGAIN}\s*{_NUMBER})*)", re.IGNORECASE)
_ARTICLE = re.compile(_NUMBER)
_CODE = re.compile(r"(?<!\w)[A-Z]{1,4}[- ]?\d{4,}(?!\w)|(?<!\w)\d{8,}(?!\w)")
_LEAST, _MOST = 0.35, 2.8
"""How much shorter or longer than its source a translation between French and Arabic may be, in letters."""
_SHORT = 25
_LONGEST = 6000  # of a target that is read further: a piece of a source is a fifth of that


def flags(source: str, target: str, to: str) -> list[str]:
    """What is wrong with ``target`` as ``source`` in ``to``: ``empty language length number article link name``."""
    if not target.strip():
        return ["empty"]
    if len(target) > max(_LONGEST, _MOST * len(source)):
        return ["length"]
    found = []
    if _other_language(target, to):
        found.append("language")
    if len(source) > _SHORT and not _LEAST * len(source) <= len(target) <= _MOST * len(source):
        found.append("length")
    if _numbers_differ(source, target):
        found.append("number")
    if _articles_differ(source, target):
        found.append("article")
    if Counter(_ADDRESS.findall(source)) != Counter(_ADDRESS.findall(target)):
        found.append("link")
    if _names_lost(source, target) or _names_lost(target, source):
        found.append("name")
    return found


def _other_language(target: str, to: str) -> bool:
    letters = [sign for sign in _ADDRESS.sub(" ", target) if sign.isalpha()]
    arabic = sum("\u0600" <= sign <= "\u06ff" for sign in letters)
    if len(letters) < _SHORT:
        return bool(letters) and (2 * arabic < len(letters)) == (to == "ar")
    said = identify(target)
    wanted = "ar-Arab" if to == "ar" else "fr-Latn"
    return said.language != wanted and wanted not in said.plausible


def _numbers_differ(source: str, target: str) -> bool:
    one, other = _ADDRESS.sub(" ", source), _ADDRESS.sub(" ", target)
    lost = missing(_sure(one), [*numbers_of(other), *_ordinals(other)])
    came = missing(_sure(other), [*numbers_of(one), *_ordinals(one)])
    return bool(lost or came) or _codes(source) != _codes(target)


def _sure(text: str) -> list[Number]:
    """Those written in digits, and months: a word for a number may be an article («un») in the other language."""
    found = numbers_of(text)
    return [
        one for one in found if any(map(str.isdigit, text[one.start : one.end])) or any("month" in way for way in one.readings)
    ]


def _ordinals(text: str) -> list[Number]:
    """Ordinals in words, which may stand for a number in digits."""
    known = _ordinal_words()
    return [Number(frozenset({known[word.key]}), "", word.start, word.end) for word in words_of(text) if word.key in known]


@cache
def _ordinal_words() -> dict[str, str]:
    data = tomllib.loads((Path(__file__).parent / "fidelity.toml").read_text(encoding="utf-8"))
    return {key_of(word): number for number, words in data["ordinals"].items() for word in words}


def _codes(text: str) -> Counter[str]:
    return Counter("".join(filter(str.isalnum, code)) for code in _CODE.findall(convert_digits(text)))


def _articles_differ(source: str, target: str) -> bool:
    one, other = _articles(source), _articles(target)
    words = {reading for text in (source, target) for ordinal in _ordinals(text) for reading in ordinal.readings}
    return bool((one ^ other) - words)


def _articles(text: str) -> frozenset[str]:
    """The numbers of the articles that a text names, one by one or in a list."""
    lists = _ARTICLES.findall(convert_digits(text))
    return frozenset(number.replace(".", "-") for listed in lists for number in _ARTICLE.findall(listed))


def _names_lost(source: str, target: str) -> bool:
    """Whether a person of ``source`` is not in ``target``, in whatever letters."""
    keys = _keys(target)
    return any(
        not _key_of(name) & keys
        for one in find(source)
        if one.type == Type.PERSON
        for name in _words(source[one.start : one.end])
    )


def _words(name: str) -> list[str]:
    """The words of a name that say who it is."""
    return [word for word in re.findall(r"[^\W\d_]+", name) if len(word) > 2 and word.lower() not in _PARTICLES]


_PARTICLES = frozenset(
    "ben bint ibn ould ait bou abou oum el al monsieur madame mme dr pr السيد السيدة بنت ولد ايت الدكتور الاستاذ".split()
)
_CLITICS = ("و", "ل", "ب", "ال", "لل", "وال")


def _key_of(word: str) -> set[str]:
    return {name_key(word), *(name_key(spelling) for spelling in latin_names(word, 3))}


def _keys(text: str) -> set[str]:
    words = re.findall(r"[^\W\d_]+", text)
    keys = {name_key(word) for word in words}
    return keys | {
        name_key(word[len(prefix) :])
        for word in words
        for prefix in ("و", "ل", "ب", "ال", "لل", "وال")
        if word.startswith(prefix)
    }
