"""The pages on change: what a new law changes for whom, and what it would have changed for what was asked. Pure text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from daffa import sentences
from daffa.decision import Door, Question, Rule, Verdict

from .asked import attributes_of, tell_clauses, tell_question
from .bundle import Bundle
from .changes import Change, Diff
from .layout import cut, finish, foreign, heading, marked, named, title
from .names import common_names
from .simulation import Simulation, Turn
from .words import spoken
from .written import WrittenRule

__all__ = ["render_diff", "render_simulation"]


def render_diff(found: Diff, language: str) -> str:
    """What changes from one law to another, in ``language``: the rules, then door by door what is allowed and refused."""
    language = spoken(language)
    names = common_names(found.old.names, found.new.names)
    found = replace(found, old=replace(found.old, names=names), new=replace(found.new, names=names))
    facts = {"old": found.old.version, "old_digest": found.old.digest[:16], "new": found.new.version}
    laws = dict.fromkeys([found.old.title[language], found.new.title[language]])
    said = (" ← " if language == "ar" else " → ").join(laws)
    lines = title(said, sentences.say("diff_about", language, **facts, new_digest=found.new.digest[:16]))
    lines += ["", *marked(*_conclusion(found, language))]
    lines += _rules(found, language)
    for door in Door:
        for allows in (True, False):
            changes = [change for change in found.changes if (change.door, change.allows) == (door, allows)]
            if changes:
                code = "diff_more" if allows else "diff_less"
                lines += heading(sentences.say(f"law_door_{door}", language).upper(), sentences.say(code, language))
                for number, change in enumerate(changes):
                    lines += [""] * (number > 0) + list(_change(change, found, language))
                if (door, allows) in found.full:
                    lines += ["", *cut(sentences.say("diff_full", language))]
    return finish(lines, language)


def render_simulation(found: Simulation, in_force: Bundle, left_out: dict[str, int], language: str) -> str:
    """What a law would have changed, in ``language``. ``left_out`` counts, by reason, the questions that could not be asked."""
    language = spoken(language)
    facts = {"old": in_force.version, "old_digest": in_force.digest[:16], "new": found.bundle.version}
    about = sentences.say("simulate_about", language, **facts, new_digest=found.bundle.digest[:16])
    lines = [*title(found.bundle.title[language], about), ""]
    counts = sentences.say("simulate_asked", language, asked=found.asked, turned=found.turned)
    lines += marked("·" if found.turned else "✓", counts)
    for reason, count in left_out.items():
        if count:
            lines += marked("·", sentences.say(f"simulate_{reason}", language, count=count))
    for allows, turns in ((True, found.opened), (False, found.closed)):
        for turn in turns:
            code = "diff_more" if allows else "diff_less"
            lines += heading(sentences.say(f"law_door_{turn.door}", language).upper(), sentences.say(code, language))
            lines += _turn(turn, found.bundle, in_force, language)
    return finish(lines, language)


def _conclusion(found: Diff, language: str) -> tuple[str, str]:
    code = {(True, True): "both", (True, False): "widens", (False, True): "narrows"}.get((found.widens, found.narrows))
    if code is None:
        return "✓", sentences.say("diff_reasons" if found.reasons else "diff_nothing", language)
    return {"both": "±", "widens": "+", "narrows": "−"}[code], sentences.say(f"diff_{code}", language)


def _rules(found: Diff, language: str) -> Iterator[str]:
    sides = (("added", found.new), ("removed", found.old), ("altered", found.new), ("reworded", found.new))
    if any(getattr(found, name) for name, _ in sides) or found.beside:
        yield from heading(sentences.say("diff_rules", language))
    for name, bundle in sides:
        for rule in getattr(found, name):
            written = bundle.rule(rule)
            yield from marked("·", f"{sentences.say(f'diff_{name}', language)} {foreign(rule, language)}")
            before = found.old.rule(rule) if name in ("altered", "reworded") else written
            yield from _said(before, written, language)
            if name == "altered":
                yield from _reads(before.rule, written.rule, found, language)
    if found.beside:
        listed = [sentences.say(f"diff_beside_{name}", language) for name in found.beside]
        words = ("، " if language == "ar" else ", ").join(listed)
        yield from marked("·", sentences.say("diff_beside", language, words=words))


def _said(before: WrittenRule, after: WrittenRule, language: str) -> Iterator[str]:
    if before.say(language) != after.say(language):
        yield from cut(f"− {before.say(language)}", 4)
        yield from cut(f"+ {after.say(language)}", 4)
    else:
        yield from cut(after.say(language), 4)
    bases = dict.fromkeys([before.base, after.base])
    yield from cut(" → ".join(foreign(base, language) for base in bases), 4)


def _reads(before: Rule, after: Rule, found: Diff, language: str) -> Iterator[str]:
    """The conditions that a rule loses (−) and gains (+)."""
    for mark, bundle, rule, other in (("−", found.old, before, after), ("+", found.new, after, before)):
        clauses = [clause for clause in rule.clauses if clause not in other.clauses]
        parts = tell_clauses(clauses, bundle, language)
        if rule.doors != other.doors:
            doors = [sentences.say(f"law_door_{door}", language) for door in Door if door in rule.doors]
            parts += [("law_head_doors", ("، " if language == "ar" else ", ").join(doors))]
        if rule.effect is not other.effect:
            parts += [("diff_effect", sentences.say(f"law_head_{rule.effect}", language))]
        lines = list(named(parts, language, indent=6))
        if lines:
            yield f"    {mark}{lines[0][5:]}"
            yield from lines[1:]


def _change(change: Change, found: Diff, language: str) -> Iterator[str]:
    by = sentences.say("diff_by", language, rules=", ".join(change.rules))
    yield from marked("+" if change.allows else "−", by)
    if change.concerned:
        yield from cut(sentences.say("diff_concerned", language))
        yield from named(tell_clauses(change.concerned, found.new, language), language)
    yield from cut(sentences.say("diff_example", language))
    yield from _example(change.question, (change.before, found.old), (change.after, found.new), language)


def _turn(turn: Turn, new: Bundle, in_force: Bundle, language: str) -> Iterator[str]:
    mark = "+" if turn.verdict.allowed else "−"
    yield from marked(mark, sentences.say("simulate_turn", language, count=turn.count))
    for question in turn.examples:
        yield from cut(sentences.say("diff_example", language))
        known: tuple[Verdict, Bundle | None] = in_force.table.decide(question), in_force
        if known[0].allowed is turn.verdict.allowed:
            # It was decided under an older law than the one in force, which cannot say why.
            known = Verdict(not turn.verdict.allowed, ()), None
        yield from _example(question, known, (turn.verdict, new), language)


def _example(
    question: Question, before: tuple[Verdict, Bundle | None], after: tuple[Verdict, Bundle], language: str
) -> Iterator[str]:
    read = set().union(*(attributes_of(bundle, verdict.rules) for verdict, bundle in (before, after) if bundle))
    parts = tell_question(question, after[1], language, read)
    parts += [("proof_head_place", foreign(question.place.id, language))]
    parts += [("diff_before", _verdict(*before, language)), ("diff_after", _verdict(*after, language))]
    yield from named(parts, language)


def _verdict(verdict: Verdict, bundle: Bundle | None, language: str) -> str:
    if bundle is None:
        return sentences.say("simulate_allowed" if verdict.allowed else "simulate_refused", language)
    code = "allowed" if verdict.allowed else "refused" if verdict.rules else "silence"
    return sentences.say(f"law_check_{code}", language, rules=", ".join(verdict.rules))
