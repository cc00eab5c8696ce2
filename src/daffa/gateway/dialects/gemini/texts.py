"""Where texts stand in Gemini's documents: in requests, whatever somebody wrote; in answers, what a model wrote. Pure.

In a request everything counts as a text but what is known to be a name of the protocol's: a field that nobody here knows
may hold somebody's data.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from ...dialect import Slot
from .fields import camel

__all__ = ["closes", "prompts", "slots"]


class _Level(NamedTuple):
    """One kind of object: its names of the protocol's, its objects of a known kind, its schemas. All else is text.

    ``own`` are objects of the client's own, with all their keys.
    """

    names: frozenset[str] = frozenset()
    inner: Mapping[str, _Level] = MappingProxyType({})
    schemas: frozenset[str] = frozenset()
    own: frozenset[str] = frozenset()


_BLOB = _Level(frozenset({"mimeType", "data"}))
_MEDIA = {"inlineData": _BLOB, "fileData": _BLOB}
# A model must give names and ids back as they are.
_CALL = _Level(frozenset({"id", "name", "scheduling"}), {"parts": _Level(inner=_MEDIA)}, own=frozenset({"args", "response"}))
_PART = _Level(frozenset({"thoughtSignature"}), {"functionCall": _CALL, "functionResponse": _CALL, **_MEDIA})
_CONTENT = _Level(frozenset({"role"}), {"parts": _PART})
_DECLARED = _Level(
    frozenset({"name", "behavior"}), schemas=frozenset({"parameters", "parametersJsonSchema", "response", "responseJsonSchema"})
)
_CALLING = _Level(frozenset({"mode", "allowedFunctionNames"}))
_CONFIG = _Level(
    frozenset({"responseMimeType", "responseModalities", "mediaResolution"}),
    {"thinkingConfig": _Level(frozenset({"thinkingLevel"}))},
    frozenset({"responseSchema", "responseJsonSchema"}),
)
_REQUEST = _Level(
    frozenset({"model", "cachedContent", "serviceTier"}),
    {
        "contents": _CONTENT,
        "systemInstruction": _CONTENT,
        "tools": _Level(inner={"functionDeclarations": _DECLARED}),
        "toolConfig": _Level(inner={"functionCallingConfig": _CALLING}),
        "generationConfig": _CONFIG,
        "safetySettings": _Level(frozenset({"category", "threshold", "method"})),
    },
)
_BODY = _REQUEST._replace(inner={**_REQUEST.inner, "generateContentRequest": _REQUEST})
_SCHEMA_NAMES = frozenset({"type", "format", "required", "propertyOrdering", "$ref", "ref", "$schema", "$id", "pattern"})


def prompts(body: Any) -> Iterator[Slot]:
    """Every text of a request that may hold somebody's data."""
    if isinstance(body, dict):
        yield from _asked(body, _BODY)


def _asked(holder: dict[str, Any], level: _Level) -> Iterator[Slot]:
    for key, value in list(holder.items()):
        name = camel(key)
        if name in level.names:
            continue
        known = level.inner.get(name)
        if known is not None and isinstance(value, dict):
            yield from _asked(value, known)
        elif known is not None and isinstance(value, list):
            for number, row in enumerate(value):
                yield from _asked(row, known) if isinstance(row, dict) else _every(value, number, row)
        elif name in level.own and isinstance(value, dict):
            yield Slot(None, holder, key)
        else:
            yield from _every(holder, key, value, _SCHEMA_NAMES if name in level.schemas else frozenset())


def _every(holder: Any, key: Any, value: Any, names: frozenset[str] = frozenset()) -> Iterator[Slot]:
    """Every text in a value however deep it nests; none under ``names``, but where they name an object of their own."""
    pending = [(holder, key, value)]
    while pending:
        holder, key, value = pending.pop()
        if isinstance(value, str):
            yield Slot(None, holder, key)
        elif isinstance(value, list):
            pending += [(value, number, item) for number, item in reversed(list(enumerate(value)))]
        elif isinstance(value, dict):
            pending += [
                (value, name, item)
                for name, item in reversed(value.items())
                if camel(name) not in names or isinstance(item, dict)
            ]


def slots(document: Any) -> Iterator[Slot]:
    """Every text that a model wrote, in an answer or an event."""
    for number, parts in _candidates(document):
        for part in parts:
            for key, value in part.items():
                if key == "text" and isinstance(value, str):
                    yield Slot(_channel(number, part), part, key)
                elif key == "functionCall" and isinstance(value, dict) and isinstance(value.get("args"), dict):
                    yield Slot(None, value, "args")
                elif key in ("executableCode", "codeExecutionResult"):
                    yield from _every(part, key, value)


def closes(document: Any) -> Iterator[str]:
    """The channels that end with this event.

    Texts and thoughts end each other. What stands beside other parts ends too: an event that was made again for the rest of
    a text would call a tool twice.
    """
    ended = _ended(document)
    for number, parts in _candidates(document):
        thoughts = [part.get("thought") is True for part in parts if "text" in part]
        mixed = len(thoughts) < len(parts) or len(thoughts) > 1 or number in ended
        if mixed or True in thoughts:
            yield f"{number}.text"
        if mixed or False in thoughts:
            yield f"{number}.thought"


def _listed(document: Any) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each candidate, with its number."""
    candidates = document.get("candidates") if isinstance(document, dict) else None
    for place, candidate in enumerate(candidates if isinstance(candidates, list) else ()):
        if isinstance(candidate, dict):
            number = candidate.get("index")
            yield number if isinstance(number, int) else place, candidate


def _candidates(document: Any) -> Iterator[tuple[int, list[dict[str, Any]]]]:
    """The parts of each candidate, with its number."""
    for number, candidate in _listed(document):
        content = candidate.get("content")
        parts = content.get("parts") if isinstance(content, dict) else None
        yield number, [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []


def _ended(document: Any) -> set[int]:
    """The numbers of the candidates that end here."""
    return {number for number, candidate in _listed(document) if candidate.get("finishReason") is not None}


def _channel(number: int, part: dict[str, Any]) -> str:
    return f"{number}.thought" if part.get("thought") is True else f"{number}.text"
