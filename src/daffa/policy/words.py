"""Rules and verdicts in plain words of French, Arabic and English. Knows sentences; knows nothing of terminals.

What the law itself names (its states, its regions, its authority) is said as the law says it, the rest as all laws do.

A clause is said in its positive form; one that is negated stands under *unless*, where each entry alone suffices.
Bounds are said as *at least* and *at most*, for all numbers of the law are whole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from daffa import sentences
from daffa.decision import Clause, Door, Effect, Near, Op, Verdict
from daffa.errors import NotFound

from .bundle import Bundle
from .columns import isolated
from .vocabulary import kind_of, literals
from .written import TEXT_LANGUAGES, WrittenRule

__all__ = ["GROUPS", "Explained", "explain", "sentences_of", "spoken"]

GROUPS = ("who", "what", "why", "where")

_GROUP_OF = {
    "context.purpose": "why",
    "context.purpose_permitted": "why",
    "context.same_owner": "who",
    "context.same_region": "where",
}
_GROUP_OF_KIND = {"principal": "who", "context": "what", "resource": "where"}
_OPEN = ("principal.roles", "principal.organisation", "resource.region")
_OPPOSITE = {Op.LT: Op.GE, Op.LE: Op.GT, Op.GT: Op.LE, Op.GE: Op.LT}
_CLOSED = {Op.LT: (Op.LE, -1), Op.GT: (Op.GE, 1)}


@dataclass(frozen=True, slots=True)
class Explained:
    """A rule for a jurist, in one language.

    Attributes:
        effect: what it does (AUTORISE, INTERDIT).
        doors: the doors that it guards; one word where it guards all.
        sentence: the rule as the law says it.
        conditions: by group (who, what, why, where), what must all hold; a group without condition is left out.
        unless: what keeps it from applying; each alone suffices.
        base, file, line: as written.
        status: how far the rule has been confirmed; in the language where it is a usual status, else as written.
    """

    id: str
    effect: str
    doors: tuple[str, ...]
    sentence: str
    conditions: dict[str, tuple[str, ...]]
    unless: tuple[str, ...]
    base: str
    status: str
    file: str
    line: int


def spoken(language: str) -> str:
    """``language`` where laws speak it, else English."""
    return language if language in TEXT_LANGUAGES else "en"


def explain(bundle: Bundle, language: str, rule: str | None = None) -> list[Explained]:
    """Every rule of the law, or the one of id ``rule``, in words. Raises ``NotFound`` for an unknown id."""
    chosen = bundle.rules if rule is None else (bundle.rule(rule),)
    return [_explained(written, spoken(language), bundle) for written in chosen]


def sentences_of(verdict: Verdict, bundle: Bundle, language: str) -> list[str]:
    """Why: the sentences of the rules that decided; where none did, what the nearest rules lack."""
    language = spoken(language)
    if verdict.rules:
        return [_sentence(bundle, name, language) for name in verdict.rules]
    return [sentences.say("law_silence", language), *(_nearly(near, bundle, language) for near in verdict.nearest)]


def _explained(written: WrittenRule, language: str, bundle: Bundle) -> Explained:
    conditions: dict[str, tuple[str, ...]] = {}
    clauses = [_plain(clause) for clause in written.rule.clauses]
    for clause in clauses:
        if not clause.negated:
            group = _group(clause)
            conditions[group] = (*conditions.get(group, ()), _words(clause, language, bundle))
    doors = ["all"] if written.rule.doors == frozenset(Door) else [door for door in Door if door in written.rule.doors]
    return Explained(
        id=written.id,
        effect=sentences.say("law_head_permit" if written.rule.effect is Effect.PERMIT else "law_head_forbid", language),
        doors=tuple(sentences.say(f"law_door_{door}", language) for door in doors),
        sentence=written.say(language),
        conditions={group: conditions[group] for group in GROUPS if group in conditions},
        unless=tuple(_words(clause, language, bundle) for clause in clauses if clause.negated),
        base=written.base,
        status=_status(written.status, language),
        file=written.file,
        line=written.line,
    )


def _nearly(near: Near, bundle: Bundle, language: str) -> str:
    reasons = []
    for clause in map(_plain, near.failing):
        code = "law_in_the_way" if clause.negated else "law_missing"
        reasons.append(sentences.say(code, language, words=_words(clause, language, bundle)))
    sentence = _sentence(bundle, near.rule, language)
    return sentences.say("law_nearest", language, rule=near.rule, sentence=sentence, reasons=" ".join(reasons))


def _sentence(bundle: Bundle, name: str, language: str) -> str:
    """The sentence of a rule; its id where the verdict was given under another law."""
    try:
        return bundle.rule(name).say(language)
    except NotFound:
        return name


def _status(written: str, language: str) -> str:
    """The status in ``language`` where it is one of the usual ones, else as written."""
    code = "law_status_" + written.lower().replace(" ", "_")
    return sentences.say(code, language) if code in sentences.catalogue() else written


def _group(clause: Clause) -> str:
    return _GROUP_OF.get(clause.attribute) or _GROUP_OF_KIND[clause.attribute.partition(".")[0]]


def _plain(clause: Clause) -> Clause:
    """The same condition with its bound as *at least* or *at most*: ``not level < 3`` is at least 3, ``level > 2`` too."""
    op, negated, bound = clause.op, clause.negated, clause.operand
    if negated and op in _OPPOSITE:
        op, negated = _OPPOSITE[op], False
    if op in _CLOSED and isinstance(bound, int):
        op, step = _CLOSED[op]
        bound += step
    return Clause(clause.attribute, op, bound, negated)


def _words(clause: Clause, language: str, bundle: Bundle) -> str:
    """What the clause asks for, in its positive form."""
    name = clause.attribute.replace(".", "_")
    if clause.operand is True:
        return sentences.say(f"law_true_{name}", language)
    if f"law_home_{name}" in sentences.catalogue() and _only_home(clause, bundle.country):
        return sentences.say(f"law_home_{name}", language)
    return sentences.say(
        f"law_op_{clause.op.name.lower()}",
        language,
        subject=sentences.say(f"law_subject_{name}", language),
        values=_joined([_value(clause.attribute, value, language, bundle) for value in literals(clause)], clause.op, language),
    )


def _only_home(clause: Clause, home: str) -> bool:
    return (clause.op, clause.operand) in ((Op.EQ, home), (Op.ONE_OF, {home}), (Op.WITHIN, {home}))


def _value(attribute: str, value: str | int | bool, language: str, bundle: Bundle) -> str:
    kind = kind_of(attribute)
    if said := bundle.names.get((kind, str(value))):
        return said[language]
    code = f"law_{kind}_{value}"
    if attribute not in _OPEN and code in sentences.catalogue():
        return sentences.say(code, language)
    return isolated(str(value)) if language == "ar" else str(value)


def _joined(values: Iterable[str], op: Op, language: str) -> str:
    *first, last = values
    if not first:
        return last
    listed = ("، " if language == "ar" else ", ").join(first)
    return sentences.say("law_and" if op is Op.HAS_ALL else "law_or", language, first=listed, last=last)
