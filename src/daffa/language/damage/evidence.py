"""Whether a text is damaged at all, before anything in it is touched. Knows no lexicon.

Two kinds of signs are counted line by line: what no clean Arabic line holds (alef + hamza-alef + lam at the head of a
word), and what no damaged line holds (a lam followed by an alef). A line without either follows its text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

from ..arabic import LETTERS

__all__ = ["BENT_NUMBER", "Signs", "State", "numbers_bent", "signs", "state"]

_HEAD = f"(?<![{LETTERS}\u0640])"
_TAIL = f"(?![{LETTERS}\u0640])"
_DAMAGE = re.compile(
    f"{_HEAD}(?:[وفبك]{{0,2}}ا[أإآ]ل|[وف]?[بك]?اال|[وف]?(?:إال|أال|ال){_TAIL}|[وفبت]?(?:هللا|اهلل){_TAIL}|[وف]?هلل{_TAIL})"
)
_CLEAN = re.compile("(?<!هل)ل[اأإآ](?!ل)")
BENT_NUMBER = re.compile(f"[0-9٠-٩](?=[{LETTERS}])")
_STRAIGHT_NUMBER = re.compile(f"[0-9٠-٩%][ \u00a0]+(?=[{LETTERS}])")
_LONG_BENT_NUMBER = re.compile(f"[0-9٠-٩.%/-][0-9٠-٩](?=[{LETTERS}])")


class State(Enum):
    """What a line is taken for."""

    DAMAGED = "damaged"
    UNKNOWN = "unknown"
    CLEAN = "clean"


Signs = tuple[int, int]
"""Signs of damage and signs of cleanness, counted."""


def signs(text: str) -> Signs:
    """The signs in ``text``, marks and tatweels removed."""
    return len(_DAMAGE.findall(text)), len(_CLEAN.findall(text))


def state(line: Signs, whole: Signs) -> State:
    """What a line with these signs is, in a text with those."""
    for damaged, clean in (line, whole):
        if damaged > clean:
            return State.DAMAGED
        if clean:
            return State.CLEAN
    return State.UNKNOWN


def numbers_bent(lines: Iterable[str], whole: Signs) -> bool:
    """Whether numbers stick to the words after them, as they do when a reader turns runs of digits around.

    One digit before letters is a letter in written Darija, and counts only where the words are damaged too.
    """
    pattern = BENT_NUMBER if whole[0] > whole[1] else _LONG_BENT_NUMBER
    surplus = 0
    for line in lines:
        surplus += len(pattern.findall(line)) - len(_STRAIGHT_NUMBER.findall(line))
    return surplus > 0
