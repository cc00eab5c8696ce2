"""The bytes of a file as a document: its format found, and the work done here or in a child process. Knows no store."""

from __future__ import annotations

from daffa.errors import Invalid

from .apart import make_apart
from .document import Document
from .kinds import kind_of
from .making import make

__all__ = ["MOST_BYTES", "read_document"]

MOST_BYTES = 64 << 20
_PLAIN = ("markdown", "text")
_SMALL = 100_000
"""Bytes of plain text that are not worth a process: whatever is in them, it is read in well under a second."""


def read_document(raw: bytes, name: str) -> Document:
    """The document that ``raw`` holds; its format is found by content first, then by the suffix of ``name``.

    Blocks while a child process reads, which is for all but small plain text and Markdown: call it from a thread.

    Raises:
        Invalid: ``document_format``, ``document_empty``, ``document_broken_font``, ``document_damaged``,
            ``document_encrypted``, ``document_too_large``, ``document_too_slow``, ``document_needs_ocr``,
            ``document_unsafe``; each names the file.
    """
    if len(raw) > MOST_BYTES:
        raise Invalid("document_too_large", name=name, got=f"{len(raw)} bytes", most=f"{MOST_BYTES >> 20} MiB")
    if not raw.strip():
        raise Invalid("document_empty", name=name)
    kind = kind_of(raw, name)
    if kind in _PLAIN and len(raw) <= _SMALL:
        return make(kind, raw, name)
    return make_apart(kind, raw, name)
