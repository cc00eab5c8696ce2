"""XML of office files, read so that it cannot harm: no DTD, no entities of its own, bounded in size and depth.

Knows no office format.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from daffa.errors import Invalid

__all__ = ["read_xml"]

_MOST_ELEMENTS = 3_000_000
_DEEPEST = 200


class _Bounded(ET.TreeBuilder):
    def __init__(self, part: str) -> None:
        super().__init__()
        self._part = part
        self._depth = self._elements = 0

    def doctype(self, name: str, public: str | None, system: str | None) -> None:  # noqa: ARG002 (the parser's own signature)
        """An office file declares no document type; one that does wants to define entities."""
        raise Invalid("document_unsafe", name="", part=self._part, what="<!DOCTYPE>")

    def start(self, tag: Any, attrs: Any, /) -> ET.Element:
        self._depth += 1
        self._elements += 1
        if self._depth > _DEEPEST:
            raise Invalid("document_unsafe", name="", part=self._part, what=f"depth > {_DEEPEST}")
        if self._elements > _MOST_ELEMENTS:
            raise Invalid(
                "document_too_large", name="", got=f"{self._part}: {self._elements}", most=f"{_MOST_ELEMENTS} XML elements"
            )
        return super().start(tag, attrs)

    def end(self, tag: Any, /) -> ET.Element:
        self._depth -= 1
        return super().end(tag)


def read_xml(raw: bytes, part: str) -> ET.Element:
    """The root of an XML part.

    Raises:
        Invalid: ``document_unsafe`` for a DTD or a tree deeper than 200, ``document_too_large``, ``document_damaged``.
    """
    parser = ET.XMLParser(target=_Bounded(part))  # noqa: S314 (a DTD, which every known attack needs, is refused above)
    try:
        parser.feed(raw)
        root: ET.Element = parser.close()
    except (ET.ParseError, ValueError, LookupError) as mistake:
        raise Invalid("document_damaged", name="", where=part, reason=str(mistake)) from None
    return root
