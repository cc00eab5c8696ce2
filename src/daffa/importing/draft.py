"""A draft of ``daffa.toml``: places and models found, notes about the rest, and the text of it. Knows no other gateway."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from daffa import sentences
from daffa.decision import UNKNOWN
from daffa.policy import Host

from .source import Table, shown

__all__ = ["EMBEDDINGS", "Draft", "Note", "model_id", "variable_of", "write"]

EMBEDDINGS = "embeddings"
"""The capability of a model that gives vectors and nothing else."""

_ID = re.compile(r"[^a-z0-9._:-]+")
_LONGEST_ID = 64
_DIRECTIONS = "\u2068\u2069"  # around what is Latin in an Arabic sentence
_EVERYWHERE = "*"  # every state, as the settings read it
_VARIABLE = re.compile(r"[^A-Z0-9]+")


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell whoever imports: ``code`` of a sentence and its facts."""

    code: str
    facts: dict[str, Any]


@dataclass
class Draft:
    """What was found. ``known`` says who runs a host, as the law's catalogue has it."""

    known: Callable[[str], Host | None]
    models: list[dict[str, Any]] = field(default_factory=list)
    places: dict[str, dict[str, Any]] = field(default_factory=dict)
    comments: dict[str, list[Note]] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)

    def note(self, code: str, **facts: Any) -> None:
        """Tell something."""
        self.notes.append(Note(code, facts))

    def place(self, url: str) -> str:
        """The id of the place where ``url`` leads; a new one says what is known and for the rest the worst."""
        host = (urlsplit(url).hostname or "").lower()
        known = self.known(host)
        place = model_id((known.suffix if known else host).replace(".", "-").replace(":", "-"))
        if place in self.places:
            return place
        if known is not None:
            # Control is known; where the machines stand is not, and nothing here guesses it.
            self.places[place] = {"id": place, "hw": UNKNOWN, "operator": known.operator, "reach": [known.operator]}
            code, facts = "import_place_known", {"place": place, "vendor": known.vendor, "operator": known.operator}
        else:
            self.places[place] = {"id": place, "hw": UNKNOWN, "operator": UNKNOWN, "reach": [_EVERYWHERE]}
            code = "import_place_own" if _is_private(host) else "import_place_unknown"
            facts = {"place": place, "host": host}
        self.comments[place] = [Note(code, facts)]
        self.note(code, **facts)
        return place

    def add(self, row: dict[str, Any], path: str) -> str:
        """Add a model; returns its id, which is another where its name cannot be one or is taken."""
        wanted = str(row["id"])
        first = new = model_id(wanted)
        taken = {model["id"] for model in self.models} | {"auto"}
        number = 2
        while new in taken:
            new = f"{first[: _LONGEST_ID - 5]}-{number}"
            number += 1
        if new != wanted:
            self.note("import_renamed", path=path, got=wanted[:80], id=new)
        self.models.append({**row, "id": new})
        return new

    def limit(self, path: str, measure: str, most: float, period: str, model: str) -> None:
        """Tell a limit as the command that sets it here, for an organisation that whoever imports has to name."""
        amount = f"{most:.2f}" if measure == "money" else f"{most:.0f}"
        command = f"./daffa quota set --organisation ID --{measure} {amount} --period {period}"
        self.note("import_limit", path=path, command=command + (f" --model {model}" if model else ""))

    def leave(self, *tables: Table) -> None:
        """List what nobody has read of these."""
        for table in tables:
            for path, value in table.rest():
                if value not in ({}, [], ""):
                    self.note("import_left", path=path, got=shown(value))

    def secret(self, path: str, variable: str) -> str:
        """A variable for a key that stands in clear at ``path``: the key itself goes nowhere."""
        self.note("import_secret", path=path, variable=variable)
        return variable


def model_id(name: str) -> str:
    """The nearest id to ``name`` that the settings take."""
    return _ID.sub("-", name.lower()).lstrip("._:-")[:_LONGEST_ID] or "model"


def variable_of(*words: str) -> str:
    """A name for a variable out of ``words``."""
    return _VARIABLE.sub("_", "_".join(words).upper()).strip("_") or "KEY"


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith((".internal", ".local", ".svc")) or "." not in host


def write(draft: Draft, source: str, language: str) -> str:
    """The draft as TOML, with what is to be filled in as comments in ``language``."""
    lines = ["# " + _line(sentences.say("import_head", language, source=source)), ""]
    for place in draft.places.values():
        lines += ["# " + _line(sentences.say(note.code, language, **note.facts)) for note in draft.comments[place["id"]]]
        lines += ["[[place]]", *(_field(name, value) for name, value in place.items()), ""]
    for model in draft.models:
        lines += ["[[model]]", *(_field(name, value) for name, value in model.items() if value not in ("", [], None)), ""]
    return "\n".join(lines)


def _line(text: str) -> str:
    """``text`` on one line, whatever name of a file or host is in it: nothing of it leaves the comment."""
    return "".join(sign if sign.isprintable() or sign in _DIRECTIONS else " " for sign in text)


def _field(name: str, value: Any) -> str:
    if isinstance(value, list):
        return f"{name} = [{', '.join(map(_text, value))}]"
    if isinstance(value, float):
        return f"{name} = {value:.12g}" if value % 1 else f"{name} = {value:.1f}"
    return f"{name} = {value if isinstance(value, int) else _text(value)}"


def _text(value: str) -> str:
    # JSON's escapes are TOML's, once what TOML forbids (DEL) is escaped too.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
