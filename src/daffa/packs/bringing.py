"""Files of an office into a pack: each becomes a document with its source, hash and day; one that cannot is told with its reason.

What is written is whole or not at all: a document is made beside the pack and renamed into it. Knows no format; ``documents`` reads.
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import shutil
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from daffa.documents import MOST_BYTES, Document, read_document, read_lines
from daffa.errors import Conflict, DaffaError, Invalid, Unavailable

from .files import LANGUAGES, LARGEST_FILE
from .pack import TAGS, Pack
from .reading import read_pack

__all__ = ["Brought", "bring"]

_LANGUAGE = {tag: language for language, tag in TAGS.items()}
_SUFFIX = re.compile(rf"[._ -]({'|'.join(LANGUAGES)})$", re.IGNORECASE)
_ESCAPED = re.compile(r"[\\`*<]|!(?=\[)|](?=\()|^(?=[#>]|\+\+\+|~~~|[-=_ ]{3,}$|[-+]\s|\d{1,9}[.)]\s)|^[#>]", re.MULTILINE)


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


@dataclass(frozen=True, slots=True)
class _Order:
    into: Path
    day: datetime.date
    source: str
    licence: str
    force: bool


def bring(
    files: Sequence[Path], into: Path, *, day: datetime.date, source: str = "", licence: str = "", force: bool = False
) -> Iterator[Brought]:
    """Bring ``files``, and the files of folders among them, into the pack ``into``; one report for each, as it is done.

    ``source`` is the id of a source of the pack; without it each file becomes a source of its own, under ``licence``. A document
    that is there already from another file is let alone unless ``force``. Raises ``Invalid`` and ``NotFound`` before anything
    is read where the pack is not sound, or neither ``source`` nor ``licence`` is given.
    """
    pack = read_pack(into)
    if source and source not in pack.sources:
        known = ", ".join(sorted(pack.sources)) or "none yet"
        raise Invalid("invalid_field", field="source", expected=f"a source of pack.toml ({known})", got=source)
    if not source and not licence.strip():
        raise Invalid("invalid_field", field="licence", expected="under what the files may be quoted", got="nothing")
    return _each(files, _Order(into, day, source, licence.strip(), force))


def _each(files: Sequence[Path], order: _Order) -> Iterator[Brought]:
    for file in files:
        for path in _files_of(file):
            try:
                raw = _content(path)
                digest = hashlib.sha256(raw).hexdigest()
                lines = path.suffix.lower() in (".jsonl", ".ndjson")
                documents = read_lines(raw, path.name) if lines else iter((read_document(raw, path.name),))
                for document in documents:
                    yield _kept(document, path, digest, order)
            except DaffaError as error:
                yield Brought(str(path), status="refused", error=error)


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
        raise Unavailable("system_refuses", reason=f"{path}: {error.strerror}") from error


def _kept(document: Document, path: Path, digest: str, order: _Order) -> Brought:
    """Write one document; its own troubles are told, those of the next are not touched."""
    shown = f"{path}#{document.name}" if document.format == "jsonl" else str(path)
    try:
        pack = read_pack(order.into)
        name, language = _named(document, pack)
        target = f"documents/{name}.{language}.md"
        for held in pack.documents:
            if (held.name, held.language) == (name, language) and not order.force:
                if held.imported is not None and held.imported.sha256 == digest:
                    return Brought(shown, target, "same")
                raise Conflict("pack_document_exists", document=target)
        source, added = (order.source, "") if order.source else _source(document, path, pack, order)
        text = _written(document, source, path, digest, order.day)
        if len(text.encode()) > LARGEST_FILE:
            raise Invalid("document_too_large", name=document.name, got=f"{len(text.encode())} bytes", most="1 MiB")
        _put(order.into, pack, added + _absences(pack, name, language), target, text)
    except DaffaError as error:
        return Brought(shown, status="refused", error=error)
    return Brought(shown, target, "written", document.changes)


def _named(document: Document, pack: Pack) -> tuple[str, str]:
    """Name and language of the document in the pack; the language is that of its text, not of its file's name."""
    language = _LANGUAGE.get(document.language, "")
    if language not in pack.languages:
        expected = ", ".join(TAGS[one] for one in pack.languages)
        raise Invalid("pack_document_language", name=document.name, expected=expected, got=document.language or "?")
    stem = document.name if document.format == "jsonl" else Path(document.name).stem
    slug = _slug(_SUFFIX.sub("", stem))[:80].strip("-")
    return slug or f"document-{hashlib.sha256(document.name.encode()).hexdigest()[:8]}", language


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    if len(slug) < 2:
        return ""
    return slug if slug[0].isalpha() else f"d-{slug}"


def _source(document: Document, path: Path, pack: Pack, order: _Order) -> tuple[str, str]:
    """The id of the source that a file is, and what ``pack.toml`` must say of it; nothing where it says it already."""
    title = path.name if document.format == "jsonl" else document.title
    for source in pack.sources.values():
        if source.title == title and source.licence == order.licence and not source.url:
            return source.id, ""
    base = (_slug(_SUFFIX.sub("", path.stem)) or f"file-{hashlib.sha256(path.name.encode()).hexdigest()[:8]}")[:36].strip("-")
    name = next(one for one in (base, *(f"{base}-{number}" for number in range(2, 1000))) if one not in pack.sources)
    return name, f'\n[[source]]\nid = "{name}"\ntitle = {_toml(title)}\nurl = ""\nlicence = {_toml(order.licence)}\n'


def _absences(pack: Pack, name: str, language: str) -> str:
    """That the document is not there in the pack's other languages, for those of which nobody says so yet."""
    there = {held.language for held in pack.documents if held.name == name} | {language}
    there |= {absent.language for absent in pack.absent if absent.document in (name, "*")}
    row = '\n[[absent]]\ndocument = "{}"\nlanguage = "{}"\nreason = "Imported in {}."\n'
    return "".join(row.format(name, other, language) for other in pack.languages if other not in there)


def _written(document: Document, source: str, path: Path, digest: str, day: datetime.date) -> str:
    head = [
        "+++",
        f"title = {_toml(document.title)}",
        f'sources = ["{source}"]',
        *([f"label = {_toml(document.label)}"] if document.label else []),
        *(["reviewed = false"] if document.language == TAGS["zgh"] else []),
        "",
        "[imported]",
        f"file = {_toml(path.name)}",
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
    return "\n".join(head) + "\n\n" + "\n\n".join(body) + "\n"


def _escaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: f"\\{found[0]}", text)


def _toml(text: str) -> str:
    """A TOML string; JSON's escapes are TOML's, but for the character that JSON lets stand."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _put(into: Path, pack: Pack, added: str, target: str, text: str) -> None:
    """Both files, each whole: first what ``pack.toml`` says of the document, then the document."""
    with tempfile.TemporaryDirectory(prefix=".daffa-", dir=into.resolve().parent) as beside:
        trial = Path(beside) / pack.folder.resolve().name
        shutil.copytree(into, trial, symlinks=True)
        (trial / "documents").mkdir(exist_ok=True)
        (trial / target).write_text(text, encoding="utf-8")
        if added:
            toml = (trial / "pack.toml").read_text(encoding="utf-8").rstrip("\n")
            (trial / "pack.toml").write_text(f"{toml}\n{added}", encoding="utf-8")
        read_pack(trial, pack.origin)  # what does not fit is told before it is there
        if added:
            (trial / "pack.toml").replace(into / "pack.toml")
        (into / "documents").mkdir(exist_ok=True)
        (trial / target).replace(into / target)
