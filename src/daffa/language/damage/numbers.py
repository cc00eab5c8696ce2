"""Repair of numbers in right-to-left lines: runs that were turned around, digits glued to words, mirrored identifiers.

Knows no word. A reader that turns lines around takes a number and all that follows it up to the next word (space,
brackets, stops, further numbers) for one left-to-right run and leaves its parts in reverse: "صفر 1430 (18 فبراير" becomes
"صفر 18( 1430فبراير". Each run is turned back whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from ..arabic import LETTERS
from .changes import Change
from .evidence import BENT_NUMBER

__all__ = ["identifier_changes", "merged", "number_changes"]

_DIGIT = "0-9٠-٩"
_LONGEST = 60
_RUN = re.compile(f'[{_DIGIT} \t\u00a0()\\[\\]«»"“”.,،؛;:!?؟%/\\\\–−-]+')
_PART = re.compile(f"%?[{_DIGIT}]+(?:[.,،/:٫٬-][{_DIGIT}]+)*%?|[^{_DIGIT}%]|%")
_A_DIGIT = re.compile(f"[{_DIGIT}]")
_LEAD = re.compile("[ \t\u00a0]*(?:[(\\[«][ \t\u00a0]*)*")
_STOPS = ".,،؛:)!؟"
_NO_SPACE_AFTER = ' \t\u00a0([«"“'
_LONE_WAW = re.compile(f"(?<![{LETTERS}])[و]$")

_DECREE = re.compile(
    r"رقم[ \t\u00a0:.،(\"-]{0,4}"
    "(?P<number>(?P<a>[0-9]{1,4})(?P<mark>[-.])(?P<b>[0-9]{1,4})(?P=mark)(?P<c>[0-9]{1,4}))(?![0-9.-]{0,9}[0-9])"
)
_CARD = re.compile(f"(?<![0-9A-Za-z.,/-])(?P<digits>[0-9]{{5,6}})(?P<letters>[A-Z]{{1,2}})(?![0-9A-Za-z{LETTERS}])")
_RIGHT_TO_LEFT = re.compile(f"[{LETTERS}]")
_LEFT_TO_RIGHT = re.compile("[A-Za-zÀ-ÿ]")


def identifier_changes(line: str) -> Iterator[Change]:
    """Numbers of decrees (2-24-921) and of identity cards (AB123456) that stand in another order.

    Only what has one possible order is put back: two numbers like 08.09 may be either way round and stay.
    """
    decrees, cards = list(_DECREE.finditer(line)), list(_CARD.finditer(line))
    if not (decrees or cards) or len(_RIGHT_TO_LEFT.findall(line)) <= len(_LEFT_TO_RIGHT.findall(line)):
        return
    for found in decrees:
        number = _decree(found["mark"], (found["a"], found["b"], found["c"]))
        if number and number != found["number"]:
            start, end = found.span("number")
            yield Change(start, end, found["number"], number, "identifier")
    for found in cards:
        start, end = found.span()
        yield Change(start, end, found[0], f"{found['letters']}{found['digits']}", "identifier")


def _decree(mark: str, groups: tuple[str, str, str]) -> str | None:
    """Kind (1 to 4), year (two digits), rank (three or four digits), if the groups can be told apart."""
    kind = [group for group in groups if group in ("1", "2", "3", "4")]
    year = [group for group in groups if len(group) == 2]
    rank = [group for group in groups if len(group) >= 3]
    if not (len(kind) == len(year) == len(rank) == 1) or re.match("1[3-9]..|20..", rank[0]):
        return None
    return mark.join((kind[0], year[0], rank[0]))


def number_changes(line: str) -> Iterator[Change]:
    """The runs of numbers in ``line`` that were turned around, turned back, with a space to the next word."""
    for found in _RUN.finditer(line):
        run = found.group()
        if len(run) > _LONGEST:
            continue
        start, end = found.span()
        before, after = line[max(0, start - 2) : start], line[end : end + 1]
        turned = _turn(run, before, after) if _A_DIGIT.search(run) else _space(run, before, after)
        if turned != run:
            yield Change(start, end, run, turned, "number")


def _space(run: str, before: str, after: str) -> str:
    """A stop between two words whose space went to its wrong side, put right."""
    wrong = re.fullmatch("[ \u00a0]+([،؛:.])", run)
    return f"{wrong[1]} " if wrong and before and re.match(f"[{LETTERS}]", after) else run


def merged(runs: Iterable[Change], identifiers: Iterable[Change]) -> Iterator[Change]:
    """Both kinds of changes without overlap: an identifier inside a turned run is put right there."""
    left = list(identifiers)
    for run in runs:
        inside = [change for change in left if run.start <= change.start and change.end <= run.end]
        after = run.after
        for change in inside:
            after = after.replace(change.before, change.after, 1)
            left.remove(change)
        yield replace(run, after=after)
    yield from left


def _turn(run: str, before: str, after: str) -> str:
    glued = bool(BENT_NUMBER.match(run[-1] + after)) if after else False
    lead_end = 0 if _LONE_WAW.search(before) else _LEAD.match(run).end()  # type: ignore[union-attr]
    while lead_end and run[lead_end - 1] in " \t\u00a0" and _opens(run[:lead_end]):
        lead_end -= 1
    lead, rest = run[:lead_end], run[lead_end:]
    if not (glued or (not after and rest[0] in _STOPS and _A_DIGIT.match(run[-1]))):
        return run
    parts = [part.replace("%", "") + "%" if "%" in part and len(part) > 1 else part for part in _PART.findall(rest)]
    turned = "".join(reversed(parts))
    if re.search(f"[{LETTERS}][{LETTERS}]$", before) and not lead and _A_DIGIT.match(turned):
        lead = " "
    gap = " " if after and turned[-1] not in _NO_SPACE_AFTER else ""
    return f"{lead}{turned}{gap}"


def _opens(lead: str) -> bool:
    """Whether the last mark of ``lead`` is an opening bracket, so that the space behind it belongs to the number."""
    marks = lead.strip()
    return bool(marks) and marks[-1] in "([«"
