"""From one Arabizi word to its likeliest spellings in Arabic letters: a beam through the lattice, scored by the model."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache, cached_property

from .lattice import edges, key
from .model import EDGE, Model, shipped
from .table import by_table
from .words import common_words

__all__ = ["Decoder", "Remembering", "plain", "shipped_decoder"]

_BEAM = 16
_KEPT = 8
_MOST_MET = 1 << 15
_LONGEST = 40
_MODEL_WEIGHT = 0.8
_COMMON_BONUS = 6.0
_INEXACT = 0.8
_UNREADABLE = 5.0
_SECOND_SPELLING = 1.5
_HEARD_AS_H = 0.7
_EMPHATICS = "TSDH"
_LONE_U = re.compile("(?<!o)u")

Reading = tuple[str, float]


def plain(word: str) -> str:
    """``word`` as the lattice reads it: lower case but for the capitals that stand for emphatics, no accents."""
    if len(word) > 1 and word.isupper():
        word = word.lower()
    elif word[:1].isupper() and not word[1:2].isupper() and (len(word) < 2 or word[0] not in _EMPHATICS):
        word = word[0].lower() + word[1:]
    kept = "".join(letter if letter in _EMPHATICS else letter.lower() for letter in word)
    kept = kept.replace("é", "i").replace("’", "'")
    bare = "".join(mark for mark in unicodedata.normalize("NFD", kept) if not unicodedata.combining(mark))
    return _LONE_U.sub("o", bare)


class Decoder:
    """Reads words by one model; remembers nothing between them."""

    def __init__(self, model: Model) -> None:
        self.model = model

    @cached_property
    def _common(self) -> dict[str, list[Reading]]:
        common: dict[str, dict[str, float]] = {}
        for arabic, latin in common_words():
            for spelling in latin:
                for heard, cost in ((key(spelling), 0.0), (key(spelling.replace("7", "h")), _HEARD_AS_H)):
                    readings = common.setdefault(heard, {})
                    for place, word in enumerate(arabic):
                        readings[word] = min(readings.get(word, 99.0), cost + place * _SECOND_SPELLING)
        return {heard: list(readings.items()) for heard, readings in common.items()}

    @cached_property
    def _exact(self) -> dict[str, set[str]]:
        exact: dict[str, set[str]] = {}
        for arabic, latin in common_words():
            for spelling in latin:
                exact.setdefault(spelling.lower(), set()).update(arabic)
        return exact

    def readings(self, word: str) -> list[Reading]:
        """The likeliest Arabic spellings of ``word`` with their scores (nats, higher is likelier), best first."""
        latin = plain(word)
        found = dict(self._beam(latin)) if len(latin) <= _LONGEST else {}
        found = found or {by_table(word): -_UNREADABLE * len(word)}
        floor = max(found.values())
        for arabic, cost in self._common.get(key(latin), ()):
            inexact = 0.0 if arabic in self._exact.get(word.lower(), ()) else _INEXACT
            found[arabic] = max(found.get(arabic, floor), floor) + _COMMON_BONUS - cost - inexact
        return sorted(found.items(), key=lambda reading: -reading[1])[:_KEPT]

    def _beam(self, latin: str) -> Iterable[Reading]:
        """Every way through the lattice that stays among the best at each place."""
        lattice = edges(latin)
        beams: list[dict[str, tuple[float, float]]] = [{} for _ in range(len(latin) + 1)]
        beams[0][""] = (0.0, 0.0)
        for at, ways in enumerate(lattice):
            alive = sorted(beams[at].items(), key=lambda hypothesis: self._rank(hypothesis[1]), reverse=True)[:_BEAM]
            for written, (cost, letters) in alive:
                for length, arabic, more in ways:
                    self._extend(beams[at + length], written, arabic, cost + more, letters)
        for written, (cost, letters) in beams[-1].items():
            ended = letters + self.model.letter(EDGE + written, EDGE)
            if written:
                yield written, _MODEL_WEIGHT * self.model.word(written, ended) - cost

    def _extend(self, beam: dict[str, tuple[float, float]], written: str, arabic: str, cost: float, letters: float) -> None:
        framed = EDGE + written
        for letter in arabic:
            letters += self.model.letter(framed, letter)
            framed += letter
        known = beam.get(framed[1:])
        if known is None or cost < known[0]:
            beam[framed[1:]] = (cost, letters)

    @staticmethod
    def _rank(hypothesis: tuple[float, float]) -> float:
        return _MODEL_WEIGHT * hypothesis[1] - hypothesis[0]


class Remembering(Decoder):
    """A decoder that has met most words before."""

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self._met: dict[str, list[Reading]] = {}

    def readings(self, word: str) -> list[Reading]:
        """As ``Decoder.readings``, from memory where the word was met."""
        if len(word) > _LONGEST:
            return super().readings(word)  # what is no word would fill the memory of words
        known = self._met.get(word)
        if known is None:
            if len(self._met) >= _MOST_MET:
                self._met.clear()
            known = self._met[word] = super().readings(word)
        return known


@cache
def shipped_decoder() -> Decoder:
    """The decoder over the model that comes with Daffa."""
    return Remembering(shipped())
