"""Light stems: endings and particles off, the word stays readable. Knows common affixes; knows no root and no lexicon.

A stem is made of the loose key of a word, so that spellings meet before affixes fall. Stems are for finding, never shown.

- Arabic and Darija: conjunctions, prepositions and the article, one ending, and for Darija the verbal particles (ka, ta,
  gha) and the negation ma ... ch. In the manner of light10 (Larkey, Ballesteros, Connell 2002), with rules of our own.
- Tamazight, in both scripts: the frame of nouns (t ... t, a- i- u-, -en -in -an), carefully; the schwa that only some write.
- French, English, Spanish: Snowball.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from .keys import ELIDED, normalise

__all__ = ["STEMMED", "stem"]

# Arabic, on loose keys: alef without hamza, final heh for teh marbuta.
_AND = re.compile("و(?=.{5})")
_ARTICLE = re.compile("(?:[وف]?[بك]?ال|[وف]?لل)(?=.{3})")
_CLITIC = re.compile("(?:[وف][بلك]|[وفبكل])(?=.{5})")
_ENDING = re.compile("(?<=.{3})(?:كما|هما|كم|كن|هم|هن|نا|ها|تين|تان|ات|يات|يه|ه|ي)$|(?<=.{4})(?:ين|ون|ان)$")

# Darija: what is written together here is written apart there, so more may stand before a word.
_OF = re.compile("ديال.{0,3}")
_NOT = re.compile("(?:و?ما|م(?=[كتنيغ]))(.{3,})ش")
_ENDS_IN_NOT = re.compile("(?<=(?:ها|هم|كم|نا|وا).)ش$|(?<=[كهيو])ش$")
_NOW_OR_LATER = re.compile("(?:[كت]ا[نتي]|كي|كن|غا?[نتي])(?=[^اوي].{2})|كت(?=[^اوي].{3})")
_DARIJA_ARTICLE = re.compile("[وف]?[فبد]?(?:ال(?=.{3})|لل(?=.{3})|ل(?=.{4}))")
_DARIJA_ENDING = re.compile("(?<=.{3})(?:كم|هم|نا|ها|ات|يات|يه|تو|تي|وا|و|ه|ي|ا)$|(?<=.{4})ين$")

# Tamazight, on loose keys: Latin letters without dots, gh for ɣ.
_UNWRITTEN = re.compile("e|(?<=[gk])w(?=.)")  # the schwa, and the rounding of g and k
_STATE = re.compile("w(?=a.{3})|y(?=i.{3})")
_FEMININE = re.compile("t[aiu]?(?=.{3})(.*?)(?:in|t)")
_PLURAL = re.compile("[iu](.{3,}?)(?:a|i)?n")
_MASCULINE = re.compile("[aiu](?=[^aiu].{2})")

_LONGEST = 64


def stem(word: str, language: str) -> str:
    """The stem of one word in ``language``, a BCP 47 tag of which the first part counts (Arabizi, ``ary-Latn``, apart).

    A word of a language that is not in ``STEMMED`` gives its loose key.
    """
    # No word is so long; what is would fill the memory of words.
    return _stem(word, language) if len(word) <= _LONGEST else _key(word)


@lru_cache(maxsize=1 << 16)
def _stem(word: str, language: str) -> str:
    if language == "ary-Latn":  # spelled by ear: an affix cannot be told from a root
        return normalise(word, loose=True)
    return STEMMED.get(language.partition("-")[0], _key)(word)


def _key(word: str) -> str:
    return normalise(word, loose=True)


def _standard_arabic(word: str) -> str:
    """And, then the article with what is written before it, else a preposition; then one ending."""
    return _ENDING.sub("", _without_article(_key(word), _ARTICLE))


def _darija(word: str) -> str:
    """The negation around a verb, its particle of time, the article; then one ending."""
    key = _key(word)
    if _OF.fullmatch(key):
        return "ديال"
    negated = _NOT.fullmatch(key)
    key = negated[1] if negated else _ENDS_IN_NOT.sub("", key)
    verb = _NOW_OR_LATER.sub("", key, count=1) if _NOW_OR_LATER.match(key) else key
    bare = verb if verb != key or negated else _without_article(key, _DARIJA_ARTICLE)
    return _DARIJA_ENDING.sub("", bare)


def _without_article(key: str, article: re.Pattern[str]) -> str:
    for affix in (article, _AND):
        found = affix.match(key)
        if found:
            rest = key[found.end() :]
            return _without_article(rest, article) if affix is _AND else rest
    clitic = _CLITIC.match(key)
    return key[clitic.end() :] if clitic else key


def _tamazight(word: str) -> str:
    """The schwa and the rounding, the sign of state, then the frame: t ... t, ti ... in, a-, i ... n."""
    key = _UNWRITTEN.sub("", _key(word))
    state = _STATE.match(key)
    key = key[state.end() :] if state else key
    feminine = _FEMININE.fullmatch(key)
    if feminine and len(feminine[1]) > 2:
        return feminine[1]
    plural = _PLURAL.fullmatch(key)
    if plural:
        return plural[1]
    masculine = _MASCULINE.match(key)
    return key[masculine.end() :] if masculine else key


def _snowball(name: str) -> Callable[[str], str]:
    """Snowball wants the accents; the key goes without them."""
    # A stemmer holds the word that it works on: one for each word, or threads would mix theirs.
    return lambda word: _key(str(_stemmers(name)().stemWord(ELIDED.sub("", normalise(word)))))


@cache
def _stemmers(name: str) -> Callable[[], Any]:
    """The class of one language, at first use: the package loads forty, and most who import this room need none."""
    found: Callable[[], Any] = getattr(import_module(f"snowballstemmer.{name}_stemmer"), f"{name.capitalize()}Stemmer")
    return found


STEMMED: dict[str, Callable[[str], str]] = {
    "ar": _standard_arabic,
    "ary": _darija,
    **dict.fromkeys(("zgh", "kab", "ber", "shi", "tzm", "rif"), _tamazight),
    "fr": _snowball("french"),
    "en": _snowball("english"),
    "es": _snowball("spanish"),
}
"""First part of a language tag -> how a word of it is stemmed."""
