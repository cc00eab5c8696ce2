"""Passages made into rows of terms, here or, where there are many, in processes beside this one. Knows no engine.

``python -m daffa.search.engines.analysing`` is such a process: batches come in on standard input, rows go out, each as a
frame of MessagePack behind its length.
"""

from __future__ import annotations

import contextlib
import os
import struct
import subprocess
import sys
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from queue import SimpleQueue
from typing import IO

import msgspec

from ..fields import FIELDS, fields_of
from ..passage import Passage

__all__ = ["Row", "analyse", "rows_of"]

_BATCH = 500
_MANY = 4 * _BATCH  # below it a process would not have begun before we are done
_MOST_PROCESSES = 8
_LENGTH = struct.Struct("<I")


class Row(msgspec.Struct, array_like=True, frozen=True):
    """A passage as an engine keeps it: its terms joined by spaces, one text for each of ``FIELDS``."""

    collection: str
    document: str
    id: str
    language: str
    valid_from: int
    valid_to: int
    terms: tuple[str, ...]


def analyse(passages: Sequence[Passage]) -> list[Row]:
    """The rows of ``passages``, in their order."""
    return [_row(passage) for passage in passages]


def rows_of(passages: Sequence[Passage], processes: int | None = None) -> Generator[list[Row], None, None]:
    """The rows of ``passages`` in batches, in their order; many are analysed on every core at once."""
    batches = _batches(passages)
    wanted = min(processes or os.cpu_count() or 1, _MOST_PROCESSES, len(passages) // _MANY + 1)
    if len(passages) < _MANY or wanted < 2:
        yield from map(analyse, batches)
        return
    with contextlib.ExitStack() as stack:
        free: SimpleQueue[_Beside] = SimpleQueue()
        for _ in range(wanted):
            free.put(stack.enter_context(contextlib.closing(_Beside())))
        threads = stack.enter_context(ThreadPoolExecutor(wanted))
        waiting: deque[Future[list[Row]]] = deque()
        for batch in batches:
            waiting.append(threads.submit(_ask, free, batch))
            if len(waiting) > 2 * wanted:  # rows are not made faster than they are taken
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


class _Beside:
    """A process that analyses. Where it fails, whoever asked does the work."""

    def __init__(self) -> None:
        command = (sys.executable, "-P", "-m", "daffa.search.engines.analysing")
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def rows(self, batch: Sequence[Passage]) -> list[Row]:
        """The rows of ``batch``."""
        given, taken = self._process.stdin, self._process.stdout
        if given is None or taken is None:
            return analyse(batch)
        try:
            _write(given, msgspec.msgpack.encode(batch))
            said = _read(taken)
            if said is not None:
                return msgspec.msgpack.decode(said, type=list[Row])
        except (OSError, ValueError, msgspec.MsgspecError):
            pass  # it was killed, or never began
        return analyse(batch)

    def close(self) -> None:
        """End it."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process.wait()


def _ask(free: SimpleQueue[_Beside], batch: Sequence[Passage]) -> list[Row]:
    beside = free.get()
    try:
        return beside.rows(batch)
    finally:
        free.put(beside)


def _batches(passages: Sequence[Passage]) -> Iterator[list[Passage]]:
    rest = iter(passages)
    while batch := list(islice(rest, _BATCH)):
        yield batch


def _row(passage: Passage) -> Row:
    fields = fields_of(passage)
    return Row(
        passage.collection,
        passage.document,
        passage.id,
        passage.language,
        passage.valid_from,
        passage.valid_to,
        tuple(" ".join(fields[name]) for name in FIELDS),
    )


def _write(pipe: IO[bytes], frame: bytes) -> None:
    pipe.write(_LENGTH.pack(len(frame)) + frame)
    pipe.flush()


def _read(pipe: IO[bytes]) -> bytes | None:
    head = pipe.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    frame = pipe.read(length)
    return frame if len(frame) == length else None


def _serve() -> None:
    given, taken = sys.stdin.buffer, sys.stdout.buffer
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        while (frame := _read(given)) is not None:
            _write(taken, msgspec.msgpack.encode(analyse(msgspec.msgpack.decode(frame, type=list[Passage]))))


if __name__ == "__main__":
    _serve()
