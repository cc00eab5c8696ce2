"""The smallest value that a JSON schema asks for. Knows the common keywords, not the whole of JSON Schema."""

from __future__ import annotations

from typing import Any

__all__ = ["sample"]

_DEEPEST = 16
_MOST = 1_000


def sample(schema: Any) -> Any:
    """A value of ``schema``: required properties only, first choice of an enumeration, least number.

    ``None`` where the schema says nothing, or where it nests deeper than 16 (it may be recursive).
    """
    return _sample(schema, schema, _DEEPEST)


def _sample(schema: Any, root: Any, depth: int) -> Any:
    if not isinstance(schema, dict) or depth == 0:
        return None
    for keyword in ("const", "default"):
        if keyword in schema:
            return schema[keyword]
    if schema.get("enum"):
        return schema["enum"][0]
    if "$ref" in schema:
        return _sample(_at(root, schema["$ref"]), root, depth - 1)
    for keyword in ("anyOf", "oneOf", "allOf"):
        if schema.get(keyword):
            return _sample(schema[keyword][0], root, depth - 1)
    kind = schema.get("type", "object" if "properties" in schema else None)
    return _of_type(kind[0] if isinstance(kind, list) and kind else kind, schema, root, depth)


def _of_type(kind: Any, schema: dict[str, Any], root: Any, depth: int) -> Any:
    if kind == "object":
        properties = schema.get("properties") or {}
        return {name: _sample(properties.get(name), root, depth - 1) for name in schema.get("required", [])}
    if kind == "array":
        return [_sample(schema.get("items"), root, depth - 1)] * min(schema.get("minItems", 0), _MOST)
    if kind == "string":
        return "simulated".ljust(min(schema.get("minLength", 0), _MOST), ".")[: schema.get("maxLength")]
    if kind in ("integer", "number"):
        return schema.get("minimum", 0)
    return False if kind == "boolean" else None


def _at(root: Any, reference: Any) -> Any:
    """What a local reference (``#/$defs/Name``) points at."""
    found = root
    for step in str(reference).removeprefix("#").strip("/").split("/"):
        found = found.get(step) if step and isinstance(found, dict) else found
    return found
