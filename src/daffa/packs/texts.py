"""The texts of a pack: documents, glossary, letters and forms, from their files. Knows neither figures nor tools."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from daffa.decision import Label
from daffa.errors import Invalid

from .files import LANGUAGES, languages_of
from .finding import Findings, Spot
from .pack import FIELD_TYPES, Entry, Fact, Form, FormField, Imported, PackDocument, Source, Template
from .written import decode_csv, decode_toml, line_of, split_front

__all__ = ["ADDRESS", "check_titles", "is_address", "read_documents", "read_forms", "read_glossary", "read_templates"]

_WORDS = ("fr", "ar", "ary", "ary_latn", "zgh", "en")
_HEADER = ",".join((*_WORDS, "definition", "source"))
_REQUIRED = ("fr", "ar", "definition", "source")

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]{0,63})\}")
_MARKUP = re.compile(r"(?<!\\)<[A-Za-z!/][^>]*>|!\[[^\]]*\]\(")
_LINK = re.compile(r"(?<!\\)\]\((?!https?://[^\s)]+\))([^)]*)\)")
ADDRESS = "an http(s) address, or nothing"
_SOURCE = "the id of a [[source]] of pack.toml"

Days = tuple[datetime.date, datetime.date | None]


class _DocumentHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: str
    sources: list[str]
    articles: list[str] = []
    work: str = ""
    valid_from: datetime.date | None = None
    valid_to: datetime.date | None = None
    label: str = ""
    reviewed: bool | None = None
    imported: Imported | None = None


class _TemplateHead(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: str
    sources: list[str] = []
    facts: dict[str, Fact] = {}


class _FormFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: dict[str, str]
    field: list[FormField]
    sources: list[str] = []


def read_documents(
    texts: Mapping[str, str], label: Label, days: Days, sources: Mapping[str, Source], findings: Findings
) -> Iterator[PackDocument]:
    """Each document of the pack that is whole, with the pack's ``label`` joined and its ``days`` where it says none."""
    for file in _under("documents/", texts):
        split = split_front(texts[file], Spot(file), findings)
        head = decode_toml(split[0], _DocumentHead, Spot(file, 1), findings) if split else None
        if split is None or head is None:
            continue
        name, language = languages_of(file)
        _check_document(head, split, language, Spot(file), findings)
        _check_sources(head.sources, split[0], sources, Spot(file, 1), findings)
        first, last = head.valid_from or days[0], head.valid_to or days[1]
        if last is not None and last < first and (head.valid_from or head.valid_to):
            findings.wrong(Spot(file, 1 + line_of(split[0], ("valid_to",))), "valid_to", f"{first} or later", last)
        yield PackDocument(
            name=name,
            language=language,
            title=head.title,
            text=split[1],
            line=split[2],
            sources=tuple(head.sources),
            articles=tuple(head.articles),
            work=head.work,
            label=label | _label(head.label, Spot(file, 1 + line_of(split[0], ("label",))), findings),
            valid_from=first,
            valid_to=last,
            reviewed=head.reviewed is not False,
            imported=head.imported,
        )


def _check_document(head: _DocumentHead, split: tuple[str, str, int], language: str, spot: Spot, findings: Findings) -> None:
    front, text, line = split
    if not head.title.strip():
        findings.wrong(spot._replace(line=1 + line_of(front, ("title",))), "title", "words", "")
    if not head.sources:
        findings.wrong(spot._replace(line=1 + line_of(front, ("sources",))), "sources", "at least one", "none")
    if language == "zgh" and head.reviewed is None:
        findings.wrong(spot._replace(line=1), "reviewed", "true or false, said of a text in zgh", "nothing")
    if not text.strip():
        findings.wrong(spot._replace(line=line), "text", "words", "nothing")
    for number, written in enumerate(text.split("\n"), line):
        if found := _MARKUP.search(written):
            findings.wrong(spot._replace(line=number), "text", "Markdown without HTML and images", found[0])
        if found := _LINK.search(written):
            findings.wrong(spot._replace(line=number), "link", "[words](https://...)", found[1])


def read_glossary(file: str, texts: Mapping[str, str], sources: Mapping[str, Source], findings: Findings) -> Iterator[Entry]:
    """Each row of ``glossary.csv`` or ``works.csv`` that is complete."""
    if file not in texts:
        return
    text = texts[file]
    seen: dict[str, int] = {}
    for line, row in decode_csv(text, _HEADER, file, findings):
        words = {name: tuple(" ".join(one.split()) for one in row[name].split("|") if one.strip()) for name in _WORDS}
        missing = [name for name in _REQUIRED if not (words[name] if name in words else row[name])]
        for name in missing:
            findings.wrong(Spot(file, line), name, "to be given", "nothing")
        if row["source"] and row["source"] not in sources:
            findings.wrong(Spot(file, line), "source", _SOURCE, row["source"])
        key = "|".join(words["fr"]).casefold()
        if key and key in seen:
            findings.doubtful(Spot(file, line), "fr", f"another term than line {seen[key]}", row["fr"])
        seen.setdefault(key, line)
        if not missing:
            yield Entry({name: said for name, said in words.items() if said}, row["definition"], row["source"], line)


