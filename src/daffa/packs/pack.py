"""What a pack is: its texts, words, figures, letters, forms and questions. Knows no file format; ``reading`` makes one."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import msgspec

from daffa.decision import Label
from daffa.privacy import Type

from .parameters import Parameters

__all__ = [
    "FIELD_TYPES",
    "TAGS",
    "Absent",
    "Called",
    "Entry",
    "Fact",
    "Form",
    "FormField",
    "Imported",
    "Origin",
    "Pack",
    "PackDocument",
    "PackQuestion",
    "Source",
    "Template",
    "ToolCase",
]

TAGS = {"fr": "fr-Latn", "ar": "ar-Arab", "en": "en-Latn", "zgh": "zgh-Tfng"}
"""Language of a document of a pack -> BCP 47 tag with script."""

FIELD_TYPES = frozenset({"date", "amount", "text", *Type})
"""Types of a fact of a letter and of a field of a form."""

Asked = Literal["fr-Latn", "ar-Arab", "ary-Arab", "ary-Latn", "zgh-Tfng", "zgh-Latn", "en-Latn"]
Status = Literal["answered", "not_covered", "clarification"]


class Origin(StrEnum):
    """Where a pack comes from. Only what came with the program or as a wheel has tools."""

    SHIPPED = "shipped"
    WHEEL = "wheel"
    FOLDER = "folder"


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text that the pack rests on: how it is cited, where it is, under what it may be quoted."""

    id: str
    title: str
    url: str
    licence: str
    date: datetime.date | None = None


class Absent(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A document (``*``: all) that a language of the pack does not have, and why."""

    document: str
    language: str
    reason: str


class Imported(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """From which file a document was made, its SHA-256, and when."""

    file: str
    sha256: str
    date: datetime.date


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A placeholder of a letter."""

    title: str
    type: str
    required: bool = True


class FormField(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A field of a form: ``cues`` are, by language, the words beside which it stands in a file."""

    name: str
    title: dict[str, str]
    type: str
    required: bool = True
    cues: dict[str, list[str]] = {}


class Called(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A tool that a question leads to, and the value that it must give."""

    name: str
    arguments: dict[str, Any]
    value: float | str | list[str]
    tolerance: float = 0.0


class PackQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A question, and what a right answer cites: one of ``spans``, in one of ``documents``."""

    id: str
    language: Asked
    question: str
    status: Status
    documents: list[str] = []
    spans: list[str] = []
    tool: Called | None = None
    day: datetime.date | None = None


class ToolCase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A published value that a tool must give, or the code of the error that it must end in."""

    tool: str
    input: dict[str, Any]
    source: str
    expected: float | str | list[str] | None = None
    tolerance: float = 0.0
    refused: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True)
class PackDocument:
    """One text in one language.

    Attributes:
        name, language: of its file; language is ``fr``, ``ar``, ``en`` or ``zgh``, ``tag`` its BCP 47 tag.
        text: Markdown without the front matter; ``line`` is that of its first line in the file.
        sources: ids of the pack's sources; ``articles``: what it explains; ``work``: the law whose content it is.
        label: of its passages, the pack's label joined.
        valid_from, valid_to: days on which it holds, both inclusive; ``None``: open.
        reviewed: whether a speaker of the language has read it.
    """

    name: str
    language: str
    title: str
    text: str
    line: int
    sources: tuple[str, ...]
    articles: tuple[str, ...]
    work: str
    label: Label
    valid_from: datetime.date
    valid_to: datetime.date | None
    reviewed: bool
    imported: Imported | None = None

    @property
    def tag(self) -> str:
        """BCP 47 with script."""
        return TAGS[self.language]


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the glossary: by language the words that mean the same, the usual one first."""

    words: dict[str, tuple[str, ...]]
    definition: str
    source: str
    line: int


@dataclass(frozen=True, slots=True)
class Template:
    """A letter with placeholders ``{name}``, each described in ``facts``."""

    name: str
    language: str
    title: str
    text: str
    line: int
    sources: tuple[str, ...]
    facts: dict[str, Fact]


@dataclass(frozen=True, slots=True)
class Form:
    """A form to fill."""

    name: str
    title: dict[str, str]
    fields: tuple[FormField, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that was read and found whole.

    Attributes:
        label: joined to each passage, and to each question that is answered from it. A join never lowers.
        valid_from, valid_to: days, both inclusive; ``None``: open.
        code: the text of ``tools.py``, empty where there is none or where it may not run (``origin``).
        glossary, works: words of the matter; the names by which laws and documents are called.
        lines: of questions and tool cases, by their order, where each stands in its file.
    """

    id: str
    version: str
    owner: str
    licence: str
    jurisdiction: str
    title: dict[str, str]
    description: dict[str, str]
    languages: tuple[str, ...]
    label: Label
    valid_from: datetime.date
    valid_to: datetime.date | None
    sources: dict[str, Source]
    absent: tuple[Absent, ...]
    documents: tuple[PackDocument, ...]
    glossary: tuple[Entry, ...]
    works: tuple[Entry, ...]
    parameters: Parameters
    templates: tuple[Template, ...]
    forms: tuple[Form, ...]
    questions: tuple[PackQuestion, ...]
    cases: tuple[ToolCase, ...]
    folder: Path
    origin: Origin
    code: str = field(repr=False, default="")
    lines: dict[str, tuple[int, ...]] = field(repr=False, default_factory=dict)
