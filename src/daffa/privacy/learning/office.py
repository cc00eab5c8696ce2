"""Everyday work that is about nothing: prompts, letters, questions about public rules, source code. Knows no corpus, no model.

``said/office.txt``, ``said/questions.txt`` and ``said/code.txt`` are learned from; those named ``-held``, with other topics,
names and wordings, are held back. Each prompt comes as it is and joined with a greeting, thanks or another prompt.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import resources
from random import Random
from typing import Final

from .said import Parts, filled, parts

__all__ = ["CODE", "LETTERS", "PROMPTS", "QUESTIONS", "accompanied", "code", "prompts"]

PROMPTS, LETTERS, QUESTIONS, CODE = "neutral prompts", "neutral letters", "neutral questions", "source code"
_KINDS: Final = {"prompt": PROMPTS, "letter": LETTERS, "question": QUESTIONS}
_PIECE: Final = 2000
"""Characters of a piece of source code that is held back."""
_SHORT: Final = (40, 250)
"""Characters of one that is learned from, about as many as are scored at once: at least, and below."""


def prompts(chance: Random, times: int, *, held: bool) -> Iterator[tuple[str, str, str]]:
    """Texts with their kind and their language: each prompt as it is, and ``times`` times in some company."""
    side = "-held" if held else ""
    table = parts(f"office{side}") | parts(f"questions{side}")
    for heading, each in table.items():
        kind, _, language = heading.partition(" ")
        if kind in _KINDS:
            for part in each:
                yield filled(table, part, chance), _KINDS[kind], language
                for _ in range(times):
                    yield _in_company(table, part, each, chance), _KINDS[kind], language


def _in_company(table: Parts, part: str, others: list[str], chance: Random) -> str:
    ways = [
        f"{chance.choice(table['greet'])} {part}",
        f"{part} {chance.choice(table['thanks'])}",
        f"{chance.choice(table['greet'])} {part} {chance.choice(table['thanks'])}",
        f"{part}\n{chance.choice(others)}",
        f"{part} {' '.join(chance.sample(table['words'][0].split(), 3))}",
        " ".join([part, *chance.sample(others, min(6, len(others)))]),
    ]
    return filled(table, chance.choice(ways), chance)


def accompanied(text: str, chance: Random) -> str:
    """``text`` with a greeting, with thanks, or as it is: neither says what a text is about."""
    table = parts("office")
    ways = [text, text, f"{chance.choice(table['greet'])} {text}", f"{text} {chance.choice(table['thanks'])}"]
    return chance.choice(ways)


def code(chance: Random, count: int, *, held: bool) -> Iterator[str]:
    """Pieces of source code, JSON and logs, put together by chance: some lines, or as many as a file may have."""
    name = "code-held" if held else "code"
    lines = resources.files(__package__).joinpath(f"said/{name}.txt").read_text(encoding="utf-8").splitlines()
    some = parts("office-held" if held else "office")["words"][0].split()
    for _ in range(count):
        size = _PIECE if held else chance.randrange(*_SHORT)
        written = ""
        while len(written) < size:
            written += f"{chance.choice(lines)}\n{_made(some, chance)}\n"
        yield written[:size]


def _made(some: list[str], chance: Random) -> str:
    """A line of made-up JSON, or of a program, over words of schemas and programs."""
    one, two, three, four = chance.sample(some, 4)
    return chance.choice(
        [
            json.dumps({one: two, three: [four, chance.randrange(100)]}),
            f"{one}_{two} = {three}.{four}({one}={chance.randrange(100)})",
            f"def {one}_{two}({three}: str, {four}: int = 0) -> {one.title()}:",
            f"const {one}{two.title()} = {three}.{four}();",
            f"# {one} {two} {three}, {four}",
            f"class {one.title()}({two.title()}):  # {three}",
            f'    "{one}": {{"type": "string", "description": "{two} of the {three}"}},',
            f"    return {one}[{two}] if {three} else {four}",
        ]
    )
