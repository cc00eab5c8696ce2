"""The process in which a file is read: bounded in memory, time and output, without the server's secrets.

A PDF, a Word file and a page are written by whoever sent them, and read by C++ or by parsers that a hostile one makes run for
hours. Run as ``python -P -m daffa.documents.child FORMAT NAME`` with the file on the standard input; writes one JSON object.
"""

from __future__ import annotations

import contextlib
import os
import resource
import sys

import msgspec

from daffa.errors import Invalid

from .document import Document
from .making import make

__all__ = ["MEMORY", "SECONDS", "Answer", "main"]

SECONDS = 60
MEMORY = 1536 << 20


class Answer(msgspec.Struct, frozen=True):
    """What was read; or the code and the facts of an error."""

    document: Document | None = None
    code: str = ""
    facts: dict[str, str | int] = {}


def _bound() -> None:
    """Nothing is written to a disk, no core is dumped, and the kernel ends what takes too much."""
    bounds = {resource.RLIMIT_CPU: SECONDS, resource.RLIMIT_CORE: 0, resource.RLIMIT_FSIZE: 0, resource.RLIMIT_AS: MEMORY}
    for what, most in bounds.items():
        with contextlib.suppress(ValueError, OSError):  # macOS bounds no address space; the timeout holds there
            resource.setrlimit(what, (most, most))


def _answer(kind: str, name: str, raw: bytes) -> Answer:
    try:
        return Answer(document=make(kind, raw, name))
    except Invalid as mistake:
        return Answer(code=mistake.code, facts=mistake.facts)
    except (MemoryError, RecursionError) as mistake:
        facts: dict[str, str | int] = {"name": name, "got": type(mistake).__name__, "most": f"{MEMORY >> 20} MiB"}
        return Answer(code="document_too_large", facts=facts)


def main(kind: str, name: str) -> None:
    """Read the standard input as ``kind``; write the answer."""
    out = os.dup(1)
    os.dup2(2, 1)  # whatever a library prints is no answer
    _bound()
    answer = msgspec.json.encode(_answer(kind, name, sys.stdin.buffer.read()))
    with open(out, "wb") as stream:  # noqa: PTH123 (a file descriptor has no path)
        stream.write(answer)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
