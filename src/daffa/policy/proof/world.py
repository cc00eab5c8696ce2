"""One question as the solver sees it: a variable for each attribute that a rule may read. Knows clauses; nothing of laws.

Closed words are an enumeration, a set is one truth value a member, a whole number is an integer with bounds. Of an open
list (states, regions, organisations, roles) only the words that a rule names are told apart: all others are ``OTHER``,
for no clause can tell one of them from another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any, TypeAlias

import z3  # type: ignore[import-untyped]

from daffa.decision import (
    ATTRIBUTES,
    UNKNOWN,
    Basis,
    Category,
    Clause,
    Door,
    Form,
    KeyHolder,
    Op,
    Place,
    Purpose,
    Question,
    Rule,
)

from ..vocabulary import literals

__all__ = ["DOOR", "OTHER", "Choice", "Members", "Term", "World"]

Term: TypeAlias = Any
"""A truth value of the solver (``z3.BoolRef``; the solver says nothing of its types)."""

OTHER = "*"
DOOR = "door"

_CLOSED: dict[str, tuple[str, ...]] = {
    "context.categories": tuple(map(str, Category)),
    "context.form": tuple(form.name.lower() for form in Form),
    "context.basis": tuple(map(str, Basis)),
    "context.purpose": tuple(map(str, Purpose)),
    "resource.key": tuple(map(str, KeyHolder)),
}
_STATES = ("resource.hw", "resource.operator", "resource.reach")


class Choice:
    """A variable that is exactly one of some words, ``OTHER`` among them where the list is open."""

    def __init__(self, name: str, words: Iterable[str], context: z3.Context) -> None:
        self.words = tuple(words)
        sort, values = z3.EnumSort(name, [f"{name} {word}" for word in self.words], context)
        self._variable = z3.Const(name, sort)
        self._values = dict(zip(self.words, values, strict=True))

    def says(self, word: str) -> Term:
        """It is this word; one that nobody names is ``OTHER``."""
        return self._variable == self._values[word if word in self._values else OTHER]

    def read(self, model: z3.ModelRef) -> str:
        """The word that it is in ``model``."""
        return next(word for word in self.words if z3.is_true(model.eval(self.says(word), model_completion=True)))


class Members:
    """A set: one truth value a member; ``OTHER`` says that it has a member which nobody names."""

    def __init__(self, name: str, words: Iterable[str], context: z3.Context) -> None:
        self.has = {word: z3.Bool(f"{name} has {word}", context) for word in words}

    def is_exactly(self, value: Collection[str]) -> Iterator[Term]:
        """It is this very set, as far as it can be told."""
        for word, has in self.has.items():
            inside = any(one not in self.has for one in value) if word == OTHER else word in value
            yield has if inside else z3.Not(has)

    def read(self, model: z3.ModelRef) -> frozenset[str]:
        """Its members in ``model``."""
        return frozenset(word for word, has in self.has.items() if z3.is_true(model.eval(has, model_completion=True)))


class World:
    """The variables of one question, in a solver's context of their own.

    Args:
        rules: every rule and invariant that will be asked about; they say which words are told apart.
        home: the state of the law (ISO 3166-1).
    """

    def __init__(self, rules: Iterable[Rule], home: str) -> None:
        self.context = z3.Context()
        self.home = home
        self.variables: dict[str, Any] = {}
        words = _words(rules, home)
        for name, (kind, _) in ATTRIBUTES.items():
            if kind == "Long":
                self.variables[name] = z3.Int(name, self.context)
            elif kind == "Boolean":
                self.variables[name] = z3.Bool(name, self.context)
            else:
                made = Members if kind == "Set" else Choice
                self.variables[name] = made(name, words[name], self.context)
        self.door = Choice(DOOR, map(str, Door), self.context)

    def all_of(self, terms: Iterable[Term]) -> Term:
        """Each of the terms."""
        return z3.And(z3.BoolVal(True, self.context), *terms)

    def any_of(self, terms: Iterable[Term]) -> Term:
        """At least one of the terms."""
        return z3.Or(z3.BoolVal(False, self.context), *terms)

    def clause(self, clause: Clause) -> Term:
        """The clause holds."""
        test = self._test(self.variables[clause.attribute], clause.op, clause.operand)
        return z3.Not(test) if clause.negated else test

    def rule(self, rule: Rule) -> Term:
        """The rule applies: one of its doors, and every clause."""
        door = self.any_of(self.door.says(door) for door in Door if door in rule.doors)
        return self.all_of([door, *map(self.clause, rule.clauses)])

    def is_question(self, question: Question) -> Term:
        """It is this question, as far as a rule can tell."""
        read = {name: reader(question) for name, (_, reader) in ATTRIBUTES.items()}
        return self.all_of([self.door.says(question.door), *(self.has_value(name, value) for name, value in read.items())])

    def is_place(self, place: Place) -> Term:
        """The place is this one, as far as a rule can tell."""
        names = (name for name in ATTRIBUTES if name.startswith("resource."))
        return self.all_of(self.has_value(name, getattr(place, name.partition(".")[2])) for name in names)

    def has_value(self, attribute: str, value: Any) -> Term:
        """The attribute has this value."""
        variable = self.variables[attribute]
        if isinstance(variable, Choice):
            return variable.says(str(value))
        if isinstance(variable, Members):
            return self.all_of(variable.is_exactly(frozenset(map(str, value))))
        return variable == value

    def read(self, model: z3.ModelRef) -> dict[str, Any]:
        """The value of each attribute, and of the door, in ``model``."""
        values: dict[str, Any] = {DOOR: self.door.read(model)}
        for name, variable in self.variables.items():
            if isinstance(variable, Choice | Members):
                values[name] = variable.read(model)
            else:
                value = model.eval(variable, model_completion=True)
                values[name] = value.as_long() if z3.is_int_value(value) else z3.is_true(value)
        return values

    def _test(self, variable: Any, op: Op, operand: Any) -> Term:
        if isinstance(variable, Members):
            return self._set_test(variable, op, operand)
        if op is Op.ONE_OF:
            return self.any_of(self._equals(variable, one) for one in sorted(operand))
        if op is Op.EQ:
            return self._equals(variable, operand)
        ordered = {Op.LT: variable < operand, Op.LE: variable <= operand, Op.GT: variable > operand, Op.GE: variable >= operand}
        return ordered[op]

    def _set_test(self, members: Members, op: Op, operand: Any) -> Term:
        has = members.has
        match op:
            case Op.HAS:
                return has[operand]
            case Op.HAS_ANY:
                return self.any_of(has[word] for word in sorted(operand))
            case Op.HAS_ALL:
                return self.all_of(has[word] for word in sorted(operand))
            case Op.WITHIN:
                return self.all_of(z3.Not(inside) for word, inside in has.items() if word not in operand)
        raise AssertionError(op)

    def _equals(self, variable: Any, value: Any) -> Term:
        return variable.says(value) if isinstance(variable, Choice) else variable == value


def _words(rules: Iterable[Rule], home: str) -> dict[str, tuple[str, ...]]:
    """By attribute of words, those that are told apart, in an order that does not depend on chance."""
    named: dict[str, set[str]] = {name: set() for name in ATTRIBUTES}
    for clause in (clause for rule in rules for clause in rule.clauses):
        named[clause.attribute].update(map(str, literals(clause)))
    regions = named["resource.region"] - {""}
    # One list for the three: a state that a rule names as reach must be told apart as soil as well.
    states = {home, UNKNOWN, *(region[:2] for region in regions)}.union(*(named[name] for name in _STATES))
    words = {name: (*sorted(named[name]), OTHER) for name in ("principal.organisation", "principal.roles")}
    words["resource.region"] = ("", *sorted(regions), OTHER)
    words |= dict.fromkeys(_STATES, (*sorted(states), OTHER))
    return words | _CLOSED
