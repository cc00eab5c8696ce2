"""What in the text of a tool is not plain computing: an import or a clock. Reads the text, runs nothing."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from .sandbox import MODULES

__all__ = ["impure"]

_CLOCKS = ("now", "today", "utcnow")


def impure(code: str) -> Iterator[tuple[int, str, str]]:
    """Line, what was expected, what is there: all at once, where the sandbox would refuse the first that is run."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError) as error:
        yield getattr(error, "lineno", None) or 1, "Python", str(error)
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from _imports(node.lineno, [alias.name for alias in node.names])
        elif isinstance(node, ast.ImportFrom):
            yield from _imports(node.lineno, ["." * node.level + (node.module or "")])
        elif isinstance(node, ast.Attribute) and node.attr in _CLOCKS:
            yield node.lineno, "no clock: the day is at.day", f".{node.attr}"


def _imports(line: int, names: list[str]) -> Iterator[tuple[int, str, str]]:
    for name in names:
        if name not in MODULES:
            yield line, "an import of what computes alone (docs/packs.md)", name
