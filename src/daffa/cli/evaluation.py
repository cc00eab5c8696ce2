"""``daffa eval assistant``: ask the questions of the packs, and say how many were answered rightly. Knows pages.

The packs are put into a house of their own, made for this and gone afterwards: nothing of the folder of data is changed, and a
server may run beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from daffa import sentences
from daffa.errors import NotFound

from .figures import print_json

if TYPE_CHECKING:  # a command waits for what it needs alone
    from daffa.app import House
    from daffa.assistant import Asking, Assistant, Evaluation
    from daffa.gateway import Asker
    from daffa.packs import Pack

__all__ = ["add"]


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command group to the parser."""
    told = "measure the assistant on the questions of the packs"
    group = commands.add_parser("eval", help=told).add_subparsers(required=True, metavar="WHAT")
    parser = group.add_parser("assistant", parents=[common], help="answers by language, each step alone too; a report")
    parser.add_argument(
        "--pack", action="append", default=[], metavar="FOLDER|ID", help="these packs alone (else all that are known)"
    )
    parser.add_argument("--everywhere", action="store_true", help="look in all packs for each question, not in its own alone")
    parser.add_argument(
        "--model", default="", metavar="ID", help="of daffa.toml, or auto: it words the answers (else extracts)"
    )
    parser.add_argument("--html", type=Path, metavar="FILE", help="write the report, with every question, as a page")
    parser.add_argument("--json", action="store_true", help="everything, for a program")
    parser.add_argument("--fit", action="store_true", help="learn the weights of extracts from the tuning half, and print them")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    from daffa.assistant import html

    found, fitted = asyncio.run(_measured(arguments))
    if arguments.html is not None:
        arguments.html.write_text(html(found, arguments.lang), encoding="utf-8")
    if arguments.fit:
        sys.stdout.write(fitted)
    elif arguments.json:
        import msgspec

        print_json([msgspec.to_builtins(found)])
    else:
        _print(found, arguments.lang)
    return 0


async def _measured(arguments: argparse.Namespace) -> tuple[Evaluation, str]:
    from daffa.app import build
    from daffa.assistant import questions_of, shelve
    from daffa.settings import read_settings

    packs = list(_packs(arguments.pack, arguments.data))
    with tempfile.TemporaryDirectory(prefix="daffa-eval-") as folder:
        if arguments.model:
            shutil.copy(arguments.data / "daffa.toml", folder)
        # A database that the file or the environment names is another house's.
        async with build(read_settings(Path(folder), database="")) as house:
            await shelve(house.library, packs)
            asker = _asker(house)
            questions = list(questions_of(packs))
            return await _asked(arguments, _assistant(house, packs, arguments.model), questions, asker)


async def _asked(
    arguments: argparse.Namespace, assistant: Assistant, questions: Sequence[Asking], asker: Asker
) -> tuple[Evaluation, str]:
    from daffa.assistant import collection_of, evaluate, fit

    def own(asking: Asking) -> list[str]:
        return [] if arguments.everywhere else [collection_of(asking.pack)]

    fitted = await fit(assistant, questions, asker, collections=own) if arguments.fit else ""
    return await evaluate(assistant, questions, asker, model=arguments.model, collections=own), fitted


def _assistant(house: House, packs: Sequence[Pack], model: str) -> Assistant:
    """An assistant over these packs alone."""
    from daffa.assistant import Assistant, GatewayModel, PackTools, planner_of
    from daffa.packs import Tools

    planner = planner_of(packs)
    return Assistant(
        house.library,
        lambda _: planner,
        clock=time.perf_counter,
        wall=time.time,
        zone=house.settings.time_zone,
        tools=PackTools(Tools(packs), packs),
        model=GatewayModel(house.gateway.ask, model) if model else None,
    )


def _asker(house: House) -> Asker:
    from daffa.decision import NEUTRAL
    from daffa.gateway import Asker

    key = (house.settings.data / "admin.key").read_text().strip()
    return Asker(house.identity.authenticate(key, time.time()), NEUTRAL, house.settings.purpose)


def _packs(names: Sequence[str], data: Path) -> Iterator[Pack]:
    from daffa.packs import discovered, installed, read_pack, shipped

    known = {folder.name.replace("_", "-"): folder for folder in (*shipped(), *discovered(), *installed(data))}
    for name in names or known:
        folder = known.get(name, Path(name))
        if not folder.is_dir():
            raise NotFound("unknown_pack", name=name)
        yield read_pack(folder)


def _print(found: Evaluation, language: str) -> None:
    """A line a language, the whole last; in parentheses the half that nobody tuned on."""
    say = sentences.say
    columns = ("answerable", "unanswerable", "hit_at_1", "hit_at_12", "compose")
    heads = [say(f"eval_{name}", language) for name in columns]
    sys.stdout.write(f"{say('eval_title', language)}\n\n{'':10} {'  '.join(heads)}\n")
    held = {score.language: score for score in found.scores if score.half == "held"}
    for score in found.scores:
        if score.half:
            continue
        other = held.get(score.language, score)
        figures = [
            f"{_share(score.answered_right, score.answerable)} ({_share(other.answered_right, other.answerable)})",
            f"{_share(score.not_covered_right, score.unanswerable)} ({_share(other.not_covered_right, other.unanswerable)})",
            *(_share(part or 0.0, 1) for part in (score.hit_at_1, score.hit_at_12, score.compose)),
        ]
        cells = "  ".join(figure.rjust(len(head)) for figure, head in zip(figures, heads, strict=True))
        sys.stdout.write(f"{score.language or say('eval_all', language):10} {cells}\n")
    sys.stdout.write(f"\n{say('eval_note', language)}\n")


def _share(part: float, whole: float) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"
