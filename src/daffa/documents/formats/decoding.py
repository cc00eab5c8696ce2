"""Bytes of a plain text as text: by its byte order mark, as UTF-8, else by trial. Knows no format and no language.

The single-byte code pages of the country are two: windows-1252 for French and windows-1256 for Arabic, which writes most
French letters too. Which of both it is shows in the words: Arabic letters come in words of their own, the accents of French
inside Latin words.
"""

from __future__ import annotations

import codecs
import re

from daffa.errors import Invalid

__all__ = ["decode"]

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_ARABIC_WORD = re.compile(r"(?<!\w)[ء-يپچژگ\u064b-\u0652]{2,}(?!\w)")
_ARABIC_LETTER = re.compile(r"[ء-يپچژگ]")
_CONTROL = re.compile(r"[\x01-\x08\x0e-\x1a\x1c-\x1f]")
_MOST_CONTROL = 0.3  # fewer may come of broken fonts: that is told apart later, with its own reason
_ASSUMED = {"iso-8859-1": "cp1252", "iso8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252"}


def decode(raw: bytes, said: str = "") -> str:
    """``raw`` as text. ``said`` is the encoding that the text claims for itself; one that does not fit is not believed.

    Raises:
        Invalid: ``document_format`` for bytes that are no text.
    """
    text = _decode(raw, said)
    if "\0" in text or len(_CONTROL.findall(text)) > _MOST_CONTROL * len(text):
        raise Invalid("document_format", name="", got="bytes")
    return text


def _decode(raw: bytes, said: str) -> str:
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    for encoding in (_wide(raw), "utf-8", _ASSUMED.get(said.lower(), said)):
        text = _strictly(raw, encoding)
        if text is not None:
            return text
    return _single_byte(raw)


def _strictly(raw: bytes, encoding: str) -> str | None:
    if not encoding:
        return None
    try:
        return raw.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        return None  # it does not fit, is unknown, or is no encoding of text ("hex")


def _wide(raw: bytes) -> str:
    """UTF-16 without a mark: of text in our scripts, the upper byte of most characters is one of four."""
    head = raw[:2000]
    if len(head) < 4 or len(raw) % 2:
        return ""
    upper, never = (0x00, 0x01, 0x06, 0x20, 0x2D), (0x00, 0x06)  # plain text in UTF-8 holds neither of the first two
    for encoding, first in (("utf-16-le", 1), ("utf-16-be", 0)):
        half = head[first::2]
        if sum(byte in upper for byte in half) > 0.95 * len(half) and sum(byte in never for byte in half) > 0.1 * len(half):
            return encoding
    return ""


def _single_byte(raw: bytes) -> str:
    arabic = raw.decode("cp1256", "replace")
    letters = len(_ARABIC_LETTER.findall(arabic))
    in_words = sum(len(word) for word in _ARABIC_WORD.findall(arabic))
    if letters and in_words > 0.6 * letters:
        return arabic
    return raw.decode("cp1252", "replace")
