"""Call a tool of a pack: hand it to a process that can do nothing but compute, and read its answer back strictly."""

from __future__ import annotations

import contextlib
import datetime
import os
import queue
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

import msgspec

from daffa.errors import DaffaError, Invalid, NotFound, Unavailable

from .pack import Pack
from .result import Result
from .worker import BOOT, Job

__all__ = ["ToolCard", "Tools"]

_LANGUAGES = ("fr", "ar", "en", "zgh")
# A worker that is asked and says nothing for so long beyond the tool's own time is ended.
_GRACE = 10.0
_MOST_ARGUMENTS = 1 << 16


class ToolCard(msgspec.Struct, frozen=True, kw_only=True):
    """A tool as whoever chooses one sees it.

    Attributes:
        name: unique in its pack.
        title: what it computes, in ``fr``, ``ar``, ``en``.
        cues: by language, words by which a question asks for it.
        schema: JSON Schema of its arguments, ``day`` among them; ``x-title`` names a field in each language.
    """

    name: str
    title: dict[str, str]
    schema: dict[str, Any]
    cues: dict[str, list[str]] = {}


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    result: Result | None = None
    tools: list[ToolCard] | None = None
    code: str = ""
    facts: dict[str, Any] = {}
    failed: str = ""
    late: bool = False


class Tools:
    """The tools of some packs. Calls may come from any thread; each blocks for at most ``seconds`` and a little."""

    def __init__(self, packs: Iterable[Pack], *, seconds: float = 2.0, workers: int = 2) -> None:
        """``seconds``: for one call; ``workers``: processes kept warm, started when they are first needed."""
        self._seconds = seconds
        self._idle: queue.LifoQueue[_Worker] = queue.LifoQueue()
        self._workers = [_Worker() for _ in range(workers)]
        for worker in self._workers:
            self._idle.put(worker)
        self._packs: Mapping[str, Pack] = {}
        self._cards: dict[str, tuple[str, tuple[ToolCard, ...]]] = {}
        self.renew(packs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def renew(self, packs: Iterable[Pack]) -> None:
        """From now on, the tools of these packs; calls under way end as they began."""
        self._packs = {pack.id: pack for pack in packs}

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.end()

    def cards(self, pack_id: str) -> tuple[ToolCard, ...]:
        """The tools of a pack, none where it is data. Raises ``NotFound``; ``Unavailable`` where its code does not load."""
        pack = self._pack(pack_id)
        if not pack.code:
            return ()
        known = self._cards.get(pack_id)
        if known is None or known[0] != pack.code:
            answer = self._ask(pack, "", Job(code=pack.code, seconds=self._seconds))
            self._cards[pack_id] = known = (pack.code, tuple(answer.tools or ()))
        return known[1]

    def call(
        self, pack_id: str, name: str, arguments: Mapping[str, Any], *, day: datetime.date, language: str = "fr"
    ) -> Result:
        """What the tool answers.

        ``day`` is the day asked about where ``arguments`` name none; ``language`` is that of its words. Raises ``NotFound``
        (``unknown_pack``, ``unknown_tool``); ``Invalid`` (``invalid_field`` naming the field as the caller wrote it,
        ``parameter_not_valid``); ``Unavailable`` (``tool_failed``, ``tool_too_slow``).
        """
        pack = self._pack(pack_id)
        if not pack.code:
            raise NotFound("unknown_tool", tool=name, known="")
        given = _plain(arguments)
        job = Job(
            code=pack.code,
            seconds=self._seconds,
            tool=name,
            day=_day(given.pop("day", None), day),
            arguments=given,
            parameters=tuple(pack.parameters.values()),
            language=language if language in _LANGUAGES else "fr",
        )
        answer = self._ask(pack, name, job)
        if answer.result is None:
            raise Unavailable("tool_failed", pack=pack_id, tool=name, reason="it gave no result")
        return answer.result

    def _pack(self, pack_id: str) -> Pack:
        if pack_id not in self._packs:
            raise NotFound("unknown_pack", name=pack_id)
        return self._packs[pack_id]

    def _ask(self, pack: Pack, name: str, job: Job) -> _Answer:
        worker = self._idle.get()
        try:
            answer = worker.ask(msgspec.json.encode(job), job.seconds + _GRACE)
        finally:
            self._idle.put(worker)
        facts = {"pack": pack.id, "tool": name or "tools.py"}
        if answer is None or answer.late:
            raise Unavailable("tool_too_slow", **facts, seconds=f"{self._seconds:g}")
        if answer.failed:
            raise Unavailable("tool_failed", **facts, reason=answer.failed)
        if answer.code:
            raise _error(answer.code, answer.facts)
        return answer


class _Worker:
    """One process; started when it is first asked, again when it has died. One caller at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, line: bytes, patience: float) -> _Answer | None:
        """Its answer; ``None`` where none comes in time."""
        for _ in range(2):  # a process that has died between two calls is replaced once
            process = self._running()
            try:
                answer = _exchange(process, line + b"\n", time.monotonic() + patience)
            except BrokenPipeError:
                answer = b""
            if answer is None:
                self.end()
                return None
            if answer.endswith(b"\n"):
                try:
                    return msgspec.json.decode(answer, type=_Answer)
                except msgspec.DecodeError as error:
                    return _Answer(failed=str(error))
            self.end()
        return _Answer(failed="its process ended")

    def end(self) -> None:
        """End the process and what it has started."""
        process, self._process = self._process, None
        if process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.end()
            package = str(Path(__file__).parents[1])
            libraries = str(Path(msgspec.__file__).parents[1])
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own text
                [sys.executable, "-I", "-S", "-B", "-c", BOOT, package, libraries],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,
                env={},
                cwd="/",
                start_new_session=True,
            )
        return self._process


def _exchange(process: subprocess.Popen[bytes], line: bytes, deadline: float) -> bytes | None:
    """Write a line, read a line; ``b""`` where the process has ended, ``None`` where the deadline passes."""
    if process.stdin is None or process.stdout is None:
        return b""
    process.stdin.write(line)
    answer = b""
    while not answer.endswith(b"\n"):
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
            return None
        piece = os.read(process.stdout.fileno(), 65536)
        if not piece:
            return b""
        answer += piece
    return answer


def _plain(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as JSON says them: what cannot be said so is the caller's mistake, not the tool's."""
    try:
        said = msgspec.json.encode(arguments)
        if len(said) <= _MOST_ARGUMENTS:
            return msgspec.json.decode(said, type=dict[str, Any])
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError) as error:
        raise Invalid("invalid_field", field="arguments", expected="values of JSON", got=str(error)[:80]) from error
    raise Invalid("invalid_field", field="arguments", expected=f"at most {_MOST_ARGUMENTS} bytes", got=f"{len(said)} bytes")


def _day(given: object, otherwise: datetime.date) -> datetime.date:
    if given is None:
        return otherwise
    try:
        return msgspec.convert(given, datetime.date)
    except msgspec.ValidationError as error:
        raise Invalid("invalid_field", field="day", expected="a date such as 2026-06-01", got=str(given)[:80]) from error


def _error(code: str, facts: Mapping[str, Any]) -> DaffaError:
    said = {str(name): str(value)[:300] for name, value in facts.items()}
    return (NotFound if code.startswith("unknown_") else Invalid)(code, **said)
