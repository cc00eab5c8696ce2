"""What the commands on packs show a person: findings, lists, values with their steps and sources. Knows no command."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from daffa import sentences
from daffa.packs import Brought, Finding, Pack, Result, Severity, ToolCard, Trial, Used, Value

from .pack_questions import Answer, enough, tally
from .paint import Page, bold, dim, isolate, tone, width

__all__ = ["answered", "asked", "brought", "cards", "findings", "line", "listed", "summary", "tried"]

_COUNTED = ("documents", "terms", "parameters", "tools", "templates", "forms", "questions")
_SHOWN = 100  # characters of an answer
_KINDS = ("array", "boolean", "date", "integer", "number", "string")


def findings(name: str, found: Sequence[Finding], language: str) -> None:
    """All that is wrong with a pack, then whether it is sound."""
    page = _page(language)
    page.heading(sentences.say("pack_title", language, pack=name))
    for one in found:
        wrong = one.severity is Severity.ERROR
        facts = {"file": one.file, "line": one.line, "field": one.field, "expected": one.expected, "got": one.got}
        page.paragraph(sentences.say("invalid_pack", language, **facts), 4, tone("  ✗", "bad") if wrong else dim("  !"))
    errors = sum(one.severity is Severity.ERROR for one in found)
    said = {"errors": errors, "warnings": len(found) - errors}
    page.paragraph(
        sentences.say("pack_unsound" if errors else "pack_sound", language, **said),
        4,
        tone("  ✗", "bad") if errors else _well(),
    )


def line(text: str, language: str) -> None:
    """One line, in the direction of its language."""
    _page(language).line(text)


def summary(pack: Pack, tools: int) -> dict[str, Any]:
    """A pack in a row: who answers for it, what its label is, how much is in it."""
    counts = {
        "documents": len(pack.documents),
        "terms": len(pack.glossary),
        "parameters": len(pack.parameters),
        "tools": tools,
        "templates": len(pack.templates),
        "forms": len(pack.forms),
        "questions": len(pack.questions),
    }
    return {
        "id": pack.id,
        "version": pack.version,
        "origin": pack.origin,
        "title": pack.title,
        "owner": pack.owner,
        "licence": pack.licence,
        "languages": list(pack.languages),
        "label": str(pack.label),
        "valid_from": str(pack.valid_from),
        "valid_to": str(pack.valid_to or ""),
        **counts,
    }


def listed(rows: Sequence[dict[str, Any]], language: str) -> None:
    """The packs, each with what is in it."""
    page = _page(language)
    if not rows:
        page.line(sentences.say("pack_none", language))
    for row in rows:
        page.line()
        if "error" in row:
            page.line(f"{bold(_apart(row['id'], language))}  {tone('✗', 'bad')}")
            page.paragraph(row["error"], 4)
            continue
        page.line(f"{bold(_apart(row['id'], language))} {_apart(row['version'], language)}  {row['title'].get(language)}")
        origin = sentences.say(f"pack_origin_{row['origin']}", language)
        label = _apart(row["label"], language)
        page.paragraph(" · ".join((origin, _apart(", ".join(row["languages"]), language), label)), 4)
        counts = [sentences.say(f"pack_count_{name}", language, number=row[name]) for name in _COUNTED if row[name]]
        page.paragraph(" · ".join(counts), 4)


def tried(pack: Pack, trials: Sequence[Trial], language: str) -> None:
    """How many values of a pack's tools are as published, and those that are not."""
    page = _page(language)
    page.heading(sentences.say("pack_title", language, pack=pack.id))
    wrong = [one for one in trials if not one.held]
    for one in wrong:
        facts = {"file": one.file, "line": one.line, "tool": one.tool, "expected": one.expected, "got": one.got}
        page.paragraph(sentences.say("pack_value_differs", language, **facts), 4, tone("  ✗", "bad"))
    said = {"held": len(trials) - len(wrong), "all": len(trials)}
    if trials:
        page.paragraph(sentences.say("pack_values", language, **said), 4, tone("  ✗", "bad") if wrong else _well())


def asked(answers: Sequence[Answer], later: bool, language: str) -> None:
    """How many of the pack's questions end as they should, and those that do not; ``later``: they cannot be asked yet."""
    page = _page(language)
    if later:
        page.paragraph(sentences.say("pack_questions_later", language), 4, dim("  !"))
    for one in answers:
        if not one.right:
            got = one.got if one.got != one.expected else one.said if len(one.said) <= _SHOWN else f"{one.said[:_SHOWN]}…"
            facts = {"id": one.id, "question": one.question, "expected": one.expected, "got": got}
            page.paragraph(sentences.say("pack_question_wrong", language, **facts), 4, dim("  !"))
    if answers:
        said = sentences.say("pack_questions", language, **tally(answers))
        page.paragraph(said, 4, _well() if enough(answers) else tone("  ✗", "bad"))


