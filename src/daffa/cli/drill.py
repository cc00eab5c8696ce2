"""``daffa drill cut-off``: what was asked, asked again without some places. Knows pages alone; nothing is sent."""

from __future__ import annotations

import argparse
import time
from typing import Any

from daffa import sentences
from daffa.errors import Invalid

from .figures import Names, Table, amount, apart, bar, change, count, out_of, print_json, reader_options, share
from .paint import Page
from .reach import key_of, reach

__all__ = ["add"]

_BAR = 20
_FATES = ("kept", "moved", "elsewhere", "lost", "without")
_ROWS = 12


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command group to the parser."""
    group = commands.add_parser("drill", help="exercises: what would still work").add_subparsers(
        required=True, metavar="EXERCISE"
    )
    told = "ask what was recorded again without some places; nothing is sent"
    parser = group.add_parser("cut-off", parents=[common], help=told)
    parser.add_argument(
        "--reach", action="append", default=[], metavar="STATE", help="places that the law of STATE reaches, such as US"
    )
    parser.add_argument("--operator", action="append", default=[], metavar="STATE", help="places whose operator is of STATE")
    parser.add_argument("--place", action="append", default=[], metavar="ID", help="a place; each of the three may be repeated")
    parser.add_argument("--entries", type=int, default=1000, metavar="N", help="newest recorded requests (%(default)s)")
    reader_options(parser)
    parser.set_defaults(run=_cut_off)


def _cut_off(arguments: argparse.Namespace) -> int:
    cut = {name: getattr(arguments, name) for name in ("reach", "operator", "place")}
    if not any(cut.values()):
        raise Invalid("invalid_field", field="drill cut-off", expected="--reach, --operator or --place", got="none")
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        found = call("POST", "/api/drill", {**cut, "entries": arguments.entries})
        if arguments.json:
            print_json([found])
            return 0
        names = Names(call, arguments.lang)
    _print(found, names, arguments.lang)
    return 0


def _print(found: dict[str, Any], names: Names, language: str) -> None:
    page = Page(right_to_left=language == "ar")
    page.heading(sentences.say("drill_title", language))
    none = sentences.say("drill_none", language)
    facts = {"cut": ", ".join(found["cut"]) or none, "left": ", ".join(found["left"]) or none}
    page.paragraph(sentences.say("drill_about", language, asked=count(found["asked"], language), **facts))
    page.paragraph(sentences.say("drill_nothing_sent", language))
    for reason, number in found["left_out"].items():
        if number:
            page.paragraph(sentences.say(f"drill_left_{reason}", language, number=count(number, language)))
    if found["drifted"]:
        page.paragraph(sentences.say("drill_drifted", language, number=count(found["drifted"], language)))
    if found["asked"]:
        page.line()
        _headline(page, found, language)
        _fates(page, found, language)
        _places(page, found, language)
        for kind in ("organisations", "purposes"):
            _groups(page, kind, found, names, language)
        _rules(page, found, names, language)
        _examples(page, found, names, language)
    page.line()
    page.paragraph(sentences.say("drill_not_recorded", language))
    page.line()


def _headline(page: Page, found: dict[str, Any], language: str) -> None:
    fates = found["fates"]
    served, able = fates["kept"] + fates["moved"], found["asked"] - fates["without"]
    part = out_of(served, able)
    facts = {"part": share(part, language), "served": count(served, language), "able": count(able, language)}
    page.paragraph(sentences.say("drill_served", language, **facts))
    page.line(f"  {bar(part, 60)}")
    before, after = found["price_before"], found["price_after"]
    code = "drill_price" if found["currency"] else "drill_price_unnamed"
    sums = {"before": amount(before, language), "after": amount(after, language), "lost": amount(found["price_lost"], language)}
    page.paragraph(sentences.say(code, language, currency=found["currency"], change=change(before, after, language), **sums))


def _fates(page: Page, found: dict[str, Any], language: str) -> None:
    table = Table(page, language, (_BAR, 9, 8), bars=(0,))
    heads = [sentences.say(f"drill_head_{name}", language) for name in ("requests", "part")]
    table.heads(sentences.say("drill_by_fate", language), "", *heads)
    for fate in _FATES:
        number = found["fates"][fate]
        part = out_of(number, found["asked"])
        table.row(
            sentences.say(f"drill_fate_{fate}", language), bar(part, _BAR), count(number, language), share(part, language)
        )


def _places(page: Page, found: dict[str, Any], language: str) -> None:
    table = Table(page, language, (_BAR, 9, 9), bars=(0,))
    heads = [sentences.say(f"drill_head_{name}", language) for name in ("before", "after")]
    table.heads(sentences.say("drill_by_place", language), "", *heads)
    for place in dict.fromkeys([*found["before"], *found["after"]]):
        before, after = found["before"].get(place, 0), found["after"].get(place, 0)
        name = sentences.say("drill_place_cut", language, place=place) if place in found["cut"] else place
        table.row(name, bar(out_of(after, found["asked"]), _BAR), count(before, language), count(after, language))


def _groups(page: Page, kind: str, found: dict[str, Any], names: Names, language: str) -> None:
    table = Table(page, language, (_BAR, 9, 11, 9), bars=(0,))
    heads = [sentences.say(f"drill_head_{name}", language) for name in ("requests", "moved", "lost")]
    table.heads(sentences.say(f"drill_by_{kind}", language), "", *heads)
    for row in found[kind][:_ROWS]:
        fates = row["fates"]
        asked, lost = sum(fates.values()), fates["lost"] + fates["elsewhere"]
        name = names.of("purpose", row["key"]) if kind == "purposes" else row["key"]
        cells = [count(number, language) for number in (asked, fates["moved"], lost)]
        table.row(name, bar(out_of(lost, asked), _BAR), *cells)
    if (more := len(found[kind]) - _ROWS) > 0:
        page.paragraph(sentences.say("drill_more", language, number=count(more, language)))


def _rules(page: Page, found: dict[str, Any], names: Names, language: str) -> None:
    if not found["rules"]:
        return
    table = Table(page, language, (9,))
    table.heads(sentences.say("drill_by_rule", language), sentences.say("drill_head_requests", language))
    for rule, number in list(found["rules"].items())[:_ROWS]:
        table.row(apart(rule, language), count(number, language))
        page.paragraph(names.rule(rule), 4)


def _examples(page: Page, found: dict[str, Any], names: Names, language: str) -> None:
    if not found["examples"]:
        return
    page.heading(sentences.say("drill_examples", language))
    comma = "، " if language == "ar" else ", "
    for number, lost in enumerate(found["examples"], 1):
        what = [names.of("level", str(lost["level"])), *(names.of("categories", name) for name in lost["categories"])]
        facts = {"organisation": lost["organisation"], "named": lost["named"], "before": lost["before"], "index": lost["index"]}
        when = time.strftime("%Y-%m-%d %H:%M", time.gmtime(lost["time"]))
        purpose = names.of("purpose", lost["purpose"])
        told = sentences.say("drill_example", language, purpose=purpose, what=comma.join(what), time=when, **facts)
        page.paragraph(told, 5, f"  {number}.")
        for place, rules in lost["rules"].items():
            why = " ".join(map(names.rule, rules)) or sentences.say("law_silence", language)
            page.paragraph(f"{apart(place, language)}: {why}", 7, "     ·")
        if lost["elsewhere"]:
            page.paragraph(sentences.say("drill_example_elsewhere", language, models=", ".join(lost["elsewhere"])), 7, "     ·")
