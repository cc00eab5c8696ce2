"""What the styles and the numbering of a Word document say about a paragraph. Knows no text."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

__all__ = ["Numbering", "Style", "Styles"]

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_HEADING = re.compile(r"(?:heading|titre|überschrift|título|عنوان)\s*([1-9])", re.IGNORECASE)
_OFF = {"0", "false", "off", "none"}
_BODY = 9  # the outline level of body text


@dataclass(frozen=True, slots=True)
class Style:
    """``level``: 1 to 9 for a heading, 0 for text; ``number``: of a numbering and its level, as (numId, ilvl)."""

    level: int = 0
    contents: bool = False
    number: tuple[str, int] | None = None
    hidden: bool = False


class Styles:
    """The styles by id, each with what it inherits."""

    def __init__(self, root: ET.Element | None) -> None:
        self._elements = {style.get(f"{_W}styleId", ""): style for style in ([] if root is None else root.iter(f"{_W}style"))}
        self._known: dict[str, Style] = {}

    def of(self, paragraph: ET.Element) -> Style:
        """The style of a paragraph, with what it says itself."""
        properties = paragraph.find(f"{_W}pPr")
        if properties is None:
            return Style()
        named = properties.find(f"{_W}pStyle")
        style = self._style("" if named is None else named.get(f"{_W}val", ""))
        return _said(properties, style)

    def hidden(self, run: ET.Element) -> bool:
        """Whether a run is not shown: what a reader does not see, nobody is to be answered with."""
        properties = run.find(f"{_W}rPr")
        if properties is None:
            return False
        own = properties.find(f"{_W}vanish")
        if own is not None:
            return own.get(f"{_W}val", "1") not in _OFF
        named = properties.find(f"{_W}rStyle")
        return named is not None and self._style(named.get(f"{_W}val", "")).hidden

    def _style(self, name: str) -> Style:
        if name in self._known:
            return self._known[name]
        self._known[name] = Style()  # a style that is based on itself ends here
        element = self._elements.get(name)
        if element is None:
            return Style()
        based = element.find(f"{_W}basedOn")
        style = Style() if based is None else self._style(based.get(f"{_W}val", ""))
        named = element.find(f"{_W}name")
        title = "" if named is None else named.get(f"{_W}val", "")
        heading = _HEADING.match(title)
        level = int(heading[1]) if heading else 1 if title.lower() in {"title", "titre"} else style.level
        contents = style.contents or title.lower().startswith("toc ")
        vanish = element.find(f"{_W}rPr/{_W}vanish")
        hidden = style.hidden if vanish is None else vanish.get(f"{_W}val", "1") not in _OFF
        style = Style(level, contents, style.number, hidden)
        properties = element.find(f"{_W}pPr")
        self._known[name] = style if properties is None else _said(properties, style)
        return self._known[name]


def _said(properties: ET.Element, style: Style) -> Style:
    level, number = style.level, style.number
    outline = properties.find(f"{_W}outlineLvl")
    if outline is not None and outline.get(f"{_W}val", "").isdigit():
        said = int(outline.get(f"{_W}val", ""))
        level = said + 1 if said < _BODY else 0
    numbered = properties.find(f"{_W}numPr")
    if numbered is not None:
        which, depth = numbered.find(f"{_W}numId"), numbered.find(f"{_W}ilvl")
        name = (number or ("", 0))[0] if which is None else which.get(f"{_W}val", "")
        at = (number or ("", 0))[1] if depth is None else int(depth.get(f"{_W}val", "0") or 0)
        number = None if name in {"", "0"} else (name, at)
    return Style(level, style.contents, number, style.hidden)


class Numbering:
    """Counts the numbered paragraphs, as Word does when it draws the numbers that stand nowhere in the text."""

    def __init__(self, root: ET.Element | None) -> None:
        self._levels: dict[str, dict[int, tuple[str, str, int]]] = {}
        self._lists: dict[str, str] = {}
        self._counts: dict[str, dict[int, int]] = {}
        if root is None:
            return
        for abstract in root.iter(f"{_W}abstractNum"):
            levels = {int(level.get(f"{_W}ilvl", "0")): _level(level) for level in abstract.iter(f"{_W}lvl")}
            self._levels[abstract.get(f"{_W}abstractNumId", "")] = levels
        for num in root.iter(f"{_W}num"):
            which = num.find(f"{_W}abstractNumId")
            if which is not None:
                self._lists[num.get(f"{_W}numId", "")] = which.get(f"{_W}val", "")

    def label(self, paragraph: ET.Element, style: Style) -> str:  # noqa: ARG002 (kept beside the text it belongs to)
        """The number that Word draws before a paragraph, ``-`` for a bullet; empty where it draws none."""
        if style.number is None:
            return ""
        name, depth = style.number
        kind = self._lists.get(name, "")
        levels = self._levels.get(kind, {})
        if depth not in levels:
            return ""
        counts = self._counts.setdefault(kind, {})
        counts[depth] = counts.get(depth, levels[depth][2] - 1) + 1
        for deeper in [level for level in counts if level > depth]:
            del counts[deeper]
        writing, text, _ = levels[depth]
        if writing == "bullet":
            return "-"
        return re.sub(r"%([1-9])", lambda place: self._written(levels, counts, int(place[1]) - 1), text)

    @staticmethod
    def _written(levels: dict[int, tuple[str, str, int]], counts: dict[int, int], level: int) -> str:
        writing, _, start = levels.get(level, ("decimal", "", 1))
        return _numeral(counts.get(level, start), writing)


def _level(level: ET.Element) -> tuple[str, str, int]:
    def value(name: str, default: str) -> str:
        found = level.find(f"{_W}{name}")
        return default if found is None else found.get(f"{_W}val", default)

    start = value("start", "1")
    return value("numFmt", "decimal"), value("lvlText", ""), int(start) if start.isdigit() else 1


def _numeral(number: int, writing: str) -> str:
    if writing in {"upperRoman", "lowerRoman"} and 0 < number < 4000:
        roman = _roman(number)
        return roman if writing == "upperRoman" else roman.lower()
    if writing in {"upperLetter", "lowerLetter"} and number > 0:
        letter = chr(ord("A") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter if writing == "upperLetter" else letter.lower()
    return "" if writing == "none" else str(number)


def _roman(number: int) -> str:
    signs = [(1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL")]
    signs += [(10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")]
    written = ""
    for value, sign in signs:
        count, number = divmod(number, value)
        written += sign * count
    return written
