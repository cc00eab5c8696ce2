"""E-mail addresses. Knows the usual part of RFC 5321 and 5322; knows neither quoted local parts nor Arabic domains."""

from __future__ import annotations

import re

from .finding import Finding, Type
from .fold import Window
from .scan import stretches

__all__ = ["emails"]

_LATIN = "0-9A-Za-zÀ-ÖØ-öø-ɏ"
_LABEL = f"[{_LATIN}](?:[{_LATIN}-]{{0,61}}[{_LATIN}])?"
_DOMAIN = re.compile(f"@(?:{_LABEL}\\.){{1,8}}([A-Za-z]{{2,24}})(?![{_LATIN}])")
# Read backwards from the at sign. A Latin local part ends where an Arabic word is glued to it; else it may be Arabic.
_LOCAL = re.compile(f"[{_LATIN}_%+-]+(?:\\.[{_LATIN}_%+-]+)*|[\u0621-\u064a][\u0621-\u064a0-9]*(?:[._-][\u0621-\u064a0-9]+)*")
_LONGEST_LOCAL = 64
_PICTURES = frozenset(("png", "jpg", "jpeg", "gif", "webp", "svg"))


def emails(data: bytes, ends: list[int], found: list[Finding]) -> None:
    """Add every e-mail address of ``data`` whose at sign ends at one of ``ends``."""
    # The longest local part, whose digits may take four bytes each, and the longest domain, of two bytes a character.
    for start, stop in stretches(ends, 4 * (_LONGEST_LOCAL + 4), 512, len(data)):
        window = Window(data, start, stop)
        text = window.text
        place = text.find("@")
        while place >= 0:
            domain = _DOMAIN.match(text, place)
            length = _local_length(text, place) if domain else 0
            if domain and length and domain[1].lower() not in _PICTURES:
                found.append(Finding(Type.EMAIL, *window.span(place - length, domain.end()), 0.95, "format"))
            place = text.find("@", place + 1)


def _local_length(text: str, place: int) -> int:
    """Characters of the local part that ends at ``place``; 0 where there is none, or it is too long to be one."""
    backwards = text[max(place - _LONGEST_LOCAL - 1, 0) : place][::-1]
    local = _LOCAL.match(backwards)
    length = len(local.group().rstrip("-")) if local else 0
    return length if length <= _LONGEST_LOCAL else 0
