"""Whether the tools of a pack give the values that were published, and those that its questions expect. Knows no assistant."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from daffa.errors import DaffaError

from .pack import Pack
from .tools import Tools

__all__ = ["Trial", "trials"]

Value = float | str | list[str]


@dataclass(frozen=True, slots=True)
class Trial:
    """One value that was tried.

    Attributes:
        file, line: where it is written.
        tool, arguments: what was asked.
        expected: the value, or the code of the error.
        got: what came: a value, or the code of an error and its sentence.
        held: whether both are the same, within the tolerance.
    """

    file: str
    line: int
    tool: str
    arguments: Mapping[str, Any]
    expected: Value
    got: Value
    held: bool


def trials(pack: Pack, tools: Tools) -> Iterator[Trial]:
    """Each line of ``tools.jsonl``, then each question that a tool answers. Blocks while the tools run."""
    for line, case in zip(pack.lines["cases"], pack.cases, strict=True):
        expected: Value = case.refused if case.expected is None else case.expected
        got, code = _run(pack, tools, case.tool, case.input, pack.valid_from)
        held = code == case.refused if case.refused else not code and _same(expected, got, case.tolerance)
        yield Trial("tools.jsonl", line, case.tool, case.input, expected, got, held)
    for line, question in zip(pack.lines["questions"], pack.questions, strict=True):
        if (called := question.tool) is not None:
            got, code = _run(pack, tools, called.name, called.arguments, question.day or pack.valid_from)
            held = not code and _same(called.value, got, called.tolerance)
            yield Trial("questions.jsonl", line, called.name, called.arguments, called.value, got, held)


def _run(pack: Pack, tools: Tools, name: str, arguments: Mapping[str, Any], day: datetime.date) -> tuple[Value, str]:
    """What the tool gives; or the sentence and the code of the error."""
    try:
        return tools.call(pack.id, name, arguments, day=day).value, ""
    except DaffaError as error:
        return str(error), error.code


def _same(expected: Value, got: Value, tolerance: float) -> bool:
    if isinstance(expected, (int, float)) and isinstance(got, (int, float)):
        return math.isclose(expected, got, rel_tol=1e-9, abs_tol=tolerance)
    return expected == got
