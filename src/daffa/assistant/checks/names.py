"""Names and shortened names of a claim that stand nowhere in what it rests on. Pure; Latin capitals alone tell a name."""

from __future__ import annotations

import re

from ..wording import key_of

__all__ = ["unnamed"]

_SHORTENED = re.compile(r"(?<!\w)[A-ZÀ-Þ]{2,}[0-9]*(?!\w)")
_CASED = re.compile(r"[a-zà-ÿ]")


def unnamed(claim: str, given: str) -> list[str]:
    """Shortened names («CNIE») of ``claim`` that ``given`` does not have. A claim all in capitals has none."""
    if not _CASED.search(claim):
        return []
    has = set(key_of(given).split())
    return [name for name in _SHORTENED.findall(claim) if key_of(name) not in has]
