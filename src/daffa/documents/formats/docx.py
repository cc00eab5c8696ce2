"""Word documents (DOCX, ECMA-376): paragraphs, headings by style or outline level, tables, footnotes, numbering.

What was deleted under tracked changes, and what is hidden, is left out. Knows nothing of sections.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from .archive import Archive
from .docx_styles import Numbering, Styles
from .parsed import Block, Parsed
from .xml import read_xml

__all__ = ["read_docx"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_LEFT_OUT = {f"{_W}{name}" for name in ("del", "moveFrom", "instrText", "delText", "rPr", "pPr", "tblPr", "sectPr", "sdtPr")}
_LEFT_OUT |= {f"{_MC}Fallback"}
_SIGNS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}


def read_docx(archive: Archive) -> Parsed:
    """The blocks of a Word document, in reading order.

    Raises:
        Invalid: see ``Archive`` and ``read_xml``.
    """
    return _Reader(archive).parsed()


class _Reader:
    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        styles = archive.read("word/styles.xml")
        numbering = archive.read("word/numbering.xml")
        self._styles = Styles(read_xml(styles, "word/styles.xml") if styles else None)
        self._numbering = Numbering(read_xml(numbering, "word/numbering.xml") if numbering else None)
        self._notes: dict[str, str] = {}
        self._mentioned: list[str] = []
        for kind in ("footnote", "endnote"):
            raw = archive.read(f"word/{kind}s.xml")
            for note in read_xml(raw, f"word/{kind}s.xml") if raw else ():
                if note.get(f"{_W}type", "normal") == "normal":
                    self._notes[f"{kind}{note.get(f'{_W}id')}"] = " ".join(block.text for block in self._blocks(note))
        self._mentioned.clear()  # notes may have named each other

    def parsed(self) -> Parsed:
        body = read_xml(self._archive.read("word/document.xml"), "word/document.xml")
        core = self._archive.read("docProps/core.xml")
        title = read_xml(core, "docProps/core.xml").findtext(f".//{_TITLE}", "") if core else ""
        return Parsed(title=title.strip(), blocks=list(self._blocks(body)))

    def _blocks(self, element: ET.Element) -> Iterator[Block]:
        for child in element:
            if child.tag == f"{_W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{_W}tbl":
                yield from self._table(child)
            elif child.tag not in _LEFT_OUT:
                yield from self._blocks(child)

    def _paragraph(self, paragraph: ET.Element) -> Iterator[Block]:
        style = self._styles.of(paragraph)
        if style.contents:
            return  # a table of contents repeats the headings
        boxes: list[ET.Element] = []
        text = "".join(self._texts(paragraph, boxes)).strip()
        if text:
            label = self._numbering.label(paragraph, style)
            yield Block(f"{label} {text}" if label else text, style.level)
        for box in boxes:
            yield from self._blocks(box)
        mentioned, self._mentioned = self._mentioned, []
        for note in mentioned:
            if self._notes.get(note):
                yield Block(f"[{note.lstrip('abcdefghijklmnopqrstuvwxyz')}] {self._notes[note]}")

    def _texts(self, element: ET.Element, boxes: list[ET.Element]) -> Iterator[str]:
        for child in element:
            if child.tag == f"{_W}t":
                yield child.text or ""
            elif child.tag in _SIGNS:
                yield _SIGNS[child.tag]
            elif child.tag in (f"{_W}footnoteReference", f"{_W}endnoteReference"):
                number = child.get(f"{_W}id", "")
                self._mentioned.append(child.tag[len(_W) :].removesuffix("Reference") + number)
                yield f"[{number}]"
            elif child.tag == f"{_W}txbxContent":
                boxes.append(child)
            elif child.tag not in _LEFT_OUT and not (child.tag == f"{_W}r" and self._styles.hidden(child)):
                yield from self._texts(child, boxes)

    def _table(self, table: ET.Element) -> Iterator[Block]:
        for row in _within(table, f"{_W}tr"):
            cells = _within(row, f"{_W}tc")
            texts = (" ".join(block.text.replace("\n", " ") for block in self._blocks(cell)) for cell in cells)
            text = " | ".join(texts).rstrip(" |")
            if text:
                yield Block(text)


def _within(element: ET.Element, tag: str) -> Iterator[ET.Element]:
    """The rows of a table, or the cells of a row, also inside content controls; none of an inner table."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag not in _LEFT_OUT and child.tag != f"{_W}tbl":
            yield from _within(child, tag)
