"""Opaque signatures of thoughts, on their way through a protocol of another vendor. Pure.

A signature is of use to the vendor that made it alone, and another answers an error to it. So each is marked: Gemini's, when
clients of other protocols keep it for us, and another vendor's, when a client of Gemini's does, whose own are base64.
"""

from __future__ import annotations

import base64
import binascii

__all__ = ["SKIPPED", "foreign_signature", "gemini_signature", "kept_signature", "marked_signature"]

SKIPPED = "skip_thought_signature_validator"
"""What Gemini 3 takes for the signature of a call that another model made (its guide to thought signatures)."""

_GEMINI = "gemini."
_FOREIGN = b"daffa."


def kept_signature(signature: str) -> str:
    """Gemini's own, as clients of other protocols keep it."""
    return _GEMINI + signature if signature else ""


def gemini_signature(kept: str) -> str:
    """Gemini's own again; empty where another vendor made it."""
    return kept.removeprefix(_GEMINI) if kept.startswith(_GEMINI) else ""


def marked_signature(signature: str) -> str:
    """Another vendor's, as clients of Gemini's keep it."""
    return base64.b64encode(_FOREIGN + signature.encode()).decode()


def foreign_signature(marked: str) -> str:
    """Another vendor's again; empty where it is Gemini's own."""
    try:
        data = base64.b64decode(marked.replace("-", "+").replace("_", "/"), validate=True)
        return data.removeprefix(_FOREIGN).decode() if data.startswith(_FOREIGN) else ""
    except (binascii.Error, ValueError):
        return ""
