"""Small slips in rules: each clause dropped or negated, each bound moved, each value or door taken out, each rule repealed.

And what finds them: the invariants of a law, as the solver sees them, and its cases.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from daffa.decision import Clause, Door, Rule, Table
from daffa.policy import Bundle
from daffa.policy.proof.ruled import Ruled
from daffa.policy.proof.search import Search
from daffa.policy.proof.world import World

__all__ = ["finders", "mutants"]


def finders(bundle: Bundle, rules: tuple[Rule, ...]) -> tuple[set[str], set[str], set[str]]:
    """What finds that ``rules`` stand in place of the law's: nevers that break, mays no more shown, cases that fail."""
    pairs = [(invariant.never.rule, invariant.may.rule) for invariant in bundle.invariants]
    search = Search(World((*rules, *(rule for pair in pairs for rule in pair)), bundle.country))
    law, table = Ruled(search, rules), Table(rules)
    allowed = {rule.id: search.find(law.allowed, search.world.rule(rule)) is not None for pair in pairs for rule in pair}
    nevers = {never.id for never, _ in pairs if allowed[never.id]}
    mays = {may.id for _, may in pairs if not allowed[may.id]}
    return nevers, mays, {case.id for case in bundle.cases if not case.agrees(table.decide(case.question))}


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
