"""The law laid out for an 80-column terminal: explained, as a bilingual table, checked. Pure text; prints nothing.

An Arabic line opens with a right-to-left mark, so that a terminal which knows bidirectional text takes the whole
line from right to left; identifiers and foreign text inside it are isolated. Elsewhere the columns still align.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from daffa import sentences
from daffa.decision import Effect

from .bundle import Bundle
from .cases import CaseFailure
from .check import Report
from .columns import isolated, pad, width, wrap
from .words import GROUPS, Explained, explain, spoken

__all__ = ["COLUMNS", "render_check", "render_explain", "render_table"]

COLUMNS = 80
_CELL = (COLUMNS - 3) // 2
_RIGHT_TO_LEFT, _MARK, _RELEASE = "\u2067", "\u200f", "\u2069"


def render_explain(bundle: Bundle, language: str, rule_id: str | None = None) -> str:
    """Each rule in full, in one language: who, what, why, where, unless, the text of law. Raises ``NotFound``."""
    language = spoken(language)
    blocks = [] if rule_id else [_opening(bundle, language)]
    blocks += [_block(row, language) for row in explain(bundle, language, rule_id)]
    return _page("\n\n".join(blocks), language)


def render_table(bundle: Bundle, language: str) -> str:
    """The law side by side: ``language`` and Arabic; Arabic and French where ``language`` is Arabic."""
    language = spoken(language)
    other = "fr" if language == "ar" else "ar"
    rows = zip(explain(bundle, language), explain(bundle, other), strict=True)
    blocks = [_opening(bundle, language), *(_side_by_side(first, second, language, other) for first, second in rows)]
    return _page("\n\n".join(blocks), language)


def render_check(report: Report, language: str) -> str:
    """What the check of a law found: four counts, what is wrong under each, and the conclusion."""
    language = spoken(language)
    total = len(report.bundle.rules)
    failing = len({failure.case.id for failure in report.failures})
    turning = total - len(report.idle) - len(report.unturned)
    lines = [
        *_counted("cases", report.cases - failing, report.cases, language),
        *_found("failure", [_failure(failure, language) for failure in report.failures], language),
        *_counted("deciding", total - len(report.idle), total, language),
        *_found("idle", [{"rule": rule} for rule in report.idle], language),
        *_counted("compared", report.compared - len(report.differences), report.compared, language),
        *_counted("turning", turning, total, language, fault=False),
        *_found("unturned", [{"rule": rule} for rule in report.unturned], language),
        "",
        sentences.say("law_check_sound" if report.sound else "law_check_unsound", language),
    ]
    return _page(_opening(report.bundle, language) + "\n\n" + "\n".join(lines), language)


def _opening(bundle: Bundle, language: str) -> str:
    permits = sum(rule.effect is Effect.PERMIT for rule in bundle.table.rules)
    about = sentences.say(
        "law_about",
        language,
        version=bundle.version,
        digest=bundle.digest[:16],
        rules=len(bundle.rules),
        permits=permits,
        forbids=len(bundle.rules) - permits,
    )
    return "\n".join([*wrap(bundle.title[language], COLUMNS), "═" * COLUMNS, *wrap(about, COLUMNS)])


def _block(row: Explained, language: str) -> str:
    head = pad(isolated(row.id) if language == "ar" else row.id, COLUMNS - width(row.effect)) + row.effect
    labels = {name: sentences.say(f"law_head_{name}", language) for name in (*GROUPS, "doors", "unless", "base", "status")}
    column = max(map(width, labels.values())) + 2
    lines = [head, "─" * COLUMNS, *wrap(row.sentence, COLUMNS)]
    for name, entries in _entries(row, language):
        for number, entry in enumerate(entries):
            for part, piece in enumerate(wrap(entry, COLUMNS - column - 2)):
                label = labels[name] if number == part == 0 else ""
                lines.append(f"  {pad(label, column)}{piece}")
    return "\n".join(lines)


def _entries(row: Explained, language: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The named parts of a rule, in the order in which a jurist asks for them."""
    foreign = isolated if language == "ar" else str
    yield "doors", (_listed(row.doors, language),)
    if not row.conditions:
        yield "what", (sentences.say("law_head_always", language),)
    yield from row.conditions.items()
    if row.unless:
        others = (sentences.say("law_alternative", language, words=entry) for entry in row.unless[1:])
        yield "unless", (row.unless[0], *others)
    yield "base", (foreign(row.base),)
    yield "status", (foreign(row.status),)


def _side_by_side(first: Explained, second: Explained, language: str, other: str) -> str:
    effects = f"{first.effect} · {second.effect}"
    head = pad(isolated(first.id) if language == "ar" else first.id, COLUMNS - width(effects)) + effects
    lines = [head, "─" * (_CELL + 1) + "┬" + "─" * (COLUMNS - _CELL - 2)]
    left, right = _cell(first, language), _cell(second, other)
    for number in range(max(len(left), len(right))):
        near = left[number] if number < len(left) else ""
        far = right[number] if number < len(right) else ""
        beside = pad(_shielded(far, other), COLUMNS - _CELL - 3, right=True) if far else ""
        lines.append(f"{pad(near, _CELL)} │ {beside}".rstrip(" "))
    lines += wrap(isolated(first.base) if language == "ar" else first.base, COLUMNS)
    return "\n".join(lines)


def _cell(row: Explained, language: str) -> list[str]:
    lines = wrap(row.sentence, _CELL)
    semicolon = {"fr": " ; ", "ar": "؛ "}.get(language, "; ")
    for name, entries in _entries(row, language):
        if name not in ("base", "status"):
            label = sentences.say(f"law_head_{name}", language)
            lines += wrap(sentences.say("law_op_eq", language, subject=label, values=semicolon.join(entries)), _CELL)
    return lines


def _shielded(text: str, language: str) -> str:
    """A cell in another language, with its own direction."""
    return f"{_RIGHT_TO_LEFT}{text}{_RELEASE}" if language == "ar" else isolated(text)


def _listed(words: Iterable[str], language: str) -> str:
    return ("، " if language == "ar" else ", ").join(words)


def _counted(name: str, right: int, total: int, language: str, fault: bool = True) -> list[str]:
    """A count with its mark; one that falls short is a ``fault``, or only worth knowing."""
    mark = "✓" if right == total else "✗" if fault else "·"
    said = wrap(sentences.say(f"law_check_{name}", language, right=right, total=total), COLUMNS - 2)
    return [f"{mark} {said[0]}", *(f"  {line}" for line in said[1:])]


def _found(name: str, each: list[dict[str, str]], language: str) -> list[str]:
    """What was found under a count, one entry for each of the facts."""
    return [
        f"    {line}" for facts in each for line in wrap(sentences.say(f"law_check_{name}", language, **facts), COLUMNS - 4)
    ]


def _failure(failure: CaseFailure, language: str) -> dict[str, str]:
    allowed, rules = failure.got
    code = "allowed" if allowed else "refused" if rules else "silence"
    return {
        "case": failure.case.id,
        "judge": failure.judge,
        "got": sentences.say(f"law_check_{code}", language, rules=", ".join(rules)),
        "why": failure.case.why.get(language, failure.case.why["en"]),
        "base": failure.case.base,
    }


def _page(text: str, language: str) -> str:
    """The page as a whole, each Arabic line marked."""
    lines = text.split("\n")
    return "\n".join(f"{_MARK}{line}" if language == "ar" and line else line for line in lines) + "\n"
