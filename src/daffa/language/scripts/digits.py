"""Decimal digits in the writings that Moroccan documents use. Knows the ten digits; knows no number."""

from __future__ import annotations

from typing import Literal

__all__ = ["DIGITS", "convert_digits"]

DIGITS = {
    "ascii": "0123456789",
    "arabic": "٠١٢٣٤٥٦٧٨٩",
    "persian": "۰۱۲۳۴۵۶۷۸۹",
    "fullwidth": "０１２３４５６７８９",
}
"""Name of a writing -> its ten digits, from zero."""

_TABLES = {
    name: str.maketrans({digit: own[value] for other in DIGITS.values() for value, digit in enumerate(other) if other != own})
    for name, own in DIGITS.items()
}


def convert_digits(text: str, to: Literal["ascii", "arabic", "persian", "fullwidth"] = "ascii") -> str:
    """``text`` with every digit of the four writings in the one asked for; one character stays one character."""
    return text.translate(_TABLES[to])
