"""A value for a field, out of a text: beside a word that names the field, of the type that it has. Empty rather than guessed.

Pure: text and wishes in, spans out. Knows no form and no letter.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import takewhile
from operator import attrgetter

from daffa.language import name_key
from daffa.privacy import Finding, Type, find

from ..wording import Phrases, words_of
from .writing import amounts_in, dates_in, read_amount, read_date

__all__ = ["Spot", "Spotted", "Wanted", "spot"]

_NEAR = 60
"""Code points between a cue and a value of a known shape."""
_LONGEST = 200
_LINE = re.compile(r"[^\n]{1,2000}")
_MOST = 200
"""Cues of one field that are looked at: a text that has more says the same, or nothing."""
_FEW = 20
"""Findings that are looked at beside one cue."""
_SURE = 0.3
"""Beside a cue, a finding may be less sure than the finder wants it to be alone."""
_ALONE = frozenset(set(Type) - {Type.PERSON, Type.ADDRESS, Type.BIRTH_DATE, Type.IP})
"""Types whose shape and control digits tell a value by itself, without a cue."""
_LABEL = re.compile(
    r"[ \t\u00a0]*(?:n[°ºo]\.?|رقم)?[ \t\u00a0]*(?P<sign>[:：=|]|\t|\n|[.…_]{3,})[ \t\u00a0.…_:|]*\n?", re.IGNORECASE
)
_STOP = re.compile(r"\n|\t| {3,}| \| |;|؛|\Z")
_NAME = re.compile(r"[^\W\d_]+(?:[ '’-][^\W\d_]+\.?){0,5}")
_DIGITS = re.compile(r"[A-Za-z]{0,3}[\d٠-٩][\d٠-٩ .-]{3,}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field: its type (``date``, ``amount``, ``text`` or of ``daffa.privacy``) and the words beside which it stands."""

    name: str
    type: str
    cues: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """A value and where it stands; ``check`` says what speaks for it: as ``daffa.privacy.Finding``, ``shape`` or ``cue``."""

    value: str
    start: int
    end: int
    check: str


@dataclass(frozen=True, slots=True)
class Spotted:
    """What was found for a field.

    Attributes:
        spot: the value; ``None``: none, and ``reason`` says why: ``absent``, ``differ`` or ``invalid``.
        candidates: where they differ, all of them; where the one beside the cue is invalid, that one.
    """

    spot: Spot | None = None
    reason: str = ""
    candidates: tuple[Spot, ...] = ()


def spot(text: str, wanted: Sequence[Wanted]) -> dict[str, Spotted]:
    """For each field what was found for it in ``text``."""
    page = _Page(text, tuple(wanted))
    return {one.name: page.spotted(one) for one in wanted}


@dataclass
class _Page:
    text: str
    wanted: tuple[Wanted, ...]
    _cues: dict[str, list[tuple[int, int]]] = field(init=False)
    _starts: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self._cues = _cues(self.text, self.wanted)
        self._starts = sorted(start for cues in self._cues.values() for start, _ in cues)

    @cached_property
    def _findings(self) -> tuple[Finding, ...]:
        return find(self.text, least=_SURE)

    @cached_property
    def _sure(self) -> tuple[Finding, ...]:
        return find(self.text)

    def spotted(self, wanted: Wanted) -> Spotted:
        beside = [one for cue in self._cues[wanted.name] if (one := self._beside(wanted, cue)) is not None]
        found = [one for one in beside if one.check != "invalid"]
        if not found and self._only(wanted):
            found = [
                Spot(self.text[one.start : one.end], one.start, one.end, one.check)
                for one in self._sure
                if one.type == wanted.type
            ]
        if not found:
            return Spotted(None, "invalid", tuple(beside[:1])) if beside else Spotted(None, "absent")
        by_value = {_key(wanted.type, one.value): one for one in reversed(found)}
        if len(by_value) > 1:
            return Spotted(None, "differ", tuple(sorted(by_value.values(), key=lambda one: one.start)[:10]))
        return Spotted(found[0])

    def _only(self, wanted: Wanted) -> bool:
        """Whether a value of this type can belong to this field alone."""
        return wanted.type in _ALONE and sum(one.type == wanted.type for one in self.wanted) == 1

    def _beside(self, wanted: Wanted, cue: tuple[int, int]) -> Spot | None:
        """The value that stands beside a cue: behind it in its line, or in the next where the cue ends its own."""
        label = _LABEL.match(self.text, cue[1])
        start = label.end() if label else cue[1]
        stop = _STOP.search(self.text, start, min(len(self.text), start + _LONGEST))
        end = min(stop.start() if stop else start + _LONGEST, self._next_cue(start))
        typed = next(self._typed(wanted.type, start, min(end, start + (_LONGEST if label else _NEAR))), None)
        if typed is not None:
            return typed
        if label is None:
            return None
        value = self.text[start:end].strip(" .,،\u00a0")
        begin = start + len(self.text[start:end]) - len(self.text[start:end].lstrip(" .,،\u00a0"))
        if not value:
            return None
        return _labelled(wanted.type, value, begin)

    def _next_cue(self, start: int) -> int:
        at = bisect_right(self._starts, start)
        return self._starts[at] if at < len(self._starts) else len(self.text)

    def _typed(self, kind: str, start: int, end: int) -> Iterator[Spot]:
        """Values of a known shape that begin between ``start`` and ``end``."""
        if kind in ("date", "birth_date", "amount"):
            area = self.text[start : end + _NEAR]
            reader: Callable[[str], Iterator[tuple[int, int, object]]] = amounts_in if kind == "amount" else dates_in
            for first, last, _ in reader(area):
                if start + first < end:
                    yield Spot(area[first:last], start + first, start + last, "shape")
        else:
            first = bisect_left(self._findings, start, key=attrgetter("start"))
            for finding in takewhile(lambda one: one.start < end, self._findings[first : first + _FEW]):
                if finding.type == kind:
                    yield self._spot(finding)

    def _spot(self, finding: Finding) -> Spot:
        return Spot(self.text[finding.start : finding.end], finding.start, finding.end, finding.check)


