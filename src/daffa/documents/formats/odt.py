"""OpenDocument texts (ODT, ISO/IEC 26300): paragraphs, headings by outline level, lists, tables, notes.

What was deleted under tracked changes, comments and generated indexes are left out. Knows nothing of sections.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from daffa.errors import Invalid

from .archive import Archive
from .parsed import Block, Parsed
from .xml import read_xml

__all__ = ["read_odt"]

_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_LEFT_OUT = {f"{_TEXT}tracked-changes", f"{_OFFICE}annotation", f"{_OFFICE}annotation-end", f"{_TEXT}hidden-text"}
_LEFT_OUT |= {f"{_TEXT}{kind}-index" for kind in ("illustration", "table", "object", "user", "alphabetical")}
_LEFT_OUT |= {f"{_TEXT}table-of-content", f"{_OFFICE}forms", f"{_TEXT}sequence-decls"}
_MOST_BLANKS = 100


def read_odt(archive: Archive) -> Parsed:
    """The blocks of an OpenDocument text, in reading order.

    Raises:
        Invalid: ``document_encrypted``; see ``Archive`` and ``read_xml``.
    """
    if b"encryption-data" in archive.read("META-INF/manifest.xml"):
        raise Invalid("document_encrypted", name="", where="META-INF/manifest.xml")
    root = read_xml(archive.read("content.xml"), "content.xml")
    meta = archive.read("meta.xml")
    title = read_xml(meta, "meta.xml").findtext(f".//{_TITLE}", "") if meta else ""
    body = root.find(f"{_OFFICE}body/{_OFFICE}text")
    if body is None:
        raise Invalid("document_damaged", name="", where="content.xml", reason="office:text")
    return Parsed(title=title.strip(), blocks=list(_blocks(body)))


def _blocks(element: ET.Element) -> Iterator[Block]:
    for child in element:
        if child.tag in (f"{_TEXT}p", f"{_TEXT}h"):
            level = child.get(f"{_TEXT}outline-level", "1") if child.tag == f"{_TEXT}h" else "0"
            yield from _paragraph(child, int(level) if level.isdecimal() else 1)
        elif child.tag == f"{_TABLE}table":
            yield from _table(child)
        elif child.tag not in _LEFT_OUT:
            yield from _blocks(child)


def _paragraph(paragraph: ET.Element, level: int) -> Iterator[Block]:
    apart: list[Block] = []
    text = "".join(_texts(paragraph, apart)).strip()
    if text:
        yield Block(text, level)
    yield from apart


def _texts(element: ET.Element, apart: list[Block]) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if child.tag == f"{_TEXT}s":
            count = child.get(f"{_TEXT}c", "1")
            yield " " * (min(int(count), _MOST_BLANKS) if count.isdecimal() else 1)
        elif child.tag == f"{_TEXT}tab":
            yield " "
        elif child.tag == f"{_TEXT}line-break":
            yield "\n"
        elif child.tag == f"{_TEXT}note":
            yield _note(child, apart)
        elif child.tag == f"{_DRAW}text-box" or child.tag == f"{_TABLE}table":
            apart.extend(_blocks(child))
        elif child.tag not in _LEFT_OUT:
            yield from _texts(child, apart)
        yield child.tail or ""


def _note(note: ET.Element, apart: list[Block]) -> str:
    mark = note.findtext(f"{_TEXT}note-citation", "").strip()
    body = note.find(f"{_TEXT}note-body")
    text = "" if body is None else " ".join(block.text for block in _blocks(body))
    if text:
        apart.append(Block(f"[{mark}] {text}" if mark else text))
    return f"[{mark}]" if mark else ""


def _table(table: ET.Element) -> Iterator[Block]:
    for row in _within(table, (f"{_TABLE}table-row",)):
        cells = _within(row, (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"))
        texts = (" ".join(block.text.replace("\n", " ") for block in _blocks(cell)) for cell in cells)
        text = " | ".join(texts).rstrip(" |")
        if text:
            yield Block(text)


def _within(element: ET.Element, tags: tuple[str, ...]) -> Iterator[ET.Element]:
    for child in element:
        if child.tag in tags:
            yield child
        elif child.tag != f"{_TABLE}table" and child.tag not in _LEFT_OUT:
            yield from _within(child, tags)
