"""A YAML file as plain values, whole or not at all, and what is left of them unread. Knows no gateway."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import yaml  # type: ignore[import-untyped]

from daffa.errors import Invalid

__all__ = ["Table", "read_source", "shown"]

_LONGEST = 4 << 20


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """Safe YAML in which a key stands once: of two, one would be dropped in silence."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if key.tag != "tag:yaml.org,2002:merge":
                name = self.construct_object(key, deep=True)
                if name in seen:
                    raise yaml.MarkedYAMLError(problem=f"{name!r} stands twice", problem_mark=key.start_mark)
                seen.add(name)
        found: dict[Hashable, Any] = super().construct_mapping(node, deep)
        return found


def read_source(content: bytes, file: str) -> dict[str, Any]:
    """The configuration that ``content`` is. Raises ``Invalid`` (``invalid_settings``) naming ``file`` and the line."""
    if len(content) > _LONGEST:
        raise _wrong(file, 1, f"at most {_LONGEST} bytes", f"{len(content)} bytes")
    try:
        found = yaml.load(content, Loader=_Loader)  # noqa: S506 - a safe loader, made stricter
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise _wrong(file, mark.line + 1 if mark else 1, "YAML", str(error.problem or error.context)) from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise _wrong(file, 1, "YAML", str(error).partition("\n")[0] or type(error).__name__) from error
    if not isinstance(found, dict):
        raise _wrong(file, 1, "a mapping", type(found).__name__)
    return {str(name): value for name, value in found.items()}


def _wrong(file: str, line: int, expected: str, got: str) -> Invalid:
    return Invalid("invalid_settings", file=file, line=line, field="YAML", expected=expected, got=got[:120])


class Table:
    """A mapping that remembers what was taken out of it: the rest is what nobody here has read."""

    def __init__(self, values: Any, path: str) -> None:
        self.path = path
        self._is_mapping = isinstance(values, Mapping)
        self._values: dict[str, Any] = {str(name): value for name, value in values.items()} if self._is_mapping else {}
        self._odd = values if not self._is_mapping and values is not None else None

    def take(self, name: str) -> Any:
        """The value, once; ``None`` where there is none."""
        return self._values.pop(name, None)

    def text(self, *names: str) -> str:
        """The first of these that is a text or a number; ``""`` where none is. What else stands there is left unread."""
        found = [name for name in names if isinstance(self._values.get(name), (str, int, float))]
        said = [str(self._values.pop(name)) for name in found]
        return said[0] if said else ""

    def number(self, name: str) -> float | None:
        """The number under ``name``, if it is one that is not negative; what else stands there is left unread."""
        value = self._values.get(name)
        try:
            number = None if isinstance(value, bool) or value is None else float(value)
        except (TypeError, ValueError):
            return None
        if number is None or not 0 <= number < 1e300:
            return None
        del self._values[name]
        return number

    def table(self, name: str) -> Table:
        """The mapping under ``name``; empty where there is none."""
        return Table(self.take(name), f"{self.path}.{name}".lstrip("."))

    def tables(self, name: str) -> list[Table]:
        """The list of mappings under ``name``."""
        value = self.take(name)
        at = f"{self.path}.{name}".lstrip(".")
        if value is None:
            return []
        if not isinstance(value, list):
            return [Table(value, at)]
        return [Table(item, f"{at}[{number}]") for number, item in enumerate(value)]

    def rest(self) -> Iterator[tuple[str, Any]]:
        """What was not taken: path and value."""
        if self._odd is not None:
            yield self.path, self._odd
        for name, value in self._values.items():
            if value is not None:
                yield f"{self.path}.{name}".lstrip("."), value


def shown(value: Any) -> str:
    """A value as a list shows it: numbers and switches alone, for whatever else may be a secret."""
    return str(value).lower() if isinstance(value, (bool, int, float)) else "..."
