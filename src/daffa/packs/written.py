"""TOML, JSON lines and CSV of a pack as typed rows, each mistake with its line. Knows no meaning of a row."""

from __future__ import annotations

import csv
import functools
import io
import re
import tomllib
from collections.abc import Iterator
from typing import TypeVar

import msgspec

from .finding import Findings, Spot
from .mistake import Path, dotted, mistake

__all__ = ["decode_csv", "decode_lines", "decode_toml", "line_of", "split_front"]

T = TypeVar("T")

_FENCE = "+++"


def decode_toml(text: str, kind: type[T], spot: Spot, findings: Findings) -> T | None:
    """``text`` as a ``kind``; ``spot.line`` is how many lines stand before it. ``None`` where it is not, and noted."""
    try:
        return msgspec.convert(tomllib.loads(text), kind)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        found = re.search(r"at line (\d+)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        findings.wrong(spot._replace(line=spot.line + line), "TOML", "TOML", error)
    except msgspec.ValidationError as error:
        path, expected, got = mistake(error)
        line = line_of(text, path)
        findings.wrong(spot._replace(line=spot.line + line), dotted(path), expected, got or "another value")
    return None


def decode_lines(text: str, kind: type[T], file: str, findings: Findings) -> list[tuple[int, T]]:
    """Line number and row of each line of JSON that is a ``kind``; the others are noted. Empty lines do not count."""
    rows = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            rows.append((number, msgspec.json.decode(line, type=kind)))
        except msgspec.ValidationError as error:
            path, expected, got = mistake(error)
            findings.wrong(Spot(file, number), dotted(path, "row"), expected, got or "another value")
        except (msgspec.DecodeError, RecursionError) as error:
            findings.wrong(Spot(file, number), "JSON", "one JSON object on a line", error)
    return rows


def decode_csv(text: str, header: str, file: str, findings: Findings) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and cells of each row under exactly ``header``; a row of another width is noted."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    names = header.split(",")
    line = 1
    try:
        if (got := next(reader, [])) != names:
            findings.wrong(Spot(file, 1), "header", header, ",".join(got))
            return
        line = reader.line_num + 1
        for cells in reader:
            if len(cells) == len(names):
                yield line, dict(zip(names, (cell.strip() for cell in cells), strict=True))
            elif cells:
                findings.wrong(Spot(file, line), "row", f"{len(names)} cells", f"{len(cells)} cells")
            line = reader.line_num + 1
    except csv.Error as error:
        findings.wrong(Spot(file, line), "CSV", "CSV", error)


def split_front(text: str, spot: Spot, findings: Findings) -> tuple[str, str, int] | None:
    """Front matter, body, and the line of the file on which the body begins."""
    lines = text.split("\n")
    if lines[0].rstrip() != _FENCE:
        findings.wrong(spot._replace(line=1), "front matter", f"a line {_FENCE}", lines[0])
        return None
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == _FENCE), None)
    if end is None:
        findings.wrong(spot._replace(line=1), "front matter", f"a second line {_FENCE}", "none")
        return None
    first = next((number for number in range(end + 1, len(lines)) if lines[number].strip()), len(lines))
    return "\n".join(lines[1:end]), "\n".join(lines[first:]).rstrip() + "\n", first + 1


def line_of(text: str, path: Path) -> int:
    """The line, from 1, of TOML on which ``path`` is written; that of the nearest table around it where it is not there."""
    lines = _lines(text)
    return next((lines[path[:depth]] for depth in range(len(path), 0, -1) if path[:depth] in lines), 1)


@functools.lru_cache(maxsize=8)
def _lines(text: str) -> dict[Path, int]:
    """Where each table and each field begins."""
    lines: dict[Path, int] = {}
    table: Path = ()
    counts: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if head := re.match(r"\s*(\[\[?)\s*([^\]]+?)\s*\]", line):
            table = _table(head[2], head[1] == "[[", counts)
            lines.setdefault(table, number)
        elif key := re.match(r"\s*([\w\"'.-]+)\s*=", line):
            lines.setdefault((*table, *_steps(key[1])), number)
    return lines


def _table(name: str, repeated: bool, counts: dict[str, int]) -> Path:
    """The path of a table's head, with the number of each row of an array of tables that it stands in."""
    steps = _steps(name)
    dotted = ""
    path: list[str | int] = []
    for place, step in enumerate(steps):
        dotted += f".{step}"
        path.append(step)
        if repeated and place == len(steps) - 1:
            counts[dotted] = counts.get(dotted, -1) + 1
            for inner in [one for one in counts if one.startswith(f"{dotted}.")]:
                del counts[inner]
        if dotted in counts:
            path.append(counts[dotted])
    return tuple(path)


def _steps(name: str) -> list[str]:
    return [step.strip().strip("\"'") for step in name.split(".")]
