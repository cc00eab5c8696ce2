"""``daffa incident``: where the judges of the law differed. Knows lines and pages; the house keeps the incidents."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from typing import Any

from daffa import sentences
from daffa.policy import read_question

from .paint import Page, isolate, width
from .reach import Call, reach

__all__ = ["add"]

_FACTS = ("state", "kind", "seen", "table", "cedar", "door", "purpose", "label", "place", "roles", "entry", "law", "why")


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command group to the parser."""
    told = "incidents: where the judges of the law differed"
    group = commands.add_parser("incident", help=told).add_subparsers(required=True, metavar="ACTION")
    output = argparse.ArgumentParser(add_help=False)
    output.add_argument("--json", action="store_true", help="one JSON object a line")

    listed = group.add_parser("list", parents=[common, output], help="list those that stand open, the newest first")
    listed.add_argument("--all", action="store_true", help="closed ones too")
    listed.set_defaults(run=_list)

    show = group.add_parser("show", parents=[common, output], help="the question, both opinions, the entry")
    show.add_argument("number", type=_number, metavar="N", help="number of the incident")
    show.set_defaults(run=_show)

    close = group.add_parser("close", parents=[common, output], help="close one; who did it and why stands in the log")
    close.add_argument("number", type=_number, metavar="N", help="number of the incident")
    close.add_argument("--reason", required=True, help="what was wrong, and what was done")
    close.set_defaults(run=_close)


def _list(arguments: argparse.Namespace) -> int:
    with reach(arguments.data) as call:
        rows = list(_rows(call, "" if arguments.all else "only=open"))
    if arguments.json:
        sys.stdout.writelines(_line(row) for row in rows)
        return 0
    page = _page(arguments.lang)
    if not rows:
        page.line(sentences.say("incident_told_none", arguments.lang))
    indent = max((len(str(row["number"])) for row in rows), default=0) + 2
    for row in rows:
        page.paragraph(_summary(row, arguments.lang), indent, str(row["number"]))
    return 0


def _show(arguments: argparse.Namespace) -> int:
    with reach(arguments.data) as call:
        row = call("GET", f"/api/incidents/{arguments.number}", None)
    if arguments.json:
        sys.stdout.write(_line(row))
        return 0
    names = {name: sentences.say(f"incident_name_{name}", arguments.lang) for name in _FACTS}
    page = _page(arguments.lang, margin=max(map(width, names.values())) + 4)
    page.heading(sentences.say("incident_told_title", arguments.lang, number=row["number"]))
    for name in _FACTS:
        if said := _said(row, name, arguments.lang):
            page.fact(names[name], said)
    page.line()
    return 0


def _close(arguments: argparse.Namespace) -> int:
    with reach(arguments.data) as call:
        row = call("POST", f"/api/incidents/{arguments.number}/close", {"reason": arguments.reason})
    if arguments.json:
        sys.stdout.write(_line(row))
    else:
        _page(arguments.lang).paragraph(sentences.say("incident_told_closed", arguments.lang, number=row["number"]), 0)
    return 0


def _rows(call: Call, query: str) -> Iterator[dict[str, Any]]:
    """All that ``query`` finds, page by page."""
    before = ""
    while rows := call("GET", f"/api/incidents?{query}{before}", None):
        yield from rows
        before = f"&before={rows[-1]['number']}"


def _summary(row: dict[str, Any], language: str) -> str:
    said = {name: _said(row, name, language) for name in ("state", "kind", "seen")}
    return sentences.say("incident_summary", language, **said)


def _said(row: dict[str, Any], name: str, language: str) -> str:
    """One fact of an incident in words; empty where there is nothing to say."""
    question = read_question(row["question"], {}, 0)
    match name:
        case "state" if row["open"]:
            return sentences.say("incident_state_open", language, time=_time(row["opened"]))
        case "state":
            return sentences.say("incident_state_closed", language, time=_time(row["closed"]), by=row["closed_by"])
        case "kind":
            return sentences.say(f"incident_kind_{row['kind']}", language)
        case "seen":
            return sentences.say("incident_seen", language, times=row["times"], time=_time(row["last"]))
        case "table" | "cedar":
            return _opinion(row[name], language)
        case "why":
            return _apart(row["why"] or "", language)
        case "entry":
            return _apart(row["reference"], language)
        case "law":
            return _apart(row["bundle"], language)
        case "place":
            return _apart(question.place.id, language)
        case "roles":
            return _apart(", ".join(sorted(question.actor.roles)), language)
    return _apart(str(getattr(question, name)), language)


def _apart(text: str, language: str) -> str:
    """What is not said by us, kept apart in a line that runs from right to left."""
    return isolate(text) if text and language == "ar" else text


def _opinion(opinion: dict[str, Any] | None, language: str) -> str:
    if opinion is None:
        return sentences.say("incident_silent", language)
    code = ("law_check_allowed" if opinion["allowed"] else "law_check_refused") if opinion["rules"] else "law_check_silence"
    return sentences.say(code, language, rules=", ".join(opinion["rules"]))


def _page(language: str, margin: int = 2) -> Page:
    return Page(right_to_left=language == "ar", margin=margin)


def _line(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _time(seconds: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))


def _number(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < len(text) < 10:
        raise argparse.ArgumentTypeError(f"expected the number of an incident, got {text[:40]}")
    return int(text)
