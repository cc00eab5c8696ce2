"""``daffa search train``: learn the tables of terms from aligned articles and from laws. Knows no question."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from daffa import sentences

from .figures import count

__all__ = ["add"]

_CORPUS = Path("../shared/data")


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the group."""
    train = commands.add_parser("train", parents=[common], help="learn anew which words of two languages stand for each other")
    train.add_argument("--corpus", type=Path, default=_CORPUS, metavar="FOLDER", help="folder of articles (%(default)s)")
    train.add_argument("--out", type=Path, default=None, metavar="FOLDER", help="where to write; without it, the package")
    train.set_defaults(run=_train)


def _train(arguments: argparse.Namespace) -> int:
    from daffa.search.learning import HOME, make

    path = make(arguments.corpus, arguments.out or HOME)
    print(
        sentences.say("search_told_learned", arguments.lang, path=path, size=count(path.stat().st_size // 1000, arguments.lang))
    )
    return 0
