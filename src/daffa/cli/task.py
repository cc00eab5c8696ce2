"""``daffa task``: a file of one's own summarised, translated, filled into a form, answered by a letter. Knows words and layout.

The file is read here, and its text is sent: what is labelled is what stands in the request (docs/tasks.md).
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from daffa import sentences
from daffa.errors import Invalid

from .ask import asked, print_outcome
from .paint import Page, bold, dim, isolate, tone

__all__ = ["add"]

_MARGIN = 36
_ARABIC = "ar"


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command group to the parser."""
    group = commands.add_parser("task", help="summarise, translate, fill in a form, draft a letter").add_subparsers(
        required=True, metavar="TASK"
    )
    output = argparse.ArgumentParser(add_help=False)
    output.add_argument("--label", metavar="LABEL", help="raises the label of the text")
    output.add_argument("--purpose", metavar="PURPOSE", help="what it is done for")
    output.add_argument("--key-file", type=Path, metavar="FILE", help="a file with the key to ask with (else DAFFA_KEY)")
    output.add_argument("--json", action="store_true", help="the whole outcome, for a program")
    parents = [common, output]

    summary = group.add_parser("summarise", parents=parents, help="the points of a file, each with the words it rests on")
    summary.add_argument("file", type=Path)
    summary.add_argument("--points", type=int, default=5, metavar="N", help="how many (%(default)s)")
    summary.set_defaults(run=_run, task=lambda given: {"name": "summarise", "points": given.points})

    translation = group.add_parser("translate", parents=parents, help="a file in the other language (needs assistant_model)")
    translation.add_argument("file", type=Path)
    translation.add_argument("--to", choices=("fr", "ar"), required=True)
    translation.set_defaults(run=_run, task=lambda given: {"name": "translate", "to": given.to})

    form = group.add_parser("fill", parents=parents, help="a form from a file: each field with its source, or empty")
    form.add_argument("file", type=Path)
    form.add_argument("--form", required=True, metavar="PACK/FORM")
    form.set_defaults(run=_run, task=lambda given: {"name": "fill", **_named("form", given.form)})

    letter = group.add_parser("draft", parents=parents, help="a letter from a template and facts; what is missing stays blank")
    letter.add_argument("file", type=Path, nargs="?", help="where facts are looked for that are not given")
    letter.add_argument("--template", required=True, metavar="PACK/TEMPLATE")
    letter.add_argument("--fact", action="append", default=[], metavar="NAME=VALUE")
    letter.set_defaults(run=_run, task=_letter)


def _letter(given: argparse.Namespace) -> dict[str, Any]:
    facts = {}
    for fact in given.fact:
        name, equals, value = fact.partition("=")
        if not equals or not name:
            raise Invalid("invalid_field", field="--fact", expected="NAME=VALUE", got=fact[:80])
        facts[name] = value
    return {"name": "draft", **_named("template", given.template), "facts": facts, "language": given.lang}


def _named(kind: str, given: str) -> dict[str, str]:
    """A form or a letter of a pack. Raises ``Invalid``."""
    pack, slash, name = given.partition("/")
    if not (pack and slash and name):
        raise Invalid("invalid_field", field=f"--{kind}", expected=f"PACK/{kind.upper()}", got=given[:80])
    return {"pack": pack, kind: name}


def _run(arguments: argparse.Namespace) -> int:
    task = arguments.task(arguments)
    if arguments.file is not None:
        task |= _read(arguments.file)
    body = {"task": task, "language": arguments.lang, "label": arguments.label, "purpose": arguments.purpose}
    return asked(arguments, body, _print)


def _read(path: Path) -> dict[str, str]:
    """The text of a file. Raises ``Invalid`` naming it, and ``OSError``."""
    from daffa.documents import MOST_BYTES, read_document

    with path.open("rb") as file:  # one byte too many tells; a device may never end
        return {"file": path.name, "text": read_document(file.read(MOST_BYTES + 1), path.name).text}


def _print(outcome: dict[str, Any], language: str) -> None:
    result = outcome.get("result") or {}
    if "fields" in result:
        _fields(outcome, result, language)
    elif "places" in result:
        _written(outcome, result, language)
    else:
        print_outcome(outcome, language)


def _fields(outcome: dict[str, Any], result: dict[str, Any], language: str) -> None:
    """The form: each field with its value, or why it is empty."""
    page = Page(right_to_left=language == _ARABIC, margin=_MARGIN)
    page.heading(_title(result["title"], language))
    for field in result["fields"]:
        empty = dim(sentences.say(f"task_empty_{field['reason']}", language)) if not field["value"] else ""
        candidates = [isolate(one) if isinstance(one, str) else isolate(one["value"]) for one in field["candidates"]]
        page.fact(
            _title(field["title"], language), (field["value"] and isolate(field["value"])) or " · ".join([empty, *candidates])
        )
    _ending(outcome, page, language)


def _written(outcome: dict[str, Any], result: dict[str, Any], language: str) -> None:
    """The letter, and what it still lacks."""
    reader = Page(right_to_left=language == _ARABIC, margin=_MARGIN)
    letter = Page(right_to_left=result["language"].startswith(_ARABIC))
    reader.heading(result["title"])
    for line in result["text"].splitlines():
        letter.paragraph(line) if line.strip() else letter.line()
    if result["missing"]:
        reader.line()
        reader.fact(tone(sentences.say("task_missing", language), "bad"), bold(", ".join(result["missing"])))
    _ending(outcome, reader, language)


def _title(title: str | dict[str, str], language: str) -> str:
    return title if isinstance(title, str) else title.get(language) or next(iter(title.values()), "")


def _ending(outcome: dict[str, Any], page: Page, language: str) -> None:
    page.line()
    if outcome.get("message"):
        page.paragraph(outcome["message"])
    for reference in outcome.get("decisions", ()):
        page.fact(sentences.say("ask_decision", language), isolate(reference))
