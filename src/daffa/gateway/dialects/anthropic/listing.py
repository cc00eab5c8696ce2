"""The list of models as Anthropic's clients read it. Pure; knows rows, no catalogue.

Source: the public reference of the Anthropic API, ``GET /v1/models``. A date that is not known is the epoch there, too.
"""

from __future__ import annotations

from typing import Any

import msgspec

__all__ = ["LISTING", "AnthropicListing"]

_UNKNOWN_DATE = "1970-01-01T00:00:00Z"
_encode = msgspec.json.Encoder().encode


class AnthropicListing:
    """``GET /v1/models`` with the header ``anthropic-version``. All models are on the one page."""

    def models(self, rows: list[dict[str, Any]]) -> bytes:
        """All of them."""
        listed = [_row(row) for row in rows]
        ends = {"first_id": listed[0]["id"], "last_id": listed[-1]["id"]} if listed else {"first_id": None, "last_id": None}
        return _encode({"data": listed, "has_more": False, **ends})

    def model(self, row: dict[str, Any]) -> bytes:
        """One of them."""
        return _encode(_row(row))


LISTING = AnthropicListing()


def _row(row: dict[str, Any]) -> dict[str, Any]:
    known = {"type": "model", "id": row["id"], "display_name": row["id"], "created_at": _UNKNOWN_DATE, "lifecycle": "active"}
    return {**known, "daffa": row["daffa"]} if "daffa" in row else known
