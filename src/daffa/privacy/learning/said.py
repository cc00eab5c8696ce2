"""Sentences that the scorer learns from: written for this project, put together from parts. Knows no corpus and no model.

``said/<language>.txt`` has parts under headings: ``health does`` is what somebody does or has, ``health thing`` what is asked
for, ``health says`` a whole message, ``frame does``, ``frame thing`` and ``frame says`` what is said around them, ``neutral
...`` the same for texts that are about nothing.
A word in braces stands for any part under the heading of that name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from random import Random
from typing import Final

__all__ = ["LANGUAGES", "NEUTRAL", "Parts", "filled", "framed", "parts", "written"]

LANGUAGES: Final = ("fr", "ar", "ary-Arab", "ary-Latn", "en")
NEUTRAL: Final = "neutral"
_PLACE: Final = re.compile(r"{(\w+)}")
Parts = dict[str, list[str]]


def written(language: str, chance: Random, times: int) -> Iterator[tuple[str, str]]:
    """Sentences of a language with what each is about: every part ``times`` times, those with places more often."""
    table = parts(language)
    for heading, each in table.items():
        topic, _, kind = heading.partition(" ")
        if kind and topic != "frame":
            for part in each:
                for _ in range(times * (4 if "{" in part else 1)):
                    yield framed(table, kind, filled(table, part, chance), chance), topic


def framed(table: Parts | str, kind: str, part: str, chance: Random) -> str:
    """``part`` in one of the frames of its kind; ``table`` may be a language."""
    table = parts(table) if isinstance(table, str) else table
    frame = chance.choice(table[f"frame {kind}"])
    return filled(table, frame.replace(f"{{{kind}}}", part), chance)


def filled(table: Parts, text: str, chance: Random) -> str:
    """``text`` with a part of ``table`` at each of its places."""
    return _PLACE.sub(lambda place: chance.choice(table[place[1]]), text)


def parts(name: str) -> Parts:
    """The parts of ``said/<name>.txt`` by heading."""
    table: Parts = {}
    heading = ""
    file = resources.files(__package__).joinpath(f"said/{name}.txt")
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            heading = line.removeprefix("# ")
        elif line:
            table.setdefault(heading, []).extend(part.strip() for part in line.split(" | "))
    return table
