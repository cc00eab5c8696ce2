"""``daffa decide``: one question a line as JSON, one verdict a line. Knows lines; the house decides."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from daffa.errors import Invalid

from .reach import reach

__all__ = ["add"]

_AT_ONCE = 500


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("decide", parents=[common], help="decide questions, one JSON object a line")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="files of questions; without one, standard input")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.set_defaults(run=_decide)


def _decide(arguments: argparse.Namespace) -> int:
    with reach(arguments.data) as call:
        sentences = {rule["id"]: rule["sentences"] for rule in call("GET", "/api/law", None)["rules"]}
        for questions in _batches(arguments.files):
            for verdict in call("POST", "/api/decide", questions):
                said = json.dumps(verdict, ensure_ascii=False) if arguments.json else _say(verdict, sentences, arguments.lang)
                sys.stdout.write(said + "\n")
    return 0


def _batches(files: list[Path]) -> Iterator[list[dict[str, Any]]]:
    batch: list[dict[str, Any]] = []
    for number, line in enumerate(_lines(files), 1):
        if not line.strip():
            continue
        try:
            question = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise Invalid("invalid_line", line=number, expected="a JSON object", got=line.strip()[:60]) from error
        if not isinstance(question, dict):
            raise Invalid("invalid_line", line=number, expected="a JSON object", got=line.strip()[:60])
        batch.append(question)
        if len(batch) == _AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _lines(files: list[Path]) -> Iterator[str]:
    if not files:
        yield from sys.stdin
    for path in files:
        try:
            with path.open(encoding="utf-8") as file:
                yield from file
        except (OSError, UnicodeDecodeError) as error:
            raise Invalid(
                "invalid_field", field=str(path), expected="a readable UTF-8 file", got=type(error).__name__
            ) from error


def _say(verdict: dict[str, Any], sentences: dict[str, dict[str, str]], language: str) -> str:
    word = {"fr": ("autorisé", "refusé"), "ar": ("مسموح", "مرفوض"), "en": ("allowed", "refused")}[language][
        not verdict["allowed"]
    ]
    named = [(name, []) for name in verdict["rules"]] + [(near["rule"], near["failing"]) for near in verdict["nearest"]]
    lines = [word]
    for name, failing in named:
        lines += [f"  {name}: {sentences[name][language]}", *(f"    x {clause}" for clause in failing)]
    return "\n".join(lines)
