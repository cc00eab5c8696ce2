"""``daffa search``: texts into a collection, and what is found for each question. Knows lines; the house keeps and finds."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from daffa import sentences
from daffa.errors import DaffaError, Invalid

from . import search_train
from .figures import apart, count, print_json, reader_options
from .lines import STANDARD_INPUT, batches, lines
from .paint import Page, bold, dim
from .reach import Call, key_of, reach

__all__ = ["add"]

_TEXTS = ("id", "text")
_MORE = ("title", "language", "label", "work", "number", "link", "valid_from", "valid_to")
_MOST_BYTES, _MOST_TEXTS = 3_000_000, 4_000  # of one request
_QUESTIONS = 100
_SHOWN = 160  # code points of a passage

Texts = list[dict[str, str]]


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the group to the parser."""
    group = commands.add_parser("search", help="texts into a collection, and what is found in it").add_subparsers(
        required=True, metavar="ACTION"
    )
    each = argparse.ArgumentParser(add_help=False)
    each.add_argument("files", nargs="*", type=Path, metavar="FILE", help="files of lines; without one, standard input")
    reader_options(each)

    index = group.add_parser("index", parents=[common, each], help="a text from each line of JSON lines")
    index.add_argument("--collection", required=True, metavar="C", help="where they go; it is made where there is none")
    index.add_argument("--floor", default="", metavar="LABEL", help='of a collection that is made, such as "level=internal"')
    index.set_defaults(run=_index)

    query = group.add_parser("query", parents=[common, each], help="the documents that fit the question on each line")
    query.add_argument("--collection", action="append", default=[], metavar="C", help="where to look (all that you may see)")
    query.add_argument("-k", type=int, default=10, metavar="N", help="how many documents at most (%(default)s)")
    query.add_argument("--language", default="", metavar="TAG", help="of the questions (as identified)")
    query.set_defaults(run=_query)
    search_train.add(group, common)


def _index(arguments: argparse.Namespace) -> int:
    texts = list(_read(arguments.files))  # all of them are looked at before the first is sent
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        collection = _made(call, arguments.collection, arguments.floor)
        path = f"/api/collections/{quote(collection, safe='')}/documents"
        for some in _requests(texts):
            kept = call("POST", path, {"documents": some})
            if arguments.json:
                print_json({"id": one["id"], "collection": one["collection"], "passages": one["passages"]} for one in kept)
    if not arguments.json:
        facts = {"collection": collection, "documents": count(len(texts), arguments.lang)}
        _page(arguments).paragraph(sentences.say("search_told_indexed", arguments.lang, **facts), 0)
    return 0


def _query(arguments: argparse.Namespace) -> int:
    common = {"collections": arguments.collection, "k": arguments.k, "language": arguments.language}
    with reach(arguments.data, key_of(arguments.key_file)) as call:
        for questions in batches(lines(arguments.files), _QUESTIONS):
            answers = call("POST", "/api/collections/search", {"queries": questions, **common})
            if arguments.json:
                print_json({"hits": [{"id": hit["id"], "score": hit["score"]} for hit in one["hits"]]} for one in answers)
                continue
            for question, answer in zip(questions, answers, strict=True):
                _show(_page(arguments), question, answer["hits"], arguments.lang)
    return 0


def _made(call: Call, wanted: str, floor: str) -> str:
    """The id of the collection, which is made where there is none."""
    try:
        return str(call("GET", f"/api/collections/{quote(wanted, safe='')}", None)["id"])
    except DaffaError as error:
        if error.code != "unknown_collection":
            raise
    return str(call("POST", "/api/collections", {"name": wanted, "floor": floor})["id"])


def _read(files: list[Path]) -> Iterator[dict[str, str]]:
    """The objects of the lines; other members than those of a text are let alone."""
    seen: dict[str, int] = {}
    for file in files or [Path(STANDARD_INPUT)]:
        for number, line in enumerate(lines([file]), 1):
            if not line.strip():
                continue
            text = _text(line, str(file), number)
            if text["id"] in seen:
                raise _wrong(str(file), number, "each id once", text["id"])
            seen[text["id"]] = number
            yield text


def _text(line: str, file: str, number: int) -> dict[str, str]:
    try:
        given = json.loads(line)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise _wrong(file, number, 'an object such as {"id": "1", "text": "..."}', line)
    for field in (*_TEXTS, *_MORE):
        value = given.get(field, "")
        if not isinstance(value, str) or (field in _TEXTS and not value.strip()):
            raise _wrong(file, number, f"{field}: a text", json.dumps(value, ensure_ascii=False))
    return {field: given[field] for field in (*_TEXTS, *_MORE) if given.get(field)}


def _wrong(file: str, number: int, expected: str, got: str) -> Invalid:
    return Invalid("document_line", name=file, line=number, expected=expected, got=got[:80])


def _requests(texts: Texts) -> Iterator[Texts]:
    """Texts in as many as one request may carry."""
    some: Texts = []
    together = 0
    for text in texts:
        size = len(json.dumps(text))
        if some and (together + size > _MOST_BYTES or len(some) == _MOST_TEXTS):
            yield some
            some, together = [], 0
        some.append(text)
        together += size
    if some:
        yield some


def _page(arguments: argparse.Namespace) -> Page:
    return Page(right_to_left=arguments.lang == "ar")


def _show(page: Page, question: str, hits: list[dict[str, Any]], language: str) -> None:
    page.line(bold(apart(question, language)))
    if not hits:
        page.paragraph(sentences.say("search_told_nothing", language))
    for hit in hits:
        shown = " ".join(hit["text"].split())
        cut = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
        page.line(f"  {hit['score']:7.2f}  {apart(hit['id'], language)}  {dim(apart(hit['collection'], language))}")
        page.paragraph(apart(cut, language), 11)
    sys.stdout.flush()
