"""What msgspec found wrong, in plain words: where, what was expected, what was there. Knows no file and no pack."""

from __future__ import annotations

import re

import msgspec

__all__ = ["Path", "dotted", "mistake"]

Path = tuple[str | int, ...]
"""Where something stands: names of fields, numbers of rows from 0."""

_WORDS = {
    "int": "a whole number",
    "float": "a number",
    "str": "text",
    "bool": "true or false",
    "date": "a date such as 2026-06-01",
    "array": "a list",
    "object": "a table",
    "null": "nothing",
}
_KIND = re.compile("`(\\w+)(?: \\| (\\w+))*`")


def mistake(error: msgspec.ValidationError) -> tuple[Path, str, str]:
    """The place, what was expected there, and what was found; the last is empty where msgspec does not say it."""
    said, _, where = str(error).partition(" - at ")
    path = tuple(int(step) if step.isdigit() else step for step in re.findall(r"[^.\[\]`$]+", where) if step != "...")
    if unknown := re.search(r"unknown field `(.+)`", said):
        return (*path, unknown[1]), "no such key", "an unknown key"
    if missing := re.search(r"missing required field `(.+)`", said):
        return (*path, missing[1]), "to be present", "nothing"
    if said.startswith("Invalid enum value"):
        return path, "one of its words", said.removeprefix("Invalid enum value ")
    if said.startswith(("Invalid RFC3339", "Invalid date")):
        return path, _WORDS["date"], ""
    if not said.startswith("Expected "):
        return path, "a valid value", said
    expected, _, got = said.removeprefix("Expected ").partition(", got ")
    return path, _KIND.sub(_in_words, expected), _KIND.sub(_in_words, got)


def dotted(path: Path, whole: str = "file") -> str:
    """``source[2].title``: rows are counted from 1. ``whole`` names what has no path."""
    said = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path)
    return said.lstrip(".") or whole


def _in_words(kinds: re.Match[str]) -> str:
    return " or ".join(_WORDS.get(kind, kind) for kind in kinds[0].strip("`").split(" | "))
