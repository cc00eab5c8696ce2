"""Which format the bytes of a file are: by what they begin with, and by the name only where the content leaves it open."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from daffa.errors import Invalid

__all__ = ["FORMATS", "kind_of"]

FORMATS = ("pdf", "docx", "odt", "html", "markdown", "text")
_ODT = b"application/vnd.oasis.opendocument.text"
_HTML = re.compile(
    rb"\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--(?:(?!-->).){0,1000}-->\s*+)*+<(?:!doctype\s+html|html|head|body)\b",
    re.IGNORECASE | re.DOTALL,
)
_SUFFIXES = {".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html", ".xhtml": "html"}
_BINARY = {".pdf": "PDF", ".docx": "DOCX", ".odt": "ODT"}
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def kind_of(raw: bytes, name: str) -> str:
    """One of ``FORMATS``.

    Raises:
        Invalid: ``document_format`` for another format; ``document_encrypted`` for a Word file under a password;
            ``document_damaged`` where the name promises what the content is not.
    """
    suffix = PurePosixPath(name.lower()).suffix
    if b"%PDF-" in raw[:1024]:
        return "pdf"
    if raw.startswith(b"PK\x03\x04"):
        return _archived(raw, name, suffix)
    if raw.startswith(_OLE):
        if _ENCRYPTED in raw:
            raise Invalid("document_encrypted", name=name, where="EncryptedPackage")
        raise Invalid("document_format", name=name, got="OLE (.doc, .xls)")
    if raw.startswith(b"{\\rtf"):
        raise Invalid("document_format", name=name, got="RTF")
    if suffix in _BINARY:
        raise Invalid("document_damaged", name=name, where=_BINARY[suffix], reason=repr(raw[:8]))
    if _HTML.match(raw.removeprefix(b"\xef\xbb\xbf")[:2048]):
        return "html"
    return _SUFFIXES.get(suffix, "text")


def _archived(raw: bytes, name: str, suffix: str) -> str:
    """By the names that stand in the clear in any archive: who opens a hostile one here would have to hold its whole table."""
    if _ODT in raw[:200]:  # by the standard it stands first, and is not compressed
        return "odt"
    if b"word/document.xml" in raw:
        return "docx"
    if suffix in _BINARY:
        raise Invalid("document_damaged", name=name, where=_BINARY[suffix], reason="ZIP")
    kinds = {b"xl/workbook.xml": "XLSX", b"ppt/presentation.xml": "PPTX"}
    raise Invalid("document_format", name=name, got=next((kind for part, kind in kinds.items() if part in raw), "ZIP"))
