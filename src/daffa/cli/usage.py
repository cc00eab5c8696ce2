"""``daffa usage``: requests, refusals, tokens, money and energy by day, month, place, ... Knows pages alone."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from daffa import sentences

from .figures import Table, amount, count, day_range, print_json, reader_options
from .paint import Page
from .reach import Call, key_of, reach

__all__ = ["add", "footing"]

_KINDS = ("day", "month", "place", "model", "organisation")
_PAGE = 1000
_WIDTHS = (9, 9, 13, 12, 10, 9)


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("usage", parents=[common], help="requests, refusals, tokens, money and energy, from the log")
    parser.add_argument("--from", dest="first", default="", metavar="DAY", help="the first day, such as 2026-11-01 (UTC)")
    parser.add_argument("--to", dest="last", default="", metavar="DAY", help="the last day")
    parser.add_argument("--by", choices=_KINDS, default="day", help="one row for each (%(default)s)")
    parser.add_argument(
        "--entries", type=int, default=20_000, metavar="N", help="newest decisions whose details are opened (%(default)s)"
    )
    reader_options(parser)
    parser.set_defaults(run=_usage)


def _usage(arguments: argparse.Namespace) -> int:
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        pages = list(_pages(call, arguments))
    head, rows = pages[0], [row for page in pages for row in page["rows"]]
    if arguments.json:
        told = {name: value for name, value in head.items() if name not in ("rows", "next", "total")}
        print_json([*({"by": head["by"], **row} for row in rows), {**told, "total": head["total"]}])
        return 0
    _print(head, rows, arguments.lang)
    return 0


def _pages(call: Call, arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """The answer, page by page."""
    offset: int | None = 0
    while offset is not None:
        asked = {"by": arguments.by, "from": arguments.first, "to": arguments.last, "entries": arguments.entries}
        query = urlencode({**asked, "offset": offset, "limit": _PAGE})
        page = call("GET", f"/api/usage?{query}", None)
        yield page
        offset = page["next"]


def _print(head: dict[str, Any], rows: list[dict[str, Any]], language: str) -> None:
    page, total = Page(right_to_left=language == "ar"), head["total"]
    page.heading(sentences.say("usage_title", language))
    facts = {"requests": count(total["requests"], language), "refused": count(total["refused"], language)}
    page.paragraph(sentences.say("usage_about", language, period=day_range(head, language), **facts))
    footing(page, head, total["unpriced"], language)
    page.paragraph(sentences.say("footing_energy", language))
    if total["unmetered"]:
        page.paragraph(sentences.say("footing_unmetered", language, number=count(total["unmetered"], language)))
    table = Table(page, language, _WIDTHS)
    names = ("requests", "refused", "tokens_in", "tokens_out", "money", "energy")
    table.heads(
        sentences.say(f"usage_by_{head['by']}", language), *(sentences.say(f"usage_head_{name}", language) for name in names)
    )
    for row in rows:
        name = row["key"] if row["key"] is not None else sentences.say(f"usage_untold_{_why(head['by'])}", language)
        table.row(name, *_figures(row, language))
    if len(rows) != 1:
        table.row(sentences.say("usage_total", language), *_figures(total, language))
    page.line()


def _figures(row: dict[str, Any], language: str) -> list[str]:
    return [
        *(count(row[name], language) for name in ("requests", "refused", "tokens_in", "tokens_out")),
        amount(row["money"], language),
        amount(row["energy"], language),
    ]


def _why(by: str) -> str:
    return "place" if by == "place" else "details"


def footing(page: Page, answer: dict[str, Any], unpriced: int, language: str) -> None:
    """What the money and the sums of an answer stand on, line by line."""
    code = "footing_money" if answer["currency"] else "footing_money_unnamed"
    page.paragraph(sentences.say(code, language, currency=answer["currency"]))
    for name, number in (("unpriced", unpriced), *((name, answer[name]) for name in ("estimated", "erased", "unread"))):
        if number:
            page.paragraph(sentences.say(f"footing_{name}", language, number=count(number, language)))
