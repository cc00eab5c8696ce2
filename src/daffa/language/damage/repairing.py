"""Repair of a whole text, line by line. Decides nothing itself: signs from ``evidence``, changes from the others."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ..arabic import bare
from .changes import Change, Repaired, apply
from .evidence import numbers_bent, signs, state
from .numbers import identifier_changes, merged, number_changes
from .words import Mender, shipped_mender

__all__ = ["repair", "repair_lines", "repaired"]

_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"  # what str.splitlines splits at
_ROUNDS = 3
_ARABIC = re.compile("[\u0621-\u06d3]")


def repair(text: str) -> Repaired:
    """``text`` with the damage of PDF readers taken back where there is evidence for it.

    Repairs Arabic only: lam-alef swaps, turned runs of numbers, digits glued to words, mirrored identifiers. A clean text
    comes back as it is. ``repair(repair(text).text)`` changes nothing more, and ``repair(text).undo() == text``.

    Args:
        text: one line or a whole document; more text gives better evidence.
    """
    return repaired(text, shipped_mender()) if _ARABIC.search(text) else Repaired(text, ())


def repair_lines(lines: Sequence[str]) -> list[Repaired]:
    """Each of ``lines`` repaired as part of one text, so that all of them are evidence for each; in their order."""
    if not any(map(_ARABIC.search, lines)):
        return [Repaired(line, ()) for line in lines]
    found = _settled(lines, shipped_mender())
    return [apply(line, changes) for line, changes in zip(lines, found, strict=True)]


def repaired(text: str, mender: Mender) -> Repaired:
    """As ``repair``, by any ``mender``."""
    lines = text.splitlines(keepends=True)
    return apply(text, _placed(lines, _settled(lines, mender)))


def _settled(lines: Sequence[str], mender: Mender) -> list[list[Change]]:
    """The changes to each line, by position in the line, after which nothing more would change."""
    found = _found(lines, mender)
    for _ in range(_ROUNDS):
        if not any(found):
            return found
        mended = [apply(line, changes).text for line, changes in zip(lines, found, strict=True)]
        restless = [at for at, again in enumerate(_found(mended, mender)) if again]
        if not restless:
            return found
        for at in restless:  # what a second repair would change again is not understood: it stays as it came
            found[at] = []
    return [[] for _ in lines]


def _found(lines: Sequence[str], mender: Mender) -> list[list[Change]]:
    """The changes to each line as it stands, by position in the line."""
    counted = [signs(bare(line)) for line in lines]
    whole = (sum(damaged for damaged, _ in counted), sum(clean for _, clean in counted))
    bent = numbers_bent(lines, whole)
    found = []
    for line, count in zip(lines, counted, strict=True):
        runs = number_changes(line.rstrip(_ENDS)) if bent else ()
        words = mender.changes(line, state(count, whole))
        found.append([*words, *merged(runs, identifier_changes(line))])
    return found


def _placed(lines: Sequence[str], found: list[list[Change]]) -> Iterator[Change]:
    """The changes of each line, by position in the text."""
    offset = 0
    for line, changes in zip(lines, found, strict=True):
        for change in changes:
            yield replace(change, start=change.start + offset, end=change.end + offset)
        offset += len(line)
