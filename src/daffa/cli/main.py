"""Read the words of a command, run it, turn an error into one line and an exit code. Knows no command's business."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import daffa
from daffa import sentences
from daffa.errors import DaffaError, Unavailable

__all__ = ["EXIT", "main"]

EXIT = {
    "audit_damaged": 2,
    "audit_entry_altered": 2,
    "audit_missing": 2,
    "proof_does_not_hold": 2,
    "signature_does_not_hold": 2,
    "too_few_cosignatures": 2,
}
"""Exit code by error code: 2 for a log that does not hold; every other error, wrong words included, is 1."""

_RIGHT_TO_LEFT = "\u200f"

_GROUPS = {
    name: {"eval": "evaluation", "import": "import_config"}.get(name, name)
    for name in (
        "up tour ask task search collections pack eval feedback mcp import decide policy audit identity egress incident "
        "language privacy quota usage dependence drill"
    ).split()
}
"""The file of each command."""
_LARGE = 50_000
"""New objects after which old ones are looked through: by default some hundred, and a start makes half a million that stay."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code: 0, 1 for an error, 2 for a broken audit log."""
    gc.set_threshold(_LARGE)
    parser = _Parser(
        prog="daffa",
        description="Daffa, the helm: one recorded decision before anything leaves.",
        epilog="./daffa tour shows it at work.",
    )
    parser.add_argument("--version", action="version", version=f"daffa {daffa.__version__}")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--data", type=Path, default=_data(), metavar="DIR", help="folder of everything that is kept (%(default)s)"
    )
    common.add_argument(
        "--lang", choices=("fr", "ar", "en"), default=_language(), help="language of what is said (%(default)s)"
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    words = sys.argv[1:] if argv is None else argv
    for group in _groups(words):
        group.add(commands, common)
    arguments = parser.parse_args(words)
    return _run(arguments)


def _groups(words: Sequence[str]) -> list[Any]:
    """The file of the command that is asked for, which need not wait for what others import; all where none is."""
    named = [_GROUPS[words[0]]] if words and words[0] in _GROUPS else list(_GROUPS.values())
    return [import_module(f".{name}", __package__) for name in named]


def _run(arguments: argparse.Namespace) -> int:
    if sys.stdout is None:  # a caller that closed it wants to hear nothing
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - open as long as the process
    try:
        code = int(arguments.run(arguments))
        sys.stdout.flush()
    except DaffaError as error:
        return _complain(error, arguments.lang)
    except BrokenPipeError:
        # The reader of our output has gone (``| head``); nothing is wrong.
        _end_output()
        return 0
    except OSError as error:
        _end_output()
        return _complain(Unavailable("system_refuses", reason=str(error)), arguments.lang)
    except KeyboardInterrupt:
        return 130
    return code


def _complain(error: DaffaError, language: str) -> int:
    # A line that begins with a Latin name would be ordered from the left.
    mark = _RIGHT_TO_LEFT if language == "ar" else ""
    sys.stderr.write(f"{mark}daffa: {error.say(language)}\n")
    return EXIT.get(error.code, 1)


def _end_output() -> None:
    """Write what is left; what cannot be written shall not be tried again at the end of the process."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Parser(argparse.ArgumentParser):
    """A parser whose errors exit with 1: scripts read 2 as a broken log."""

    def error(self, message: str) -> NoReturn:
        """Say how the command is used and what was wrong."""
        self.print_usage(sys.stderr)
        self.exit(1, f"{self.prog}: {message}\n")


def _data() -> Path:
    return Path(os.environ.get("DAFFA_DATA", "var/daffa"))


def _language() -> str:
    spoken = sentences.choose(os.environ.get("LC_ALL") or os.environ.get("LANG", "").split(".")[0].replace("_", "-"))
    return spoken if spoken in ("fr", "ar") else "en"
