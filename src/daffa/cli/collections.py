"""``daffa collections``: which there are, make one, look into it, delete. Knows words and tables; the house keeps them."""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from daffa import sentences

from .figures import Table, apart, count, print_json, reader_options
from .paint import Page
from .reach import Call, key_of, reach

__all__ = ["add"]

_AT_ONCE = 1000


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the group to the parser."""
    group = commands.add_parser("collections", help="collections of documents").add_subparsers(required=True, metavar="ACTION")
    output = argparse.ArgumentParser(add_help=False)
    reader_options(output)
    which = argparse.ArgumentParser(add_help=False)
    which.add_argument("collection", metavar="COLLECTION", help="its id, or its name where it is your organisation's")

    group.add_parser("list", parents=[common, output], help="those that you may see").set_defaults(run=_list)

    create = group.add_parser("create", parents=[common, output], help="make one of your organisation")
    create.add_argument("name", metavar="NAME")
    create.add_argument("--title", default="", help="what people call it")
    create.add_argument("--floor", default="", metavar="LABEL", help='its lowest label, such as "level=internal"')
    create.set_defaults(run=_create)

    delete = group.add_parser("delete", parents=[common, output, which], help="delete one with all its documents")
    delete.set_defaults(run=_delete)

    documents = group.add_parser("documents", parents=[common, output, which], help="what is in one")
    documents.set_defaults(run=_documents)

    drop = group.add_parser("drop", parents=[common, output, which], help="delete a document")
    drop.add_argument("document", metavar="DOCUMENT", help="its id")
    drop.set_defaults(run=_drop)


def _list(arguments: argparse.Namespace) -> int:
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        rows = call("GET", "/api/collections", None)
    if arguments.json:
        print_json(rows)
        return 0
    page, language = _page(arguments), arguments.lang
    if not rows:
        page.paragraph(sentences.say("collections_none", language), 0)
        return 0
    table = Table(page, language, (14,))
    table.heads(sentences.say("collections_title", language), sentences.say("collections_head_documents", language))
    for row in rows:
        table.row(row["id"], count(row["documents"], language))
        page.paragraph(apart(" · ".join(part for part in (row["title"], row["floor"]) if part), language), 4)
    page.line()
    return 0


def _create(arguments: argparse.Namespace) -> int:
    given = {"name": arguments.name, "title": arguments.title, "floor": arguments.floor}
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        row = call("POST", "/api/collections", given)
    return _tell(arguments, row, "collections_told_created", collection=row["id"], label=row["floor"])


def _delete(arguments: argparse.Namespace) -> int:
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        row = call("DELETE", _path(arguments), None)
    documents = count(row["documents"], arguments.lang)
    return _tell(arguments, row, "collections_told_deleted", collection=row["id"], documents=documents)


def _documents(arguments: argparse.Namespace) -> int:
    page, language = _page(arguments), arguments.lang
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        every = _all(call, arguments)
        rows = itertools.chain(list(itertools.islice(every, 1)), every)  # what goes wrong is said before the table begins
        if arguments.json:
            print_json(rows)
            return 0
        table = Table(page, language, (12, 14))
        heads = ("collections_head_language", "collections_head_passages")
        title = sentences.say("collections_documents_title", language, collection=arguments.collection)
        table.heads(title, *(sentences.say(head, language) for head in heads))
        for row in rows:
            table.row(row["id"], row["language"] or "–", count(row["passages"], language))
            if row["title"] not in ("", row["id"]):
                page.paragraph(apart(row["title"], language), 4)
    page.line()
    return 0


def _drop(arguments: argparse.Namespace) -> int:
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        row = call("DELETE", f"{_path(arguments)}/document?{urlencode({'id': arguments.document})}", None)
    return _tell(arguments, row, "collections_told_dropped", collection=row["collection"], document=row["id"])


def _all(call: Call, arguments: argparse.Namespace) -> Iterator[dict[str, Any]]:
    after = ""
    while True:
        page = call("GET", f"{_path(arguments)}/documents?{urlencode({'after': after, 'limit': _AT_ONCE})}", None)
        yield from page
        if len(page) < _AT_ONCE:
            return
        after = page[-1]["id"]


def _path(arguments: argparse.Namespace) -> str:
    return f"/api/collections/{quote(arguments.collection, safe='')}"


def _page(arguments: argparse.Namespace) -> Page:
    return Page(right_to_left=arguments.lang == "ar")


def _tell(arguments: argparse.Namespace, row: dict[str, Any], code: str, **facts: Any) -> int:
    if arguments.json:
        print_json([row])
    else:
        _page(arguments).paragraph(sentences.say(code, arguments.lang, **facts), 0)
    return 0