def _labelled(kind: str, value: str, start: int) -> Spot | None:
    """What stands behind a label and has no shape by which it would be found elsewhere."""
    if kind in ("text", Type.ADDRESS) or (kind == Type.PERSON and _NAME.fullmatch(value)):
        return Spot(value, start, start + len(value), "cue")
    amount = read_amount(value) if kind == "amount" else None
    if amount is not None:
        return Spot(value, start, start + len(value), "cue")
    if kind in ("date", Type.BIRTH_DATE) and any(map(str.isdigit, value)):
        return Spot(value, start, start + len(value), "invalid")
    if kind not in (Type.PERSON, "amount") and (digits := _DIGITS.match(value)):
        shown = digits[0].strip(" .-")
        return Spot(shown, start, start + len(shown), "invalid")
    return None


def _cues(text: str, wanted: Sequence[Wanted]) -> dict[str, list[tuple[int, int]]]:
    """By field, where its cues stand. A cue inside a longer one of another field is none: «nom» in «nom du père»."""
    phrases = [(one.name, Phrases(one.cues)) for one in wanted if one.cues]
    hits: list[tuple[int, int, str]] = []
    for line in _LINE.finditer(text):
        words = words_of(line[0])
        keys = " ".join(word.key for word in words)
        for name, phrase in phrases:
            spans = ((words[first].start, words[last - 1].end) for first, last in phrase.find(keys))
            hits += [(line.start() + start, line.start() + end, name) for start, end in spans]
    places: dict[str, list[tuple[int, int]]] = {one.name: [] for one in wanted}
    longest = 0
    for start, end, name in sorted(hits, key=lambda hit: (hit[0], -hit[1])):
        if end > longest or (start, end) in [place for each in places.values() for place in each[-1:]]:
            longest = max(longest, end)
            if len(places[name]) < _MOST:
                places[name].append((start, end))
    return places


def _key(kind: str, value: str) -> str:
    """Where two writings of a value meet."""
    if kind in ("date", "birth_date"):
        return str(read_date(value) or value)
    if kind == "amount":
        amount = read_amount(value)
        return str(amount.value) if amount else value
    if kind == Type.PERSON:
        return name_key(value) or value
    return "".join(filter(str.isalnum, value)).casefold()


def describe(spotted: Spotted) -> Mapping[str, object]:
    """As JSON: ``value``, ``start``, ``end``, ``check`` (empty where there is none), ``reason`` and ``candidates``."""
    found = spotted.spot
    return {
        "value": " ".join(found.value.split()) if found else "",
        "start": found.start if found else 0,
        "end": found.end if found else 0,
        "check": found.check if found else "",
        "reason": spotted.reason,
        "candidates": [{"value": one.value, "start": one.start, "end": one.end} for one in spotted.candidates],
    }
