"""What a log takes from the machine under it: disk, workers, clock, chance. Knows no log.

All that happens to a log comes in by these four and by the event loop: with others in their place, it can be made to happen
again (``tests/simulation``).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

from .disk import LOCAL, Disk
from .worker import Thread, Worker

__all__ = ["HERE", "Machine"]


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine.

    Attributes:
        disk: where the files are.
        worker: makes a worker of this name.
        clock: Unix seconds.
        chance: this many bytes that nobody can foresee.
    """

    disk: Disk = LOCAL
    worker: Callable[[str], Worker] = Thread
    clock: Callable[[], float] = time.time
    chance: Callable[[int], bytes] = os.urandom


HERE = Machine()
"""This machine."""
