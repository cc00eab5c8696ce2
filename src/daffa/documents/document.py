"""A document as text: its sections, and passages that point into it. Knows no file format and no store."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Chunk", "Document", "Section"]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document under one heading.

    Attributes:
        heading: as written; empty for what stands before the first one.
        level: 1 for the outermost headings.
        start, end: where its text stands in ``Document.text``, in code points; the heading is outside.
        number: of the article that it is ("24", "24-1"), where it is one; else empty.
    """

    heading: str
    level: int
    start: int
    end: int
    number: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A document that was read.

    Attributes:
        name: of its file.
        title: as it says of itself, else made of the name.
        text: all of it; repaired where its Arabic was damaged.
        language: BCP 47 with script, as ``daffa.language`` identifies it; empty where nobody can tell.
        sections: in order, without gaps that hold words.
        format: pdf, docx, odt, html, markdown, text or jsonl.
        changes: how many places the repair changed.
        pages: of a format that has pages; else 0.
        label: that the file gives it (JSON lines), for whoever stores it to join; else empty.
    """

    name: str
    title: str
    text: str
    language: str
    sections: tuple[Section, ...]
    format: str
    changes: int = 0
    pages: int = 0
    label: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: ``document.text[start:start + len(text)] == text``, under ``heading``, of article ``number``.

    ``above`` are the headings that ``heading`` stands under, outermost first, joined by `` › ``.
    """

    text: str
    start: int
    heading: str = ""
    number: str = ""
    above: str = ""