def read_templates(texts: Mapping[str, str], sources: Mapping[str, Source], findings: Findings) -> Iterator[Template]:
    """Each letter; a placeholder that is not described, or a fact that no placeholder shows, is an error."""
    for file in _under("templates/", texts):
        split = split_front(texts[file], Spot(file), findings)
        head = decode_toml(split[0], _TemplateHead, Spot(file, 1), findings) if split else None
        if split is None or head is None:
            continue
        front, text, line = split
        _check_sources(head.sources, front, sources, Spot(file, 1), findings)
        for name, fact in head.facts.items():
            spot = Spot(file, 1 + line_of(front, ("facts", name)))
            _check_type(fact.type, name, spot, findings)
            if not _PLACEHOLDER.fullmatch(f"{{{name}}}"):
                findings.wrong(spot, "facts", "a-z 0-9 _, beginning with a letter", name)
            elif f"{{{name}}}" not in text:
                findings.wrong(spot, f"facts.{name}", f"{{{name}}} in the letter", "nowhere")
        for number, written in enumerate(text.split("\n"), line):
            for name in _PLACEHOLDER.findall(written):
                if name not in head.facts:
                    findings.wrong(Spot(file, number), f"{{{name}}}", f"[facts.{name}] in the front matter", "none")
            if left := re.search(r"[{}].{0,20}", _PLACEHOLDER.sub("", written)):
                findings.wrong(Spot(file, number), "text", "braces around placeholders alone", left[0])
        name, language = languages_of(file)
        yield Template(name, language, head.title, text, line, tuple(head.sources), dict(head.facts))


def read_forms(texts: Mapping[str, str], sources: Mapping[str, Source], findings: Findings) -> Iterator[Form]:
    """Each form."""
    for file in _under("forms/", texts):
        text = texts[file]
        written = decode_toml(text, _FormFile, Spot(file), findings)
        if written is None:
            continue
        _check_sources(written.sources, text, sources, Spot(file), findings)
        check_titles(written.title, "title", Spot(file, line_of(text, ("title",))), findings)
        if not written.field:
            findings.wrong(Spot(file), "field", "at least one", "none")
        seen: set[str] = set()
        for number, field in enumerate(written.field):
            spot = Spot(file, line_of(text, ("field", number)))
            if not _PLACEHOLDER.fullmatch(f"{{{field.name}}}") or field.name in seen:
                findings.wrong(spot, "name", "a-z 0-9 _, beginning with a letter, once", field.name)
            seen.add(field.name)
            check_titles(field.title, f"{field.name}.title", spot, findings)
            _check_type(field.type, f"{field.name}.type", spot, findings)
            if not any(cue.strip() for cues in field.cues.values() for cue in cues):
                findings.wrong(spot, f"{field.name}.cues", "words beside which the field stands", "none")
        yield Form(
            file.removeprefix("forms/").removesuffix(".toml"), written.title, tuple(written.field), tuple(written.sources)
        )


def _under(folder: str, texts: Mapping[str, str]) -> list[str]:
    return sorted(file for file in texts if file.startswith(folder))


def _label(text: str, spot: Spot, findings: Findings) -> Label:
    try:
        return Label.parse(text)
    except Invalid as error:
        findings.wrong(spot, f"label: {error.facts['field']}", error.facts["expected"], error.facts["got"])
        return Label()


def _check_sources(named: list[str], front: str, sources: Mapping[str, Source], spot: Spot, findings: Findings) -> None:
    for name in named:
        if name not in sources:
            findings.wrong(spot._replace(line=spot.line + line_of(front, ("sources",))), "sources", _SOURCE, name)


def check_titles(
    titles: Mapping[str, str], field: str, spot: Spot, findings: Findings, needed: Iterable[str] = ("fr", "ar")
) -> None:
    """Note each language of ``needed`` in which there is no title, and each that no pack has."""
    for language in needed:
        if not titles.get(language, "").strip():
            findings.wrong(spot, field, f"a title in {language}", "none")
    for language in sorted(set(titles) - set(LANGUAGES)):
        findings.wrong(spot, field, " | ".join(LANGUAGES), language)


def is_address(url: str) -> bool:
    """Whether it may be shown as a link, or is empty."""
    return not url or re.fullmatch(r"https?://[^\s<>\"]+", url) is not None


def _check_type(kind: str, field: str, spot: Spot, findings: Findings) -> None:
    if kind not in FIELD_TYPES:
        findings.wrong(spot, field, " ".join(sorted(FIELD_TYPES)), kind)
