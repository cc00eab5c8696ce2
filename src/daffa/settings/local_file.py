"""A ``[[model]]`` that the house serves itself: its file, and what of the machine it may have. Knows no engine."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from daffa.gateway import LocalFile

from .file import Mistake, ModelRow
from .file import Path as Where

__all__ = ["LLAMACPP", "local_file"]

LLAMACPP = "llamacpp"

_BEGINS = b"GGUF"
_CAN = ("json_schema", "tools")


def local_file(at: Where, row: ModelRow, data: Path, rows: Iterable[ModelRow]) -> LocalFile | None:
    """What the row ``at`` serves; ``None`` where it is served elsewhere. Raises ``Mistake``.

    ``data`` is the folder that a relative name stands in. ``rows`` are all models: those served here share a place.
    """
    if row.wire != LLAMACPP:
        for name, unset in (("file", ""), ("threads", 0), ("parallel", 1)):
            said = getattr(row, name)
            _expect(said == unset, (*at, name), f"nothing: only the wire {LLAMACPP} serves a file", said)
        return None
    for name in ("url", "key_env"):
        _expect(not getattr(row, name), (*at, name), f"nothing: the wire {LLAMACPP} serves a file", getattr(row, name))
    path = data / row.file
    _expect(_is_gguf(path), (*at, "file"), "a GGUF file; a relative name is looked for in the folder of the house", row.file)
    _expect(row.context > 0, (*at, "context"), "the tokens of one request: memory is kept for so many", row.context)
    for name in row.capabilities:
        _expect(name in _CAN, (*at, "capabilities"), " | ".join(_CAN), name)
    places = sorted({other.place for other in rows if other.wire == LLAMACPP})
    _expect(len(places) == 1, (*at, "place"), "one place for all models that this machine serves", ", ".join(places))
    return LocalFile(path, threads=row.threads, parallel=row.parallel)


def _is_gguf(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(_BEGINS)) == _BEGINS
    except OSError:
        return False


def _expect(true: bool, path: Where, expected: str, got: object) -> None:
    if not true:
        raise Mistake(path, expected, got)
