"""The term of one Arabic word, alike for clean text and for text that a PDF reader damaged. Knows no other word.

A damaged file has each lam + alef the other way round (خالل for خلال). What the swap does to the head of a word is mended
before the article falls; what it does inside is made equal instead: every lam + alef is turned in the term, so that both
writings meet without anybody deciding which was meant.
"""

from __future__ import annotations

import re

from daffa.language import repair, stem

__all__ = ["arabic_stem", "turned"]

_HEAD = re.compile("[وفبك]{0,2}(?:ا?[أإآ]ل|اال)|[وف]?ل[اأإآ]ل")
"""Heads that the damage may have made: only these words are asked about one by one."""
_TO_THE = re.compile("([وف]?)ل([أإآ])ل(?=..)(?!غاء|زام|حاق|تزام|كترون|تماس|تحاق)")
_LAM_ALEF = re.compile("ل[اأإآ]")
_TURNED_PLURAL = re.compile("(?<=.{2})الت$")
_LEFT_OVER = re.compile("(?<=.{3})(?:ات|ت)$")  # of سلطته, when the pronoun has gone
_PERSON = re.compile("[يتن](?=.{4})")


def arabic_stem(word: str) -> str:
    """The stem of ``word`` (Arabic letters, any spelling), never empty for a word that is not."""
    mended = repair(word).text if _HEAD.match(word) else word
    if mended == word:
        mended = _TO_THE.sub(r"\1لل\2", word)
    short = _LEFT_OVER.sub("", _TURNED_PLURAL.sub("ل", turned(stem(mended, "ar"))))
    person = _PERSON.match(short)
    return short[person.end() :] if person else short or word


def turned(key: str) -> str:
    """``key`` with every lam + alef as a damaged file has it, so that both writings are one."""
    return _LAM_ALEF.sub("ال", key)
