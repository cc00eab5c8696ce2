"""``daffa policy``: check, explain and lay out the written law. Knows folders and pages; ``policy`` knows the law."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from daffa.policy import Bundle, examine, explain, render_check, render_explain, render_table

__all__ = ["add"]


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command group to the parser."""
    group = commands.add_parser("policy", help="the written law: check, explain, table").add_subparsers(
        required=True, metavar="ACTION"
    )
    folder = argparse.ArgumentParser(add_help=False)
    folder.add_argument("--policies", type=Path, metavar="DIR", help="folder of a law set (that of the configuration)")

    check = group.add_parser("check", parents=[common, folder], help="read the law, decide its cases, compare both evaluators")
    check.set_defaults(run=_check)

    told = group.add_parser("explain", parents=[common, folder], help="the law in plain words, rule by rule")
    told.add_argument("rule", nargs="?", help="one rule by its id")
    told.add_argument("--json", action="store_true", help="one JSON object a line")
    told.set_defaults(run=_explain)

    table = group.add_parser("table", parents=[common, folder], help="the law side by side in two languages")
    table.set_defaults(run=_table)


def _check(arguments: argparse.Namespace) -> int:
    report = examine(_bundle(arguments))
    _print(render_check(report, arguments.lang))
    return 0 if report.sound else 1


def _explain(arguments: argparse.Namespace) -> int:
    bundle = _bundle(arguments)
    if not arguments.json:
        _print(render_explain(bundle, arguments.lang, arguments.rule))
        return 0
    for row in explain(bundle, arguments.lang, arguments.rule):
        fields = {name: getattr(row, name) for name in row.__slots__}
        sys.stdout.write(json.dumps(fields, ensure_ascii=False, default=str) + "\n")
    return 0


def _table(arguments: argparse.Namespace) -> int:
    _print(render_table(_bundle(arguments), arguments.lang))
    return 0


def _bundle(arguments: argparse.Namespace) -> Bundle:
    if arguments.policies is not None:
        return Bundle.read(arguments.policies)
    # The settings know every room's values: only who asks for the configured law waits for them.
    from daffa.settings import read_settings

    return Bundle.read(read_settings(arguments.data).policies)


def _print(page: str) -> None:
    sys.stdout.write(page.rstrip("\n") + "\n")
