"""Gemini's ``Schema`` (the subset of OpenAPI 3.0 that it reads) as JSON Schema. Pure.

Source: the reference of the Gemini API, ``Schema``. A JSON schema goes to Gemini as it is (``parametersJsonSchema``,
``responseJsonSchema``), so there is no way back.
"""

from __future__ import annotations

from typing import Any

from daffa.errors import Invalid

from .fields import camel

__all__ = ["json_schema"]

_DEEPEST = 64
# Integers that Protocol Buffers write as text.
_COUNTS = frozenset({"minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties"})
_RENAMED = {"defs": "$defs", "ref": "$ref"}
# An order of writing, and formats that only say what the type says already.
_LEFT = frozenset({"propertyOrdering", "nullable"})


def json_schema(schema: Any, field: str) -> dict[str, Any]:
    """``schema`` in JSON Schema's words. Raises ``Invalid`` where it is no object, or nests too deep."""
    return _lowered(schema, field, _DEEPEST)


def _lowered(schema: Any, field: str, depth: int) -> dict[str, Any]:
    if not isinstance(schema, dict) or depth == 0:
        expected = "a schema" if depth else f"a schema of at most {_DEEPEST} levels"
        raise Invalid("invalid_request_field", field=field, expected=expected)
    said = {camel(name): value for name, value in schema.items() if value is not None}
    lowered: dict[str, Any] = {}
    for name, value in said.items():
        where = f"{field}.{name}"
        if name in _LEFT or (name == "format" and value == "enum"):
            continue
        if name == "type":
            lowered[name] = _type(value)
        elif name in ("properties", "defs") and isinstance(value, dict):
            lowered[_RENAMED.get(name, name)] = {
                key: _lowered(item, f"{where}.{key}", depth - 1) for key, item in value.items()
            }
        elif name == "items" or (name == "additionalProperties" and isinstance(value, dict)):
            lowered[name] = _lowered(value, where, depth - 1)
        elif name == "anyOf" and isinstance(value, list):
            lowered[name] = [_lowered(item, f"{where}[{number}]", depth - 1) for number, item in enumerate(value)]
        elif name == "example":
            lowered["examples"] = [value]
        elif name in _COUNTS and isinstance(value, str) and value.isdigit():
            lowered[name] = int(value)
        else:
            lowered[_RENAMED.get(name, name)] = value
    return _or_null(lowered) if said.get("nullable") is True else lowered


def _type(stated: Any) -> Any:
    return stated.lower() if isinstance(stated, str) else stated


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    if isinstance(schema.get("type"), str):
        choices = {"enum": [*schema["enum"], None]} if isinstance(schema.get("enum"), list) else {}
        return {**schema, "type": [schema["type"], "null"], **choices}
    if isinstance(schema.get("anyOf"), list):
        return {**schema, "anyOf": [*schema["anyOf"], {"type": "null"}]}
    return {"anyOf": [schema, {"type": "null"}]} if schema else schema
