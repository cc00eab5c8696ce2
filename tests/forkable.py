"""A process that has everything of Daffa imported, and forks for each command: ``python tests/forkable.py DESCRIPTOR``.

Hundreds of tests run a command or a server, and a second of each would be the same imports. What is forked is a process of its
own, with its own memory, files, signals and end; only what importing makes, and what is read of the models, is there already.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import runpy
import select
import signal
import socket
import sys
import warnings
from importlib import import_module
from pathlib import Path
from typing import Any

LENGTH = 8
FILES = 4


def prepare() -> None:
    """Import what commands import, and build what every server builds, as it would."""
    import kept

    from daffa import privacy, sentences
    from daffa.cli import main  # noqa: F401
    from daffa.cli.main import _GROUPS
    from daffa.search import Planner, everyday
    from daffa.storage import Cache

    for name in ("daffa.web", "daffa.settings", "alembic.context", *(f"daffa.cli.{group}" for group in _GROUPS.values())):
        import_module(name)
    kept.HANDED_ON.mkdir(mode=0o700, parents=True, exist_ok=True)
    cache = Cache(kept.HANDED_ON)
    privacy.warm(cache.kept)
    sentences.catalogue()
    Planner(everyday(), kept=cache.kept).warm()
    gc.freeze()


def received(control: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    """The next command and its files (standard input, output and error, and where its end is told); none at the end."""
    length, files, _, _ = socket.recv_fds(control, LENGTH, FILES)
    if not length:
        return None
    content = b""
    while len(content) < int(length):
        content += control.recv(int(length) - len(content))
    return json.loads(content), files


def forking(control: socket.socket) -> dict[str, Any] | None:
    """Fork for each command; returns in each fork, with what it is to do, and at the end here, with nothing."""
    told: dict[int, int] = {}
    wake, woken = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.set_wakeup_fd(woken)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while True:
        ready, _, _ = select.select([control, wake], [], [])
        if wake in ready:
            os.read(wake, 4096)
            tell_ends(told)
        if control not in ready:
            continue
        asked = received(control)
        if asked is None:
            return None
        command, files = asked
        with warnings.catch_warnings():  # threads of a library, if it has any, are none of ours
            warnings.simplefilter("ignore")
            child = os.fork()
        if not child:
            signal.set_wakeup_fd(-1)
            become(command, files, [control.fileno(), wake, woken, *told.values()])
            return command
        for file in files[:-1]:
            os.close(file)
        told[child] = files[-1]
        os.write(files[-1], f"{child}\n".encode())


def tell_ends(told: dict[int, int]) -> None:
    """Say of each fork that has ended how it did."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            file = told.pop(ended[0])
            with contextlib.suppress(OSError):  # nobody may wait for it any more
                os.write(file, f"{os.waitstatus_to_exitcode(ended[1])}\n".encode())
            os.close(file)


def become(command: dict[str, Any], files: list[int], others: list[int]) -> None:
    """Be as if just started: signals, files, folder, variables and words."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, file in enumerate(files[:3]):
        os.dup2(file, number)
    for file in {*files, *others} - {0, 1, 2}:
        os.close(file)
    sys.stdin = open(0, encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115 - as long as the process
    sys.stdout = open(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(command["environment"])
    os.chdir(command["folder"])
    sys.argv = command["words"]


if __name__ == "__main__":
    prepare()
    with socket.socket(fileno=int(sys.argv[1])) as control:
        mine = forking(control)
        if mine is not None:
            control.detach()
    if mine is None:
        sys.exit()
    if Path(sys.argv[0]).suffix == ".py":
        runpy.run_path(sys.argv[0], run_name="__main__")
    else:
        from daffa.cli import main

        sys.exit(main(sys.argv[1:]))
