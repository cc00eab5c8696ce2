"""Commands and servers as forks of one process of the test run (``forkable``), with the manners of ``subprocess.Popen``."""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

from forkable import LENGTH


def can_be_forked(environment: Mapping[str, str]) -> bool:
    """Whether a fork will do: not where Python itself is told something, for that is read at its start."""
    return not any(name.startswith("PYTHON") for name in environment)


class Forked:
    """A process: ``daffa`` with ``words``, or a script where the first word is one."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        pipes = [os.pipe() for _ in range(4)]
        (into, stdin), (stdout, out), (stderr, error), (self._told, tell) = pipes
        command = {"words": [*words], "environment": {**os.environ, **environment}, "folder": str(Path.cwd())}
        content = json.dumps(command).encode()
        with _lock:
            control = _control()
            socket.send_fds(control, [f"{len(content):{LENGTH}}".encode()], [into, out, error, tell])
            control.sendall(content)
        for file in (into, out, error, tell):
            os.close(file)
        self.stdin = os.fdopen(stdin, "w", encoding="utf-8")
        self.stdout = os.fdopen(stdout, encoding="utf-8", errors="replace")
        self.stderr = os.fdopen(stderr, encoding="utf-8", errors="replace")
        self.returncode: int | None = None
        told = self._line()
        assert told, "the process that forks has ended; what it said of it stands in the output"
        self.pid = int(told)

    def poll(self) -> int | None:
        """How it ended; none while it runs."""
        return self.returncode if self.returncode is not None else self._ended(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end."""
        ended = self.returncode if self.returncode is not None else self._ended(timeout)
        if ended is None:
            raise subprocess.TimeoutExpired("daffa", timeout or 0)
        return ended

    def communicate(self, written: str = "", timeout: float | None = None) -> tuple[str, str]:
        """Write, read to the end, and wait; once, and nothing is left for a second time."""
        if self.stdout.closed:
            return "", ""
        said = ["", ""]

        def read(number: int) -> None:
            said[number] = (self.stdout, self.stderr)[number].read()

        readers = [threading.Thread(target=read, args=(number,), daemon=True) for number in (0, 1)]
        for reader in readers:
            reader.start()
        with contextlib.suppress(BrokenPipeError), self.stdin:
            self.stdin.write(written)
        for reader in readers:
            reader.join(timeout)
            if reader.is_alive():
                raise subprocess.TimeoutExpired("daffa", timeout or 0)
        self.wait(timeout)
        self.stdout.close()
        self.stderr.close()
        return said[0], said[1]

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it as a power cut would."""
        self.send_signal(signal.SIGKILL)

    def _ended(self, timeout: float | None) -> int | None:
        if select.select([self._told], [], [], timeout)[0]:
            line = self._line()
            os.close(self._told)
            self.returncode = int(line) if line else -signal.SIGKILL
        return self.returncode

    def _line(self) -> str:
        line = b""
        while (byte := os.read(self._told, 1)) not in (b"", b"\n"):
            line += byte
        return line.decode()


_lock = threading.Lock()


@functools.cache
def _control() -> socket.socket:
    """The line to the process that forks; that one ends when the line does."""
    here, there = socket.socketpair()
    script = Path(__file__).with_name("forkable.py")
    words = [sys.executable, str(script), str(there.fileno())]
    process = subprocess.Popen(words, pass_fds=[there.fileno()], stdin=subprocess.DEVNULL)
    there.close()

    def end() -> None:
        here.close()
        process.wait()

    atexit.register(end)
    return here
