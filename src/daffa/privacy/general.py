"""Something wider in place of a value: the year of a birth, the town of an address. Knows what may be said; finds none.

``docs/masking.md`` has the table. Where nothing wider is worth saying, the word for the type stands alone: ``[CNSS]``.
"""

from __future__ import annotations

import ipaddress
import re

from daffa.language import convert_digits

from .finding import Type
from .pieces import LATIN, in_text
from .placeholders import word_of
from .towns import TOWNS
from .writings import canonical, date_parts

__all__ = ["generalised"]

_TOWN = re.compile(rf"(?<![{LATIN}\u0621-\u064a]){in_text(TOWNS)}(?![{LATIN}\u0621-\u064a])", re.IGNORECASE)
_OFFICE = re.compile("[A-Z]{1,2}")


def generalised(kind: Type, writing: str, years: int) -> str:
    """What stands for ``writing``. ``years`` is the width of the bands of years of birth; 1 says the year itself."""
    said = _said(kind, writing, years)
    return f"[{word_of(kind)} {said}]" if said else f"[{word_of(kind)}]"


def _said(kind: Type, writing: str, years: int) -> str:
    value = canonical(kind, writing)
    match kind:
        case Type.BIRTH_DATE:
            return _band(date_parts(convert_digits(writing))[0], years)
        case Type.ADDRESS:
            towns = _TOWN.findall(writing)
            return towns[-1] if towns else ""
        case Type.IP:
            return _network(value)
        case Type.PHONE:
            return _line(value)
        case Type.PLATE:
            region = value.rpartition("-")[2]
            return region if "-" in value else ""
        case Type.RIB:
            return value[:3]
        case Type.IBAN:
            return value[4:7] if value.startswith("MA") else value[:2]
        case Type.CIN:
            office = _OFFICE.match(value)
            return office[0] if office else ""
        case _:
            return ""


def _band(year: int, years: int) -> str:
    if not year:
        return ""
    first = year - year % years
    return str(first) if years == 1 else f"{first}-{first + years - 1}"


def _line(number: str) -> str:
    """Fixed (05), mobile (06, 07) or other; the country of a foreign number is not told apart from its region."""
    return number[:2] if number.startswith("0") else ""


def _network(address: str) -> str:
    try:
        version = ipaddress.ip_address(address).version
        return str(ipaddress.ip_network(f"{address}/{24 if version == 4 else 48}", strict=False))
    except ValueError:
        return ""
