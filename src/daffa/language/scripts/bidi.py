"""Marks of direction: take them out, find the direction of a line, make an island. Knows no terminal and no page.

Source: Unicode Standard Annex 9 (bidirectional algorithm), rules P2-P3 and section 2.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

__all__ = ["base_direction", "isolate", "strip_marks"]

_FIRST_STRONG, _POP = "\u2068", "\u2069"
_MARKS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_OPENERS = "\u2066\u2067\u2068"
_EMBEDDINGS = "\u202a\u202b\u202d\u202e"
_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")


def strip_marks(text: str) -> str:
    """``text`` without marks of direction (ALM, LRM, RLM, embeddings, overrides, isolates). Other characters stay."""
    return _MARKS.sub("", text)


def base_direction(text: str, default: Literal["ltr", "rtl"] = "ltr") -> Literal["ltr", "rtl"]:
    """The direction of a paragraph: that of its first strong character outside isolates; else ``default``."""
    depth = 0
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("LRI", "RLI", "FSI"):
            depth += 1
        elif kind == "PDI":
            depth = max(0, depth - 1)
        elif depth == 0 and kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return default


def isolate(text: str) -> str:
    """``text`` as an island (FSI ... PDI) that cannot change the order of what stands around it.

    Embeddings and overrides that ``text`` leaves open, and closers without an opener, would reach out of the
    island: they are taken out. Line ends stay; isolate each line of a longer text.
    """
    return f"{_FIRST_STRONG}{_balanced(text)}{_POP}"


def _balanced(text: str) -> str:
    """``text`` without controls that have no partner. Linear: one pass with a stack."""
    if not _CONTROLS.search(text):
        return text
    lonely: set[int] = set()
    open_places: list[tuple[bool, int]] = []  # whether it is an isolate, and where
    isolates = 0
    for found in _CONTROLS.finditer(text):
        place, control = found.start(), found[0]
        if control in _OPENERS or control in _EMBEDDINGS:
            open_places.append((control in _OPENERS, place))
            isolates += control in _OPENERS
        elif control == _POP and isolates:
            while not open_places.pop()[0]:  # a PDI closes every embedding inside the isolate too (rule X6a)
                pass
            isolates -= 1
        elif control != _POP and open_places and not open_places[-1][0]:
            open_places.pop()
        else:
            lonely.add(place)
    lonely.update(place for _, place in open_places)
    return "".join(character for place, character in enumerate(text) if place not in lonely)
