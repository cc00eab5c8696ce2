"""Files of an office into a pack: each becomes a document with its source, hash and day, or is told with its reason.

What is written is whole or not at all. Knows no format; ``documents`` reads.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import secrets
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from daffa.documents import MOST_BYTES, Document, read_document, read_lines
from daffa.errors import Conflict, DaffaError, Invalid, Unavailable

from .files import LANGUAGES, LARGEST_FILE, UNSEEN
from .finding import Findings, printable
from .pack import TAGS, Origin, Pack, Source
from .reading import read_pack
from .texts import read_documents

__all__ = ["Brought", "bring"]

# A text of an office that reads like Darija is Arabic with names in it.
_LANGUAGE = {tag: language for language, tag in TAGS.items()} | {"ary-Arab": "ar"}
_SUFFIX = re.compile(rf"[._ -]({'|'.join(LANGUAGES)})$", re.IGNORECASE)
# Signs that Markdown would take for its own: kept apart by a space, or by a backslash where they begin a line.
_MARKUP = re.compile(r"(<)(?=[A-Za-z!/])|(\])(?=\()")
_ESCAPED = re.compile(r"\\|^[#>|]|^(?=\+\+\+|~~~|[-=]+\s*$|[-+]\s)|(?<=^\d)[.)](?=\s)|(?<=^\d\d)[.)](?=\s)", re.MULTILINE)
_SOURCE = '\n[[source]]\nid = "{id}"\ntitle = {title}\nurl = ""\nlicence = {licence}\n'
_ABSENT = '\n[[absent]]\ndocument = "{document}"\nlanguage = "{language}"\nreason = "Imported in {written}."\n'


@dataclass(frozen=True, slots=True)
class Brought:
    """What became of one document.

    Attributes:
        file: as it was given; of JSON lines, with ``#`` and the id of the line.
        document: path in the pack; empty where there is none.
        status: ``written``, ``same`` (it was there already) or ``refused``.
        changes: places where its damaged Arabic was mended.
        error: why it was refused.
    """

    file: str
    document: str = ""
    status: str = "written"
    changes: int = 0
    error: DaffaError | None = None


def bring(
    files: Sequence[Path], into: Path, *, day: datetime.date, source: str = "", licence: str = "", force: bool = False
) -> Iterator[Brought]:
    """Bring ``files``, and the files of folders among them, into the pack ``into``; a report for each, as it is done.

    ``source`` is the id of a source of the pack; without it each file becomes a source of its own, under ``licence``. A
    document that is there already from another file is let alone unless ``force``. Raises ``Invalid`` and ``NotFound``
    before anything is read where the pack is not sound, or neither ``source`` nor ``licence`` is given.
    """
    pack = read_pack(into, Origin.WHEEL)  # whether it has tools is nothing to its documents: none is run
    if source and source not in pack.sources:
        known = ", ".join(sorted(pack.sources)) or "none yet"
        raise Invalid("invalid_field", field="source", expected=f"a source of pack.toml ({known})", got=source)
    if not source and not licence.strip():
        raise Invalid("invalid_field", field="licence", expected="under what the files may be quoted", got="nothing")
    bringing = _Bringing(pack, day, source, licence.strip(), force=force)
    return (report for file in files for path in _files_of(file) for report in bringing.file(path))


class _Bringing:
    """What a pack has while files come in."""

    def __init__(self, pack: Pack, day: datetime.date, source: str, licence: str, *, force: bool) -> None:
        self._pack = pack
        self._day = day
        self._source = source
        self._licence = licence
        self._force = force
        self._sources = dict(pack.sources)
        self._absent = {(absent.document, absent.language) for absent in pack.absent}
        self._held = {(one.name, one.language): one.imported.sha256 if one.imported else "" for one in pack.documents}

    def file(self, path: Path) -> Iterator[Brought]:
        """Each document of a file; the file itself, where it cannot be read."""
        try:
            raw = _content(path)
            lines = path.suffix.lower() in (".jsonl", ".ndjson")
            name = printable(path.name)
            for document in read_lines(raw, name) if lines else iter((read_document(raw, name),)):
                yield self._document(document, path, hashlib.sha256(raw).hexdigest())
        except DaffaError as error:
            yield Brought(printable(str(path)), status="refused", error=error)

    def _document(self, document: Document, path: Path, digest: str) -> Brought:
        shown = printable(f"{path}#{document.name}" if document.format == "jsonl" else str(path))
        try:
            name, language = _named(document, self._pack)
            target = f"documents/{name}.{language}.md"
            held = self._held.get((name, language))
            if held == digest:
                return Brought(shown, target, "same")
            if held is not None and not self._force:
                raise Conflict("pack_document_exists", document=target)
            source, new = self._source_of(document, path)
            text = _written(document, source, path, digest, self._day)
            self._check(target, text, new)
            self._put(name, language, text, digest, new)
        except DaffaError as error:
            return Brought(shown, status="refused", error=error)
        return Brought(shown, target, "written", document.changes)

    def _source_of(self, document: Document, path: Path) -> tuple[str, Source | None]:
        """The id of the source that a file is; and the source, where the pack does not know it yet."""
        if self._source:
            return self._source, None
        title = printable(path.name if document.format == "jsonl" else document.title)
        for source in self._sources.values():
            if (source.title, source.licence, source.url) == (title, self._licence, ""):
                return source.id, None
        base = _slug(_SUFFIX.sub("", path.stem))[:36].strip("-") or _unnamed("file", path.name)
        names = (base, *(f"{base}-{number}" for number in range(2, 1000)))
        name = next(one for one in names if one not in self._sources)
        return name, Source(id=name, title=title, url="", licence=self._licence)

    def _check(self, target: str, text: str, new: Source | None) -> None:
        """Hold the document to what is asked of one, before it is there."""
        if len(text.encode()) > LARGEST_FILE:
            raise Invalid("document_too_large", name=target, got=f"{len(text.encode())} bytes", most="1 MiB")
        findings = Findings()
        sources = self._sources | ({new.id: new} if new else {})
        list(read_documents({target: text}, self._pack.label, (self._pack.valid_from, self._pack.valid_to), sources, findings))
        if findings.errors:
            raise findings.errors[0].error()

    def _put(self, name: str, language: str, text: str, digest: str, new: Source | None) -> None:
        """Both files, each whole: first what ``pack.toml`` says of the document, then the document."""
        there = {one for held, one in self._held if held == name} | {language}
        there |= {one for document, one in self._absent if document in (name, "*")}
        lacking = [other for other in self._pack.languages if other not in there]
        added = (_SOURCE.format(id=new.id, title=_toml(new.title), licence=_toml(new.licence)) if new else "") + "".join(
            _ABSENT.format(document=name, language=other, written=language) for other in lacking
        )
        if added:
            toml = (self._pack.folder / "pack.toml").read_text(encoding="utf-8").rstrip("\n")
            _replace(self._pack.folder / "pack.toml", f"{toml}\n{added}")
        (self._pack.folder / "documents").mkdir(exist_ok=True)
        _replace(self._pack.folder / "documents" / f"{name}.{language}.md", text)
        self._sources |= {new.id: new} if new else {}
        self._absent |= {(name, other) for other in lacking}
        self._held[name, language] = digest


def _files_of(file: Path) -> Iterator[Path]:
    if not file.is_dir():
        yield file
        return
    for path in sorted(file.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(file).parts)
        if path.is_file() and not path.is_symlink() and not hidden:
            yield path


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)  # one more than may be: the reader says that it is too much
    except OSError as error:
        raise Unavailable("system_refuses", reason=f"{printable(str(path))}: {error.strerror}") from error


def _named(document: Document, pack: Pack) -> tuple[str, str]:
    """Name and language of the document in the pack; the language is that of its text, not of its file's name."""
    language = _LANGUAGE.get(document.language, "")
    if language not in pack.languages:
        expected = ", ".join(TAGS[one] for one in pack.languages)
        raise Invalid("pack_document_language", name=document.name, expected=expected, got=document.language or "?")
    stem = document.name if document.format == "jsonl" else Path(document.name).stem
    return _slug(_SUFFIX.sub("", stem))[:80].strip("-") or _unnamed("document", document.name), language


