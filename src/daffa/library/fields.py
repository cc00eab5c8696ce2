"""What a collection and a document may be given: a value as it is kept, or ``Invalid`` naming the field."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NoReturn

from daffa.errors import Invalid

from .records import NewDocument

__all__ = ["check_documents", "heading", "is_id", "name", "title"]

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_ID = re.compile(rf"(?:{_NAME.pattern}\.)?{_NAME.pattern}")
_LONGEST_ID, _LONGEST_TITLE, _LONGEST_DOCUMENT_TITLE, _LONGEST_LINK = 200, 200, 500, 2000
_MOST_TEXT = 20_000_000  # code points: a book has one million
_LAST_DAY = 2_932_896  # the end of the year 9999


def is_id(wanted: str) -> bool:
    """Whether a collection could be called so."""
    return _ID.fullmatch(wanted) is not None


def name(value: str) -> str:
    """The name of a collection within its organisation."""
    if not _NAME.fullmatch(value):
        _refuse("name", "1 to 63 lower-case letters a-z, digits and hyphens, no hyphen at either end", value)
    return value


def title(value: str) -> str:
    """What people call a collection; may be empty."""
    kept = value.strip()
    if not (kept.isprintable() and len(kept) <= _LONGEST_TITLE):
        _refuse("title", f"at most {_LONGEST_TITLE} printable characters", value)
    return kept


def check_documents(documents: Iterable[NewDocument]) -> None:
    """Raise ``Invalid`` for the first document that cannot be kept; the field names it."""
    seen: set[str] = set()
    for new in documents:
        if not (new.id.isprintable() and new.id == new.id.strip() and 1 <= len(new.id) <= _LONGEST_ID):
            _refuse("id", f"1 to {_LONGEST_ID} printable characters, no blank at either end", new.id)
        if new.id in seen:
            _refuse("id", "each document once", new.id)
        seen.add(new.id)
        _check(new)


def heading(text: str) -> str:
    """A heading or a title on one line, cut where it is too long to be one."""
    return " ".join(text.split())[:_LONGEST_DOCUMENT_TITLE]


def _check(new: NewDocument) -> None:
    text = new.document.text
    if not text.strip():
        _refuse(f"{new.id}: text", "words", "nothing")
    if len(text) > _MOST_TEXT:
        _refuse(f"{new.id}: text", f"at most {_MOST_TEXT} characters", f"{len(text)}")
    for field, value in (("text", text), ("title", new.document.title), ("work", new.work), ("link", new.link)):
        if "\0" in value or not _is_unicode(value):
            _refuse(f"{new.id}: {field}", "characters of Unicode, without U+0000", "others")
    if len(new.work) > _LONGEST_DOCUMENT_TITLE or len(new.link) > _LONGEST_LINK:
        _refuse(f"{new.id}: work, link", f"at most {_LONGEST_DOCUMENT_TITLE} and {_LONGEST_LINK} characters", "more")
    for field, day in (("valid_from", new.valid_from), ("valid_to", new.valid_to)):
        if not -_LAST_DAY <= day <= _LAST_DAY:
            _refuse(f"{new.id}: {field}", "days since 1970-01-01", str(day))


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse(field: str, expected: str, got: str) -> NoReturn:
    shown = got[:80].encode(errors="replace").decode()
    raise Invalid("invalid_field", field=field.encode(errors="replace").decode()[:300], expected=expected, got=shown)
