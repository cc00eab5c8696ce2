"""Words that a question is not about, by script, from the lists beside this file. Knows no rarity."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from daffa.language import normalise

from ..arabic import turned

__all__ = ["ARABIZI", "STOPS"]

_HERE = Path(__file__).parent


def _list(*names: str) -> frozenset[str]:
    """The words of lists as loose keys; ``#`` begins a comment."""
    lines = (line.partition("#")[0] for name in names for line in (_HERE / f"{name}.txt").read_text("utf-8").splitlines())
    return frozenset(normalise(word, loose=True) for line in lines for word in line.split())


STOPS: Final = {
    "latin": _list("fr", "en") - _list("latin_content"),
    "en": _list("en"),
    "arabic": frozenset(map(turned, _list("ar", "ary"))),
    "zgh": _list("zgh"),
}
"""Script, or ``en`` for a text that is English -> its stop words, as loose keys."""

ARABIZI: Final = _list("ary-Latn")
"""Stop words of Darija in Latin letters, as loose keys: for questions that are Arabizi, never for an index."""
