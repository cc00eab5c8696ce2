"""Whether a pack is complete and fits together, beyond one file. Runs tools only to learn their names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from daffa.errors import DaffaError

from .finding import Finding, Findings, Spot
from .pack import Origin, Pack, PackDocument, PackQuestion
from .purity import impure
from .reading import NAME, examine
from .tools import ToolCard, Tools

__all__ = ["lint"]

_ENOUGH = 3
_SHORTEST_SPAN = 3


def lint(folder: Path, origin: Origin | None = None) -> list[Finding]:
    """Everything that is wrong or doubtful, errors first, in the order of files and lines.

    ``origin`` as of ``read_pack``. Raises ``NotFound`` where there is no such folder.
    """
    pack, findings = examine(folder, origin)
    if pack is not None:
        _languages(pack, findings)
        _sources(pack, findings)
        _sections(pack, findings)
        cards = _tools(pack, findings)
        _cases(pack, cards, findings)
        _questions(pack, cards, findings)
    return sorted(findings, key=lambda one: (one.severity, one.file, one.line))


def _languages(pack: Pack, findings: Findings) -> None:
    """Each document is there in each language of the pack, or it is said why not."""
    names: dict[str, set[str]] = {}
    for document in pack.documents:
        names.setdefault(document.name, set()).add(document.language)
        if document.language not in pack.languages:
            file = f"documents/{document.name}.{document.language}.md"
            findings.wrong(Spot(file), "language", "a language of pack.toml", document.language)
    excused = {(absent.document, absent.language) for absent in pack.absent}
    for name, there in sorted(names.items()):
        for language in pack.languages:
            if language not in there and not excused & {(name, language), ("*", language)}:
                expected = "the document, or [[absent]] in pack.toml with a reason"
                findings.wrong(Spot(f"documents/{name}.{language}.md"), "file", expected, "no such file")
    for absent in pack.absent:
        spot, named = Spot("pack.toml"), f"absent {absent.document} {absent.language}"
        if absent.document != "*" and absent.document not in names:
            findings.doubtful(spot, named, "the name of a document", absent.document)
        elif absent.language in names.get(absent.document, set()):
            findings.doubtful(spot, named, "a document that is not there", "it is there")
    if not pack.documents:
        findings.doubtful(Spot("documents"), "folder", "at least one document", "none")


def _sources(pack: Pack, findings: Findings) -> None:
    used = {name for document in pack.documents for name in document.sources}
    used |= {name for template in pack.templates for name in template.sources}
    used |= {name for form in pack.forms for name in form.sources}
    used |= {entry.source for entry in (*pack.glossary, *pack.works)} | {case.source for case in pack.cases}
    used |= {value.source for parameter in pack.parameters.values() for value in parameter.values}
    for name in sorted(set(pack.sources) - used):
        findings.doubtful(Spot("pack.toml"), f"source {name}", "something that rests on it", "nothing")


def _sections(pack: Pack, findings: Findings) -> None:
    for document in pack.documents:
        if not any(line.startswith("## ") for line in document.text.split("\n")):
            file = f"documents/{document.name}.{document.language}.md"
            findings.doubtful(Spot(file, document.line), "sections", "headings that begin with ##", "none")


def _tools(pack: Pack, findings: Findings) -> dict[str, ToolCard]:
    """The tools by name; their code is asked in the sandbox what it has."""
    if not pack.code:
        return {}
    file = "tools.py"
    for line, expected, got in impure(pack.code):
        findings.wrong(Spot(file, line), "code", expected, got)
    try:
        with Tools([pack], workers=1) as tools:
            cards = tools.cards(pack.id)
    except DaffaError as error:
        findings.wrong(Spot(file), "TOOLS", "code that loads", error.facts.get("reason", str(error)))
        return {}
    for name, times in Counter(card.name for card in cards).items():
        if not NAME.fullmatch(name) or times > 1:
            findings.wrong(Spot(file), "name", "a-z 0-9 _, beginning with a letter, once", name)
    for card in cards:
        for language in ("fr", "ar", "en"):
            if not card.title.get(language, "").strip():
                findings.wrong(Spot(file), f"{card.name}.title", f"a title in {language}", "none")
        for field, shape in card.schema["properties"].items():
            if field != "day" and not shape.get("x-title"):
                findings.wrong(Spot(file), f"{card.name}.{field}", "asked(fr=, ar=, en=)", "no title")
    return {card.name: card for card in cards}


def _cases(pack: Pack, cards: dict[str, ToolCard], findings: Findings) -> None:
    file = "tools.jsonl"
    for line, case in zip(pack.lines["cases"], pack.cases, strict=True):
        spot = Spot(file, line)
        if cards and case.tool not in cards:
            findings.wrong(spot, "tool", "one of " + ", ".join(sorted(cards)), case.tool)
        if "day" not in case.input:
            findings.wrong(spot, "input.day", "the day asked about", "nothing")
        if case.source not in pack.sources:
            findings.wrong(spot, "source", "the id of a [[source]] of pack.toml", case.source)
        if (case.expected is None) is not bool(case.refused):
            findings.wrong(spot, "expected", "either expected or refused", "both" if case.refused else "neither")
        if case.tolerance < 0:
            findings.wrong(spot, "tolerance", "0 or more", case.tolerance)
    published = Counter(case.tool for case in pack.cases if case.expected is not None)
    for name in sorted(cards):
        if published[name] < _ENOUGH:
            findings.wrong(Spot(file), name, f"at least {_ENOUGH} published values", published[name])
    if pack.cases and not pack.code and pack.origin is not Origin.FOLDER:
        findings.wrong(Spot(file), "file", "tools.py beside it", "none")


def _questions(pack: Pack, cards: dict[str, ToolCard], findings: Findings) -> None:
    documents: dict[str, list[PackDocument]] = {}
    for document in pack.documents:
        documents.setdefault(document.name, []).append(document)
    for line, question in zip(pack.lines["questions"], pack.questions, strict=True):
        for field, expected, got in _question(question, documents, cards, pack):
            findings.wrong(Spot("questions.jsonl", line), field, expected, got)
    asked = {question.language.partition("-")[0] for question in pack.questions}
    for language in pack.languages:
        if pack.questions and language not in asked:
            findings.doubtful(Spot("questions.jsonl"), "language", f"questions in {language}", "none")
    if not pack.questions:
        findings.doubtful(Spot("questions.jsonl"), "file", "questions that the pack answers", "none")


def _question(
    question: PackQuestion, documents: dict[str, list[PackDocument]], cards: dict[str, ToolCard], pack: Pack
) -> Iterator[tuple[str, str, str]]:
    """What is wrong with one question: field, expected, got."""
    if not question.question.strip():
        yield "question", "words", "nothing"
    if question.status == "answered" and not (question.documents and question.spans) and question.tool is None:
        yield "status", "documents and spans, or a tool, for what is answered", question.status
    if question.status == "not_covered" and (question.documents or question.spans or question.tool):
        yield "status", "neither documents nor spans nor a tool for what is not covered", question.status
    if bool(question.documents) is not bool(question.spans) and question.status == "answered":
        yield "spans", "documents and spans together", "one of them"
    lines = []
    for name in question.documents:
        if name not in documents:
            yield "documents", "names of documents of the pack", name
        lines += [line for document in documents.get(name, ()) for line in document.text.split("\n")]
    for span in question.spans:
        if len(span.strip()) < _SHORTEST_SPAN:
            yield "spans", f"at least {_SHORTEST_SPAN} characters", span
        elif not any(span in line for line in lines):
            yield "spans", "words that stand on one line of one of the documents", span
    if question.tool is not None and pack.origin is Origin.FOLDER:
        yield "tool", "no tool in a folder of data", question.tool.name
    elif question.tool is not None and question.tool.name not in cards:
        yield "tool.name", "one of " + (", ".join(sorted(cards)) or "none"), question.tool.name
