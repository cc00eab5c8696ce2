"""``daffa import``: another gateway's configuration as a draft of ``daffa.toml``. Knows words and files; changes no house."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

from daffa import sentences
from daffa.errors import Conflict

__all__ = ["add"]

_RIGHT_TO_LEFT = "\u200f"


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command group to the parser."""
    group = commands.add_parser("import", help="draft daffa.toml from the configuration of another gateway").add_subparsers(
        required=True, metavar="FROM"
    )
    options = argparse.ArgumentParser(add_help=False)
    options.add_argument("file", type=Path, metavar="FILE")
    options.add_argument("--output", type=Path, metavar="FILE", help="write the draft there, where nothing is yet (print it)")
    options.add_argument("--policies", type=Path, metavar="DIR", help="law that knows the hosts (that of the configuration)")
    options.add_argument("--json", action="store_true", help="one JSON object: the draft and what is to be read")
    litellm = group.add_parser("litellm", parents=[common, options], help="a config.yaml of LiteLLM")
    litellm.set_defaults(run=_import)
    opengatellm = group.add_parser("opengatellm", parents=[common, options], help="a config.yml of OpenGateLLM")
    opengatellm.set_defaults(run=_import)
    for parser, name in ((litellm, "litellm"), (opengatellm, "opengatellm")):
        parser.set_defaults(source=name)


def _import(arguments: argparse.Namespace) -> int:
    # Only this command needs the reader of YAML and the law: the others do not wait for them.
    from daffa import importing
    from daffa.policy import Bundle
    from daffa.settings import read_settings

    law = Bundle.read(arguments.policies or read_settings(arguments.data).policies)
    read = {"litellm": importing.read_litellm, "opengatellm": importing.read_opengatellm}[arguments.source]
    draft = read(importing.read_source(arguments.file.read_bytes(), str(arguments.file)), law.host)
    text = importing.write(draft, arguments.file.name, arguments.lang)
    notes = [
        {"code": note.code, **note.facts, "said": sentences.say(note.code, arguments.lang, **note.facts)}
        for note in draft.notes
    ]
    if arguments.output is not None:
        _keep(arguments.output, text)
    if arguments.json:
        sys.stdout.write(json.dumps({"toml": text, "notes": notes}, ensure_ascii=False) + "\n")
        return 0
    if arguments.output is None:
        sys.stdout.write(text)
        sys.stdout.flush()
    mark = _RIGHT_TO_LEFT if arguments.lang == "ar" else ""
    facts = {"models": len(draft.models), "places": len(draft.places), "notes": len(notes)}
    said = [sentences.say("import_done", arguments.lang, **facts), *(note["said"] for note in notes)]
    sys.stderr.writelines(f"{mark}{line}\n" for line in said)
    return 0


def _keep(path: Path, text: str) -> None:
    """Write a file that is not there yet, whole."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.new")
    aside.write_text(text, encoding="utf-8")
    try:
        os.link(aside, path)  # unlike a move, it takes nobody's place
    except FileExistsError as error:
        raise Conflict("import_exists", path=str(path)) from error
    finally:
        aside.unlink()
