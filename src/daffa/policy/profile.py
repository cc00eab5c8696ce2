"""Cedar's restricted profile, read into rules as data. Knows Cedar's JSON form; nothing of files or text of law.

A rule of the profile opens with ``permit | forbid (principal, action [== or in ...], resource)`` and goes on
with conditions that are ANDs of clauses, each of which reads one attribute. All the rest is refused by name.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import cedarpy

from daffa.decision import ATTRIBUTES, Clause, Door, Effect, Op, Rule
from daffa.errors import Invalid

from .vocabulary import mistaken_words

__all__ = ["Spot", "translate"]

_COMPARISONS = {"==": Op.EQ, "!=": Op.EQ, "<": Op.LT, "<=": Op.LE, ">": Op.GT, ">=": Op.GE}
_MIRRORED = {Op.LT: Op.GT, Op.LE: Op.GE, Op.GT: Op.LT, Op.GE: Op.LE}
_SET_TESTS = {"contains": (Op.HAS, Op.ONE_OF), "containsAny": (Op.HAS_ANY, Op.HAS_ANY), "containsAll": (Op.HAS_ALL, Op.WITHIN)}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a rule is written, for errors: its file, the line where it begins, its id (``?`` where it has none)."""

    file: str
    line: int
    rule: str

    @property
    def facts(self) -> dict[str, Any]:
        """The facts that every error of a rule names."""
        return {"file": self.file, "line": self.line, "rule": self.rule}


def translate(policy: Mapping[str, Any], spot: Spot) -> Rule:
    """The rule that a policy in Cedar's JSON form says.

    Raises ``Invalid`` naming the construct: ``law_profile``, ``law_attribute``, ``law_word``.
    """
    for part in ("principal", "resource"):
        if policy[part]["op"] != "All":
            raise Invalid("law_profile", **spot.facts, construct=f"{part} {policy[part]['op']}", expected=part)
    clauses = tuple(clause for condition in policy["conditions"] for clause in _condition(condition, spot))
    for clause in clauses:
        for word, expected in mistaken_words(clause):
            raise Invalid("law_word", **spot.facts, attribute=clause.attribute, word=word, expected=expected)
    return Rule(spot.rule, Effect(policy["effect"]), _doors(policy["action"], spot), clauses)


def _doors(action: Mapping[str, Any], spot: Spot) -> frozenset[Door]:
    match action:
        case {"op": "All"}:
            return frozenset(Door)
        case {"op": "==", "entity": entity}:
            return frozenset({Door(entity["id"])})
        case {"op": "in", "entities": entities}:
            return frozenset(Door(entity["id"]) for entity in entities)
        case _:
            expected = 'action == Action::"..", action in [Action::"..", ..]'
            raise Invalid("law_profile", **spot.facts, construct=f"action {action['op']}", expected=expected)


def _condition(condition: Mapping[str, Any], spot: Spot) -> Iterator[Clause]:
    if condition["kind"] == "when":
        yield from (_clause(part, False, spot) for part in _conjuncts(condition["body"]))
    else:
        yield _clause(condition["body"], True, spot)


def _conjuncts(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "&&" in node:
        yield from _conjuncts(node["&&"]["left"])
        yield from _conjuncts(node["&&"]["right"])
    else:
        yield node


def _clause(node: Mapping[str, Any], negated: bool, spot: Spot) -> Clause:
    """The clause of ``node``; ``negated`` where it stands under ``unless`` or ``!``."""
    construct, operands = next(iter(node.items()))
    if construct == "!":
        return _clause(operands["arg"], not negated, spot)
    if name := _attribute(node):
        return _made(node, spot, name, Op.EQ, True, negated)
    if construct in _COMPARISONS:
        return _comparison(node, construct, negated, spot)
    if construct in _SET_TESTS:
        of_attribute, of_literal = _SET_TESTS[construct]
        if name := _attribute(operands["left"]):
            return _made(node, spot, name, of_attribute, _literal(operands["right"]), negated)
        if name := _attribute(operands["right"]):
            return _made(node, spot, name, of_literal, _literal(operands["left"]), negated)
    raise _outside(node, spot)


def _comparison(node: Mapping[str, Any], construct: str, negated: bool, spot: Spot) -> Clause:
    op, left, right = _COMPARISONS[construct], node[construct]["left"], node[construct]["right"]
    if not _attribute(left):
        left, right, op = right, left, _MIRRORED.get(op, op)
    operand = _literal(right)
    if isinstance(operand, frozenset):
        raise _outside(node, spot)
    if operand is False:
        operand, negated = True, not negated
    return _made(node, spot, _attribute(left), op, operand, negated is not (construct == "!="))


def _made(node: Mapping[str, Any], spot: Spot, name: str | None, op: Op, operand: Any, negated: bool) -> Clause:
    if name is None or operand is None:
        raise _outside(node, spot)
    if name not in ATTRIBUTES:
        raise Invalid("law_attribute", **spot.facts, attribute=name, expected=", ".join(ATTRIBUTES))
    try:
        return Clause(name, op, operand, negated)
    except Invalid as error:
        raise _outside(node, spot) from error


def _attribute(node: Mapping[str, Any]) -> str | None:
    match node:
        case {".": {"left": {"Var": variable}, "attr": attribute}}:
            return f"{variable}.{attribute}"
    return None


def _literal(node: Mapping[str, Any]) -> Any:
    """The value of a literal, a set literal as a frozenset; ``None`` where ``node`` is no literal of the profile."""
    match node:
        case {"Value": bool() | int() | str() as value}:
            return value
        case {"Set": [*items]}:
            values = [_literal(item) for item in items]
            return None if any(value is None or isinstance(value, frozenset) for value in values) else frozenset(values)
    return None


def _outside(node: Mapping[str, Any], spot: Spot) -> Invalid:
    expected = "one attribute beside literals; && under when alone"
    return Invalid("law_profile", **spot.facts, construct=_spell(node), expected=expected)


def _spell(node: Mapping[str, Any]) -> str:
    """The expression as Cedar text, so that its author finds it again."""
    scope = {"op": "All"}
    conditions = [{"kind": "when", "body": node}]
    policy = {"effect": "permit", "principal": scope, "action": scope, "resource": scope, "conditions": conditions}
    text = cedarpy.policies_from_json_str(json.dumps({"staticPolicies": {"p": policy}, "templates": {}, "templateLinks": []}))
    condition = " ".join(text[text.index("{") + 1 : text.rindex("}")].split())
    return re.sub(r"(?<!\w)\((\w+\.\w+)\)", r"\1", condition)[:120]
