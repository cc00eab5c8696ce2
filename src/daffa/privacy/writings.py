"""The many writings of one value made one, by type, so that they get one placeholder. Knows how values are written; finds none.

``06 12 34 56 78``, ``+212612345678`` and the same in Arabic-Indic digits meet; so do a name in Latin and in Arabic letters.
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata

from daffa.language import convert_digits, name_key

from .finding import Type
from .fold import MARKS

__all__ = ["canonical", "date_parts", "national"]

_MARK = re.compile(f"[{MARKS}]")
_NOT_DIGIT = re.compile("[^0-9]+")
_NOT_ALNUM = re.compile(r"[\W_]+")
_LETTERS_BEHIND = re.compile("([0-9]+)([A-Z]+)")
_GROUPS = re.compile("[0-9]+")
_PLATE_LETTER = re.compile("[A-Za-z\u0621-\u064a]+")
_COUNTRY = re.compile(r"(?:\+|00)212(?:\(?0\)?)?")
_PLATE_LETTERS = str.maketrans("أابتجحدهويطش", "AABTJHDEWYTS")


def canonical(kind: Type, writing: str) -> str:
    """What all writings of one value have in common. Total: for a writing that it cannot read, the writing in small letters."""
    text = writing if writing.isascii() else _MARK.sub("", convert_digits(unicodedata.normalize("NFKC", writing)))
    match kind:
        case Type.PHONE:
            return national(text)
        case Type.RIB | Type.ICE | Type.CNSS | Type.IF | Type.RC:
            return _NOT_DIGIT.sub("", text) or text.casefold()
        case Type.IBAN | Type.MASSAR | Type.PASSPORT | Type.RESIDENCE_CARD | Type.CIN:
            return _letters_first(_NOT_ALNUM.sub("", text).upper())
        case Type.PLATE:
            return _plate(text)
        case Type.IP:
            return _network_address(text)
        case Type.BIRTH_DATE:
            year, month, day = date_parts(text)
            return f"{year}-{month}-{day}" if month else _folded(text)
        case Type.PERSON:
            return " ".join(sorted(name_key(text).split())) or _folded(text)
        case _:
            return _folded(text)


def national(text: str) -> str:
    """A phone number (ASCII digits) as it is dialled at home, ``0612345678``; one of another country with its ``+``."""
    bare = re.sub(r"[^0-9+]", "", text)
    if _COUNTRY.match(bare):
        return "0" + _COUNTRY.sub("", bare, count=1).lstrip("0")
    return "+" + bare[2:] if bare.startswith("00") else bare or text


def date_parts(text: str) -> tuple[int, int, int]:
    """Year, month, day of a date in numbers (ASCII digits); a month and day of 0 where they are not in numbers; else zeros."""
    groups = _GROUPS.findall(text)
    if len(groups) == 1 and len(groups[0]) == 8:
        groups = [groups[0][:4], groups[0][4:6], groups[0][6:]]
    if len(groups) == 3:
        first, second, third = groups
        if len(first) == 4:
            return int(first), int(second), int(third)
        day, month = (int(second), int(first)) if int(second) > 12 else (int(first), int(second))
        # Two digits: nobody alive was born before 1926, and few in a year to come.
        year = int(third) if len(third) == 4 else int(third) + (1900 if int(third) > 26 else 2000)
        return year, month, day
    years = [group for group in groups if len(group) == 4]
    return (int(years[0]), 0, 0) if years else (0, 0, 0)


def _folded(text: str) -> str:
    return " ".join(_NOT_ALNUM.sub(" ", text.casefold()).split()) or text


def _letters_first(text: str) -> str:
    """``123456AB`` comes from a page read from the wrong side: ``AB123456``."""
    turned = _LETTERS_BEHIND.fullmatch(text)
    return turned[2] + turned[1] if turned else text


def _plate(text: str) -> str:
    """``12345-A-6``, whichever side it was read from, in either alphabet."""
    groups, letter = _GROUPS.findall(text), _PLATE_LETTER.search(text)
    if len(groups) != 2:
        return _folded(text)
    if len(groups[0]) < len(groups[1]):
        groups.reverse()
    between = letter[0].translate(_PLATE_LETTERS).upper() if letter else ""
    return f"{groups[0].lstrip('0')}-{between}-{groups[1].lstrip('0')}"


def _network_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip("[]")))
    except ValueError:
        return text.casefold()
