"""Small slips in rules: each clause dropped or negated, each bound moved, each value or door taken out, each rule repealed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from daffa.decision import Clause, Door, Rule

__all__ = ["mutants"]


def mutants(rules: tuple[Rule, ...]) -> Iterator[tuple[str, tuple[Rule, ...]]]:
    """Each slip with the law that it makes."""
    for position, rule in enumerate(rules):
        for told, slipped in _slips(rule):
            yield f"{rule.id}: {told}", (*rules[:position], *slipped, *rules[position + 1 :])


def _slips(rule: Rule) -> Iterator[tuple[str, tuple[Rule, ...]]]:
    yield "repealed", ()
    for position, clause in enumerate(rule.clauses):
        before, after = rule.clauses[:position], rule.clauses[position + 1 :]
        yield f"without {clause}", (replace(rule, clauses=before + after),)
        for changed in _changed(clause):
            yield f"{changed} for {clause}", (replace(rule, clauses=(*before, changed, *after)),)
    if len(rule.doors) > 1:
        for door in Door:
            if door in rule.doors:
                yield f"not at {door}", (replace(rule, doors=rule.doors - {door}),)


def _changed(clause: Clause) -> Iterator[Clause]:
    yield replace(clause, negated=not clause.negated)
    if type(clause.operand) is int:
        yield from (replace(clause, operand=clause.operand + step) for step in (-1, 1))
    if isinstance(clause.operand, frozenset) and len(clause.operand) > 1:
        yield from (replace(clause, operand=clause.operand - {value}) for value in sorted(clause.operand))
