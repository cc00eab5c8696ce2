"""``daffa policy``: check, prove, compare, simulate, explain the written law. Knows folders and pages; ``policy`` the law.

The commands that change the law stand in ``law_change``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from daffa.policy import (
    Bundle,
    LawFiles,
    diff,
    diff_json,
    examine,
    explain,
    proof_json,
    prove,
    render_check,
    render_diff,
    render_explain,
    render_proof,
    render_simulation,
    render_table,
    simulate,
    simulation_json,
)

from . import law_change

__all__ = ["add"]


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command group to the parser."""
    told = "the written law: check, prove, compare, explain it; change it by four eyes"
    group = commands.add_parser("policy", help=told).add_subparsers(required=True, metavar="ACTION")
    folder = argparse.ArgumentParser(add_help=False)
    folder.add_argument("--policies", type=Path, metavar="DIR", help="folder of a law set (that of the configuration)")
    machine = argparse.ArgumentParser(add_help=False)
    machine.add_argument("--json", action="store_true", help="one JSON object a line")
    examples = argparse.ArgumentParser(add_help=False)
    examples.add_argument("--questions", action="store_true", help="only the examples, one a line, as decide reads them")

    check = group.add_parser("check", parents=[common, folder], help="read the law, decide its cases, compare both evaluators")
    check.set_defaults(run=_check)

    proof = group.add_parser(
        "prove", parents=[common, folder, machine, examples], help="prove what never happens, for any question"
    )
    proof.add_argument("number", nargs="?", type=law_change.number, metavar="N", help="prove this proposal, and keep the proof")
    proof.add_argument("--key-file", type=Path, metavar="FILE", help="with N: file of your own key (DAFFA_KEY)")
    proof.set_defaults(run=_prove)

    change = group.add_parser("diff", parents=[common, machine, examples], help="what changes for whom between two laws")
    change.add_argument("old", type=Path, metavar="OLD", help="folder of a law set")
    change.add_argument("new", type=Path, metavar="NEW", help="folder of another")
    change.add_argument("--most", type=int, default=5, metavar="N", help="changes shown a door and direction (%(default)s)")
    change.set_defaults(run=_diff)

    replay = group.add_parser("simulate", parents=[common, machine], help="ask what was recorded again, under another law")
    replay.add_argument("new", type=Path, metavar="NEW", help="folder of a law set")
    replay.add_argument("--entries", type=int, default=1000, metavar="N", help="newest decisions of the log (%(default)s)")
    replay.set_defaults(run=_simulate)

    words = group.add_parser("explain", parents=[common, folder, machine], help="the law in plain words, rule by rule")
    words.add_argument("rule", nargs="?", help="one rule by its id")
    words.set_defaults(run=_explain)

    table = group.add_parser("table", parents=[common, folder], help="the law side by side in two languages")
    table.set_defaults(run=_table)

    law_change.add(group, common, machine)


def _check(arguments: argparse.Namespace) -> int:
    report = examine(_bundle(arguments))
    _print(render_check(report, arguments.lang))
    return 0 if report.sound else 1


def _prove(arguments: argparse.Namespace) -> int:
    if arguments.number is not None:
        return law_change.prove(arguments)
    proof = prove(_bundle(arguments))
    _show(arguments, proof_json(proof), lambda: render_proof(proof, arguments.lang))
    return 1 if proof.faults else 0


def _diff(arguments: argparse.Namespace) -> int:
    found = diff(Bundle.read(arguments.old), Bundle.read(arguments.new), arguments.most)
    _show(arguments, diff_json(found), lambda: render_diff(found, arguments.lang))
    return 0


def _simulate(arguments: argparse.Namespace) -> int:
    # The house is imported only here: the other commands of this group need no more than the law.
    from daffa.settings import read_settings

    from .reach import reach
    from .recorded import Recorded

    new, settings = Bundle.read(arguments.new), read_settings(arguments.data)
    with reach(arguments.data) as call:
        in_force = Bundle.of(LawFiles.of(call("GET", "/api/law/text", None)["files"]))
        recorded = Recorded(call, settings.places, in_force)
        found = simulate(new, recorded.questions(arguments.entries))
    left_out = dict(recorded.left_out)
    _show(arguments, simulation_json(found, left_out), lambda: render_simulation(found, in_force, left_out, arguments.lang))
    return 0


def _explain(arguments: argparse.Namespace) -> int:
    bundle = _bundle(arguments)
    rows = ({name: getattr(row, name) for name in row.__slots__} for row in explain(bundle, arguments.lang, arguments.rule))
    _show(arguments, rows, lambda: render_explain(bundle, arguments.lang, arguments.rule))
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


def _show(arguments: argparse.Namespace, rows: Iterable[dict[str, Any]], page: Callable[[], str]) -> None:
    """The page; or the rows, or their questions alone, one JSON object a line."""
    if not arguments.json and not getattr(arguments, "questions", False):
        _print(page())
        return
    for row in rows:
        if arguments.json:
            sys.stdout.write(json.dumps(row, ensure_ascii=False, default=str) + "\n")
        elif row.get("question") is not None:
            sys.stdout.write(json.dumps(row["question"], ensure_ascii=False) + "\n")


def _print(page: str) -> None:
    sys.stdout.write(page.rstrip("\n") + "\n")
