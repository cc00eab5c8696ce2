"""``daffa dependence``: how dependent the country is, on a page for whoever has to decide about it. Knows pages alone."""

from __future__ import annotations

import argparse
from typing import Any
from urllib.parse import urlencode

from daffa import sentences

from .figures import Names, Table, apart, bar, count, day_range, out_of, print_json, reader_options, share
from .paint import Page
from .reach import key_of, reach
from .usage import footing

__all__ = ["add"]

_BAR = 20
# As the observatory writes it; its room is not imported, for other commands would wait for it.
_EVERY_STATE = "*"
_MEASURES = ("requests", "tokens", "money")


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    told = "share of requests, tokens and money by legal reach, operator and vendor, over time"
    parser = commands.add_parser("dependence", parents=[common], help=told)
    parser.add_argument("--from", dest="first", default="", metavar="DAY", help="the first day, such as 2026-11-01 (UTC)")
    parser.add_argument("--to", dest="last", default="", metavar="DAY", help="the last day")
    parser.add_argument(
        "--entries", type=int, default=20_000, metavar="N", help="newest decisions opened where prices differ (%(default)s)"
    )
    reader_options(parser)
    parser.set_defaults(run=_dependence)


def _dependence(arguments: argparse.Namespace) -> int:
    query = urlencode({"from": arguments.first, "to": arguments.last, "entries": arguments.entries})
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        found = call("GET", f"/api/dependence?{query}", None)
        if arguments.json:
            print_json([found])
            return 0
        names = Names(call, arguments.lang)
    _print(found, names, arguments.lang)
    return 0


def _print(found: dict[str, Any], names: Names, language: str) -> None:
    page, total = Page(right_to_left=language == "ar"), found["total"]
    page.heading(sentences.say("dependence_title", language, country=names.of("state", found["country"])))
    facts = {name: count(total[name], language) for name in ("requests", "tokens")}
    page.paragraph(sentences.say("dependence_about", language, period=day_range(found, language), **facts))
    footing(page, found, found["unpriced"], language)
    page.line()
    if not total["requests"]:
        page.paragraph(sentences.say("dependence_nothing", language))
    else:
        _headline(page, found, names, language)
    refused = found["refused"]
    part = share(out_of(refused, refused + total["requests"]), language)
    page.paragraph(sentences.say("dependence_refused", language, number=count(refused, language), part=part))
    for kind in ("reach", "operator", "vendor"):
        _shares(page, kind, found, names, language)
    _months(page, found, names, language)
    if found["gone"]:
        page.line()
        places = ", ".join(found["gone"])
        page.paragraph(sentences.say("dependence_gone", language, places=places))
    page.line()


def _headline(page: Page, found: dict[str, Any], names: Names, language: str) -> None:
    part = found["national"]["of_requests"]
    page.paragraph(sentences.say("dependence_national", language, part=share(part, language)))
    page.line(f"  {bar(part, 60)}")
    for kind in ("state", "vendor"):
        largest = found[f"largest_{kind}"]
        if largest is not None:
            facts = {"name": _name(largest, names, language), "part": share(largest["of_requests"], language)}
            page.paragraph(sentences.say(f"dependence_largest_{kind}", language, **facts))


def _shares(page: Page, kind: str, found: dict[str, Any], names: Names, language: str) -> None:
    if not found[kind]:
        return
    table = Table(page, language, (_BAR, 10, 10, 10), bars=(0,))
    heads = [sentences.say(f"dependence_head_{measure}", language) for measure in _MEASURES]
    table.heads(sentences.say(f"dependence_by_{kind}", language), "", *heads)
    for row in found[kind]:
        cells = [share(row[f"of_{measure}"], language) for measure in _MEASURES]
        if row["kind"] == "gone":
            cells[_MEASURES.index("money")] = "–"  # its price is not known, which is not the same as nothing
        table.row(_name(row, names, language), bar(row["of_requests"], _BAR), *cells)
    if kind == "reach":
        page.paragraph(sentences.say("dependence_overlap", language))
    else:
        index = f"{found['concentration'][kind]['requests']:.2f}"
        page.paragraph(
            sentences.say("dependence_concentration", language, index=index.replace(".", "," if language == "fr" else "."))
        )


def _months(page: Page, found: dict[str, Any], names: Names, language: str) -> None:
    if not found["months"]:
        return
    table = Table(page, language, (_BAR, 10, 10, 22), bars=(0,))
    heads = [sentences.say(f"dependence_head_{name}", language) for name in ("national", "sent", "largest")]
    table.heads(sentences.say("dependence_by_month", language), "", *heads)
    for row in found["months"]:
        national, largest = row["national"]["of_requests"], row["largest"]
        last = (
            f"{_name(largest, names, language)} {apart(share(largest['of_requests'], language), language)}" if largest else "–"
        )
        sent = count(row["amount"]["requests"], language)
        table.row(row["month"], bar(national, _BAR), share(national, language), sent, last)


def _name(row: dict[str, Any], names: Names, language: str) -> str:
    """What a row is about, in words; a place that is configured no longer says so."""
    if row["kind"] == "state":
        return (
            sentences.say("dependence_every_state", language) if row["key"] == _EVERY_STATE else names.of("state", row["key"])
        )
    if row["kind"] == "vendor":
        return apart(row["key"], language)
    return sentences.say("dependence_place_gone" if row["kind"] == "gone" else "dependence_place", language, place=row["key"])
