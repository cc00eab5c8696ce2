"""The small notation that all C2SP formats share: base64, decimal numbers, names of keys. Knows no key and no format."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any

from daffa.errors import Invalid

__all__ = ["decimal", "from_base64", "good_name", "to_base64", "unreadable"]

_NAME = re.compile(r"[^\s+\x00-\x1f\x7f\ud800-\udfff]+")
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


def good_name(name: str) -> bool:
    """Whether ``name`` may name a log or a key: not empty, no space, no ``+``, no control character, encodable."""
    return bool(_NAME.fullmatch(name))


def to_base64(data: bytes) -> str:
    """Standard base64 with padding, as all C2SP formats have it."""
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes:
    """The bytes of canonical standard base64. Raises ``Invalid``."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise unreadable("base64", "standard base64", text) from None
    if to_base64(data) != text:
        raise unreadable("base64", "canonical base64", text)
    return data


def decimal(text: str) -> int:
    """A number of at most 19 ASCII digits without leading zeros. Raises ``Invalid``."""
    if not _DECIMAL.fullmatch(text):
        raise unreadable("number", "decimal digits without leading zeros", text)
    return int(text)


def unreadable(field: str, expected: str, got: Any) -> Invalid:
    """The error that says what was expected in place of ``got``."""
    return Invalid("invalid_field", field=field, expected=expected, got=str(got)[:120])
