"""PDF: the lines of each page with the size of their letters, notes apart, without what is repeated on every page.

pdfium is C++ and reads hostile files: this runs in the child process, never in the server. Knows nothing of sections.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pypdfium2  # type: ignore[import-untyped]
import pypdfium2.raw as pdfium  # type: ignore[import-untyped]

from daffa.errors import Invalid

from ..articles import mark
from .parsed import MOST_CHARACTERS, NOTE, Block, Parsed
from .pdf_order import ARABIC, Letter, in_order

__all__ = ["Line", "read_pdf", "without_repeated"]

_MOST_PAGES = 5_000
_EDGE = 3
"""Lines at the head and at the foot of a page among which a repeated one is looked for."""
_REPEATED = 0.4
"""The share of pages on which a line of the edge stands to be a header: under a half, since left and right pages differ."""
_FEWEST = 3
_NUMBER = re.compile(r"[0-9٠-٩]+")
_PAGE_NUMBER = re.compile(r"[-–—\s]*(?:page\s*)?[0-9٠-٩]{1,4}(?:\s*/\s*[0-9٠-٩]{1,4})?[-–—\s]*", re.IGNORECASE)
_RAISED = re.compile(r"(?:[^\W\d_]{3}|[0-9٠-٩.;:,)»])([0-9]{1,6})(?![\w])")
_SMALLER, _LARGER = 0.85, 1.15
_LONGEST_HEADING = 200


class Line(NamedTuple):
    """A line and the size of its first letter, in points."""

    text: str
    size: float


def read_pdf(raw: bytes) -> Parsed:
    """The lines of a PDF, page after page; a paragraph may go on from page to page. Lines in larger letters are headings.

    Raises:
        Invalid: ``document_encrypted``, ``document_damaged``, ``document_too_large``, ``document_needs_ocr``.
    """
    try:
        pdf = pypdfium2.PdfDocument(raw)
    except pypdfium2.PdfiumError as mistake:
        if "password" in str(mistake).lower():  # pdfium tells its kind of error as text alone
            raise Invalid("document_encrypted", name="", where="PDF") from None
        raise Invalid("document_damaged", name="", where="PDF", reason=str(mistake)) from None
    if len(pdf) > _MOST_PAGES:
        raise Invalid("document_too_large", name="", got=str(len(pdf)), most=f"{_MOST_PAGES} pages")
    pages: list[list[Line]] = []
    pictures = total = 0
    for number in range(len(pdf)):
        lines, pictured = _page(pdf, number)
        total += sum(len(line.text) for line in lines)
        if total > MOST_CHARACTERS:
            raise Invalid("document_too_large", name="", got=str(total), most=f"{MOST_CHARACTERS} characters")
        pictures += pictured
        pages.append(lines)
    if 2 * pictures > len(pdf):
        raise Invalid("document_needs_ocr", name="", pages=pictures)
    title = str(pdf.get_metadata_dict().get("Title", "")).strip()
    return Parsed(title=title, blocks=list(_blocks(without_repeated(pages))), pages=len(pdf), flat=True)


def _page(pdf: pypdfium2.PdfDocument, number: int) -> tuple[list[Line], bool]:
    """The lines of a page, and whether something is drawn on it but no text."""
    try:
        page = pdf[number]
        textpage = page.get_textpage()
        text = textpage.get_text_range()
        kinds = (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_SHADING, pdfium.FPDF_PAGEOBJ_FORM)
        pictured = not text.strip() and next(page.get_objects(filter=kinds, max_depth=1), None) is not None
    except pypdfium2.PdfiumError:
        return [], False  # one page that cannot be read; the others can
    lines: list[Line] = []
    arabic = len(ARABIC.findall(text))
    leftward = 2 * arabic > sum(map(str.isalpha, text))
    for found in re.finditer(r"[^\r\n]+", text):
        start, end = found.span()
        first = end - len(found[0].lstrip())
        size = round(pdfium.FPDFText_GetFontSize(textpage, min(first, end - 1)), 1)
        if ARABIC.search(found[0]):
            line = in_order(_letters(textpage, text, start, end), leftward=leftward)
        else:
            line = _with_marks(textpage, text, start, end)
        # pdfium joins a line that ends in a hyphen to the next one, by a sign that is no character.
        lines += [Line(part.strip(), size) for part in line.replace("\ufffe", "-\n").split("\n") if part.strip()]
    return lines, pictured


def _letters(textpage: pypdfium2.PdfTextPage, text: str, start: int, end: int) -> list[Letter]:
    """The characters of a line that are no blanks, each where it stands."""
    letters: list[Letter] = []
    word = 0
    box = pdfium.FS_RECTF()
    for at in range(start, end):
        if text[at].isspace():
            word += 1
        else:
            pdfium.FPDFText_GetLooseCharBox(textpage, at, box)
            letters.append(Letter(text[at], box.left, box.right, abs(box.top - box.bottom), word))
    return letters


def _with_marks(textpage: pypdfium2.PdfTextPage, text: str, start: int, end: int) -> str:
    """A line with its raised numbers in brackets: the mark of a note would else become part of a word, or of a number."""
    parts: list[str] = []
    read = start
    for digits in _RAISED.finditer(text, start, end):
        first, last = digits.span(1)
        size = pdfium.FPDFText_GetFontSize(textpage, first - 1)
        raised = next((at for at in range(first, last) if pdfium.FPDFText_GetFontSize(textpage, at) < _SMALLER * size), last)
        if raised < last and pdfium.FPDFText_GetUnicode(textpage, raised) == ord(text[raised]):
            parts += (text[read:raised], "[", text[raised:last], "]")
            read = last
    return "".join((*parts, text[read:end]))


def without_repeated(pages: list[list[Line]]) -> list[list[Line]]:
    """``pages`` without the lines that stand at the head or foot of many of them, whatever their numbers, and page numbers.

    The heading of an article is none of them, though pages often begin with one.
    """
    seen: Counter[tuple[bool, str]] = Counter()
    for page in pages:
        seen.update({(True, _key(line)) for line in page[:_EDGE]} | {(False, _key(line)) for line in page[-_EDGE:]})
    often = max(_FEWEST, _REPEATED * len(pages))
    repeated = {place for place, count in seen.items() if count >= often}
    return [_without(page, repeated) for page in pages]


def _without(page: list[Line], repeated: set[tuple[bool, str]]) -> list[Line]:
    first, last = 0, len(page)
    while first < min(_EDGE, last) and _drop(page[first], (True, _key(page[first])) in repeated):
        first += 1
    while last > max(first, len(page) - _EDGE) and _drop(page[last - 1], (False, _key(page[last - 1])) in repeated):
        last -= 1
    return page[first:last]


def _drop(line: Line, repeated: bool) -> bool:
    return bool(_PAGE_NUMBER.fullmatch(line.text)) or (repeated and mark(line.text) is None)


def _key(line: Line) -> str:
    return _NUMBER.sub("#", " ".join(line.text.lower().split()))


def _blocks(pages: list[list[Line]]) -> Iterator[Block]:
    sizes: Counter[float] = Counter()
    for line in (line for page in pages for line in page):
        sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    larger = sorted((size for size in sizes if size > _LARGER * body), reverse=True)
    for page in pages:
        notes = _first_note(page, body)
        for at, line in enumerate(page):
            level = NOTE if at >= notes else _level(line, larger)
            yield Block(line.text, level)


def _level(line: Line, larger: list[float]) -> int:
    if line.size not in larger or len(line.text) > _LONGEST_HEADING:
        return 0
    return min(larger.index(line.size) + 1, 5)


def _first_note(page: list[Line], body: float) -> int:
    """From which line on a page holds its notes: smaller letters down to its foot, the first after a number."""
    at = len(page)
    while at and page[at - 1].size < 0.95 * body:
        at -= 1
    while at < len(page) and not page[at].text[0].isdigit():
        at += 1
    return at
