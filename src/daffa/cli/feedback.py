"""``daffa feedback export``: what people said of answers, a JSON object a line, for evaluation. Knows no opinion."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from .reach import key_of, reach

__all__ = ["add"]


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command group to the parser."""
    group = commands.add_parser("feedback", help="what people said of answers").add_subparsers(required=True, metavar="ACTION")
    export = group.add_parser("export", parents=[common], help="each opinion with its question and its outcome, a line each")
    export.add_argument("--key-file", type=Path, metavar="FILE", help="an administrator's key (the first one, or DAFFA_KEY)")
    export.set_defaults(run=_export)


def _export(arguments: argparse.Namespace) -> int:
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        for row in call("GET", "/api/feedback", None):
            sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    return 0
