"""Invariants as written: what may never happen, each beside something near it that may. Knows Cedar text; proves nothing.

A *never* is written as a ``forbid``, its *may* as a ``permit`` that keeps the conditions of the never and turns one of
them. So a proof cannot hold for want of questions: just beside what never happens, something does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from daffa.decision import Effect
from daffa.errors import Invalid

from .files import INVARIANTS, LawFiles
from .written import WrittenRule, read_rules

__all__ = ["Invariant", "read_invariants"]

NEVER, MAY = "never-", "may-"


@dataclass(frozen=True, slots=True)
class Invariant:
    """What may never happen and, beside it, what may.

    Attributes:
        never: no question that meets these conditions is ever allowed.
        may: some question that meets these is allowed.
    """

    never: WrittenRule
    may: WrittenRule

    @property
    def id(self) -> str:
        """The id of the never."""
        return self.never.id


def read_invariants(files: LawFiles) -> tuple[Invariant, ...]:
    """The invariants in the order of their files; none where the law has none.

    Raises ``Invalid`` as ``read_rules`` does, and ``law_invariant`` for a block that is not as this file says.
    """
    if not files.named(INVARIANTS):
        return ()
    written = {block.id: block for block in read_rules(files, INVARIANTS)}
    return tuple(_pairs(written))


def _pairs(written: dict[str, WrittenRule]) -> Iterator[Invariant]:
    for block in written.values():
        prefix, other = (NEVER, MAY) if block.rule.effect is Effect.FORBID else (MAY, NEVER)
        stem = block.id.removeprefix(prefix)
        if stem == block.id:
            raise _mistaken(block, f'{block.rule.effect} @id("{prefix}...")')
        beside = written.get(other + stem)
        if beside is None or beside.rule.effect is block.rule.effect:
            raise _mistaken(block, f"{other}{stem}")
        if prefix == NEVER:
            if len(set(block.rule.clauses) - set(beside.rule.clauses)) != 1 or not beside.rule.doors <= block.rule.doors:
                raise _mistaken(beside, f"all conditions of {block.id} but one, which it turns")
            yield Invariant(block, beside)


def _mistaken(block: WrittenRule, expected: str) -> Invalid:
    facts: dict[str, Any] = {"file": block.file, "line": block.line, "rule": block.id}
    return Invalid("law_invariant", **facts, expected=expected)
