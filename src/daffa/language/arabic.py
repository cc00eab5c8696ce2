"""What several parts of the room mean by Arabic letters: their range, their vowel signs, their alefs. Knows no word."""

from __future__ import annotations

import re

__all__ = ["LETTERS", "PLAIN_ALEF", "bare"]

LETTERS = "\u0621-\u063a\u0641-\u064a\u0671-\u06d3"
"""Arabic letters, tatweel and vowel signs left out, as ranges inside the brackets of a pattern."""
PLAIN_ALEF = {ord(alef): "ا" for alef in "أإآٱ"}
"""For ``str.translate``: an alef without what stands on or under it."""

_MARKS = re.compile("[\u0640\u064b-\u065f\u0670]")


def bare(text: str) -> str:
    """``text`` without vowel signs and tatweels."""
    return _MARKS.sub("", text)
