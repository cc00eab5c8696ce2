"""Whether a text says what its pages show, or its fonts lie: letters that nobody wrote come out of a PDF with broken fonts.

Knows no language: it counts signs that stand in no text of any language, window by window; ``docs/documents.md`` says what
it was measured on.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Garbled", "garbled"]

_WINDOW = 200
_SHARE = 0.2
"""From this share of bad windows on, a document is refused: what is left would be quoted as if it were whole."""
_STRANGE = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\ufffd\ue000-\uf8ff]")
_MOST_STRANGE = 0.05
_FOREIGN = re.compile("[\u0180-\u0233\u0250-\u02af]")
_MOST_FOREIGN = 0.25
_LETTER = re.compile(r"[^\W\d_]")
_SIGN_INSIDE = re.compile(r"[^\W\d_][\\\[\]^{}|~¶²³±ªº©®«»*?!¥§¤µ¿¡÷×¬¢£<>=+#$%&;:][^\W\d_]|[^\W\d_][\\\[\]{}^~]")
_CAPITAL_INSIDE = re.compile("[a-zß-öø-ÿ][A-ZÀ-ÖØ-Þ]")
_MOST_INSIDE, _MOST_CAPITALS = 0.004, 0.05
_ADDRESS = re.compile(r"://|@|www\.|\.\w{2,4}/")


class Garbled(NamedTuple):
    """How much of a text is illegible (0 to 1), and a piece of it."""

    share: float
    example: str


def garbled(text: str, *, code: bool = False) -> Garbled | None:
    """What is illegible in ``text``, where it is too much of it; None for a text that can be read.

    ``code`` says that the text may hold programs, whose words are broken by signs and capitals too.
    """
    words = text.split()
    windows = [words[at : at + _WINDOW] for at in range(0, len(words), _WINDOW)]
    bad = [window for window in windows if _bad(window, code=code)]
    if not windows or len(bad) < _SHARE * len(windows):
        return None
    return Garbled(len(bad) / len(windows), " ".join(_STRANGE.sub("\ufffd", word) for word in bad[0][:8]))


def _bad(window: list[str], *, code: bool) -> bool:
    joined = "".join(window)
    letters = len(_LETTER.findall(joined))
    if len(_STRANGE.findall(joined)) > _MOST_STRANGE * len(joined) or len(_FOREIGN.findall(joined)) > max(
        _MOST_FOREIGN * letters, 8
    ):
        return True
    if code or len(window) < _WINDOW // 4:
        return False
    words = [word for word in window if not _ADDRESS.search(word)]
    inside = sum(bool(_SIGN_INSIDE.search(word)) for word in words)
    capitals = sum(bool(_CAPITAL_INSIDE.search(word)) for word in words)
    return inside > _MOST_INSIDE * len(words) and capitals > _MOST_CAPITALS * len(words)
