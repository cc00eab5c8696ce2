"""How the page is written: its templates, its language, its headers. Knows no question and no answer.

Everything that a browser is sent comes from here, so that one policy holds for all: nothing from another origin, no script
and no style but files of our own, no frame around us.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import Response
from litestar.datastructures import Cookie
from markupsafe import Markup

from daffa import sentences
from daffa.decision import Category, Label
from daffa.library import today_in
from daffa.policy import Bundle

from ..callers import Asked, house_of, language_of
from .assets import ASSETS

__all__ = ["HEADERS", "LANGUAGES", "Written", "fragment", "of", "page"]

LANGUAGES = {"fr": "Français", "ar": "العربية", "zgh": "ⵜⴰⵎⴰⵣⵉⵖⵜ", "en": "English"}
_COOKIE = "daffa_language"
_YEAR = 31_536_000
_MONTHS = 12
# A form is answered at its own address; in another language only a page that can be opened may be read.
_FORMS = frozenset({"/files", "/sign-in"})
# The id of the machine that the house runs on, as a place.
HOME = "house"

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the law: its id, its sentence, the text that it stands on."""

    id: str
    sentence: str
    base: str


@dataclass(frozen=True, slots=True)
class Written:
    """What every template may use: the language, the words, how a date is said.

    ``days``: how long questions are kept. ``zone``: where the house is.
    """

    language: str
    chosen: bool
    path: str
    query: str
    law: Bundle
    days: int
    zone: datetime.tzinfo

    @property
    def direction(self) -> str:
        """``rtl`` for Arabic; Tifinagh is written from the left."""
        return "rtl" if self.language == "ar" else "ltr"

    def say(self, code: str, **facts: Any) -> str:
        """The words of the page for ``code``."""
        return sentences.say(f"page_{code}", self.language, **facts)

    def word(self, code: str) -> str:
        """A word of the law for ``code``; the code itself where there is none."""
        for known in (f"page_{code}", f"law_{code}"):
            if known in sentences.catalogue():
                return sentences.say(known, self.language)
        return code.partition("_")[2]

    def label(self, text: str) -> str:
        """A label in words: its level, and what it is about."""
        label = Label.parse(text)
        about = [self.word(f"categories_{name}") for name in Category if name in label.categories]
        return " · ".join([self.word(f"level_{label.level:d}"), *about])

    def place(self, name: str) -> str:
        """A place as people know it: the house's own machine, else by its id."""
        return self.say("place_house") if name == HOME else name

    def rules(self, names: Sequence[str]) -> list[Rule]:
        """Rules in words; those that the law in force does not have by their id alone."""
        known = {written.id: written for written in self.law.rules}
        found = [(name, known.get(name)) for name in names]
        return [Rule(name, rule.say(self.language), rule.base) if rule else Rule(name, "", "") for name, rule in found]

    def value(self, value: Any) -> str:
        """A figure, a list or a table of figures: thousands set apart, no digit lost."""
        if isinstance(value, bool) or not isinstance(value, (int, float, list, dict)):
            return self.iso(str(value))
        if isinstance(value, dict):
            return " · ".join(f"{name}: {self.value(item)}" for name, item in value.items())
        if isinstance(value, list):
            return ", ".join(self.value(item) for item in value)
        whole, dot, rest = f"{value:,.6f}".rstrip("0").rstrip(".").partition(".")
        if self.language == "en":
            return whole + (f".{rest}" if dot else "")
        return whole.replace(",", "\u202f") + (f",{rest}" if dot else "")

    def rows(self, value: Any) -> list[list[str]]:
        """A table of figures, its cells written; empty for what is none."""
        if not (isinstance(value, list) and value and all(isinstance(row, list) for row in value)):
            return []
        return [[self.value(cell) for cell in row] for row in value]

    def iso(self, day: str) -> str:
        """An ISO date as the language writes it; what is none stays as it is."""
        try:
            return self.day(datetime.date.fromisoformat(day))
        except ValueError:
            return day

    def date(self, instant: float) -> str:
        """The day of an instant (Unix seconds), where the house is."""
        return self.day(today_in(self.zone, instant))

    def day(self, day: datetime.date) -> str:
        """A day as the language writes it."""
        months = self.say("months").split()
        first = "1er" if self.language == "fr" and day.day == 1 else str(day.day)
        return f"{first} {months[day.month - 1]} {day.year}" if len(months) == _MONTHS else day.isoformat()

    def in_language(self, language: str) -> str:
        """The address of this page in another language."""
        query = [(name, value) for name, value in parse_qsl(self.query) if name != "lang"]
        return f"{self.path}?{urlencode([*query, ('lang', language)])}"


def of(request: Asked) -> Written:
    """In which language ``request`` is answered: as its address says, else as was chosen before, else as the browser wants."""
    asked, kept = request.query_params.get("lang", ""), request.cookies.get(_COOKIE, "")
    chosen = next((language for language in (asked, kept) if language in LANGUAGES), "")
    opened = request.method == "GET"
    path = request.url.path if opened or request.url.path in _FORMS else "/"
    query = request.url.query if opened else ""
    house = house_of(request)
    spoken = chosen or language_of(request)
    days, zone = house.conversations.days, house.settings.time_zone
    return Written(spoken, asked in LANGUAGES, path, query, house.law.bundle, days, zone)


def page(
    request: Asked, template: str, *, status: int = 200, cookies: list[Cookie] | None = None, **values: Any
) -> Response[str]:
    """A whole page; ``values`` are what ``template`` shows."""
    written = of(request)
    text = _written(written, template, values)
    kept = list(cookies or [])
    if written.chosen:
        kept.append(Cookie(_COOKIE, "/", written.language, max_age=_YEAR, httponly=True, samesite="lax"))
    headers = {**HEADERS, "Content-Language": written.language, "Vary": "Accept-Language, Cookie"}
    return Response(text, status_code=status, media_type="text/html", headers=headers, cookies=kept)


def fragment(written: Written, template: str, **values: Any) -> str:
    """A part of a page, for who holds the rest of it already."""
    return _written(written, template, values)


def _written(written: Written, template: str, values: Mapping[str, Any]) -> str:
    known = {"w": written, "t": written.say, "languages": LANGUAGES, "assets": ASSETS}
    return _environment().get_template(template).render(**known, **values)


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    icons: Callable[[str], Markup] = _icon
    environment.globals["icon"] = icons
    return environment


@functools.cache
def _icon(name: str) -> Markup:
    """A drawing of ours, to stand in the text itself; it says nothing that the words beside it do not."""
    return Markup((Path(__file__).parent / "static" / f"{name}.svg").read_text(encoding="utf-8").strip())  # noqa: S704 - our own file
