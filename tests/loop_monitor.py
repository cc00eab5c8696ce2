"""How long one thing held an event loop: a thread beside it asks the loop to answer, and looks how long that takes.

Two measures (Linux, ``schedstat``). *Busy* is the processor time that the loop's own thread used until it answered: what code
on the loop took, whatever else the machine does. *Held* is the time until it answered, less that in which its thread was
ready and the machine did not let it run; waiting for another thread to let go of the interpreter, or for a disk, is in it.
"""

from __future__ import annotations

import asyncio
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PERIOD = 0.001


@dataclass
class Held:
    """What was seen: the longest times in seconds, and where the loop was when a hold had lasted for half of the limit.

    ``limit`` is how long one may be before its stack is taken down.
    """

    limit: float
    busy: float = 0.0
    held: float = 0.0
    beats: int = 0
    where: list[str] = field(default_factory=list)


@contextmanager
def watching(loop: asyncio.AbstractEventLoop, thread: int, native: int, limit: float = 0.010) -> Iterator[Held]:
    """Watch ``loop``, which runs in the thread with these ids (``threading.get_ident``, ``get_native_id``), meanwhile."""
    held, ending = Held(limit), threading.Event()
    watcher = threading.Thread(target=_watch, args=(loop, thread, native, held, ending), daemon=True)
    watcher.start()
    try:
        yield held
    finally:
        ending.set()
        watcher.join(10)


def _watch(loop: asyncio.AbstractEventLoop, thread: int, native: int, held: Held, ending: threading.Event) -> None:
    answered = threading.Event()
    while not ending.is_set():
        answered.clear()
        begun, (used, robbed) = time.monotonic(), _times(native)
        loop.call_soon_threadsafe(answered.set)
        stack = ""
        while not answered.wait(held.limit / 2):
            if not stack and (frame := sys._current_frames().get(thread)) is not None:
                stack = "".join(traceback.format_stack(frame)[-16:])
            if ending.is_set():
                return
        ended, (used_since, robbed_since) = time.monotonic(), _times(native)
        seconds, busy = ended - begun - (robbed_since - robbed), used_since - used
        held.beats += 1
        held.held, held.busy = max(held.held, seconds), max(held.busy, busy)
        if seconds > held.limit:
            held.where.append(f"held {seconds * 1000:.1f} ms, busy {busy * 1000:.1f} ms\n{stack}")
        time.sleep(PERIOD)


def _times(native: int) -> tuple[float, float]:
    """Seconds that a thread of this process has run, and has waited for a processor, so far."""
    ran, waited, _ = Path(f"/proc/self/task/{native}/schedstat").read_text().split()
    return int(ran) / 1e9, int(waited) / 1e9
