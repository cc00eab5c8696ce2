"""``daffa policy propose | approve | load | ...``: the law changed by four eyes. Knows words and pages; the house decides.

Two people need two keys: each gives their own in a file (``--key-file``) or in ``DAFFA_KEY``.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from daffa import sentences
from daffa.errors import Conflict, DaffaError
from daffa.policy import (
    Bundle,
    Dossier,
    Enactment,
    LawFiles,
    Proposal,
    Standing,
    render_dossier,
    render_history,
    render_proposals,
    render_simulation,
    render_standing,
    simulate,
    simulation_json,
)

from .reach import Call, key_of, reach

__all__ = ["add", "number", "prove"]

Run = Callable[[argparse.Namespace], int]


def add(group: Any, common: argparse.ArgumentParser, machine: argparse.ArgumentParser) -> None:
    """Add the commands to the group ``policy``."""
    person = argparse.ArgumentParser(add_help=False)
    person.add_argument("--key-file", type=Path, metavar="FILE", help="file of your own key; else DAFFA_KEY, else admin.key")
    parents = [common, machine, person]
    on_one = argparse.ArgumentParser(add_help=False)
    on_one.add_argument("number", type=number, metavar="N", help="number of the proposal")
    because = argparse.ArgumentParser(add_help=False)
    because.add_argument("--reason", required=True, help="why; it stands in the log")

    def command(name: str, run: Run, told: str, *more: argparse.ArgumentParser) -> argparse.ArgumentParser:
        parser: argparse.ArgumentParser = group.add_parser(name, parents=[*parents, *more], help=told)
        parser.set_defaults(run=run)
        return parser

    propose = command("propose", _propose, "propose a law instead of the one in force, and prove it (role author)")
    propose.add_argument("folder", type=Path, metavar="DIR", help="folder of a whole law set")
    propose.add_argument("--title", required=True, help="what it is about, in a line")
    command("proposals", _proposals, "list what was proposed, newest first")
    show = command("show", _show, "what an approver reads: who, what changes for whom, proof, simulation", on_one)
    show.add_argument("--entries", type=int, default=300, metavar="N", help="newest decisions asked again (%(default)s)")
    command("approve", _stepper("approve"), "approve somebody else's proved proposal (role approver)", on_one)
    command("reject", _stepper("reject"), "put somebody else's proposal aside (role approver)", on_one, because)
    command("withdraw", _stepper("withdraw"), "put your own proposal aside (role author)", on_one, because)
    command("load", _load, "put an approved proposal into force (role approver or operator)", on_one)
    back = command("rollback", _roll_back, "bring an earlier law back, alone, in an emergency", because)
    back.add_argument("digest", metavar="DIGEST", help="beginning of its digest: see history")
    command("status", _status, "the law in force, whether the folder differs, what is proposed")
    command("history", _history, "every law that came into force, newest first")
    export = command("export", _export, "write a kept law into a new folder")
    export.add_argument("folder", type=Path, metavar="DIR", help="the folder to make")
    export.add_argument("--digest", default="", help="beginning of its digest (that of the law in force)")


def number(text: str) -> int:
    """The number of a proposal."""
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected the number of a proposal, got {text}") from error


def prove(arguments: argparse.Namespace) -> int:
    """Prove a proposal; 1 where it does not stand."""
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        found = call("POST", f"/api/law/proposals/{arguments.number}/prove", {})
    return _tell_proof(arguments, found)


def _propose(arguments: argparse.Namespace) -> int:
    body = {"title": arguments.title, "files": LawFiles.read(arguments.folder).texts()}
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        made = call("POST", "/api/law/proposals", body)["proposal"]["number"]
        found = call("POST", f"/api/law/proposals/{made}/prove", {})
    return _tell_proof(arguments, found)


def _tell_proof(arguments: argparse.Namespace, found: dict[str, Any]) -> int:
    _say(arguments, [found], lambda: render_dossier(Dossier.of(found), arguments.lang))
    return 0 if found["proof"]["holds"] else 1


def _proposals(arguments: argparse.Namespace) -> int:
    rows: list[dict[str, Any]] = []
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        before = ""
        while page := call("GET", f"/api/law/proposals{before}", None):
            rows += page
            before = f"?before={page[-1]['number']}"
    _say(arguments, rows, lambda: render_proposals(map(Proposal.of, rows), arguments.lang))
    return 0


def _show(arguments: argparse.Namespace) -> int:
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        found = call("GET", f"/api/law/proposals/{arguments.number}", None)
        rows, page = _simulated(arguments, call, found)
    _say(arguments, [found | {"simulation": rows}], lambda: render_dossier(Dossier.of(found), arguments.lang) + page)
    return 0


def _simulated(arguments: argparse.Namespace, call: Call, found: dict[str, Any]) -> tuple[list[dict[str, Any]] | None, str]:
    """What the recorded questions would become, as rows and as a page; for one who may not read the log, a word on that."""
    if arguments.entries <= 0:
        return None, ""
    # The house is imported only here: the other commands of this group need no more than the law.
    from daffa.settings import read_settings

    from .recorded import Recorded

    title = sentences.say("lawmaking_simulation", arguments.lang).upper()
    head = f"\n{_mark(arguments)}{title}\n{_mark(arguments)}{'─' * 80}\n"
    in_force, new = (
        Bundle.of(LawFiles.of(call("GET", path, None)["files"]))
        for path in ("/api/law/text", f"/api/law/texts/{found['proposal']['text']}")
    )
    try:
        recorded = Recorded(call, read_settings(arguments.data).places, in_force)
        simulation = simulate(new, recorded.questions(arguments.entries))
    except DaffaError as error:
        if error.code != "forbidden":
            raise
        lines = textwrap.wrap(sentences.say("lawmaking_no_simulation", arguments.lang), 79)
        return None, head + "".join(f"{_mark(arguments)}{line}\n" for line in lines)
    left_out = dict(recorded.left_out)
    page = render_simulation(simulation, in_force, left_out, arguments.lang)
    return list(simulation_json(simulation, left_out)), head + "\n" + page


def _stepper(step: str) -> Run:
    def run(arguments: argparse.Namespace) -> int:
        body = {"reason": arguments.reason} if "reason" in arguments else {}
        with reach(arguments.data, key_of(arguments.key_file)) as call:
            found = call("POST", f"/api/law/proposals/{arguments.number}/{step}", body)
        row = found["proposal"]
        _say(arguments, [row], lambda: render_proposals([Proposal.of(row)], arguments.lang))
        return 0

    return run


def _load(arguments: argparse.Namespace) -> int:
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        row = call("POST", f"/api/law/proposals/{arguments.number}/load", {})
    _say(arguments, [row], lambda: render_history([Enactment(**row)], arguments.lang))
    return 0


def _roll_back(arguments: argparse.Namespace) -> int:
    body = {"digest": arguments.digest, "reason": arguments.reason}
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        call("POST", "/api/law/rollback", body)
        standing = call("GET", "/api/law/standing", None)
    _say(arguments, [standing], lambda: render_standing(Standing.of(standing), arguments.lang))
    return 0


def _status(arguments: argparse.Namespace) -> int:
    row = _get(arguments, "/api/law/standing")
    _say(arguments, [row], lambda: render_standing(Standing.of(row), arguments.lang))
    return 0


def _history(arguments: argparse.Namespace) -> int:
    rows = _get(arguments, "/api/law/history")
    _say(arguments, rows, lambda: render_history((Enactment(**row) for row in rows), arguments.lang))
    return 0


def _export(arguments: argparse.Namespace) -> int:
    found = _get(arguments, f"/api/law/texts/{quote(arguments.digest, safe='')}" if arguments.digest else "/api/law/text")
    files = LawFiles.of(found["files"])  # whatever the house said, only plain names of a law are written
    try:
        arguments.folder.mkdir(parents=True)
    except FileExistsError as error:
        raise Conflict("law_export_exists", folder=str(arguments.folder)) from error
    for name, content in files.contents.items():
        path = arguments.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    row = {"id": files.id(), "digest": files.digest(), "folder": str(arguments.folder)}
    _say(arguments, [row], lambda: f"{files.digest()}  {arguments.folder}\n")
    return 0


def _get(arguments: argparse.Namespace, path: str) -> Any:
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        return call("GET", path, None)


def _mark(arguments: argparse.Namespace) -> str:
    return "\u200f" if arguments.lang == "ar" else ""


def _say(arguments: argparse.Namespace, rows: Iterable[dict[str, Any]], page: Callable[[], str]) -> None:
    """The page; or the rows, one JSON object a line."""
    if arguments.json:
        sys.stdout.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    else:
        sys.stdout.write(page())
