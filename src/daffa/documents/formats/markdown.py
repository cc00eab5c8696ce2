"""Markdown: headings, paragraphs, items and rows without their markers, and the front matter apart. Knows no section."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from daffa.errors import Invalid

from .parsed import Block, Parsed

__all__ = ["front_matter", "read_markdown"]

_FENCE = "+++"
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*")
_CODE = re.compile(r" {0,3}(`{3,}|~{3,})")
_RULE = re.compile(r" {0,3}(?:(?:-[ \t]*){3,}|(?:\*[ \t]*){3,}|(?:_[ \t]*){3,})")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*")
_ITEM = re.compile(r"\s*(?:[-*+]|(\d{1,9}[.)]))[ \t]+(?:\[[ xX]\][ \t]+)?")
_QUOTE = re.compile(r" {0,3}(?:> ?)+")
_ROW_RULE = re.compile(r"\s*\|?[\s:|-]*-[\s:|-]*\|?\s*")
_INLINE: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"!\[([^\]\n]{0,500})\]\([^()\n]{0,2000}\)"), r"\1"),
    (re.compile(r"\[([^\]\n]{1,500})\]\([^()\n]{0,2000}\)"), r"\1"),
    (re.compile(r"<((?:https?://|mailto:)[^<>\s]{1,2000})>"), r"\1"),
    (re.compile(r"(`+)([^`\n]+)\1"), r"\2"),
    (re.compile(r"(?<![\w*])(\*{1,3})(?=[^\s*])([^*\n]{1,2000}?)(?<=[^\s*])\1(?![\w*])"), r"\2"),
    (re.compile(r"(?<![\w_])(_{1,3})(?=[^\s_])([^_\n]{1,2000}?)(?<=[^\s_])\1(?![\w_])"), r"\2"),
    (re.compile(r"\\([!-/:-@\[-`{-~])"), r"\1"),
)


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """The TOML between two lines ``+++`` at the head of ``text``, and the text after it; ``{}`` where there is none.

    Raises:
        Invalid: ``invalid_field`` where the TOML is wrong, or the second line is missing.
    """
    text = text.removeprefix("\ufeff")
    first, _, rest = text.partition("\n")
    if first.rstrip() != _FENCE:
        return {}, text
    closing = re.search(r"(?m)^\+\+\+[ \t\r]*(?:\n|\Z)", rest)
    if closing is None:
        raise Invalid("invalid_field", field="+++", expected="+++", got="")
    try:
        return tomllib.loads(rest[: closing.start()].replace("\r\n", "\n")), rest[closing.end() :]
    except tomllib.TOMLDecodeError as mistake:
        raise Invalid("invalid_field", field="+++", expected="TOML", got=str(mistake)) from None


def read_markdown(text: str) -> Parsed:
    """The blocks of a Markdown text. Its title is that of its front matter."""
    facts, body = front_matter(text)
    title = facts.get("title", "")
    return Parsed(title=title if isinstance(title, str) else "", blocks=_Blocks().read(body.splitlines()))


class _Blocks:
    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._lines: list[str] = []
        self._code = ""

    def read(self, lines: list[str]) -> list[Block]:
        for line in lines:
            self._line(line)
        self._end()
        return self._blocks

    def _line(self, line: str) -> None:
        code = _CODE.match(line)
        if self._code:
            if code and code[1].startswith(self._code) and not line[code.end() :].strip():
                self._end(inline=False)
                self._code = ""
            else:
                self._lines.append(line.rstrip())
            return
        if code:
            self._end()
            self._code = code[1]
            return
        quote = _QUOTE.match(line)
        line = line[quote.end() :] if quote else line
        heading = _HEADING.fullmatch(line)
        under = _SETEXT.fullmatch(line)
        if heading:
            self._end()
            self._add(heading[2], len(heading[1]))
        elif under and self._lines:
            self._end(level=1 if under[1][0] == "=" else 2)
        elif not line.strip() or _RULE.fullmatch(line):
            self._end()
        elif "|" in line and line.strip().startswith("|"):
            self._end()
            if not _ROW_RULE.fullmatch(line):
                self._add(" | ".join(cell.strip() for cell in line.strip().strip("|").split("|")), 0)
        else:
            item = _ITEM.match(line)
            if item:
                self._end()
                line = f"{item[1] or '-'} {line[item.end() :]}"
            self._lines.append(line.strip())

    def _end(self, *, level: int = 0, inline: bool = True) -> None:
        lines, self._lines = self._lines, []
        if inline:
            self._add(" ".join(lines), level)
        elif any(line.strip() for line in lines):
            self._blocks.append(Block("\n".join(lines)))

    def _add(self, text: str, level: int) -> None:
        for pattern, plain in _INLINE:
            text = pattern.sub(plain, text)
        if text.strip():
            self._blocks.append(Block(text.strip(), level))
