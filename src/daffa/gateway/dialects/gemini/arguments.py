"""Arguments of a call: text of a JSON object elsewhere, an object in Gemini. Pure.

The object is put in as it was written, so that no number loses a digit, but on one line, as an event must be.
"""

from __future__ import annotations

import msgspec

from .fields import UNREADABLE

__all__ = ["arguments_object", "arguments_text"]

_is_object = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def arguments_object(text: str) -> msgspec.Raw | None:
    """The object that ``text`` is; an empty text is an empty object. ``None`` where it is none."""
    if not text.strip():
        return msgspec.Raw(b"{}")
    try:
        _is_object(text)
        return msgspec.Raw(msgspec.json.format(text.encode(), indent=-1))
    except UNREADABLE:
        return None


def arguments_text(written: msgspec.Raw) -> str | None:
    """The text of an object; ``None`` where it is none."""
    try:
        _is_object(written)
        return msgspec.json.format(bytes(written), indent=-1).decode()
    except UNREADABLE:
        return None
