"""``daffa pack``: check, list, try and begin packs; ask their tools. Knows pages; ``packs`` knows packs.

The commands that change a pack or a house stand in ``pack_change``.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from daffa import sentences
from daffa.errors import Invalid, NotFound
from daffa.packs import (
    Finding,
    Origin,
    Pack,
    Result,
    Severity,
    Tools,
    begin,
    discovered,
    installed,
    lint,
    origin_of,
    read_pack,
    shipped,
    trials,
)

from . import pack_change, pack_page, pack_questions
from .today import today

__all__ = ["add"]


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command group to the parser."""
    told = "packs of a sector: check, try, install them; ask their tools"
    group = commands.add_parser("pack", help=told).add_subparsers(required=True, metavar="ACTION")
    machine = argparse.ArgumentParser(add_help=False)
    machine.add_argument("--json", action="store_true", help="one JSON object a line")

    check = group.add_parser("lint", parents=[common, machine], help="say all that is wrong or missing in a pack")
    check.add_argument(
        "packs", nargs="*", metavar="FOLDER|ID", help="folders, or ids of known packs; without one, all that are known"
    )
    check.add_argument("--wheel", action="store_true", help="the folder is that of a wheel: it may have tools")
    check.set_defaults(run=_lint)

    shown = group.add_parser("list", parents=[common, machine], help="the packs that there are, and what is in them")
    shown.set_defaults(run=_list)

    told = "try the tools on published values, and ask the assistant the pack's own questions"
    tried = group.add_parser("test", parents=[common, machine], help=told)
    tried.add_argument("packs", nargs="*", metavar="FOLDER|ID", help="as of lint")
    tried.add_argument("--wheel", action="store_true", help="as of lint")
    tried.add_argument("--tools", action="store_true", help="only the values of the tools")
    tried.set_defaults(run=_test)

    tool = group.add_parser("tool", parents=[common, machine], help="ask a tool; without a name, say which there are")
    tool.add_argument("pack", metavar="ID", help="id of the pack")
    tool.add_argument("name", nargs="?", metavar="NAME", help="name of the tool")
    tool.add_argument(
        "arguments", nargs="?", default="{}", metavar="JSON", help='what it is asked, such as \'{"day": "2026-06-01"}\''
    )
    tool.set_defaults(run=_tool)

    new = group.add_parser("new", parents=[common], help="begin a pack: a folder with one example of each file")
    new.add_argument("id", metavar="ID", help="2 to 40 letters a-z, digits, -")
    new.add_argument("--into", type=Path, default=Path(), metavar="DIR", help="where to make it (here)")
    new.set_defaults(run=_new)

    pack_change.add(group, common, machine)


def _lint(arguments: argparse.Namespace) -> int:
    faults = 0
    for folder, origin in _named(arguments):
        findings = lint(folder, origin)
        faults += sum(one.severity is Severity.ERROR for one in findings)
        if arguments.json:
            _write({"pack": folder.name, **_row(one)} for one in findings)
        else:
            pack_page.findings(folder.resolve().name, findings, arguments.lang)
    return 1 if faults else 0


def _row(finding: Finding) -> dict[str, Any]:
    return {name: getattr(finding, name) for name in ("severity", "file", "line", "field", "expected", "got")}


def _list(arguments: argparse.Namespace) -> int:
    packs, rows = [], []
    for folder, origin in _known(arguments.data):
        try:
            pack = read_pack(folder, origin)
        except Invalid as error:
            rows.append({"id": folder.name, "origin": origin, "error": error.say(arguments.lang)})
        else:
            packs.append(pack)
    with Tools(packs, workers=1) as tools:
        rows += [pack_page.summary(pack, len(tools.cards(pack.id))) for pack in packs]
    rows.sort(key=lambda row: row["id"])
    if arguments.json:
        _write(rows)
    else:
        pack_page.listed(rows, arguments.lang)
    return 0


def _test(arguments: argparse.Namespace) -> int:
    sound = True
    for folder, origin in _named(arguments):
        pack = read_pack(folder, origin)
        with Tools([pack]) as tools:
            tried = list(trials(pack, tools))
        # A house finds a wheel that is installed, not one that is being written.
        later = origin is Origin.WHEEL and origin_of(folder) is not Origin.WHEEL
        answers = [] if later or arguments.tools else list(pack_questions.ask_all(pack))
        sound = sound and all(one.held for one in tried) and pack_questions.enough(answers)
        if arguments.json:
            _write({"pack": pack.id, **dataclasses.asdict(one)} for one in tried)
            _write({"pack": pack.id, **dataclasses.asdict(one)} for one in answers)
        else:
            pack_page.tried(pack, tried, arguments.lang)
            pack_page.asked(answers, later and not arguments.tools, arguments.lang)
    return 0 if sound else 1


def _tool(arguments: argparse.Namespace) -> int:
    pack = _pack(arguments.pack, arguments.data)
    with Tools([pack], workers=1) as tools:
        if arguments.name is None:
            cards = tools.cards(pack.id)
            if arguments.json:
                _write(msgspec.to_builtins(card) for card in cards)
            else:
                pack_page.cards(pack, cards, arguments.lang)
            return 0
        asked, day = _object(arguments.arguments), today(arguments.data)
        result = tools.call(pack.id, arguments.name, asked, day=day, language=arguments.lang)
        _show(arguments, pack, next(card.title for card in tools.cards(pack.id) if card.name == arguments.name), result)
    return 0


def _show(arguments: argparse.Namespace, pack: Pack, title: dict[str, str], result: Result) -> None:
    if arguments.json:
        _write([msgspec.to_builtins(result)])
    else:
        pack_page.answered(pack, title, result, arguments.lang)


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid(
            "invalid_field", field="JSON", expected='an object such as {"day": "2026-06-01"}', got=str(error)
        ) from error
    if not isinstance(found, dict):
        raise Invalid("invalid_field", field="JSON", expected='an object such as {"day": "2026-06-01"}', got=text[:80])
    return found


def _new(arguments: argparse.Namespace) -> int:
    arguments.into.mkdir(parents=True, exist_ok=True)
    folder = begin(arguments.id, arguments.into, today(arguments.data))
    pack_page.line(sentences.say("pack_begun", arguments.lang, folder=folder), arguments.lang)
    return 0


def _named(arguments: argparse.Namespace) -> Iterator[tuple[Path, Origin]]:
    """The folders that were named, by path or by id; all that are known where none was."""
    if not arguments.packs:
        yield from _known(arguments.data)
    for name in arguments.packs:
        folder, origin = _found(name, arguments.data)
        yield folder, Origin.WHEEL if arguments.wheel and origin is Origin.FOLDER else origin


def _found(name: str, data: Path) -> tuple[Path, Origin]:
    if "/" not in name:
        for folder, origin in _known(data):
            if folder.name.replace("_", "-") == name:
                return folder, origin
    if Path(name).is_dir():
        return Path(name), origin_of(Path(name))
    raise NotFound("unknown_pack", name=name)


def _known(data: Path) -> Iterator[tuple[Path, Origin]]:
    for folders, origin in ((shipped(), Origin.SHIPPED), (discovered(), Origin.WHEEL), (installed(data), Origin.FOLDER)):
        yield from ((folder, origin) for folder in folders)


def _pack(name: str, data: Path) -> Pack:
    return read_pack(*_found(name, data))


def _write(rows: Sequence[dict[str, Any]] | Iterator[dict[str, Any]]) -> None:
    sys.stdout.writelines(json.dumps(row, ensure_ascii=False, default=str) + "\n" for row in rows)
