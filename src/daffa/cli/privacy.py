"""``daffa privacy ...``: the personal data in text, a line at a time. Knows lines; ``privacy`` knows the rest."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from daffa import sentences
from daffa.errors import Invalid

from . import privacy_mask
from .lines import lines
from .paint import bold, dim, isolate

__all__ = ["add"]

_RIGHT_TO_LEFT = "\u200f"


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the group to the parser."""
    group = commands.add_parser("privacy", help="personal data in text").add_subparsers(required=True, metavar="ACTION")
    find = group.add_parser("find", parents=[common], help="what is personal in each line, and how surely")
    find.add_argument("files", nargs="*", type=Path, metavar="FILE", help="files of lines; without one, standard input")
    find.add_argument("--json", action="store_true", help="one JSON object a line")
    find.add_argument("--least", metavar="P", help="leave out what is less sure than this, 0 to 1 (0.5)")
    find.set_defaults(run=_find)
    privacy_mask.add(group, common)


def _sureness(word: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = -1.0
    if not 0.0 <= value <= 1.0:
        raise Invalid("invalid_field", field="--least", expected="a number from 0 to 1", got=word[:20])
    return value


def _find(arguments: argparse.Namespace) -> int:
    from daffa.privacy import LIKELY, Finding, categories, find

    def as_json(_text: str, found: tuple[Finding, ...]) -> str:
        shown = [
            {"type": each.type, "start": each.start, "end": each.end, "confidence": each.confidence, "check": each.check}
            for each in found
        ]
        return json.dumps({"findings": shown, "categories": sorted(categories(found))}, ensure_ascii=False)

    def as_text(text: str, found: tuple[Finding, ...]) -> str:
        mark = _RIGHT_TO_LEFT if arguments.lang == "ar" else ""
        said = [f"{mark}{bold(isolate(text) if mark else text)}"]
        for each in found:
            name = sentences.say(f"finding_{each.type}", arguments.lang)
            where = dim(isolate(f"{each.start}-{each.end} {each.confidence:g} {each.check}"))
            said.append(f"{mark}  {name}  {isolate(text[each.start : each.end])}  {where}")
        return "\n".join(said)

    least = LIKELY if arguments.least is None else _sureness(arguments.least)
    write = as_json if arguments.json else as_text
    for text in lines(arguments.files):
        sys.stdout.write(write(text, find(text, least=least)) + "\n")
    return 0