def cards(pack: Pack, tools: Sequence[ToolCard], language: str) -> None:
    """The tools of a pack, and what each is asked."""
    page = _page(language)
    page.heading(sentences.say("pack_title", language, pack=pack.id))
    if not tools:
        page.paragraph(sentences.say("pack_no_tools", language))
    for card in tools:
        page.line(f"  {bold(_apart(card.name, language))}  {card.title.get(language, '')}")
        needed = card.schema.get("required", ())
        shapes = card.schema["properties"]
        column = max(map(width, shapes)) + 6
        for name, shape in shapes.items():
            gap = " " * (column - 4 - width(name))
            page.paragraph(_asked(shape, name in needed, language), column, f"    {dim(_apart(name, language))}{gap}")
        page.line()


def answered(pack: Pack, title: dict[str, str], result: Result, language: str) -> None:
    """The value, how it was worked out, and the law that each figure comes from."""
    page = _page(language)
    page.heading(title.get(language) or title["fr"])
    values = result.value if isinstance(result.value, list) else [_number(result.value, language)]
    for value in values:
        page.paragraph(f"{bold(_apart(value, language))} {_apart(result.unit, language)}")
    page.line()
    for step in result.steps:
        page.paragraph(step, 4, "  ·")
    for used in result.used:
        page.line()
        _figure(page, used, pack, language)
    page.line()
    page.paragraph(sentences.say("pack_valid_on", language, day=result.valid_on))
    if result.warning:
        page.paragraph(result.warning, 4, tone("  !", "bad"))


def brought(report: Brought, language: str) -> None:
    """What became of one file."""
    page = _page(language)
    if report.error is not None:
        page.paragraph(report.error.say(language), 4, tone("  ✗", "bad"))
        return
    code = f"pack_brought_{report.status}"
    said = sentences.say(code, language, file=report.file, document=report.document)
    if report.changes:
        said += " " + sentences.say("pack_brought_changes", language, number=report.changes)
    page.paragraph(said, 4, _well() if report.status == "written" else dim("  ="))


def _asked(shape: dict[str, Any], needed: bool, language: str) -> str:
    """What a field of a tool is called, of which kind it is, and that it may be left out."""
    titles = shape.get("x-title", {})
    said = titles.get(language) or titles.get("fr") or sentences.say("pack_field_day", language)
    kind = shape["format"] if shape.get("format") == "date" else shape.get("type", "")
    options = _apart(" | ".join(map(str, shape.get("enum", ()))), language)
    about = [options or (sentences.say(f"pack_kind_{kind}", language) if kind in _KINDS else _apart(str(kind), language))]
    if not needed:
        about.append(sentences.say("pack_field_optional", language))
    return f"{said} ({('، ' if language == 'ar' else ', ').join(filter(None, about))})"


def _figure(page: Page, used: Used, pack: Pack, language: str) -> None:
    """A dated figure: its value, since when, by which article, in which text."""
    shown = _shown(used.value, language)
    if len(shown) == 1:
        value = f"{_apart(shown[0], language)} {_apart(used.unit, language)}"
        page.paragraph(sentences.say("pack_used", language, title=used.title, value=value))
    else:
        page.paragraph(f"{used.title} ({_apart(used.unit, language)})")
        for row in shown:
            page.line(f"    {_apart(row, language)}")
    page.paragraph(dim(sentences.say("pack_used_since", language, since=used.since, reference=used.reference)), 4)
    source = pack.sources.get(used.source)
    for said in (source.title if source else "", used.url):
        if said and said != used.reference:
            page.paragraph(dim(_apart(said, language)), 4)


def _number(value: float | str, language: str) -> str:
    if isinstance(value, str):
        return value
    text = f"{value:,.6f}".rstrip("0").rstrip(".")
    return text if language == "en" else text.replace(",", "\u202f").replace(".", ",")


def _shown(value: Value, language: str) -> list[str]:
    """A figure, a row a line; the columns of rows stand one below the other."""
    if isinstance(value, dict):
        column = max(map(width, value), default=0) + 2
        return [f"{name}{' ' * (column - width(name))}{_number(one, language)}" for name, one in value.items()]
    if not isinstance(value, list):
        return [_number(value, language)]
    rows = [[_number(one, language) for one in (row if isinstance(row, list) else [row])] for row in value]
    widths = [max(width(row[place]) for row in rows if place < len(row)) for place in range(max(map(len, rows), default=0))]
    return ["  ".join(f"{' ' * (widths[n] - width(one))}{one}" for n, one in enumerate(row)) for row in rows]


def _page(language: str) -> Page:
    return Page(right_to_left=language == "ar")


def _apart(text: str, language: str) -> str:
    return isolate(text) if text and language == "ar" else text


def _well() -> str:
    return tone("  ✓", "good")
