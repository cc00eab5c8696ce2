"""Repair of the words of a line: the article, the words inside, the lone particle, the name of God.

Knows no number and no document: what the line is taken for comes from ``evidence``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from ..arabic import bare
from .changes import Change
from .evidence import State
from .letters import ALEFS, WORD, pairs
from .lexicon import Lexicon, shipped

__all__ = ["Mender", "is_article", "shipped_mender"]

_LONGEST = 32
_LEAST_HALF = 4
_MOST_REMEMBERED = 1 << 16
_PREFER_SWAP = 0.7
"""In a damaged line each pair of letters is more often swapped than in the words that taught the weights (nats)."""
_SURE = 0.0
"""By how much the swapped word must be likelier where nothing says that the line is damaged (nats)."""
_MIXED = 1.5
"""By how much more a word that holds both orders must be familiar with one of them changed (nats)."""
_TELLING = 3.0
"""By how much the swapped word must be likelier to say that its whole line is damaged (nats)."""

_ARTICLE = re.compile("[وفبك]{0,2}ا[أإآ]ل|[وف]?[بك]?اال|[وف]?ل[أإآ]ل")
_HEAD = re.compile("([وفبك]{0,2})ا([أإآ])ل(?!ل)")
_VOWELS = re.compile("[\u064b-\u0650\u0652]")
_LAM_ALEF = re.compile(f"ل[{ALEFS}]")
_ALONE = {word: word.replace("ال", "لا") for word in ("ال", "وال", "فال")}
_NAME_OF_GOD = re.compile("([وفبتك]?)(?:هللا|اهلل)")
_TO_GOD = re.compile("([وف]?)هلل")

Mended = tuple[str, str] | None
"""The kind of a change and the mended word, or nothing."""
_UNASKED = ("", "")


def is_article(word: str) -> bool:
    """Whether a damaged word shows the damage in its article (األ, االـ, لأل)."""
    return bool(_ARTICLE.match(word))


class Mender:
    """Mends words by one lexicon, and remembers the words that it met."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._remembered: dict[State, dict[str, Mended]] = {state: {} for state in State}
        self._strengths: dict[str, float] = {}

    def changes(self, line: str, state: State) -> Iterator[Change]:
        """The changes to the words of ``line``, which is in ``state``."""
        state = self._settled(line, state)
        remembered = self._remembered[state]
        for found in WORD.finditer(line):
            written = found.group()
            mended = remembered.get(written, _UNASKED)
            if mended is _UNASKED:
                mended = self._ask(written, state)
            if mended:
                yield Change(found.start(), found.end(), written, mended[1], mended[0])

    def _settled(self, line: str, taken: State) -> State:
        """``taken``, or damaged where the line has no sign but a word that hardly anybody writes."""
        if taken is not State.UNKNOWN:
            return taken
        doubts = (self._strength(bare(found.group())) for found in WORD.finditer(line))
        return State.DAMAGED if any(doubt >= _TELLING for doubt in doubts) else taken

    def _strength(self, word: str) -> float:
        if not 2 <= len(word) <= _LONGEST:
            return 0.0
        known = self._strengths.get(word)
        if known is None:
            if len(self._strengths) >= _MOST_REMEMBERED:
                self._strengths.clear()
            doubt = self._doubt(word)
            known = self._strengths[word] = doubt[0] if doubt else 0.0
        return known

    def _ask(self, written: str, state: State) -> Mended:
        if len(written) > _LONGEST:
            return self._mend(written, state)  # what is no word would fill the memory of words
        remembered = self._remembered[state]
        if len(remembered) >= _MOST_REMEMBERED:
            remembered.clear()
        mended = remembered[written] = self._mend(written, state)
        return mended

    def _mend(self, written: str, state: State) -> Mended:
        word = bare(written)
        if not 2 <= len(word) <= _LONGEST:
            return None
        if state is State.UNKNOWN and _VOWELS.search(written):
            return None  # vowelled text does not come out of such files
        mended = self._mend_bare(word, state)
        if mended is None or word == written:
            return mended
        kind, after = mended
        return (kind, _dress(written, after)) if len(after) == len(word) else None

    def _mend_bare(self, word: str, state: State) -> Mended:
        name = _NAME_OF_GOD.fullmatch(word)
        if name and state is not State.CLEAN:
            return "name_of_god", f"{name[1]}الله"
        if state is State.DAMAGED:
            return self._mend_damaged(word)
        if state is State.CLEAN:
            head = _HEAD.match(word)
            after = f"{head[1]}ال{head[2]}{word[head.end() :]}" if head else word
            return ("article", after) if head and self._lexicon.known(after) else None
        doubt = self._doubt(word)
        return (_kind(word), doubt[1]) if doubt and doubt[0] >= _SURE else None

    def _mend_damaged(self, word: str) -> Mended:
        if word in _ALONE:
            return "alone", _ALONE[word]
        to_god = _TO_GOD.fullmatch(word)
        if to_god:
            return "name_of_god", f"{to_god[1]}لله"
        scored = [(score + _PREFER_SWAP * (reading != word), reading) for score, reading in self._lexicon.readings(word)]
        after = max(scored)[1] if scored else word
        seam = self._seam(word, after)
        if seam:
            halves = [(self._mend_damaged(half) or ("", half))[1] for half in (word[:seam], word[seam:])]
            after = "".join(halves)
        return (_kind(word), after) if after != word else None

    def _seam(self, word: str, after: str) -> int:
        """Where two words stick together in ``word``, the second with an article that ``after`` would tear; else 0."""
        if self._lexicon.known(after):
            return 0
        for at in pairs(word):
            torn = at >= _LEAST_HALF and word[at] == "ا" and after[at] == "ل"
            if torn and len(word) - at > _LEAST_HALF and self._lexicon.known(word[at:]):
                return at
        return 0

    def _doubt(self, word: str) -> tuple[float, str] | None:
        """By how much the likeliest other reading of ``word`` beats the word itself (nats), and that reading."""
        readings = self._lexicon.readings(word)
        if not readings or readings[0][1] == word:
            return None
        score, reading = readings[0]
        if _LAM_ALEF.search(word):  # the word itself is none of the readings: only the lexicon can tell
            return self._lexicon.familiarity(reading) - self._lexicon.familiarity(word) - _MIXED, reading
        return score - next(other for other, kept in readings if kept == word), reading


@cache
def shipped_mender() -> Mender:
    """The mender over the lexicon that comes with Daffa."""
    return Mender(shipped())


def _kind(word: str) -> str:
    return "article" if is_article(word) else "inside"


def _dress(written: str, after: str) -> str:
    """``after`` with the marks and tatweels that stood between the letters of ``written``."""
    letters = iter(after)
    return "".join(next(letters) if bare(letter) else letter for letter in written)
