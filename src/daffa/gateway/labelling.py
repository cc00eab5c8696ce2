"""Who says the label of a request: floor joined with declared joined with found. Knows bytes and labels; no models, no law.

The floor comes from the caller's key and organisation, a client's header can only raise it, and ``found`` is
what the bytes themselves show.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from daffa import privacy
from daffa.decision import NEUTRAL, Category, Form, Label, Level, Purpose
from daffa.errors import Invalid

__all__ = ["FREE_TEXT", "declared_label", "declared_purpose", "found_label", "points_at_somebody", "without"]

_ESCAPED_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)++"', re.DOTALL)
_ESCAPE = re.compile(rb"\\(?:u[0-9a-fA-F]{4}|.)", re.DOTALL)
_decode_string = msgspec.json.Decoder(str).decode
# An escape inside a string of its own: text that is JSON, or source code. At any depth: each level adds backslashes.
_INNER_ESCAPE = re.compile(r"(?<!\\)\\++(?:u([0-9a-fA-F]{4})|[bfnrtv])")

# Bytes that are searched at once, and how many of them a second time: more than any identifier and its context take.
_WINDOW, _OVERLAP = 1 << 14, 1 << 11

# Of a stretch: what was found, and what was looked for.
_stretches: privacy.Recalled[tuple[frozenset[Category], frozenset[Category]]] = privacy.Recalled()

_LONGEST_LABEL = 1000

_NOTHING: frozenset[Category] = frozenset()
_PERSONAL: frozenset[Category] = frozenset({Category.PERSONAL})
# All that a text can show.
_ALL = _PERSONAL | {Category.HEALTH, Category.JUDICIAL, Category.MINORS}

# Free text is raw whatever it seems to hold: no finder is perfect.
FREE_TEXT = Label(form=Form.RAW)
# What cannot be read as text could hold anything; it counts as restricted.
_OPAQUE = Label(level=Level.RESTRICTED, form=Form.RAW)


def declared_label(header: str | None, metadata: Mapping[str, Any]) -> Label:
    """What the client declares, by header or metadata, both joined. Raises ``Invalid`` where either does not parse."""
    label = _parsed("x-daffa-label", header) if header else NEUTRAL
    stated = metadata.get("daffa_label")
    return label if stated is None else label | _parsed("metadata.daffa_label", stated)


def _parsed(field: str, stated: object) -> Label:
    # The label that is decided on goes back in a header, which has to stay one.
    if not isinstance(stated, str) or len(stated) > _LONGEST_LABEL:
        expected = f"a string of at most {_LONGEST_LABEL} characters"
        raise Invalid("invalid_field", field=field, expected=expected, got=str(stated)[:80])
    return _label(stated)


# Clients declare one of a few labels, again and again.
_label = functools.lru_cache(maxsize=1000)(Label.parse)


def declared_purpose(header: str | None, metadata: Mapping[str, Any], default: Purpose) -> Purpose:
    """The purpose that the client states, or ``default``.

    Raises ``Invalid`` for one that does not exist, and where header and metadata differ: a purpose cannot be joined.
    """
    stated = [purpose for purpose in (header or None, metadata.get("daffa_purpose")) if purpose is not None]
    if not stated:
        return default
    try:
        purpose = Purpose(stated[0])
    except ValueError as error:
        raise Invalid("invalid_field", field="purpose", expected=" | ".join(Purpose), got=str(stated[0])[:80]) from error
    if stated[-1] != purpose:
        raise Invalid("invalid_field", field="metadata.daffa_purpose", expected=str(purpose), got=str(stated[-1])[:80])
    return purpose


def without(body: bytes, published: Iterable[str]) -> bytes:
    """A JSON body without texts that are everybody's, a blank where each stood inside of a string; to be looked into alone."""
    for text in published:
        body = body.replace(msgspec.json.encode(text)[1:-1], b" ")
    return body


def found_label(body: bytes, joined: Iterable[str] = (), *, opaque: bool = False) -> Label:
    """What a JSON body shows of itself.

    ``joined`` are texts that stand in the body in pieces; ``opaque`` says that it has parts which are no text.
    """
    return _shown(_seen(body, joined, _NOTHING), opaque)


def points_at_somebody(body: bytes, joined: Iterable[str] = ()) -> bool:
    """Whether a JSON body shows personal data, whatever else it shows."""
    return _seen(body, joined, _ALL - _PERSONAL) >= _PERSONAL


def _seen(body: bytes, joined: Iterable[str], seen: frozenset[Category]) -> frozenset[Category]:
    """``seen`` and what a body shows beside it."""
    seen = _categories(body, seen)
    texts = list(joined)
    if b"\\" in body:
        # An escape hides letters from a scan of the bytes: strings that have one are decoded and scanned as well.
        # Each by itself and not through a JSON parser, which would drop the first of two equal keys.
        texts += _escaped_strings(body)
    if texts:
        # A quotation mark parts them for every reader, as in JSON: one text must not hide what another says.
        text = '"'.join(texts)
        seen = _categories(text.encode("utf-8", "replace"), seen)
        if "\\" in text and seen != _ALL:
            seen = _categories(_INNER_ESCAPE.sub(_unescaped, text).encode("utf-8", "replace"), seen)
    return seen


@functools.cache
def _shown(seen: frozenset[Category], opaque: bool) -> Label:
    label = _OPAQUE if opaque else FREE_TEXT
    return label | Label(level=Level.INTERNAL, categories=seen, form=Form.RAW) if seen else label


def _categories(data: bytes, seen: frozenset[Category]) -> frozenset[Category]:
    """``seen`` and what is found in ``data``, window by window: one call on all of it could hold the interpreter for long.

    What has been seen is not looked for again.
    """
    if len(data) <= _WINDOW:
        return seen | _look(data, _ALL - seen)
    for start in range(0, len(data), _WINDOW):
        if seen == _ALL:
            break
        seen |= _recalled(data[max(start - _OVERLAP, 0) : start + _WINDOW], _ALL - seen)
    return seen


def _recalled(window: bytes, wanted: frozenset[Category]) -> frozenset[Category]:
    """What a window shows of what is wanted, looked for once: a long conversation brings with each turn all that was said."""
    digest = _stretches.digest(window)
    found, asked = _stretches.known.get(digest, (_NOTHING, _NOTHING))
    if not wanted <= asked:
        found |= _look(window, wanted - asked)
        _stretches.put(digest, (found, asked | wanted))
    return found


def _look(window: bytes, wanted: frozenset[Category]) -> frozenset[Category]:
    """Whom it points at, and what it is about: the words of health, courts and children raise the label by themselves."""
    found = _PERSONAL if wanted & _PERSONAL and privacy.anybody(window) else _NOTHING
    if wanted <= _PERSONAL:
        return found
    # An escape would be read as a part of the word behind it; strings that have one are looked at decoded, besides.
    plain = _ESCAPE.sub(b" ", window) if b"\\" in window else window
    return found | privacy.matters_bytes(plain)


def _unescaped(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else "\n"


def _escaped_strings(body: bytes) -> list[str]:
    try:
        return [_decode_string(match.group()) for match in _ESCAPED_STRING.finditer(body)]
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid("invalid_json", reason=str(error)) from error
