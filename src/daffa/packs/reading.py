"""From a folder to a ``Pack``, or to what is wrong with it. Runs no code of a pack; ``lint`` asks whether it is complete."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

import msgspec

from daffa.decision import Label
from daffa.errors import Invalid, NotFound

from .files import ID, LANGUAGES, read_files
from .finding import Findings, Spot
from .pack import Absent, Origin, Pack, PackQuestion, Source, ToolCase
from .parameters import Parameter, Parameters, faults
from .places import origin_of
from .texts import ADDRESS, check_titles, is_address, read_documents, read_forms, read_glossary, read_templates
from .written import decode_lines, decode_toml, line_of

__all__ = ["examine", "read_pack"]

NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_VERSION = re.compile(r"\d{1,9}(?:\.\d{1,9}){1,3}")
_JURISDICTION = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
_TITLES = ("fr", "ar", "en")

Language = Literal["fr", "ar", "en", "zgh"]
Words = dict[str, str]


class _PackFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    version: str
    owner: str
    licence: str
    jurisdiction: str
    languages: list[Language]
    label: str
    valid_from: datetime.date
    title: Words
    valid_to: datetime.date | None = None
    description: Words = {}
    source: list[Source] = []
    absent: list[Absent] = []


class _ParametersFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    parameter: list[Parameter] = []


def read_pack(folder: Path, origin: Origin | None = None) -> Pack:
    """The pack in ``folder``.

    ``origin``, found by where the folder lies if nobody says it, decides whether it may have tools: in a folder of data,
    ``tools.py`` is an error. Raises ``NotFound``
    (``unknown_pack``) where there is no folder, ``Invalid`` (``invalid_pack``) with the first mistake: its file, line,
    field, what was expected and what was there.
    """
    pack, findings = examine(folder, origin)
    if findings.errors or pack is None:
        raise findings.errors[0].error()
    return pack


def examine(folder: Path, origin: Origin | None = None) -> tuple[Pack | None, Findings]:
    """The pack, as far as it can be read, and everything that is wrong with how it is written."""
    if not folder.is_dir():
        raise NotFound("unknown_pack", name=str(folder))
    origin = origin_of(folder) if origin is None else origin
    findings = Findings()
    texts = read_files(folder, findings, package=origin is Origin.WHEEL)
    if "pack.toml" not in texts:
        if not findings.errors:
            findings.wrong(Spot("pack.toml"), "file", "pack.toml", "no such file")
        return None, findings
    written = decode_toml(texts["pack.toml"], _PackFile, Spot("pack.toml"), findings)
    if written is None:
        return None, findings
    label = _label(written, texts["pack.toml"], findings)
    _check_head(written, texts["pack.toml"], folder.resolve().name, findings)
    sources = {source.id: source for source in written.source}
    days = (written.valid_from, written.valid_to)
    cases = decode_lines(texts.get("tools.jsonl", ""), ToolCase, "tools.jsonl", findings)
    questions = decode_lines(texts.get("questions.jsonl", ""), PackQuestion, "questions.jsonl", findings)
    _unique(((number, question.id) for number, question in questions), "questions.jsonl", findings)
    if origin is Origin.FOLDER and (tools := sorted({"tools.py", "tools.jsonl"} & set(texts))):
        findings.wrong(Spot(tools[0]), "file", "no tools in a folder of data: tools come with a wheel", tools[0])
    return (
        Pack(
            id=written.id,
            version=written.version,
            owner=written.owner,
            licence=written.licence,
            jurisdiction=written.jurisdiction,
            title=dict(written.title),
            description=dict(written.description),
            languages=tuple(written.languages),
            label=label,
            valid_from=written.valid_from,
            valid_to=written.valid_to,
            sources=sources,
            absent=tuple(written.absent),
            documents=tuple(read_documents(texts, label, days, sources, findings)),
            glossary=tuple(read_glossary("glossary.csv", texts, sources, findings)),
            works=tuple(read_glossary("works.csv", texts, sources, findings)),
            parameters=_parameters(texts.get("parameters.toml", ""), sources, findings),
            templates=tuple(read_templates(texts, sources, findings)),
            forms=tuple(read_forms(texts, sources, findings)),
            questions=tuple(question for _, question in questions),
            cases=tuple(case for _, case in cases),
            folder=folder,
            origin=origin,
            code="" if origin is Origin.FOLDER else texts.get("tools.py", ""),
            lines={
                "questions": tuple(number for number, _ in questions),
                "cases": tuple(number for number, _ in cases),
            },
        ),
        findings,
    )


def _label(written: _PackFile, text: str, findings: Findings) -> Label:
    try:
        return Label.parse(written.label)
    except Invalid as error:
        spot = Spot("pack.toml", line_of(text, ("label",)))
        findings.wrong(spot, f"label: {error.facts['field']}", error.facts["expected"], error.facts["got"])
        return Label()


def _check_head(written: _PackFile, text: str, folder: str, findings: Findings) -> None:
    def wrong(path: tuple[str | int, ...], expected: str, got: object) -> None:
        field = str(next(step for step in reversed(path) if isinstance(step, str)))
        findings.wrong(Spot("pack.toml", line_of(text, path)), field, expected, got)

    if not ID.fullmatch(written.id):
        wrong(("id",), "2 to 40 letters a-z, digits, -", written.id)
    elif written.id != folder.replace("_", "-"):  # a Python package has no hyphen in its name
        wrong(("id",), f"the name of the folder, {folder}", written.id)
    if not _VERSION.fullmatch(written.version):
        wrong(("version",), "two to four numbers with points, e.g. 2026.1", written.version)
    if not _JURISDICTION.fullmatch(written.jurisdiction):
        wrong(("jurisdiction",), "ISO 3166-1 or 3166-2", written.jurisdiction)
    for name in ("owner", "licence"):
        if not getattr(written, name).strip():
            wrong((name,), "words", "")
    if not written.languages or len(set(written.languages)) != len(written.languages):
        wrong(("languages",), "each language once, at least one", ", ".join(written.languages))
    if written.valid_to is not None and written.valid_to < written.valid_from:
        wrong(("valid_to",), f"{written.valid_from} or later", written.valid_to)
    for language in dict.fromkeys((*_TITLES, *written.languages)):
        if not written.title.get(language, "").strip():
            wrong(("title",), f"a title in {language}", "none")
    for name, words in (("title", written.title), ("description", written.description)):
        if strange := sorted(set(words) - set(LANGUAGES)):
            wrong((name, strange[0]), " | ".join(LANGUAGES), strange[0])
    _check_sources(written, text, findings)
    for number, absent in enumerate(written.absent):
        if absent.language not in LANGUAGES:
            wrong(("absent", number, "language"), " | ".join(LANGUAGES), absent.language)
        if not absent.reason.strip():
            wrong(("absent", number, "reason"), "a reason", "")


def _check_sources(written: _PackFile, text: str, findings: Findings) -> None:
    seen: set[str] = set()
    for number, source in enumerate(written.source):
        spot = Spot("pack.toml", line_of(text, ("source", number)))
        if not ID.fullmatch(source.id) or source.id in seen:
            findings.wrong(spot, "id", "2 to 40 letters a-z, digits, -, once", source.id)
        seen.add(source.id)
        for name in ("title", "licence"):
            if not getattr(source, name).strip():
                findings.wrong(spot, name, "words", "")
        if not is_address(source.url):
            findings.wrong(spot, "url", ADDRESS, source.url)


def _parameters(text: str, sources: dict[str, Source], findings: Findings) -> Parameters:
    file = "parameters.toml"
    written = decode_toml(text, _ParametersFile, Spot(file), findings)
    sound = []
    seen: set[str] = set()
    for number, parameter in enumerate(written.parameter if written else ()):
        spot = Spot(file, line_of(text, ("parameter", number)))
        if not NAME.fullmatch(parameter.name) or parameter.name in seen:
            findings.wrong(spot, "name", "a-z 0-9 _, beginning with a letter, once", parameter.name)
        seen.add(parameter.name)
        check_titles(parameter.title, f"{parameter.name}.title", spot, findings, _TITLES)
        for place, value in enumerate(parameter.values):
            here = Spot(file, line_of(text, ("parameter", number, "value", place)))
            if value.source not in sources:
                findings.wrong(here, f"{parameter.name}.source", "the id of a [[source]] of pack.toml", value.source)
            if not is_address(value.url):
                findings.wrong(here, f"{parameter.name}.url", ADDRESS, value.url)
            if not value.reference.strip():
                findings.wrong(here, f"{parameter.name}.reference", "article or bulletin", "")
        found = list(faults(parameter))
        for place, field, expected, got in found:
            here = Spot(file, line_of(text, ("parameter", number, "value", place, field)))
            findings.wrong(here, f"{parameter.name}.{field}", expected, got)
        if not found:
            sound.append(parameter)
    return Parameters(sound)


def _unique(ids: Iterable[tuple[int, str]], file: str, findings: Findings) -> None:
    seen: dict[str, int] = {}
    for number, name in ids:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", name):
            findings.wrong(Spot(file, number), "id", "letters, digits, - _ .", name)
        elif name in seen:
            findings.wrong(Spot(file, number), "id", f"another id than line {seen[name]}", name)
        seen.setdefault(name, number)
