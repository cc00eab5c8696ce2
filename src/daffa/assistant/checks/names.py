"""What a text names: shortened names («CNIE»), names with a capital, years, states. Pure; the list of states is data."""

from __future__ import annotations

import re
from functools import cache

from ..wording import Phrases, bare_forms, key_of, load, words_of

__all__ = ["places_of", "proper", "unnamed"]

_SHORTENED = re.compile(r"(?<!\w)[A-ZÀ-Þ]{2,}[0-9]*(?!\w)")
_PROPER = re.compile(r"(?<=[\w,;:'’«\"] )[A-ZÀ-Þ]\w+|(?<=\b[dlDL]['’])[A-ZÀ-Þ]\w+|" + _SHORTENED.pattern)
_YEAR = re.compile(r"(?<![\d.,-])(?:19|20)\d\d(?![\d-]|[.,]\d)")
_CASED = re.compile(r"[a-zà-ÿ]")


def unnamed(claim: str, given: str) -> list[str]:
    """Shortened names of ``claim`` that ``given`` does not have. A claim all in capitals has none."""
    if not _CASED.search(claim):
        return []
    has = set(key_of(given).split())
    return [name for name in _SHORTENED.findall(claim) if key_of(name) not in has]


def proper(text: str) -> list[str]:
    """Names with a capital, but for the first word, shortened names, and years."""
    names = _PROPER.findall(text) if _CASED.search(text) else []
    return [*names, *_YEAR.findall(text)]


@cache
def _places() -> Phrases:
    return Phrases(_bare(name) for name in load("places")["names"])


def _bare(text: str) -> str:
    """Keys of the words, each Arabic one without what is written before it."""
    return " ".join(
        bare_forms(word.key)[-1 if word.key >= "ء" and len(bare_forms(word.key)) > 1 else 0] for word in words_of(text)
    )


def places_of(text: str) -> list[str]:
    """The states and cities abroad that ``text`` names, as keys."""
    keys = _bare(text)
    words = keys.split()
    return [" ".join(words[first:last]) for first, last in _places().find(keys)]
