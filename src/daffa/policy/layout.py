"""The lines of the pages on proofs and changes: headings, marks, named parts, 80 columns. Knows no content."""

from __future__ import annotations

from collections.abc import Iterable

from daffa import sentences

from .columns import isolated, pad, width, wrap
from .render import COLUMNS

__all__ = ["cut", "finish", "foreign", "heading", "marked", "named", "title"]

_MARK = "\u200f"


def title(text: str, about: str) -> list[str]:
    """The head of a page."""
    return [*wrap(text, COLUMNS), "═" * COLUMNS, *wrap(about, COLUMNS)]


def heading(text: str, right: str = "") -> list[str]:
    """The head of a section, with a word at the right margin."""
    return ["", pad(text, COLUMNS - width(right)) + right if right else text, "─" * COLUMNS]


def marked(mark: str, text: str) -> list[str]:
    """A line of a list with its mark: ✓ well, ✗ a fault, · worth knowing, + and − more and less."""
    first, *rest = wrap(text, COLUMNS - 2)
    return [f"{mark} {first}", *(f"  {line}" for line in rest)]


def cut(text: str, indent: int = 2) -> list[str]:
    """Text folded under a line of a list."""
    return [" " * indent + line for line in wrap(text, COLUMNS - indent)]


def named(parts: Iterable[tuple[str, str]], language: str, indent: int = 4) -> list[str]:
    """Named parts one below the other; each name is the code of its sentence."""
    told = [(sentences.say(code, language), text) for code, text in parts]
    column = max((width(name) for name, _ in told), default=0) + 2
    lines = []
    for name, text in told:
        for number, piece in enumerate(wrap(text, COLUMNS - indent - column)):
            lines.append(" " * indent + pad(name if number == 0 else "", column) + piece)
    return lines


def foreign(text: str, language: str) -> str:
    """An id or a text of law, isolated where the line runs the other way."""
    return isolated(text) if language == "ar" else text


def finish(lines: Iterable[str], language: str) -> str:
    """The page as a whole; an Arabic line opens with a right-to-left mark."""
    return "\n".join(f"{_MARK}{line}" if language == "ar" and line else line for line in lines) + "\n"
