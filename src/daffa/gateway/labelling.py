"""Who says the label of a request: floor joined with declared joined with found. Knows bytes and labels; no models, no law.

The floor comes from the caller's key and organisation, a client's header can only raise it, and ``found`` is
what the bytes themselves show.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from daffa import privacy
from daffa.decision import NEUTRAL, Form, Label, Level, Purpose
from daffa.errors import Invalid

__all__ = ["FREE_TEXT", "declared_label", "declared_purpose", "found_label"]

_ESCAPED_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)++"', re.DOTALL)
_decode_string = msgspec.json.Decoder(str).decode

# Free text is raw whatever it seems to hold: no finder is perfect.
FREE_TEXT = Label(form=Form.RAW)
# What cannot be read as text could hold anything; it counts as restricted.
_OPAQUE = Label(level=Level.RESTRICTED, form=Form.RAW)


def declared_label(header: str | None, metadata: Mapping[str, Any]) -> Label:
    """What the client declares, by header or metadata, both joined. Raises ``Invalid`` where either does not parse."""
    label = Label.parse(header) if header else NEUTRAL
    stated = metadata.get("daffa_label")
    if stated is None:
        return label
    if not isinstance(stated, str):
        raise Invalid("invalid_field", field="metadata.daffa_label", expected="a string", got=type(stated).__name__)
    return label | Label.parse(stated)


def declared_purpose(header: str | None, metadata: Mapping[str, Any], default: Purpose) -> Purpose:
    """The purpose that the client states, or ``default``. Raises ``Invalid`` for one that does not exist."""
    stated = header or metadata.get("daffa_purpose")
    if stated is None:
        return default
    try:
        return Purpose(stated)
    except ValueError as error:
        raise Invalid("invalid_field", field="purpose", expected=" | ".join(Purpose), got=str(stated)[:80]) from error


def found_label(body: bytes, *, opaque: bool) -> Label:
    """What a JSON body shows of itself. ``opaque`` says that it has parts which are no text."""
    findings = privacy.find_bytes(body)
    if b"\\" in body:
        # An escape hides letters from a scan of the bytes: strings that have one are decoded and scanned as well.
        # Each by itself and not through a JSON parser, which would drop the first of two equal keys.
        findings += privacy.find_bytes("\n".join(_escaped_strings(body)).encode("utf-8", "replace"))
    label = _OPAQUE if opaque else FREE_TEXT
    if findings:
        label |= Label(level=Level.INTERNAL, categories=privacy.categories(findings), form=Form.RAW)
    return label


def _escaped_strings(body: bytes) -> list[str]:
    try:
        return [_decode_string(match.group()) for match in _ESCAPED_STRING.finditer(body)]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("invalid_json", reason=str(error)) from error
