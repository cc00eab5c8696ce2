"""``daffa language train|score``: learn the models of the languages from lines, or measure them. Knows no table."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from daffa.errors import Unavailable

__all__ = ["add"]

_CORPUS = Path("../shared/data")
_PEERS = Path("var/bench/language-peers/bin/python")
_MODELS = ("identify", "arabizi", "repair")


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the two commands to the group."""
    train = commands.add_parser("train", parents=[common], help="learn the models from lines (identify needs the extra train)")
    _what(train)
    train.add_argument("--out", type=Path, default=None, metavar="FOLDER", help="where to write; without it, the package")
    train.add_argument("--all-lines", action="store_true", help="learn from every licence; such a model is never shipped")
    train.add_argument("--seed", type=int, default=1, help="of every draw of identify (%(default)s)")
    train.add_argument(
        "--draws", type=float, default=1.0, metavar="SHARE", help="share of the draws of identify; below 1 quick and worse"
    )
    train.set_defaults(run=_train)
    score = commands.add_parser("score", parents=[common], help="measure the models on lines they have not learned from")
    _what(score)
    score.add_argument(
        "--model", type=Path, default=None, metavar="FOLDER", help="where the models are; without it, those that are shipped"
    )
    score.add_argument("--peers", action="store_true", help="ask other identifiers about the same lines")
    score.add_argument(
        "--peers-python",
        type=Path,
        default=_PEERS,
        metavar="PYTHON",
        help="Python of an environment that has them (%(default)s)",
    )
    score.add_argument("--json", action="store_true", help="all figures as one JSON object, by model")
    score.set_defaults(run=_score)


def _what(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", nargs="?", choices=(*_MODELS, "all"), default="all", help="which model (%(default)s)")
    parser.add_argument("--corpus", type=Path, default=_CORPUS, metavar="FOLDER", help="folder of lines (%(default)s)")


def _chosen(arguments: argparse.Namespace) -> tuple[str, ...]:
    return _MODELS if arguments.what == "all" else (arguments.what,)


def _train(arguments: argparse.Namespace) -> int:
    from daffa.language.learning import papers

    from .language_tables import WORDS, headline

    folder = arguments.out or papers.HOME
    papers.may_write(folder, all_lines=arguments.all_lines)
    made = {name: _maker(name, arguments) for name in _chosen(arguments)}
    for name, make in made.items():
        path, figures = make(arguments.corpus, folder, all_lines=arguments.all_lines)
        _say(WORDS[arguments.lang]["written"].format(path=path, size=path.stat().st_size // 1000))
        _say(f"{name}: {headline(name, figures, arguments.lang)}")
    return 0


def _maker(name: str, arguments: argparse.Namespace) -> Callable[..., tuple[Path, Any]]:
    from daffa.language.learning.arabizi.make import make as make_arabizi
    from daffa.language.learning.repair.make import make as make_repair

    if name != "identify":
        return {"arabizi": make_arabizi, "repair": make_repair}[name]
    try:
        from daffa.language.learning.identify.make import make
    except ImportError as error:
        raise Unavailable("training_needs_extra", missing=error.name or str(error)) from error
    return lambda *places, **more: make(*places, seed=arguments.seed, draws=arguments.draws, **more)


def _score(arguments: argparse.Namespace) -> int:
    from .language_tables import headline, tables

    figures = {name: _FIGURES[name](arguments) for name in _chosen(arguments)}
    if arguments.json:
        _say(json.dumps(figures, ensure_ascii=False))
        return 0
    for name, told in figures.items():
        _say(f"{name}: {headline(name, told, arguments.lang)}")
        for line in tables(name, told, arguments.lang):
            _say(line)
        _say("")
    return 0


def _identify(arguments: argparse.Namespace) -> dict[str, Any]:
    from daffa.language.learning import papers
    from daffa.language.learning.identify import lines, packing, score
    from daffa.language.learning.identify.peers import NAMES, ask

    model = score.load(arguments.model or papers.HOME)
    corpus = lines.read(arguments.corpus)
    figures = score.figures_of(model, corpus.judged)
    figures["weights"] = packing.digest(model)
    figures["unseen"] = model.about.get("lines") == corpus.fingerprint
    figures["peers"] = []
    for name in NAMES if arguments.peers else ():
        told = ask(arguments.peers_python, name, [line.text for line in corpus.judged])
        figures["peers"].append(
            {"name": name, **(score.figures_of_classes(corpus.judged, told.classes) if told else {"absent": True})}
        )
    return figures


def _arabizi(arguments: argparse.Namespace) -> dict[str, Any]:
    from daffa.language.learning import papers
    from daffa.language.learning.arabizi import score

    return dict(score.score(arguments.corpus, score.load(arguments.model or papers.HOME)))


def _repair(arguments: argparse.Namespace) -> dict[str, Any]:
    from daffa.language.learning import papers
    from daffa.language.learning.repair import score

    return dict(score.score(arguments.corpus, score.load(arguments.model or papers.HOME)))


_FIGURES: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "identify": _identify,
    "arabizi": _arabizi,
    "repair": _repair,
}


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
