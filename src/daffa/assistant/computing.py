"""What a tool computed, as sentences. Every figure in them is the tool's own; nothing is worked out here."""

from __future__ import annotations

from collections.abc import Sequence

from daffa import sentences
from daffa.packs import Result, Used

from .outcome import Citation
from .wording import load

__all__ = ["cited", "said"]


def said(title: str, result: Result, language: str) -> list[str]:
    """The value, then how it was worked out, then what must be known besides."""
    shown = _values(result.value, language)
    unit = " / ".join(filter(None, (_unit(part, language) for part in result.unit.split("/"))))
    head = sentences.say("assistant_computed", language, title=title, value=f"{shown} {unit}".strip(), day=result.valid_on)
    return [head, *result.steps, *([result.warning] if result.warning else [])]


def _values(value: float | str | Sequence[str], language: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)):
        text = f"{value:,.2f}".removesuffix(".00")
        return text if language == "en" else text.replace(",", "\u202f").replace(".", ",")
    return " · ".join(value)


def _unit(unit: str, language: str) -> str:
    known = load("shown_units").get(unit.strip())
    return str(known[language]) if known else unit.strip()


def cited(used: Sequence[Used], pack: str, language: str, first: int) -> list[Citation]:
    """The figures that a result rests on, each with its legal source; ``first`` is the number of the first one."""
    return [_citation(each, pack, language, number) for number, each in enumerate(used, first)]


def _citation(used: Used, pack: str, language: str, number: int) -> Citation:
    facts = {"title": used.title or used.name, "reference": used.reference, "since": used.since}
    text = sentences.say("assistant_figure", language, **facts)
    return Citation(
        id=f"c{number}",
        collection=pack,
        document="",
        passage="",
        title=used.title or used.name,
        language=language,
        text=text,
        start=0,
        end=len(text),
        link=used.url,
        work=used.reference,
    )
