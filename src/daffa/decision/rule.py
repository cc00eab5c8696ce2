"""A rule as data: an effect, the doors it guards, and conditions that each read one attribute. Knows no text of law."""

from __future__ import annotations

import json
import operator
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from daffa.errors import Invalid

from .label import Form
from .purpose import Door
from .question import Question

__all__ = ["ATTRIBUTES", "Clause", "Effect", "Op", "Rule"]


class Effect(StrEnum):
    """What a rule does when all its clauses hold."""

    PERMIT = "permit"
    FORBID = "forbid"


class Op(StrEnum):
    """How a clause compares the attribute (left) with its operand (right)."""

    EQ = "=="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="
    ONE_OF = "one of"
    HAS = "has"
    HAS_ANY = "has any of"
    HAS_ALL = "has all of"
    WITHIN = "within"


def _has(value: Any, operand: Any) -> bool:
    return operand in value


_TESTS: dict[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: operator.eq,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
    Op.ONE_OF: lambda value, operand: value in operand,
    Op.HAS: _has,
    Op.HAS_ANY: lambda value, operand: not operand.isdisjoint(value),
    Op.HAS_ALL: lambda value, operand: operand <= value,
    Op.WITHIN: lambda value, operand: value <= operand,
}

FORM_NAMES = {form: form.name.lower() for form in Form}

# Each attribute that a clause may read: its type in the written law and how it is read from a question.
ATTRIBUTES: dict[str, tuple[str, Callable[[Question], Any]]] = {
    "context.level": ("Long", lambda q: int(q.label.level)),
    "context.categories": ("Set", lambda q: q.label.categories),
    "context.form": ("String", lambda q: FORM_NAMES[q.label.form]),
    "context.basis": ("Set", lambda q: q.label.basis),
    "context.purpose": ("String", lambda q: q.purpose),
    "context.purpose_permitted": ("Boolean", lambda q: q.facts.purpose_permitted),
    "context.same_owner": ("Boolean", lambda q: q.facts.same_owner),
    "context.same_region": ("Boolean", lambda q: q.facts.same_region),
    "context.expired": ("Boolean", lambda q: q.facts.expired),
    "context.evaluated": ("Boolean", lambda q: q.facts.evaluated),
    "principal.roles": ("Set", lambda q: q.actor.roles),
    "principal.organisation": ("String", lambda q: q.actor.organisation),
    "resource.hw": ("String", lambda q: q.place.hw),
    "resource.region": ("String", lambda q: q.place.region),
    "resource.operator": ("String", lambda q: q.place.operator),
    "resource.reach": ("Set", lambda q: q.place.reach),
    "resource.qual": ("Long", lambda q: q.place.qual),
    "resource.seal": ("Long", lambda q: q.place.seal),
    "resource.key": ("String", lambda q: q.place.key),
    "resource.retention_days": ("Long", lambda q: q.place.retention_days),
    "resource.trains": ("Boolean", lambda q: q.place.trains),
}

_OPERANDS: dict[str, dict[Op, type]] = {
    "Long": {Op.EQ: int, Op.LT: int, Op.LE: int, Op.GT: int, Op.GE: int, Op.ONE_OF: frozenset},
    "String": {Op.EQ: str, Op.ONE_OF: frozenset},
    "Boolean": {Op.EQ: bool},
    "Set": {Op.HAS: str, Op.HAS_ANY: frozenset, Op.HAS_ALL: frozenset, Op.WITHIN: frozenset},
}


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition: ``attribute op operand``, or its negation. Total on the values of its attribute.

    Raises ``Invalid`` at birth for an attribute, a comparison or an operand that does not fit.
    """

    attribute: str
    op: Op
    operand: int | str | bool | frozenset[str] | frozenset[int]
    negated: bool = False

    def __post_init__(self) -> None:
        if self.attribute not in ATTRIBUTES:
            raise Invalid("unknown_attribute", attribute=self.attribute, expected=", ".join(ATTRIBUTES))
        kind, _ = ATTRIBUTES[self.attribute]
        if type(self.operand) is not _OPERANDS[kind].get(self.op):
            raise Invalid(
                "invalid_field", field=self.attribute, expected=f"a test for a {kind}", got=f"{self.op} {self.operand!r}"
            )

    def holds(self, value: Any) -> bool:
        """Whether the clause holds for this value of its attribute."""
        return _TESTS[self.op](value, self.operand) is not self.negated

    def __str__(self) -> str:
        operand = sorted(self.operand) if isinstance(self.operand, frozenset) else self.operand
        text = f"{self.attribute} {self.op} {json.dumps(operand, ensure_ascii=False)}"
        return f"not ({text})" if self.negated else text


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: when every clause holds for a question through one of its doors, it permits or forbids."""

    id: str
    effect: Effect
    doors: frozenset[Door]
    clauses: tuple[Clause, ...]

    def holds(self, question: Question) -> bool:
        """Whether the rule applies: the slow, obvious reading that the table is tested against."""
        return question.door in self.doors and all(
            clause.holds(ATTRIBUTES[clause.attribute][1](question)) for clause in self.clauses
        )
