"""Dates of birth: a date behind a word that speaks of birth, in the languages of the country. Knows one calendar."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

from .finding import Finding, Type
from .pieces import HAS_DIGIT, LATIN, in_text, spellings
from .scan import Hit

__all__ = ["PATTERNS", "WORDS", "read"]

_WORDS = (
    "naissance",
    "date naiss",
    "nais le",
    "date of birth",
    "birth date",
    "birthdate",
    "birthday",
    "born on",
    "born in",
    "born:",
    "né(e)",
    "dob:",
    "d.o.b",
    "الازدياد",
    "ازديادي",
    "ازدياده",
    "ازديادها",
    "ازديادهم",
    "مزداد",
    "ازداد",
    "الميلاد",
    "ميلادي",
    "ميلاده",
    "ميلادها",
    "الولادة",
    "ولادتي",
    "ولادته",
    "ولادتها",
    "مواليد",
    "مولود",
    "ولد في",
    "ولدت في",
    "ولد بتاريخ",
    "ولدت بتاريخ",
    "ولد يوم",
    "ولدت يوم",
    "تزاد",
    "خلاقيت",
    "تخلقت",
    "tzad",
    "tezad",
    "tzadit",
    "mzyoud",
    "mezyoud",
    "mzyada",
    "mzyad",
    "mezyad",
    "tkhl9",
    "khla9iti",
    "zayd f",
    "zayda f",
    "nhar zyadti",
    "izdiyad",
    "l'izdiyad",
    "lizdiyad",
    "milad dyal",
    "tarikh lmilad",
    "tarikh milad",
)
WORDS = tuple(spellings(word) for word in _WORDS)
PATTERNS = (rb"(?i)(?:\A|[^a-z])(?:(?:n\xc3[\xa9\x89](?:e|s|es)?[ \xc2])|(?:nee?s? le [0-9])|(?:dob|ddn)[^a-z])",)
"""The short ones, which stand in many other words."""

_SHORT = re.compile(rf"(?<![{LATIN}])(?:née?s?|nee?s? le(?= [0-9])|dob|ddn)(?![{LATIN}])", re.IGNORECASE)
_MONTHS = """janvier|janv|février|févr|mars|avril|avr|mai|juin|juillet|juil|août|septembre|sept|octobre|oct|novembre|nov|
décembre|déc|january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|
apr|jun|jul|aug|sep|dec|يناير|فبراير|يبراير|مارس|أبريل|ابريل|إبريل|ماي|مايو|يونيو|يونيه|يوليوز|يوليو|غشت|أغسطس|
شتنبر|سبتمبر|أكتوبر|نونبر|نوفمبر|دجنبر|ديسمبر|yanayr|yanayer|fbrayr|fibrayer|abril|mayo|yunyu|yonyo|youlyouz|
yulyuz|ghocht|ghusht|chtanbir|chtanbr|shutanbir|oktobr|oktober|nwanbir|nuwanbir|dojanbir|dujanbir
"""
_NAMES = "".join(_MONTHS.split()).split("|")
_MONTH = in_text(_NAMES)
# A date begins with a number, or with a month just before one.
_LEAD = max(map(len, _NAMES)) + 1
_SEPARATED = r"[0-9]{1,2}(?P<s>[ ]?[/.-][ ]?| )[0-9]{1,2}(?P=s)(?:[0-9]{4}|[0-9]{2})"
_TURNED = r"[0-9]{4}(?P<t>[ ]?[/.-][ ]?)[0-9]{1,2}(?P=t)[0-9]{1,2}"
_WRITTEN = (
    rf"[0-9]{{1,2}}(?:er|ère|st|nd|rd|th)?[ -]{{1,2}}(?:de |of |من )?{_MONTH}\.?[ ,-]{{1,2}}(?:de )?[0-9]{{4}}|"
    rf"{_MONTH} [0-9]{{1,2}}(?:st|nd|rd|th)?,? [0-9]{{4}}"
)
_DATE = re.compile(
    rf"(?<![0-9])(?<![0-9][/.,-])(?:{_SEPARATED}|{_TURNED}|{_WRITTEN}|(?:19|20)[0-9]{{6}})(?![0-9]|[/-][0-9])", re.IGNORECASE
)
_YEAR = re.compile(r"(?<![0-9])(?:19|20)[0-9]{2}(?![0-9]|[/.,-][0-9])")
_YEAR_LEAD = re.compile(
    r"\A[ :=]{0,3}(?:en|vers|environ|in|around|حوالي|f|fi|fe|عام|سنة|في سنة|في|ف|3am|l3am|3amn?)?[ :]{0,2}\Z", re.IGNORECASE
)
_NOT_A_BIRTH = re.compile(
    r"avant|après|depuis|postérieur|à compter|délivr|loi|dahir|décret|inscri|mari[ée]|قبل|بعد|ابتداء|القانون|ظهير|"
    r"المرسوم|المادة|حرر|سلمت|acte|n°|projet|programme|entreprise|société|association|mouvement|mesure|رقم|مشروع|شركة|جمعية",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"[.!?؟] {1,3}(?=[A-ZÉÀ\u0621-\u064a])|\n\s{0,8}\n|[;؛]")
_NUMBERS = re.compile("[0-9]{1,9}")
_REACH = 60


def read(text: str, ends: list[int], hits: list[Hit], found: list[Finding]) -> None:
    """Add every date of birth of ``text`` behind a word, one of ``hits`` or a short one at one of ``ends``."""
    words = {end for end, _, _ in hits}
    for end in ends:
        words.update(match.end() for match in _SHORT.finditer(text, max(end - 10, 0), end + 1))
    for end, following in pairwise([*sorted(words), len(text)]):
        reach = min(following, end + _REACH)
        if number := HAS_DIGIT(text, end, reach + 1):
            _after(text, end, number.start(), reach, found)


def _after(text: str, end: int, number: int, reach: int, found: list[Finding]) -> None:
    """Add the date that begins between ``end``, where the word ends, and ``reach``; the first ``number`` is there."""
    date = _DATE.search(text, max(end, number - _LEAD), end + _REACH + 32)
    if date and date.start() <= reach:
        gap = text[end : date.start()]
        if _possible(date.group()) and not _NOT_A_BIRTH.search(gap) and not _SENTENCE_END.search(gap):
            # Numbers between the word and the date belong to something else, but for an hour or a list.
            sure = 0.6 if _NUMBERS.search(gap) else 0.97 if len(gap) <= 24 else 0.9
            found.append(Finding(Type.BIRTH_DATE, *date.span(), sure, "context"))
            return
    year = _YEAR.search(text, end, end + 20)
    if year and year.start() <= reach and _YEAR_LEAD.match(text[end : year.start()]):
        found.append(Finding(Type.BIRTH_DATE, *year.span(), 0.6, "context"))


def _possible(date: str) -> bool:
    """Whether its numbers can be a day, a month and a year that somebody alive was born in."""
    parts = _NUMBERS.findall(date)
    if len(parts) == 1:
        parts = [date[:4], date[4:6], date[6:]]
    by_size: Callable[[str], int] = len
    year = max(parts, key=by_size) if max(map(len, parts)) == 4 else parts[-1]
    rest = [int(part) for part in parts if part is not year]
    if len(year) == 4 and not 1880 <= int(year) <= 2099:
        return False
    return all(1 <= part <= 31 for part in rest) and (len(rest) < 2 or min(rest) <= 12)
