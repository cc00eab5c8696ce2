"""JSON lines as documents: one object a line, each checked whole before it is given on. Knows no store."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from daffa.errors import Invalid
from daffa.language import repair

from .articles import number_of
from .document import Document, Section
from .making import language_of, tidy
from .reading import MOST_BYTES

__all__ = ["read_lines"]

_LONGEST = 4 << 20


class _Line(msgspec.Struct, frozen=True):
    id: str
    text: str
    title: str = ""
    language: str = ""
    label: str = ""


_DECODER = msgspec.json.Decoder(_Line)


def read_lines(raw: bytes, name: str) -> Iterator[Document]:
    """The documents of a JSONL file: objects with ``id`` and ``text``, optional ``title``, ``language`` and ``label``.

    The ``name`` of a document is its ``id``; its ``label`` is as the line says it, for whoever stores it to join. The text is
    one section under the title, its Arabic repaired. Other fields are let alone, empty lines skipped.

    Raises:
        Invalid: ``document_line`` with the line and what was expected, when that line is reached; ``document_too_large``;
            ``document_empty`` for a file without a line.
    """
    if len(raw) > MOST_BYTES:
        raise Invalid("document_too_large", name=name, got=f"{len(raw)} bytes", most=f"{MOST_BYTES >> 20} MiB")
    seen: dict[str, int] = {}
    for number, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        read = _read(line, name, number)
        if read.id in seen:
            raise _wrong(name, number, "id", f"{read.id} = {seen[read.id]}")
        seen[read.id] = number
        yield _document(read, name, number)
    if not seen:
        raise Invalid("document_empty", name=name)


def _read(line: bytes, name: str, number: int) -> _Line:
    if len(line) > _LONGEST:
        raise _wrong(name, number, f"<= {_LONGEST} bytes", str(len(line)))
    try:
        read = _DECODER.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as mistake:
        raise _wrong(name, number, "{id, text, title?, language?, label?}", str(mistake)) from None
    if not read.id.strip() or not read.text.strip():
        raise _wrong(name, number, "id, text", '""')
    return read


def _document(read: _Line, name: str, number: int) -> Document:
    repaired = repair(tidy(read.text).strip())
    text = repaired.text
    if not text:
        raise _wrong(name, number, "text", '""')
    title = " ".join(tidy(read.title).split())
    section = Section(title, 1, 0, len(text), number_of(title))
    return Document(
        read.id,
        title or read.id,
        text,
        read.language or language_of(text),
        (section,),
        "jsonl",
        len(repaired.changes),
        0,
        read.label,
    )


def _wrong(name: str, line: int, expected: str, got: str) -> Invalid:
    return Invalid("document_line", name=name, line=line, expected=expected, got=got)
