"""What a repair did, in a form that can be taken back. Knows nothing of why a change was made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Change", "Repaired", "apply"]


@dataclass(frozen=True, slots=True)
class Change:
    """One place that was changed.

    Attributes:
        start: where ``before`` begins in the damaged text, in code points.
        end: where ``before`` ends in the damaged text.
        before: what stood there.
        after: what stands there now.
        kind: ``article``, ``inside``, ``alone``, ``name_of_god``, ``number`` or ``identifier``.
    """

    start: int
    end: int
    before: str
    after: str
    kind: str


@dataclass(frozen=True, slots=True)
class Repaired:
    """A repaired text and the changes that lead to it, by position and without overlap."""

    text: str
    changes: tuple[Change, ...]

    def undo(self) -> str:
        """The text as it was before the repair, code point by code point."""
        parts: list[str] = []
        read = shift = 0
        for change in self.changes:
            at = change.start + shift
            parts += (self.text[read:at], change.before)
            read = at + len(change.after)
            shift += len(change.after) - len(change.before)
        parts.append(self.text[read:])
        return "".join(parts)


def apply(text: str, changes: Iterable[Change]) -> Repaired:
    """``text`` with ``changes`` made. They may come in any order and must not overlap."""
    ordered = tuple(sorted(changes, key=lambda change: change.start))
    parts: list[str] = []
    read = 0
    for change in ordered:
        parts += (text[read : change.start], change.after)
        read = change.end
    parts.append(text[read:])
    return Repaired("".join(parts), ordered)
