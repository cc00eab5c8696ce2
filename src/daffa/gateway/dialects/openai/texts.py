"""Every text in a request's body, but for what a protocol itself names. Knows the names that OpenAI's protocols have.

What is not known is taken for somebody's words: a field that a server adds tomorrow is masked, not let through.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...dialect import Slot

__all__ = ["texts"]

# Keys whose strings a protocol or a schema reads: they are no words of anybody's.
_NAMES = frozenset({
    "$id", "$ref", "$schema", "call_id", "detail", "dimensions", "effort", "encoding_format", "encrypted_content", "file_id",
    "format", "generate_summary", "id", "include", "item_id", "mode", "model", "modalities", "pattern",
    "prompt_cache_retention", "reasoning_effort", "required", "role", "service_tier", "status", "summary_format",
    "tool_call_id", "tool_choice", "truncation", "type", "verbosity",
})  # fmt: skip
# Keys that hold data, not text: what is in them cannot be read, and makes a request opaque.
_DATA = frozenset({"data", "file_data", "file_url", "image_url", "url"})
# Keys under which a client's own values stand, whatever their names are.
_OWN = frozenset({"const", "default", "enum", "examples", "metadata"})
# Keys whose text is JSON.
_JSON = frozenset({"arguments"})


def texts(body: Any) -> Iterator[Slot]:
    """The texts of a decoded body, in the order in which they stand."""
    open_holders: list[tuple[Any, bool, Iterator[tuple[Any, Any]]]] = [(body, False, _items(body))]
    while open_holders:
        holder, own, items = open_holders[-1]
        for key, value in items:
            if isinstance(value, str):
                if own or not _known(holder, key):
                    yield Slot(None, holder, key, key in _JSON)
            elif isinstance(value, dict) or (isinstance(value, list) and (own or not _named_list(key, value))):
                open_holders.append((value, own or key in _OWN, _items(value)))
                break
        else:
            open_holders.pop()


def _items(holder: Any) -> Iterator[tuple[Any, Any]]:
    # A copy: the texts are replaced while this goes on.
    return iter(list(holder.items() if isinstance(holder, dict) else enumerate(holder)))


def _known(holder: Any, key: Any) -> bool:
    """Whether the string at ``key`` is the protocol's. A name is a function's or a schema's, but not that of who speaks."""
    return key in _NAMES or key in _DATA or (key == "name" and "role" not in holder)


def _named_list(key: Any, value: list[Any]) -> bool:
    return key in _NAMES and all(isinstance(item, str) for item in value)
