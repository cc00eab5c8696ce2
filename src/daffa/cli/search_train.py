"""``daffa search train`` and ``train-reranker``: learn the models of search anew. Knows no question."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from daffa import sentences

from .figures import count

__all__ = ["add"]

_CORPUS = Path("../shared/data")


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the commands to the group."""
    each = argparse.ArgumentParser(add_help=False)
    each.add_argument("--corpus", type=Path, default=_CORPUS, metavar="FOLDER", help="folder of articles (%(default)s)")
    each.add_argument("--out", type=Path, default=None, metavar="FOLDER", help="where to write; without it, the package")
    terms = commands.add_parser("train", parents=[common, each], help="learn which words of two languages stand for each other")
    terms.set_defaults(run=_terms)
    ranks = commands.add_parser(
        "train-reranker", parents=[common, each], help="learn what speaks for a passage, from the questions written for it"
    )
    ranks.set_defaults(run=_reranker)


def _terms(arguments: argparse.Namespace) -> int:
    from daffa.search.learning import HOME, make

    return _told(make(arguments.corpus, arguments.out or HOME), arguments.lang)


def _reranker(arguments: argparse.Namespace) -> int:
    from daffa.app import embedded_index
    from daffa.search.learning import HOME, make_reranker

    return _told(make_reranker(arguments.corpus, arguments.out or HOME, embedded_index), arguments.lang)


def _told(path: Path, language: str) -> int:
    print(sentences.say("search_told_learned", language, path=path, size=count(path.stat().st_size // 1000, language)))
    return 0
