"""The features of one word, as ``words_hashed`` has them, without an array. Knows no meaning.

For a few words arrays take longer to make than to fill, and most texts have but a word or two that were never met.
"""

from __future__ import annotations

from itertools import groupby
from typing import Final

from .words_hashed import BUCKETS, CONSONANTS, CUT, FOLDING, GLUED, GRAM, PAIRS, POWERS, SOUND, WHOLE, plain

__all__ = ["features_of"]

_ALL: Final = 0xFFFFFFFF
_EDGE: Final = 1
_POWERS: Final[tuple[int, ...]] = tuple(POWERS.tolist())
_ONE, _TWO, _THREE, _FOUR = _POWERS[1:5]
_BACK: Final = int(pow(_ONE, -1, 1 << 32))
_FOLDED: Final = {point: folded or None for point, folded in enumerate(FOLDING.tolist()) if point != folded}


class _Only(dict[int, str]):
    """A table that leaves out what it does not have."""

    def __missing__(self, _point: int) -> None:
        return None


_SOUNDS: Final = _Only({ord(letter): sound for letter, sound in CONSONANTS.items()})


def features_of(word: str) -> list[int]:
    """The buckets of one word, in any order."""
    folded = plain(word).translate(_FOLDED)
    letters = [_EDGE, *map(ord, folded), _EDGE]
    hashed = [_polynomial(letters) ^ WHOLE]
    for place in range(len(letters) - 3):
        four = letters[place] + letters[place + 1] * _ONE + letters[place + 2] * _TWO + letters[place + 3] * _THREE
        hashed.append((four + 4 & _ALL) ^ GRAM)
        if place < len(letters) - 4:
            hashed.append((four + letters[place + 4] * _FOUR + 5 & _ALL) ^ GRAM)
    return [*map(_mixed, hashed + _heard(folded))]


def _heard(folded: str) -> list[int]:
    """The skeleton; without what may be glued to it; without its last consonant."""
    written = folded.removesuffix("ه")  # the end of a feminine word is not heard
    for pair, sound in PAIRS.items():
        written = written.replace(pair, sound)
    sounds = [ord(sound) for sound, _ in groupby(written.translate(_SOUNDS))]
    whole = _polynomial(sounds)
    heard = [whole ^ SOUND] if len(sounds) > 1 else []
    if len(sounds) > 3:
        heard.append((whole - sounds[-1] * _POWERS[len(sounds) - 1] & _ALL) ^ CUT)
        if chr(sounds[0]) in GLUED:
            heard.append(((whole - sounds[0]) * _BACK & _ALL) ^ SOUND)
    return heard


def _polynomial(letters: list[int]) -> int:
    return sum([letter * power for letter, power in zip(letters, _POWERS, strict=False)]) & _ALL


def _mixed(hashed: int) -> int:
    hashed = (hashed ^ hashed >> 16) * 0x7FEB352D & _ALL
    hashed = (hashed ^ hashed >> 15) * 0x846CA68B & _ALL
    return (hashed ^ hashed >> 16) % BUCKETS
