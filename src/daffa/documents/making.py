"""The bytes of one format as a document: text taken, tidied, repaired, its sections made. Knows no store and no process."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from daffa.errors import Invalid
from daffa.language import identify, repair_lines

from .assembling import assemble, with_articles
from .document import Document
from .folding import unfold
from .formats import Block, Parsed
from .formats.archive import Archive
from .formats.decoding import decode
from .formats.docx import read_docx
from .formats.html import read_html
from .formats.markdown import read_markdown
from .formats.odt import read_odt
from .formats.parsed import MOST_CHARACTERS
from .formats.pdf import read_pdf
from .formats.text import read_text
from .legibility import garbled

__all__ = ["language_of", "make", "tidy"]

_READERS: Mapping[str, Callable[[bytes], Parsed]] = {
    "pdf": read_pdf,
    "docx": lambda raw: read_docx(Archive(raw)),
    "odt": lambda raw: read_odt(Archive(raw)),
    "html": read_html,
    "markdown": lambda raw: read_markdown(decode(raw)),
    "text": lambda raw: read_text(decode(raw)),
}
_MAY_HOLD_CODE = ("markdown", "html")
# Embeddings, overrides and isolates turn a number round for whoever reads; plain marks of direction only help.
_UNSEEN = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u00ad\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ue000-\uf8ff]")
_FORMS = re.compile("[\ufb50-\ufdff\ufe70-\ufefc]+")
_BLANKS = re.compile("[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000]+")
_PROGRAM_TITLE = re.compile(r"(?i)microsoft word|untitled|sans titre|document\d*$|\.(?:docx?|odt|pdf|rtf|indd|qxd)\b")
_SAMPLE = 20_000
_LONGEST_TITLE, _LONGEST_LINE = 300, 120


def make(kind: str, raw: bytes, name: str) -> Document:
    """The document that ``raw`` is as ``kind``, one of ``FORMATS``. Raises ``Invalid`` as ``read_document`` says."""
    try:
        return _make(kind, raw, name)
    except Invalid as mistake:
        mistake.facts["name"] = name  # whoever reads bytes does not know it
        raise


def _make(kind: str, raw: bytes, name: str) -> Document:
    parsed = _READERS[kind](raw)
    whole = "\n".join(block.text for block in parsed.blocks)
    if len(whole) > MOST_CHARACTERS:
        raise Invalid("document_too_large", name="", got=f"{len(whole)} characters", most=f"{MOST_CHARACTERS} characters")
    illegible = garbled(whole, code=kind in _MAY_HOLD_CODE)
    if illegible:
        raise Invalid("document_broken_font", name="", share=round(100 * illegible.share), example=illegible.example)
    blocks, changes = _repaired(parsed.blocks)
    blocks = unfold(blocks) if parsed.flat else list(with_articles(blocks))
    text, sections = assemble(blocks)
    if not any(map(str.isalnum, text)):
        raise Invalid("document_empty", name="")
    title = _title(parsed, blocks, name)
    return Document(name, title, text, language_of(text), sections, kind, changes, parsed.pages)


def _repaired(blocks: list[Block]) -> tuple[list[Block], int]:
    """Blocks with their text tidied and its Arabic repaired, and in how many places."""
    tidied = [Block(tidy(block.text), block.level) for block in blocks]
    repaired = repair_lines([block.text for block in tidied])
    changes = sum(len(one.changes) for one in repaired)
    return [Block(one.text, block.level) for one, block in zip(repaired, tidied, strict=True)], changes


def tidy(text: str) -> str:
    """``text`` without what nobody sees, its blanks made plain; Arabic letters drawn as forms are letters again."""
    text = _FORMS.sub(lambda forms: unicodedata.normalize("NFKC", forms[0]), text)
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(_BLANKS.sub(" ", _UNSEEN.sub("", line)).strip() for line in re.split("[\n\x0b\x0c\x85\u2028\u2029]", text))


def _title(parsed: Parsed, blocks: list[Block], name: str) -> str:
    """What the file calls itself. A PDF often carries the title of the file it was made from: its first heading goes first."""
    first = next((block for block in blocks if block.text), Block(""))
    said = " ".join(tidy(parsed.title).split())
    line = first.text.split("\n", 1)[0]
    headed = first.level == 1 or (parsed.flat and first.level == 0 and len(line) <= _LONGEST_LINE)
    wanted = [line if headed else "", "" if _PROGRAM_TITLE.search(said) else said]
    stem = PurePosixPath(name.replace("\\", "/")).stem.replace("_", " ").strip()
    return next(filter(None, [*(wanted if parsed.flat else wanted[::-1]), stem, name]))[:_LONGEST_TITLE]


def language_of(text: str) -> str:
    """BCP 47 of most of ``text``; empty where nobody can tell."""
    middle = max(0, len(text) // 2 - _SAMPLE // 2)
    said = identify(text if len(text) <= _SAMPLE else text[middle : middle + _SAMPLE]).language
    return "" if said in {"und", "other"} else said
