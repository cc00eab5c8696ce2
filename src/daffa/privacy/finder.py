"""Find personal data in text or bytes: one pass for candidates, then a close look at each. Knows no policy."""

from __future__ import annotations

from .cards import cards
from .emails import emails
from .finding import Finding, apart
from .numbers import numbers
from .scan import candidates

__all__ = ["find", "find_bytes"]


def find(text: str) -> tuple[Finding, ...]:
    """The personal data in ``text``, in order, without overlap; offsets in code points. Linear in the length."""
    data = text.encode("utf-8", "surrogatepass")
    found = find_bytes(data)
    if not found or len(data) == len(text):
        return found
    spans: list[Finding] = []
    seen = points = 0
    for each in found:
        points += len(data[seen : each.start].decode("utf-8", "surrogatepass"))
        width = len(data[each.start : each.end].decode("utf-8", "surrogatepass"))
        spans.append(Finding(each.type, points, points + width, each.confidence, each.check))
        seen, points = each.end, points + width
    return tuple(spans)


def find_bytes(data: bytes) -> tuple[Finding, ...]:
    r"""The personal data in ``data`` (UTF-8; other bytes are passed over), in order, without overlap; offsets in bytes.

    Reads what is written: escapes (``\n`` or ``\u00a0`` in JSON, ``%40`` in addresses) must be undone before.
    """
    number_ends, card_ends, at_ends = candidates(data)
    found: list[Finding] = []
    if number_ends:
        numbers(data, number_ends, found)
    if card_ends:
        cards(data, card_ends, found)
    if at_ends:
        emails(data, at_ends, found)
    return apart(found)
