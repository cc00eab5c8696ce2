"""The answer to a question, with its reasons. Knows rules by id only."""

from __future__ import annotations

from dataclasses import dataclass

from .rule import Clause

__all__ = ["Near", "Verdict"]


@dataclass(frozen=True, slots=True)
class Near:
    """A permit that came nearest to applying, and the clauses that kept it from doing so."""

    rule: str
    failing: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Allowed or refused, and why.

    Attributes:
        allowed: the answer.
        rules: ids of all the rules that decided: the permits when allowed, the forbids when refused.
        nearest: when no rule decided (silence is refusal), the permits with the fewest failing clauses.
    """

    allowed: bool
    rules: tuple[str, ...]
    nearest: tuple[Near, ...] = ()
