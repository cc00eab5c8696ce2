"""A question, and whom a change concerns, in plain words: who, what, why, where. Knows sentences; nothing of terminals.

Both are said as conditions of a rule are, in the same words: a question is the rule that it alone would meet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from daffa import sentences
from daffa.decision import ATTRIBUTES, STATES, Clause, Door, Effect, Op, Question, Rule

from .bundle import Bundle
from .words import GROUPS, explain
from .written import WrittenRule

__all__ = ["attributes_of", "tell_clauses", "tell_question"]

_HEADS = {**{group: f"law_head_{group}" for group in GROUPS}, "not": "proof_head_not"}
_HEAD_OF_EMPTY = {"principal": _HEADS["who"], "context": _HEADS["what"], "resource": _HEADS["where"]}
_ALWAYS = {
    "context.level",
    "context.categories",
    "context.form",
    "context.purpose",
    "resource.hw",
    "resource.operator",
    "resource.reach",
}
_TOLD_IF_ANY = {"context.basis", "principal.roles"}
_ODD = {"context.purpose_permitted": False, "context.expired": True, "resource.trains": True}


def tell_question(question: Question, bundle: Bundle, language: str, read: Collection[str] = ()) -> list[tuple[str, str]]:
    """The question in words: the code of each heading (who, what, why, where, not met) with its words in ``language``.

    What every question has is told, and what is out of the ordinary; beyond that, the attributes in ``read``.
    """
    clauses, empty = [], []
    for name in _told(question, read):
        clause = _clause(name, ATTRIBUTES[name][1](question), bundle.country)
        if clause is None:
            empty.append(name)
        else:
            clauses.append(clause)
    told = dict(tell_clauses(clauses, bundle, language))
    for name in empty:
        code = "proof_every_state" if name == "resource.reach" else "proof_none"
        head = _HEAD_OF_EMPTY[name.partition(".")[0]]
        subject = sentences.say(f"law_subject_{name.replace('.', '_')}", language)
        said = sentences.say("law_op_eq", language, subject=subject, values=sentences.say(code, language))
        told[head] = _listed([told[head], said] if head in told else [said], language)
    return [(code, told[code]) for code in _HEADS.values() if code in told]


def tell_clauses(clauses: Sequence[Clause], bundle: Bundle, language: str) -> list[tuple[str, str]]:
    """The clauses in words: the code of each heading (who, what, why, where, not met) with its words in ``language``."""
    rule = WrittenRule(Rule("told", Effect.PERMIT, frozenset(Door), tuple(clauses)), {"en": ""}, "", "", "", 0)
    (told,) = explain(replace(bundle, rules=(rule,)), language)
    groups = {**told.conditions, "not": told.unless}
    return [(code, _listed(groups[group], language)) for group, code in _HEADS.items() if groups.get(group)]


def attributes_of(bundle: Bundle, rules: Collection[str]) -> set[str]:
    """The attributes that these rules of a law read; a rule that the law does not have reads none."""
    return {clause.attribute for written in bundle.rules if written.id in rules for clause in written.rule.clauses}


def _told(question: Question, read: Collection[str]) -> Iterator[str]:
    for name in ATTRIBUTES:
        value = ATTRIBUTES[name][1](question)
        odd = _ODD[name] is value if name in _ODD else name in _TOLD_IF_ANY and bool(value)
        if name in _ALWAYS or name in read or odd:
            yield name


def _clause(name: str, value: object, home: str) -> Clause | None:
    """The clause that says the value of an attribute; ``None`` where the value is an empty set, or every state."""
    if isinstance(value, bool):
        return Clause(name, Op.EQ, True, negated=not value)
    if isinstance(value, int | str):
        return Clause(name, Op.EQ, value if isinstance(value, int) else str(value))
    assert isinstance(value, frozenset)  # noqa: S101 - an attribute has no other type
    members = frozenset(map(str, value))
    if name == "resource.reach":
        if members >= STATES:
            return None
        return Clause(name, Op.WITHIN, members) if members == {home} else Clause(name, Op.HAS_ALL, members)
    return Clause(name, Op.HAS_ALL, members) if members else None


def _listed(entries: Sequence[str], language: str) -> str:
    return {"fr": " ; ", "ar": "؛ "}.get(language, "; ").join(entries)
