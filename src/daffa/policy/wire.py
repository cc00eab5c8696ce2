"""Rules as plain JSON, both ways: how a law travels to the solver, which works in a process of its own. Knows no solver."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from daffa.decision import Clause, Door, Effect, Op, Rule

__all__ = ["clauses_json", "read_clauses", "read_rules_json", "rules_json"]


def rules_json(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """The rules in their order, such that ``read_rules_json`` reads the same rules."""
    return [
        {
            "id": rule.id,
            "effect": rule.effect.value,
            "doors": [door.value for door in Door if door in rule.doors],
            "clauses": clauses_json(rule.clauses),
        }
        for rule in rules
    ]


def read_rules_json(data: Iterable[Mapping[str, Any]]) -> tuple[Rule, ...]:
    """The rules that ``rules_json`` wrote."""
    return tuple(
        Rule(item["id"], Effect(item["effect"]), frozenset(map(Door, item["doors"])), read_clauses(item["clauses"]))
        for item in data
    )


def clauses_json(clauses: Iterable[Clause]) -> list[list[Any]]:
    """Each clause as ``[attribute, op, operand, negated]``, a set as a list."""
    return [[clause.attribute, clause.op.value, _plain(clause.operand), clause.negated] for clause in clauses]


def read_clauses(data: Iterable[list[Any]]) -> tuple[Clause, ...]:
    """The clauses that ``clauses_json`` wrote."""
    return tuple(
        Clause(attribute, Op(op), frozenset(operand) if isinstance(operand, list) else operand, negated)
        for attribute, op, operand, negated in data
    )


def _plain(operand: Any) -> Any:
    return sorted(operand) if isinstance(operand, frozenset) else operand
