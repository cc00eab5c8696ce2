"""``daffa quota``: how budgets and limits stand, set one, remove one. Knows words and tables; the house counts.

Money is given and shown in whole units of the house's currency, and travels in millionths.
"""

from __future__ import annotations

import argparse
import decimal
import time
from typing import Any
from urllib.parse import urlencode

from daffa import sentences

from .figures import Table, amount, apart, bar, count, out_of, print_json, reader_options
from .paint import Page, bold
from .reach import key_of, reach

__all__ = ["add"]

_MEASURES = ("money", "requests", "tokens")
_PERIODS = ("minute", "day", "month", "total")
_SCOPES = ("organisation", "person", "key")
_MILLION = 1_000_000
_PRIORITIES = ("high", "normal", "low")
_BAR = 8
_FIGURES = ("spent", "reserved", "left", "most")
_COMMA = {"ar": "،"}


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command group to the parser."""
    group = commands.add_parser("quota", help="budgets of money, limits of requests and tokens").add_subparsers(
        required=True, metavar="ACTION"
    )
    output = argparse.ArgumentParser(add_help=False)
    reader_options(output)
    whom = argparse.ArgumentParser(add_help=False)
    one = whom.add_mutually_exclusive_group(required=True)
    for scope in _SCOPES:
        one.add_argument(f"--{scope}", metavar="ID", help=f"the {scope} that it is about")
    about = argparse.ArgumentParser(add_help=False, parents=[whom])
    about.add_argument("--period", choices=_PERIODS, required=True, help="after which it begins anew (UTC)")
    about.add_argument("--model", default="", metavar="ID", help="one model alone (else all of them together)")

    show = group.add_parser("show", parents=[common, output], help="how they stand: spent, reserved, left")
    show.set_defaults(run=_show)

    put = group.add_parser("set", parents=[common, output, about], help="set one, or give it another amount")
    most = put.add_mutually_exclusive_group(required=True)
    most.add_argument("--money", type=_money, metavar="AMOUNT", help="in the house's currency, such as 500 or 12.50")
    most.add_argument("--requests", type=_whole, metavar="N")
    most.add_argument("--tokens", type=_whole, metavar="N", help="in and out")
    put.set_defaults(run=_set)

    remove = group.add_parser("remove", parents=[common, output, about], help="remove one; what was counted is forgotten")
    remove.add_argument("--measure", choices=_MEASURES, required=True, help="of what it is")
    remove.set_defaults(run=_remove)

    told = "how urgent somebody's requests are where an engine is scarce"
    priority = group.add_parser("priority", parents=[common, output, whom], help=told)
    priority.add_argument("priority", choices=_PRIORITIES)
    priority.set_defaults(run=_prioritise)


def _show(arguments: argparse.Namespace) -> int:
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        rows, priorities = call("GET", "/api/quota", None), call("GET", "/api/quota/priorities", None)
    if arguments.json:
        print_json([*rows, *priorities])
    else:
        _print(rows, priorities, arguments.lang)
    return 0


def _set(arguments: argparse.Namespace) -> int:
    measure = next(name for name in _MEASURES if getattr(arguments, name) is not None)
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        row = call("PUT", "/api/quota", {**_about(arguments), "measure": measure, "most": getattr(arguments, measure)})
    return _tell(arguments, row, "quota_told_set")


def _remove(arguments: argparse.Namespace) -> int:
    query = urlencode({**_about(arguments), "measure": arguments.measure})
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        row = call("DELETE", f"/api/quota?{query}", None)
    return _tell(arguments, row, "quota_told_removed")


def _prioritise(arguments: argparse.Namespace) -> int:
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        row = call("PUT", "/api/quota/priorities", {**_whom(arguments), "priority": arguments.priority})
    if arguments.json:
        print_json([row])
    else:
        Page(right_to_left=arguments.lang == "ar").paragraph(_urgent(row, arguments.lang), 0)
    return 0


def _whom(arguments: argparse.Namespace) -> dict[str, str]:
    scope = next(name for name in _SCOPES if getattr(arguments, name) is not None)
    return {"scope": scope, "subject": getattr(arguments, scope)}


def _about(arguments: argparse.Namespace) -> dict[str, str]:
    return {**_whom(arguments), "period": arguments.period, "model": arguments.model}


def _tell(arguments: argparse.Namespace, row: dict[str, Any], code: str) -> int:
    if arguments.json:
        print_json([row])
        return 0
    language = arguments.lang
    facts = {
        "scope": sentences.say(f"quota_scope_{row['scope']}", language),
        "subject": row["subject"],
        "most": _amount(row, "most", language),
        "measure": _measure(row, language),
        "period": sentences.say(f"quota_period_{row['period']}", language),
        "model": row["model"] or sentences.say("quota_all_models", language),
    }
    Page(right_to_left=language == "ar").paragraph(sentences.say(code, language, **facts), 0)
    return 0


def _print(rows: list[dict[str, Any]], priorities: list[dict[str, str]], language: str) -> None:
    page = Page(right_to_left=language == "ar")
    page.heading(sentences.say("quota_title", language))
    if not rows:
        page.paragraph(sentences.say("quota_none", language))
    else:
        _print_rules(page, rows, language)
    if priorities:
        page.line()
    for row in priorities:
        page.paragraph(_urgent(row, language), 0)
    page.line()


def _print_rules(page: Page, rows: list[dict[str, Any]], language: str) -> None:
    heads = [sentences.say(f"quota_head_{name}", language) for name in _FIGURES]
    table = Table(page, language, (_BAR + 1, 11, 11, 11, 11), bars=(0,))
    table.heads("", "", *heads)
    for number, ((scope, subject), own) in enumerate(_by_subject(rows).items()):
        if number:
            page.line()
        page.line(bold(f"{sentences.say(f'quota_scope_{scope}', language)} {apart(subject, language)}"))
        for row in own:
            period = sentences.say(f"quota_period_{row['period']}", language)
            name = f"  {_measure(row, language)}{_COMMA.get(language, ',')} {period}"
            figures = [_amount(row, field, language) for field in _FIGURES]
            table.row(name, bar(out_of(row["spent"], row["most"]), _BAR), *figures)
            for note in _notes(row, language):
                page.paragraph(note, 4)


def _urgent(row: dict[str, str], language: str) -> str:
    scope = sentences.say(f"quota_scope_{row['scope']}", language)
    return sentences.say(f"quota_told_{row['priority']}", language, scope=scope, subject=row["subject"])


def _by_subject(rows: list[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    grouped: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        grouped.setdefault((row["scope"], row["subject"]), []).append(row)
    return grouped


def _notes(row: dict[str, Any], language: str) -> list[str]:
    """What stands below a row: the one model that it is about, and when it begins anew."""
    notes = [sentences.say("quota_only_model", language, model=row["model"])] if row["model"] else []
    if row["resets"] is not None and row["left"] <= 0:
        when = time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(row["resets"]))
        notes.append(sentences.say("quota_resets", language, time=when))
    return notes


def _measure(row: dict[str, Any], language: str) -> str:
    if row["measure"] == "money" and row.get("currency"):
        return str(row["currency"])
    return sentences.say(f"quota_measure_{row['measure']}", language)


def _amount(row: dict[str, Any], field: str, language: str) -> str:
    return amount(row[field] / _MILLION, language) if row["measure"] == "money" else count(row[field], language)


def _money(text: str) -> int:
    """Whole millionths of what is written in units."""
    try:
        given = decimal.Decimal(text)
        millionths = int(given * _MILLION)
    except (ArithmeticError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"expected an amount such as 500 or 12.50, got {text[:40]}") from error
    if given < 0 or millionths != given * _MILLION:
        raise argparse.ArgumentTypeError(f"expected an amount of at most six decimals, such as 12.50, got {text[:40]}")
    return millionths


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 17):
        raise argparse.ArgumentTypeError(f"expected a whole number, got {text[:40]}")
    return int(text)
