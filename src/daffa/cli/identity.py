"""``daffa identity``: organisations, people, keys. Knows words and tables; the house keeps them."""

from __future__ import annotations

import argparse
import datetime
import json
import sys
from typing import Any
from urllib.parse import quote

from .reach import reach

__all__ = ["add"]


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command group to the parser."""
    group = commands.add_parser("identity", help="organisations, people and keys").add_subparsers(
        required=True, metavar="ACTION"
    )
    output = argparse.ArgumentParser(add_help=False)
    output.add_argument("--json", action="store_true", help="one JSON object a line")

    lists = group.add_parser("list", parents=[common, output], help="list organisations, people or keys")
    lists.add_argument("what", choices=("organisations", "people", "keys"))
    lists.set_defaults(run=_list)

    organisation = group.add_parser("add-organisation", parents=[common, output], help="add an organisation")
    organisation.add_argument("id")
    organisation.add_argument("--name", required=True)
    organisation.add_argument("--region", default="", help="ISO 3166-2, such as MA-04")
    organisation.add_argument("--floor", default="", help='lowest label of its data, such as "level=internal; basis=law"')
    organisation.set_defaults(run=lambda a: _create(a, "organisations", id=a.id, name=a.name, region=a.region, floor=a.floor))

    person = group.add_parser("add-person", parents=[common, output], help="add a person")
    person.add_argument("id")
    person.add_argument("--organisation", required=True)
    person.add_argument("--name", required=True)
    person.add_argument("--role", action="append", default=[], dest="roles")
    person.set_defaults(run=lambda a: _create(a, "people", id=a.id, organisation=a.organisation, name=a.name, roles=a.roles))

    key = group.add_parser("add-key", parents=[common, output], help="add a key; its token is shown once")
    key.add_argument("--organisation", required=True)
    key.add_argument("--name", required=True)
    key.add_argument("--person")
    key.add_argument("--role", action="append", default=[], dest="roles")
    key.add_argument("--floor", default="", help="lowest label of what is sent with it")
    key.add_argument("--expires", type=_day, help="last day, such as 2027-06-30")
    key.set_defaults(run=_add_key)

    revoke = group.add_parser("revoke-key", parents=[common, output], help="revoke a key")
    revoke.add_argument("id")
    revoke.set_defaults(run=_revoke)

    end = group.add_parser("end-sessions", parents=[common, output], help="end every session of a person who signs on")
    end.add_argument("id")
    end.set_defaults(run=_end_sessions)


def _list(arguments: argparse.Namespace) -> int:
    with reach(arguments.data) as call:
        rows = call("GET", f"/api/{arguments.what}", None)
    if arguments.json:
        sys.stdout.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    else:
        _table(rows)
    return 0


def _create(arguments: argparse.Namespace, what: str, **fields: Any) -> int:
    with reach(arguments.data) as call:
        _show(arguments, call("POST", f"/api/{what}", fields))
    return 0


def _add_key(arguments: argparse.Namespace) -> int:
    names = ("organisation", "name", "person", "roles", "floor", "expires")
    with reach(arguments.data) as call:
        made = call("POST", "/api/keys", {name: getattr(arguments, name) for name in names})
    if arguments.json:
        _show(arguments, made)
    else:
        sys.stdout.write(made["token"] + "\n")
    return 0


def _revoke(arguments: argparse.Namespace) -> int:
    with reach(arguments.data) as call:
        _show(arguments, call("DELETE", f"/api/keys/{quote(arguments.id, safe='')}", None))
    return 0


def _end_sessions(arguments: argparse.Namespace) -> int:
    with reach(arguments.data) as call:
        _show(arguments, call("DELETE", f"/api/people/{quote(arguments.id, safe='')}/sessions", None))
    return 0


def _show(arguments: argparse.Namespace, row: dict[str, Any]) -> None:
    if arguments.json:
        sys.stdout.write(json.dumps(row, ensure_ascii=False) + "\n")
    else:
        width = max(map(len, row))
        sys.stdout.writelines(f"{name:<{width}}  {_cell(value)}\n" for name, value in row.items())


def _table(rows: list[dict[str, Any]]) -> None:
    if not rows:
        return
    cells = [[name.upper() for name in rows[0]], *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    sys.stdout.writelines(
        "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() + "\n" for row in cells
    )


def _cell(value: Any) -> str:
    if value is None or value == []:
        return "-"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _day(text: str) -> int:
    """The end of a day, in Unix seconds."""
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"expected a day such as 2027-06-30, got {text}") from error
    return int(datetime.datetime.combine(day, datetime.time(), datetime.UTC).timestamp()) + 86_400
