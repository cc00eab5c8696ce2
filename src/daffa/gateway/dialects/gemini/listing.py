"""The list of models as Gemini's clients read it. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["LISTING", "GeminiListing"]

_METHODS = ["generateContent", "countTokens"]
_encode = msgspec.json.Encoder().encode


class GeminiListing:
    """Answers to ``GET /v1beta/models`` and ``GET /v1beta/models/{model}``; rows as ``dialect.Listing`` says."""

    def models(self, rows: list[dict[str, Any]]) -> bytes:
        """All of them, on one page."""
        return _encode({"models": [_model(row) for row in rows]})

    def model(self, row: dict[str, Any]) -> bytes:
        """One of them."""
        return _encode(_model(row))


LISTING = GeminiListing()


def _model(row: dict[str, Any]) -> dict[str, Any]:
    facts = {"daffa": row["daffa"]} if "daffa" in row else {}
    name = row["id"]
    return {"name": f"models/{name}", "displayName": name, "supportedGenerationMethods": _METHODS, **facts}
