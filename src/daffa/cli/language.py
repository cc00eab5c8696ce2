"""``daffa language ...``: the languages of Morocco, a line of text at a time. Knows lines; ``language`` knows the rest."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from daffa.errors import Invalid

from . import language_model
from .lines import STANDARD_INPUT, batches, lines

__all__ = ["add"]

_AT_ONCE = 1000
_TARGETS = ("zgh-Latn", "zgh-Tfng", "ary-Arab", "ar-Latn", "und-Latn")
_DIGITS = ("ascii", "arabic", "persian", "fullwidth")

Write = Callable[[dict[str, Any], str], None]
"""Writes one answer: as JSON, or as the plain text beside it."""


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the group to the parser."""
    group = commands.add_parser("language", help="which language a text is in, its scripts and keys").add_subparsers(
        required=True, metavar="ACTION"
    )
    each = argparse.ArgumentParser(add_help=False)
    each.add_argument("files", nargs="*", type=Path, metavar="FILE", help="files of lines; without one, standard input")
    each.add_argument("--json", action="store_true", help="one JSON object a line")

    identify = group.add_parser("identify", parents=[common, each], help="the language of each line")
    identify.add_argument("--spans", action="store_true", help="the stretches of each line by language as well")
    identify.set_defaults(run=_identify)

    transliterate = group.add_parser("transliterate", parents=[common, each], help="each line in another script")
    transliterate.add_argument("--to", required=True, metavar="TAG", help=", ".join(_TARGETS))
    transliterate.add_argument("--limit", type=_count, default=5, metavar="N", help="candidates at most (%(default)s)")
    transliterate.add_argument("--digits", choices=_DIGITS, help="the digits in one writing")
    transliterate.add_argument("--plain", action="store_true", help="zgh-Latn without the marks of the exact way back")
    transliterate.set_defaults(run=_transliterate)

    normalise = group.add_parser("normalise", parents=[common, each], help="the search key of each line")
    normalise.add_argument("--loose", action="store_true", help="without accents, articles and other confusions")
    normalise.set_defaults(run=_normalise)

    repair = group.add_parser("repair", parents=[common, each], help="Arabic that a PDF has damaged, line by line")
    repair.add_argument("--whole", action="store_true", help="take all lines of a file for one text: better evidence for each")
    repair.set_defaults(run=_repair)
    language_model.add(group, common)


def _identify(arguments: argparse.Namespace) -> int:
    from daffa.language import identify_many, spans

    write = _writer(arguments)
    for texts in batches(lines(arguments.files), _AT_ONCE):
        for text, found in zip(texts, identify_many(texts), strict=True):
            row = found._asdict()
            row["confidence"] = round(row["confidence"], 4)
            if arguments.spans:
                row["spans"] = [span._asdict() for span in spans(text)]
            write(row, _said(row, text))
    return 0


def _said(row: dict[str, Any], text: str) -> str:
    others = " ".join(row["plausible"][1:])
    line = f"{row['language']:10}{row['confidence']:5.2f}  {text}" + (f"  ({others})" if others else "")
    stretches = [f"    {span['language']:10}{text[span['start'] : span['end']]}" for span in row.get("spans", ())]
    return "\n".join([line, *stretches])


def _transliterate(arguments: argparse.Namespace) -> int:
    from daffa.language import convert_digits

    change = _change(arguments.to, arguments.limit, exact=not arguments.plain)
    write = _writer(arguments)
    for text in lines(arguments.files):
        candidates = change(text)
        if arguments.digits:
            candidates = [convert_digits(candidate, arguments.digits) for candidate in candidates]
        write({"text": candidates[0], "candidates": candidates}, candidates[0])
    return 0


def _change(to: str, limit: int, *, exact: bool) -> Callable[[str], list[str]]:
    """What makes the candidates of a line, best first. A way that loses nothing makes one."""
    from daffa import language

    match to:
        case "zgh-Latn":
            return lambda text: [language.tifinagh_to_latin(text, exact=exact)]
        case "zgh-Tfng":
            return lambda text: [language.latin_to_tifinagh(text)]
        case "ary-Arab":
            return lambda text: [candidate.text for candidate in language.arabizi_candidates(text, limit)]
        case "ar-Latn":
            return lambda text: language.latin_names(text, limit)
        case "und-Latn":
            return lambda text: language.latin_names(language.tifinagh_to_latin(text, exact=False), limit)
    raise Invalid("no_such_transliteration", to=to, known=", ".join(_TARGETS))


def _normalise(arguments: argparse.Namespace) -> int:
    from daffa.language import normalise

    write = _writer(arguments)
    for text in lines(arguments.files):
        key = normalise(text, loose=arguments.loose)
        write({"key": key}, key)
    return 0


def _repair(arguments: argparse.Namespace) -> int:
    from daffa import language

    write = _writer(arguments)
    files = arguments.files or [Path(STANDARD_INPUT)]
    whole = (repaired for file in files for repaired in language.repair_lines(list(lines([file]))))
    done: Iterable[language.Repaired] = whole if arguments.whole else map(language.repair, lines(files))
    for repaired in done:
        write({"text": repaired.text, "changes": len(repaired.changes)}, repaired.text)
    return 0


def _writer(arguments: argparse.Namespace) -> Write:
    if arguments.json:
        return lambda row, _: _put(json.dumps(row, ensure_ascii=False))
    return lambda _, said: _put(said)


def _put(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 50:
        raise argparse.ArgumentTypeError(f"expected a number from 1 to 50, got {text[:20]}")
    return int(text)
