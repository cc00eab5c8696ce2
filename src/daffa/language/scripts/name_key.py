"""One key for the many spellings of a name: Mohamed, Mohammed, Mouhamed and محمد meet. Knows sounds; knows no person.

A key is made of the consonants that every spelling keeps. It is made for finding, so it meets too much rather than too
little (Amina and Imane share one): whoever needs to be sure compares the names themselves. Apart from a few particles no
name is listed here: the rules read Latin, Arabic and Tifinagh letters.
"""

from __future__ import annotations

import re
import unicodedata

from ..arabic import PLAIN_ALEF
from .digits import convert_digits
from .tifinagh import TO_LATIN

__all__ = ["name_key"]

_ARABIC = str.maketrans(
    {
        **dict(zip("بپتثجچحخدذرزسشصضطظغفڤقكکگڭلمنهہھ", "bbttjjhxddrzs$sdtdgffkkkkklmnhhh", strict=True)),
        **dict.fromkeys("اأإآٱعءؤئىةويیۥ", ""),
    }
)
_TIFINAGH = str.maketrans(TO_LATIN)
_DROPPED = re.compile("[\u0610-\u061a\u0640\u064b-\u065f\u0670\u200b-\u200f\u2060-\u2069]|(?<=\\w)['’ʼ`´](?=\\w)")
_ACCENTS = re.compile("[\u0300-\u036f]")
_TOKEN = re.compile(r"[a-z0-9]+|[ء-يٱ-ۓ]+")
_BARE = str.maketrans({"ɣ": "gh", "ɛ": "", "ʷ": "", "ə": "e", "œ": "oe", "æ": "ae", "ß": "ss", "ł": "l", "ø": "o", "ç": "s"})
_ATTACHED_TO_NEXT = frozenset(
    "ben bin ibn bent bint bou abou abu bu ait ayt abd oulad ould oum um بن ابن بنت بو ابو ايت عبد اولاد ولد ام".split()
)
_SONS_OF_SERVANTS = frozenset("benabd bouabd بنعبد بوعبد".split())
_ATTACHED_TO_LAST = frozenset("eddine dine din eddin ddine zahra zohra zahrae ezzahra الدين الزهراء الزهرة".split())
_ARTICLES = frozenset("el al l ed er es ech ez en et as ad ar az an at ال".split())
_OF_GOD = frozenset("allah ellah llah ilah alilah elilah الله لله الاله اله".split())
_NO_ARTICLE = frozenset("الياس الهام اله".split())

# The spellings of one sound in Latin letters, in this order; the vowels fall last, when they are not needed any more.
_LATIN = [
    (re.compile(pattern), to)
    for pattern, to in (
        ("2|3", ""),
        ("5", "x"),
        ("7|8", "h"),
        ("9", "k"),
        ("^ould$", "wald"),
        ("^(ben|bou|)abd[aeiou]{1,2}l{1,2}(?:il)?ah$", r"\1abd.l"),
        ("^(ben|bou|)abd[aeou]{1,2}l(?=[a-z]{3})", r"\1abd."),
        ("^el(?=[^aeiouyl].{3}|[aou].{4})", ""),
        ("tch|ch|sh", "$"),
        ("kh", "x"),
        ("gh", "G"),
        ("dh", "d"),
        ("th", "t"),
        ("ph|v", "f"),
        ("dj", "j"),
        ("gu(?=[ei])", "k"),
        ("g(?=[eiy])", "j"),
        ("[gqk]|c(?![eiy])", "k"),
        ("G", "g"),
        ("c", "s"),
        ("p", "b"),
        (r"(?:^|(?<=\.))(?:ou(?=[aeiy])|w)", "W"),
        (r"(?:^|(?<=\.))(?:y|i(?=[aou]))", "Y"),
        ("[aeiouyw.]", ""),
    )
]
_SERVANT = re.compile("((?:بن|بو)?عبد)ال(.+)")
_ONE_WORD = re.compile(r"\b((?:ben|bou|)abd)[ -]*([aeou]{1,2}l)[ -]*(?=[a-z])|\b((?:بن|بو|)عبد) +(?=ال)")
_DOUBLE = re.compile(r"(.)\1+")


def name_key(name: str) -> str:
    """The key of a name: one part a word, of consonant letters, ``$`` (ch), ``x`` (kh), ``g`` (gh), joined by spaces.

    Particles (Ben, Bou, Ait, Abd, ...) join the word after them, ``Eddine`` the word before; articles fall away.
    ``""`` for a text without consonants. Linear in the length of ``name``.
    """
    parts: list[str] = []
    joined = ""
    for word in _TOKEN.findall(_plain(name)):
        if word in _ARTICLES:
            continue
        if word in _ATTACHED_TO_NEXT or word in _SONS_OF_SERVANTS:
            joined += _sounds(word)
        elif parts and not joined and word in _ATTACHED_TO_LAST:
            parts[-1] += _sounds(word)
        else:
            parts.append(joined + _sounds(word))
            joined = ""
    return " ".join(filter(None, (_DOUBLE.sub(r"\1", part) for part in [*parts, joined])))


def _plain(name: str) -> str:
    """Small letters without accents, vowel signs and direction marks; Tifinagh in Latin letters, digits in ASCII."""
    text = unicodedata.normalize("NFKC", convert_digits(name).translate(_TIFINAGH)).lower()
    text = unicodedata.normalize("NFD", _DROPPED.sub("", text).translate(_BARE))
    text = unicodedata.normalize("NFC", _ACCENTS.sub("", text)).translate(PLAIN_ALEF)
    return _ONE_WORD.sub(lambda found: f"{found[1] or ''}{found[2] or ''}{found[3] or ''}", text)


def _sounds(word: str) -> str:
    if word in _OF_GOD:
        return "l"
    return _latin_sounds(word) if word.isascii() else _arabic_sounds(word)


def _latin_sounds(word: str) -> str:
    if word.isdigit():
        return word
    for pattern, to in _LATIN:
        word = pattern.sub(to, word)
    return word.lower()


def _arabic_sounds(word: str) -> str:
    servant = _SERVANT.match(word)
    if servant:
        return servant[1].translate(_ARABIC) + ("l" if servant[2] in ("له", "اله") else _arabic_sounds(servant[2]))
    if word.startswith("ال") and len(word) > 4 and word not in _NO_ARTICLE:
        word = word[2:]
    if word.endswith("اة"):
        word = f"{word[:-1]}ت"
    first = {"و": "w", "ي": "y"}.get(word[0], "")
    return first + word.translate(_ARABIC)