def _unnamed(kind: str, name: str) -> str:
    """A name for what has no Latin letter in its own; the same each time."""
    return f"{kind}-{hashlib.sha256(_SUFFIX.sub('', Path(name).stem).encode()).hexdigest()[:8]}"


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(slug) < 2:
        return ""
    return slug if slug[0].isalpha() else f"d-{slug}"


def _written(document: Document, source: str, path: Path, digest: str, day: datetime.date) -> str:
    head = [
        "+++",
        f"title = {_toml(printable(document.title))}",
        f'sources = ["{source}"]',
        *([f"label = {_toml(printable(document.label))}"] if document.label else []),
        *(["reviewed = false"] if document.language == TAGS["zgh"] else []),
        "",
        "[imported]",
        f"file = {_toml(printable(path.name))}",
        f'sha256 = "{digest}"',
        f"date = {day}",
        "+++",
    ]
    body = []
    for section in document.sections:
        if section.heading:
            body.append(f"{'#' * min(6, section.level + 1)} {_escaped(' '.join(section.heading.split()))}")
        if text := document.text[section.start : section.end].strip():
            body.append(_escaped(text))
    return UNSEEN.sub("", "\n".join(head) + "\n\n" + "\n\n".join(body) + "\n")


def _escaped(text: str) -> str:
    return _MARKUP.sub(lambda found: f"{found[0]} ", _ESCAPED.sub(lambda found: f"\\{found[0]}", text))


def _toml(text: str) -> str:
    """A TOML string; JSON's escapes are TOML's, but for the character that JSON lets stand."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _replace(path: Path, text: str) -> None:
    """The file is the old one or the new one, never a part: it is written beside the pack and renamed."""
    beside = path.parents[1] if path.parent.name == "documents" else path.parent
    spare = beside.resolve().parent / f".daffa-{secrets.token_hex(8)}"
    try:
        with spare.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        spare.replace(path)
    except OSError as error:
        raise Unavailable("system_refuses", reason=f"{path}: {error.strerror}") from error
    finally:
        spare.unlink(missing_ok=True)
