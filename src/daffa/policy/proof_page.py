"""The page on a proof: whether each invariant stands, counter-examples in words, rules that change nothing. Pure text."""

from __future__ import annotations

from collections.abc import Iterator

from daffa import sentences

from .asked import attributes_of, tell_question
from .layout import cut, finish, foreign, heading, marked, named, title
from .proved import Proof, Proved
from .words import sentences_of, spoken

__all__ = ["render_proof"]


def render_proof(proof: Proof, language: str) -> str:
    """What was proved of a law, in ``language``."""
    language = spoken(language)
    bundle = proof.bundle
    about = sentences.say(
        "proof_about",
        language,
        version=bundle.version,
        digest=bundle.digest[:16],
        invariants=len(proof.invariants),
        rules=len(bundle.rules),
        checks=proof.checks,
        solver=proof.solver,
    )
    lines = title(bundle.title[language], about)
    lines += heading(sentences.say("proof_invariants", language))
    for proved in proof.invariants:
        lines += _invariant(proved, proof, language)
    if proof.rules:
        lines += heading(sentences.say("proof_rules", language))
        lines += _rules(proof, language)
    standing = len(proof.invariants) - len(proof.faults)
    code = "proof_unsound" if proof.faults else "proof_sound" if proof.invariants else "proof_empty"
    lines += ["", *cut(sentences.say(code, language, standing=standing, total=len(proof.invariants)), 0)]
    return finish(lines, language)


def _invariant(proved: Proved, proof: Proof, language: str) -> Iterator[str]:
    never = proved.invariant.never
    yield from marked("✗" if proved.fault else "✓", never.say(language))
    if not proved.fault:
        first, *rest = cut(proved.invariant.may.say(language), 4)
        yield from (f"  + {first[4:]}", *rest)
        return
    yield from cut(f"{foreign(never.id, language)} · {foreign(never.base, language)}")
    facts = {"may": proved.invariant.may.id, "others": ", ".join(proved.implied)}
    yield from cut(sentences.say(f"proof_{proved.fault}", language, **facts))
    if proved.broken:
        read = attributes_of(proof.bundle, proved.broken.verdict.rules) | {c.attribute for c in never.rule.clauses}
        question = proved.broken.question
        parts = [("proof_head_door", sentences.say(f"law_door_{question.door}", language))]
        parts += tell_question(question, proof.bundle, language, read)
        parts += [("proof_head_place", foreign(question.place.id, language))]
        rules = zip(proved.broken.verdict.rules, sentences_of(proved.broken.verdict, proof.bundle, language), strict=True)
        parts += [("proof_head_by", sentences.say("law_op_eq", language, subject=rule, values=said)) for rule, said in rules]
        yield from named(parts, language)


def _rules(proof: Proof, language: str) -> Iterator[str]:
    needed = [need for need in proof.rules if need.needed]
    mark = "✓" if len(needed) == len(proof.rules) else "·"
    yield from marked(mark, sentences.say("proof_needed", language, right=len(needed), total=len(proof.rules)))
    for need in proof.rules:
        if not need.needed:
            code = "proof_reasons_only" if need.decides else "proof_never_decides"
            yield from cut(sentences.say(code, language, rule=need.rule), 4)
