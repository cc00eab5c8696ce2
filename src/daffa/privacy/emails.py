"""E-mail addresses. Knows the usual part of RFC 5321 and 5322; knows neither quoted local parts nor Arabic domains."""

from __future__ import annotations

import re

from .finding import Finding, Type
from .pieces import LATIN, any_of

__all__ = ["PATTERNS", "read"]

PATTERNS = (any_of("@\uff20"),)
"""An at sign."""

_LABEL = f"[{LATIN}](?:[{LATIN}-]{{0,61}}[{LATIN}])?"
_DOMAIN = re.compile(f"@(?:{_LABEL}\\.){{1,8}}([A-Za-z]{{2,24}})(?![{LATIN}])")
# Read backwards from the at sign. A Latin local part ends where an Arabic word is glued to it; else it may be Arabic.
_LOCAL = re.compile(f"[{LATIN}_%+-]+(?:\\.[{LATIN}_%+-]+)*|[\u0621-\u064a][\u0621-\u064a0-9]*(?:[._-][\u0621-\u064a0-9]+)*")
_LETTER = re.compile(f"[{LATIN}_\u0621-\u064a]")
_LONGEST_LOCAL = 64
_PICTURES = frozenset(("png", "jpg", "jpeg", "gif", "webp", "svg"))


def read(text: str, ends: list[int], found: list[Finding]) -> None:
    """Add every e-mail address of ``text`` whose at sign ends at one of ``ends``."""
    for end in ends:
        domain = _DOMAIN.match(text, end - 1)
        length = _local_length(text, end - 1) if domain else 0
        if domain and length and domain[1].lower() not in _PICTURES:
            found.append(Finding(Type.EMAIL, end - 1 - length, domain.end(), 0.95, "format"))


def _local_length(text: str, place: int) -> int:
    """Characters of the local part that ends at ``place``; 0 where there is none, or it is too long to be one."""
    backwards = text[max(place - _LONGEST_LOCAL - 1, 0) : place][::-1]
    local = _LOCAL.match(backwards)
    written = local.group().rstrip("-") if local else ""
    return len(written) if len(written) <= _LONGEST_LOCAL and _LETTER.search(written) else 0
