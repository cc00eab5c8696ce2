"""What a task is given: a text, names and numbers, each checked, each mistake named. Knows no task."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from daffa.documents import Document, document_of
from daffa.errors import Invalid

from ..asked import Asked
from ..tongues import spoken, stated

__all__ = ["MOST_TEXT", "Given"]

MOST_TEXT = 400_000
"""Code points of a text that a task is done on: some 130 pages."""

_MOST_FACTS, _LONGEST_FACT = 100, 4000


class Given:
    """The fields of ``asked.task``. Every reader raises ``Invalid`` (``invalid_field``) naming the field."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._task = asked.task

    def document(self) -> Document:
        """The text of the task, else the question itself, as a document to the character."""
        document = self.attached() or document_of(self._asked.question, self.string("file", "") or "text")
        if not document.text.strip():
            raise _wrong("text", "a text", "")
        if len(document.text) > MOST_TEXT:
            raise _wrong("text", f"at most {MOST_TEXT} characters", str(len(document.text)))
        return document

    def attached(self) -> Document | None:
        """The text of the task as a document, where it has one."""
        text = self.string("text", "", most=MOST_TEXT)
        return document_of(text, self.string("file", "") or "text") if text.strip() else None

    def string(self, field: str, default: str | None = None, *, most: int = 200) -> str:
        """A string of at most ``most`` code points; must be given where it has no default."""
        value = self._task.get(field, default)
        if not isinstance(value, str):
            raise _wrong(field, "a string", value)
        if len(value) > most:
            raise _wrong(field, f"at most {most} characters", len(value))
        return value

    def number(self, field: str, default: int, least: int, most: int) -> int:
        """A whole number within bounds."""
        value = self._task.get(field, default)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise _wrong(field, f"{least}..{most}", value)
        return value

    def flag(self, field: str) -> bool:
        """True or false; false where it is not given."""
        value = self._task.get(field, False)
        if not isinstance(value, bool):
            raise _wrong(field, "true | false", value)
        return value

    def choice(self, field: str, choices: tuple[str, ...], default: str = "") -> str:
        """One of ``choices``."""
        value = self._task.get(field, default)
        if value not in choices:
            raise _wrong(field, " | ".join(choices), value)
        return str(value)

    def facts(self) -> dict[str, str]:
        """Facts by name."""
        facts: object = self._task.get("facts", {})
        if not isinstance(facts, Mapping) or len(facts) > _MOST_FACTS:
            raise _wrong("facts", f"an object of at most {_MOST_FACTS} strings", type(facts).__name__)
        for name, value in facts.items():
            if not isinstance(value, str) or len(value) > _LONGEST_FACT:
                raise _wrong(f"facts.{name}", f"a string of at most {_LONGEST_FACT} characters", value)
        return {name: value.strip() for name, value in facts.items() if value.strip()}

    def known(self, fields: tuple[str, ...]) -> None:
        """Refuse a field that the task does not know: a misspelt one would be let alone in silence."""
        for field in self._task:
            if field not in ("name", *fields):
                raise _wrong(str(field)[:80], " | ".join(fields), "?")

    def language(self, document: Document | None = None) -> str:
        """In which the assistant speaks of the task: as stated, else the document's; ``fr``, ``ar``, ``en`` or ``zgh``."""
        return spoken(stated(self._asked.language) or (document.language if document else "") or "fr")


def _wrong(field: str, expected: str, got: Any) -> Invalid:
    return Invalid("invalid_field", field=f"daffa.task.{field}", expected=expected, got=str(got)[:80])
