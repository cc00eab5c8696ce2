"""Take from this process everything that a pure function does not need. Knows no tool; there is no way back.

Three fences, each enough for most: the kernel lets the process open nothing more (no file, no socket, no pipe), write no file,
and use bounded memory and processor; the interpreter refuses every audited event but those of plain computing; and
the code sees only the builtins and modules of plain computing. The first holds whatever the code does to the others.
"""

from __future__ import annotations

import builtins
import contextlib
import os
import posix
import resource
import sys
from collections.abc import Callable, Mapping
from types import BuiltinFunctionType
from typing import Any

__all__ = ["MODULES", "confine", "limit_kernel", "safe_builtins"]

MODULES = (
    "__future__", "bisect", "calendar", "collections", "collections.abc", "dataclasses", "datetime", "decimal", "enum",
    "fractions", "functools", "itertools", "math", "msgspec", "numbers", "operator", "re", "statistics", "string",
    "typing", "unicodedata", "daffa.packs",
)  # fmt: skip
"""What a tool may import. All of it is loaded before the fences stand: behind them no file can be opened."""

_MEMORY = 256 << 20
_EVENTS = frozenset({
    "builtins.id", "code.__new__", "compile", "exec", "function.__new__", "import", "object.__delattr__", "object.__getattr__",
    "object.__setattr__", "sys._getframe",
})  # fmt: skip
_WITHOUT = ("breakpoint", "compile", "eval", "exec", "exit", "help", "input", "open", "quit")
_KEPT = ("_exit", "fspath", "write")


def safe_builtins() -> dict[str, Any]:
    """The builtins that a tool sees: none that reads, runs text or asks, and imports of ``MODULES`` alone."""
    kept = {name: value for name, value in vars(builtins).items() if name not in _WITHOUT}
    kept["__import__"] = _import
    kept["print"] = lambda *_, **__: None
    return kept


def confine(seconds: float) -> None:
    """Put up the fences for the rest of this process, with ``seconds`` of processor time."""
    limit_kernel(seconds)
    # Not every call into the system is audited (mkfifo is not): those that computing needs are kept.
    for module in (posix, os):
        for name, value in list(vars(module).items()):
            if isinstance(value, BuiltinFunctionType) and name not in _KEPT:
                setattr(module, name, _refuse(name))
    sys.addaudithook(_hook(_EVENTS))


def limit_kernel(seconds: float) -> None:
    """The fence that does not rest on the interpreter: nothing more is opened, written, split off or used."""
    _limit(resource.RLIMIT_AS, _size() + _MEMORY)
    _limit(resource.RLIMIT_CPU, max(1, round(seconds + 0.5)))
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_NOFILE, 0)


def _hook(allowed: frozenset[str]) -> Callable[[str, tuple[Any, ...]], None]:
    def hook(event: str, _: tuple[Any, ...]) -> None:
        if event not in allowed:
            raise PermissionError(f"a tool may not: {event}")

    return hook


def _refuse(name: str) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> Any:
        raise PermissionError(f"a tool may not: os.{name}")

    return refuse


def _import(
    name: str, _: Mapping[str, Any] | None = None, __: Mapping[str, Any] | None = None, wanted: Any = (), level: int = 0
) -> Any:
    if level or name not in MODULES:
        raise ImportError(f"a tool may not import {name}")
    return sys.modules[name] if wanted or "." not in name else sys.modules[name.partition(".")[0]]


def _limit(kind: int, most: int) -> None:
    with contextlib.suppress(ValueError, OSError):  # a system that does not know this limit, or has a lower one
        resource.setrlimit(kind, (most, most))


def _size() -> int:
    """Bytes of address space in use; where the system does not tell, a guess that is too large."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 - pathlib is not loaded here
            return int(file.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 1 << 30
