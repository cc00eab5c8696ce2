"""Web pages (HTML): headings, paragraphs, list items, table rows. Scripts, styles, navigation and what is hidden are left out.

Knows nothing of sections. The parser of the standard library is quadratic on hostile pages: this runs in the child process.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

from .decoding import decode
from .parsed import Block, Parsed

__all__ = ["read_html"]

_META = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_HEAD = 4096
_LEFT_OUT = frozenset("script style nav template noscript svg iframe object select button textarea canvas head".split())
_ENDS_BLOCK = frozenset(
    "address article aside blockquote body center dd details div dl dt fieldset figcaption figure footer form header hr html"
    " legend li main ol p pre section summary table tbody tfoot thead tr ul h1 h2 h3 h4 h5 h6 option caption".split()
)
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_CELLS = ("td", "th")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)


def read_html(raw: bytes) -> Parsed:
    """The blocks of a page, in reading order; its encoding is that of its byte order mark, of its ``meta``, or found by trial.

    Raises:
        Invalid: ``document_format`` where no encoding fits.
    """
    said = _META.search(raw[:_HEAD])
    page = _Page()
    page.feed(decode(raw, said[1].decode("ascii") if said else ""))
    page.close()
    page.end_block()
    return Parsed(title=" ".join("".join(page.title).split()), blocks=page.blocks)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title: list[str] = []
        self.blocks: list[Block] = []
        self._text: list[str] = []
        self._level = 0
        self._row: list[str] | None = None
        self._in_title = False
        self._kept_as_is = 0  # inside <pre>, blanks mean something
        self._hidden = ""  # the element that hides what it holds, and how many of its name are open in it
        self._hidden_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._hidden:
            self._hidden_depth += tag == self._hidden
            self._in_title = self._in_title or (tag == "title" and self._hidden == "head" and not self.title)
            return
        if tag not in _VOID and (tag in _LEFT_OUT or _hides(dict(attrs))):
            self.end_block()
            self._hidden, self._hidden_depth = tag, 1
            return
        if tag == "title":
            self._in_title = not self.title
        elif tag == "br":
            self._text.append("\n")
        elif tag == "tr":
            self._end_row()
            self._row = []
        elif tag in _CELLS:
            self._end_cell()
            if self._row is None:
                self._row = []
        elif tag in _ENDS_BLOCK:
            self._end_block_or_blank()
            self._kept_as_is += tag == "pre"
            if re.fullmatch("h[1-6]", tag) and self._row is None:
                self._level = int(tag[1])
            if tag == "li":
                self._text.append("- ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False
        if self._hidden:
            self._hidden_depth -= tag == self._hidden
            if self._hidden_depth <= 0:
                self._hidden = ""
            return
        if tag in _CELLS:
            self._end_cell()
        elif tag in ("tr", "table"):
            self._end_row()
        elif tag in _ENDS_BLOCK:
            self._end_block_or_blank()
            self._kept_as_is = max(0, self._kept_as_is - (tag == "pre"))

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title.append(data)
        elif not self._hidden:
            self._text.append(data if self._kept_as_is else re.sub(r"[ \t\r\n\f]+", " ", data))

    def end_block(self) -> None:
        """What was gathered becomes a block."""
        text = re.sub(" *\n *", "\n", re.sub(" {2,}", " ", "".join(self._text))).strip()
        self._text.clear()
        if text and text != "-":
            self.blocks.append(Block(text, self._level))
        self._level = 0

    def _end_block_or_blank(self) -> None:
        if self._row is None:
            self.end_block()
        else:
            self._text.append(" ")

    def _end_cell(self) -> None:
        if self._row is not None:
            text = " ".join("".join(self._text).split())
            self._text.clear()
            if text:
                self._row.append(text)

    def _end_row(self) -> None:
        if self._row is None:
            self.end_block()
            return
        self._end_cell()
        if self._row:
            self.blocks.append(Block(" | ".join(self._row)))
        self._row = None


def _hides(attributes: dict[str, str | None]) -> bool:
    return (
        "hidden" in attributes or attributes.get("aria-hidden") == "true" or bool(_HIDDEN.search(attributes.get("style") or ""))
    )
