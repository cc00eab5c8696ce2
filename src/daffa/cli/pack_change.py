"""``daffa pack install``, ``remove`` and ``import``: what changes a house or a pack. Knows words and files."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from daffa import sentences
from daffa.packs import Origin, Pack, Severity, bring, lint, read_pack, stage

from . import pack_page, pack_questions
from .reach import key_of, reach
from .today import today

__all__ = ["add"]


def add(group: Any, common: argparse.ArgumentParser, machine: argparse.ArgumentParser) -> None:
    """Add the actions to the group ``pack``."""
    own = argparse.ArgumentParser(add_help=False)
    own.add_argument("--key-file", type=Path, metavar="FILE", help="file of your own key (DAFFA_KEY)")

    install = group.add_parser(
        "install", parents=[common, machine, own], help="put a folder into the house, whole or not at all"
    )
    install.add_argument("folder", type=Path, metavar="FOLDER", help="folder of a pack without tools")
    install.add_argument("--force", action="store_true", help="though its version is not newer than the installed one")
    install.set_defaults(run=_install)

    remove = group.add_parser("remove", parents=[common, machine, own], help="take an installed pack out of the house")
    remove.add_argument("id", metavar="ID")
    remove.set_defaults(run=_remove)

    files = group.add_parser("import", parents=[common, machine], help="make documents of a pack from files of an office")
    files.add_argument("files", nargs="+", type=Path, metavar="FILE|FOLDER", help="PDF, DOCX, ODT, HTML, Markdown, text, JSONL")
    files.add_argument("--into", type=Path, required=True, metavar="FOLDER", help="folder of the pack")
    files.add_argument("--source", default="", metavar="ID", help="source of pack.toml that they all are")
    files.add_argument("--licence", default="", metavar="WORDS", help="without --source: under what they may be quoted")
    files.add_argument("--force", action="store_true", help="write over documents that came from another file")
    files.set_defaults(run=_import)


def _install(arguments: argparse.Namespace) -> int:
    key = key_of(arguments.key_file)
    pack_questions.refuse_unless_enough(_sound(arguments.folder))
    with reach(arguments.data, key) as call:
        # The server reads nothing outside of its own folder: what is offered is laid there first.
        token = stage(arguments.folder, arguments.data)
        done = call("POST", "/api/packs", {"incoming": token, "force": arguments.force})
    code = "pack_replaced" if done["replaces"] else "pack_installed"
    _say(arguments, done, sentences.say(code, arguments.lang, pack=done["id"], version=done["version"], old=done["replaces"]))
    return 0


def _sound(folder: Path) -> Pack:
    """The pack of data in a folder. Raises ``Invalid`` with the first error that lint finds."""
    pack = read_pack(folder, Origin.FOLDER)
    for one in lint(folder, Origin.FOLDER):
        if one.severity is Severity.ERROR:
            raise one.error()
    return pack


def _remove(arguments: argparse.Namespace) -> int:
    key = key_of(arguments.key_file)
    with reach(arguments.data, key) as call:
        done = call("DELETE", f"/api/packs/{arguments.id}", None)
    _say(arguments, done, sentences.say("pack_removed", arguments.lang, pack=done["id"], version=done["version"]))
    return 0


def _import(arguments: argparse.Namespace) -> int:
    day = today(arguments.data)
    counts = {"written": 0, "same": 0, "refused": 0}
    reports = bring(
        arguments.files, arguments.into, day=day, source=arguments.source, licence=arguments.licence, force=arguments.force
    )
    for report in reports:
        counts[report.status] += 1
        if arguments.json:
            error = report.error
            row = {"file": report.file, "status": report.status, "document": report.document, "changes": report.changes}
            told = {"code": error.code, "message": error.say(arguments.lang)} if error else {}
            sys.stdout.write(json.dumps({**row, **told}, ensure_ascii=False) + "\n")
            sys.stdout.flush()
        else:
            pack_page.brought(report, arguments.lang)
    if not arguments.json:
        pack_page.line("  " + sentences.say("pack_brought", arguments.lang, **counts), arguments.lang)
    return 1 if counts["refused"] else 0


def _say(arguments: argparse.Namespace, row: dict[str, Any], text: str) -> None:
    if arguments.json:
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    else:
        pack_page.line(text, arguments.lang)
