"""The process that tools run in: for each call it splits off a child, fences it in, and passes on what it answers.

It runs without the rest of Daffa (see ``BOOT``), reads a JSON object a line and answers one a line. No code of a pack runs in a
process that lives longer than one call, so no call can leave anything to the next. Knows no pack's folder.
"""

from __future__ import annotations

import contextlib
import datetime
import importlib
import os
import select
import signal
import sys
import time
from typing import Any

import msgspec

from daffa.errors import DaffaError

from .mistake import dotted, mistake
from .parameters import Parameter, Parameters
from .result import Result, Used, Value
from .sandbox import MODULES, confine, safe_builtins
from .tool import At, Tool, asked, described

__all__ = ["BOOT", "Job", "serve"]

BOOT = """
import sys, types
for name, folder in (("daffa", sys.argv[1]), ("daffa.packs", sys.argv[1] + "/packs")):
    module = types.ModuleType(name)
    module.__path__ = [folder]
    sys.modules[name] = module
sys.path.append(sys.argv[2])
from daffa.packs import worker
worker.serve()
"""
"""What the process starts with: ``daffa`` and ``daffa.packs`` are namespaces there, so that only what is used is loaded."""

_LARGEST = 1 << 18
_TOLD = ("invalid_field", "parameter_not_valid", "unknown_parameter", "unknown_tool")


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One call, or with an empty ``tool`` the question which tools there are."""

    code: str
    seconds: float
    tool: str = ""
    arguments: dict[str, Any] = {}
    parameters: tuple[Parameter, ...] = ()
    day: datetime.date = datetime.date.min
    language: str = "fr"


def serve() -> None:
    """Answer until the other end is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _load()
    with open(0, "rb", closefd=False) as orders, open(1, "wb", closefd=False) as answers:
        for line in orders:
            answers.write(_apart(line, msgspec.json.decode(line, type=Job).seconds) + b"\n")
            answers.flush()


def _load() -> None:
    """Load what tools may import, and let msgspec load what it loads late."""
    tools = sys.modules["daffa.packs"]
    for part in (At, Result, Tool, Used, asked):
        setattr(tools, part.__name__, part)
    vars(tools)["Value"] = Value
    for name in MODULES:
        importlib.import_module(name)
    described(Tool(name="x", title={}, input=Used, run=lambda _, at: at.result(0, "", ())))


def _apart(line: bytes, seconds: float) -> bytes:
    """What a child of this process answers to ``line``, within ``seconds``."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _child(line, reading, writing)
    os.close(writing)
    try:
        answer, ended = _read(reading, time.monotonic() + seconds)
    finally:
        os.close(reading)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    if ended and answer.endswith(b"\n"):
        return answer[:-1]
    if len(answer) > _LARGEST:
        return _failed("its answer is too large")
    late = not ended or os.WTERMSIG(status) == signal.SIGXCPU
    return b'{"late":true}' if late else _failed("it ended without an answer")


def _read(reading: int, deadline: float) -> tuple[bytes, bool]:
    """What is written to the pipe until it is closed, and whether it was; stops at the deadline and where it is too much."""
    answer = b""
    while (left := deadline - time.monotonic()) > 0 and len(answer) <= _LARGEST:
        if not select.select([reading], [], [], left)[0]:
            break
        piece = os.read(reading, 65536)
        if not piece:
            return answer, True
        answer += piece
    return answer, len(answer) > _LARGEST


def _child(line: bytes, reading: int, writing: int) -> None:
    """Do the job behind the fences, write the answer, end. Never returns."""
    say = os.write
    try:
        job = msgspec.json.decode(line, type=Job)
        os.close(reading)
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(nowhere, stream)
        os.close(nowhere)
        signal.alarm(int(job.seconds) + 2)  # should the process above be gone
        confine(job.seconds)
        answer = _answer(job)
    except BaseException as error:  # noqa: BLE001 - whatever it is, it ends here and is told
        answer = _failed(f"{type(error).__name__}: {error}")
    while answer:
        answer = answer[say(writing, answer + b"\n" if not answer.endswith(b"\n") else answer) :]
    os._exit(0)


def _answer(job: Job) -> bytes:
    try:
        tools = _tools(job.code)
        if not job.tool:
            return msgspec.json.encode({"tools": [described(tool) for tool in tools.values()]})
        if job.tool not in tools:
            return _told("unknown_tool", tool=job.tool, known=", ".join(sorted(tools)))
        tool = tools[job.tool]
        fields = (*tool.input.__struct_encode_fields__, "day")
        for strange in sorted(set(job.arguments) - set(fields)):
            return _told("invalid_field", field=strange, expected="one of " + ", ".join(fields), got="an unknown field")
        try:
            question = msgspec.convert(job.arguments, tool.input)
        except msgspec.ValidationError as error:
            return _unfit(job.arguments, error)
        result = tool.run(question, At(Parameters(job.parameters), job.day, job.language))
        if not isinstance(result, Result):
            return _failed(f"it answered with {type(result).__name__}, not a Result")
        return msgspec.json.encode({"result": result})
    except DaffaError as error:
        if error.code not in _TOLD:
            raise
        return _told(error.code, **error.facts)


def _tools(code: str) -> dict[str, Tool]:
    space: dict[str, Any] = {"__name__": "tools", "__builtins__": safe_builtins()}
    module = type(sys)("tools")
    sys.modules["tools"] = module  # msgspec looks up there what the types of a struct are called
    vars(module).update(space)
    exec(compile(code, "tools.py", "exec"), vars(module))  # noqa: S102 - what this process is for, fenced in
    tools = vars(module).get("TOOLS")
    if not isinstance(tools, tuple) or not all(isinstance(tool, Tool) for tool in tools):
        raise TypeError("TOOLS must be a tuple of Tool")
    for tool in tools:
        if not (isinstance(tool.input, type) and issubclass(tool.input, msgspec.Struct)):
            raise TypeError(f"{tool.name}: input must be a msgspec.Struct")
        if "day" in tool.input.__struct_fields__:
            raise TypeError(f"{tool.name}: no field may be named day")
    return {tool.name: tool for tool in tools}


def _unfit(arguments: dict[str, Any], error: msgspec.ValidationError) -> bytes:
    """The mistake in the words of whoever called: which field, what it must be, what was given."""
    path, expected, got = mistake(error)
    given: Any = arguments
    for step in path:
        fits = isinstance(given, dict) or (isinstance(given, list) and isinstance(step, int) and step < len(given))
        given = (given.get(step) if isinstance(given, dict) else given[step]) if fits else None
    return _told(
        "invalid_field", field=dotted(path), expected=expected, got="nothing" if got == "nothing" else repr(given)[:80]
    )


def _told(code: str, **facts: Any) -> bytes:
    return msgspec.json.encode({"code": code, "facts": facts})


def _failed(reason: str) -> bytes:
    return msgspec.json.encode({"failed": reason[:300]})
