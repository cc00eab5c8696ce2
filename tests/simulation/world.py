"""One event loop for many processes on many machines: virtual time, an order drawn from the seed, no thread and no socket.

Each process has an asyncio loop of its own (``Loop``), so that a process that ends takes all its callbacks with it, and
each machine its own measure of time. Blocking work runs in a *lane*: a greenlet that lets others go first wherever the
work touches the disk, as a thread would. Knows no log and no disk.
"""

from __future__ import annotations

import asyncio
import heapq
from collections import deque
from collections.abc import Callable
from hashlib import sha256
from random import Random

from greenlet import getcurrent, greenlet

__all__ = ["Ended", "Lane", "Loop", "Violation", "World"]

_RESOLUTION = 1e-6


class Ended(BaseException):
    """The process in which this is raised has ended: nothing of it may go on."""


class Violation(AssertionError):
    """Something happened that must never happen. ``lines`` is the trace up to it, where it was told."""

    lines: tuple[str, ...] = ()


class World:
    """The queue of all that will happen, the virtual time (seconds), and the trace of what happened."""

    def __init__(self, seed: int, *, tell: bool = False) -> None:
        self.seed = seed
        self.rng = Random(seed)
        self.now = 0.0
        self.shuffled = self.rng.random() < 0.5
        self.lines: list[str] | None = [] if tell else None
        self.violation: Violation | None = None
        self.ended: list[Callable[[], None]] = []
        self.hurried = False  # work that somebody waits for without going on: no pause
        self._hub = getcurrent()
        self._digest = sha256()
        self._queue: list[tuple[float, float, int, Loop | None, asyncio.Handle]] = []
        self._number = 0
        self.events = self.tasks = 0

    def at(self, when: float, callback: Callable[..., object], *args: object, loop: Loop | None = None) -> asyncio.Handle:
        """Have ``callback`` called at ``when``, in ``loop`` as long as its process lives."""
        handle = asyncio.Handle(callback, args, loop or self)  # type: ignore[arg-type]
        self.push(when, loop, handle)
        return handle

    def push(self, when: float, loop: Loop | None, handle: asyncio.Handle) -> None:
        """Put a handle into the queue."""
        self._number += 1
        order = self.rng.random() if self.shuffled else 0.0
        heapq.heappush(self._queue, (max(when, self.now), order, self._number, loop, handle))

    def later(self, seconds: float, callback: Callable[..., object], *args: object, loop: Loop | None = None) -> asyncio.Handle:
        """``at``, counted from now."""
        return self.at(self.now + seconds, callback, *args, loop=loop)

    def run(self, until: Callable[[], bool], end: float) -> None:
        """Let things happen until ``until()`` holds, or ``end``. Raises ``Violation``."""
        queue = self._queue
        while True:
            while self.ended:
                self.ended.pop(0)()
            if self.violation:
                raise self.violation
            if until():
                return
            if not queue or queue[0][0] > end:
                self.now = max(self.now, end)
                return
            when, _, _, loop, handle = heapq.heappop(queue)
            if handle.cancelled() or (loop is not None and loop.dead):
                continue
            self.now = when
            self.events += 1
            asyncio._set_running_loop(loop)
            try:
                handle._run()
            finally:
                asyncio._set_running_loop(None)

    def pause(self, seconds: float, loop: Loop) -> None:
        """Let time pass, where this is a lane; on a loop's own thread work happens at once."""
        here = getcurrent()
        if here is self._hub or self.hurried:
            return
        self.later(seconds, self._resume, here, loop=loop)
        self._hub.switch()

    def _resume(self, lane: greenlet) -> None:
        if lane.dead:
            return
        running = asyncio._get_running_loop()
        asyncio._set_running_loop(None)
        try:
            lane.switch()
        finally:
            asyncio._set_running_loop(running)

    def tell(self, who: str, what: str, *facts: object) -> None:
        """Put down what happened. ``facts`` are numbers and texts that the seed alone decides."""
        line = f"{self.now:.6f} {who} {what} {' '.join(map(str, facts))}"
        self._digest.update(line.encode())
        if self.lines is not None:
            self.lines.append(line)

    def digest(self) -> str:
        """The digest of the trace so far."""
        return self._digest.hexdigest()

    def violate(self, message: str) -> None:
        """Stop everything: ``message`` says what must never happen and did."""
        if self.violation is None:
            self.tell("oracle", "VIOLATION", message)
            self.violation = Violation(f"seed {self.seed}: {message}")

    def get_debug(self) -> bool:
        """See ``asyncio.AbstractEventLoop``: handles ask."""
        return False

    def call_exception_handler(self, context: dict[str, object]) -> None:
        """An event of the world itself failed: a fault of the simulation."""
        error = context.get("exception")
        raise error if isinstance(error, BaseException) else RuntimeError(context["message"])


class _Task(asyncio.Task):  # type: ignore[type-arg]
    """A task whose place in a set depends on its number and not on where it lies in memory."""

    number = 0

    def __hash__(self) -> int:
        """Its number."""
        return self.number

    __eq__ = object.__eq__


class Loop(asyncio.AbstractEventLoop):
    """The event loop of one process: a window on the world's queue, on its machine's own measure of time."""

    def __init__(self, world: World, name: str, rate: float) -> None:
        self.world = world
        self.name = name
        self.dead = False
        self.troubles: list[str] = []
        self._rate = rate
        self._begun = world.now
        self._tasks: dict[asyncio.Task[object], None] = {}
        self._lanes: dict[int, Lane] = {}
        self._all_lanes: list[Lane] = []

    def time(self) -> float:
        """Seconds since the process began, by its machine's measure."""
        return (self.world.now - self._begun) * self._rate

    def call_soon(self, callback, *args, context=None):
        """See ``asyncio``."""
        handle = asyncio.Handle(callback, args, self, context)
        if not self.dead:
            self.world.push(self.world.now, self, handle)
        return handle

    call_soon_threadsafe = call_soon

    def call_later(self, delay, callback, *args, context=None):
        """See ``asyncio``."""
        return self.call_at(self.time() + delay, callback, *args, context=context)

    def call_at(self, when, callback, *args, context=None):
        """See ``asyncio``."""
        handle = asyncio.TimerHandle(when, callback, args, self, context)
        if not self.dead:
            # Never before its time by a rounding: who waits for it would wait again, for nothing, for ever.
            self.world.push(self._begun + when / self._rate + _RESOLUTION, self, handle)
        return handle

    def _timer_handle_cancelled(self, handle):
        pass

    def create_future(self):
        """See ``asyncio``."""
        return asyncio.Future(loop=self)

    def create_task(self, coro, *, name=None, context=None):
        """See ``asyncio``."""
        task = _Task(coro, loop=self, name=name, context=context)
        self.world.tasks += 1
        task.number = self.world.tasks
        self._tasks[task] = None
        task.add_done_callback(self._tasks.pop)
        return task

    def run_in_executor(self, executor, func, *args):
        """An executor is a lane of its own, whatever it is; none is a fresh lane for each call."""
        future = self.create_future()
        found: list[object] = []

        def done(error: Exception | None) -> None:
            if future.cancelled():
                return
            if error is None:
                future.set_result(found[0])
            else:
                future.set_exception(error)

        lane = self._lanes.setdefault(id(executor), Lane(self)) if executor else Lane(self)
        lane.submit(lambda: found.append(func(*args)), done)
        return future

    def keep(self, lane: Lane) -> None:
        """Take note of a lane, so that it ends with the process."""
        self._all_lanes.append(lane)

    def get_debug(self):
        """See ``asyncio``."""
        return False

    def is_running(self):
        """See ``asyncio``."""
        return not self.dead

    def is_closed(self):
        """See ``asyncio``."""
        return self.dead

    def call_exception_handler(self, context):
        """What nobody caught: as long as the process lives, it must not be."""
        error = context.get("exception")
        if not self.dead and not isinstance(error, Ended):
            if isinstance(error, Violation):
                self.world.violation = self.world.violation or error
            else:
                self.world.violate(f"{self.name}: {context['message']}: {error!r}")

    def end(self) -> None:
        """The process is gone: no callback of it is called any more, and what waits is let go of."""
        self.dead = True
        asyncio._set_running_loop(self)
        try:
            for lane in self._all_lanes:
                lane.kill()
            for task in list(self._tasks):
                _let_go(task)
        finally:
            asyncio._set_running_loop(None)
        self._tasks.clear()


def _let_go(task: asyncio.Task[object]) -> None:
    """Unwind a task that will never go on. Whatever it does on its way out reaches nothing."""
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    for _ in range(9):
        try:
            task.get_coro().close()  # type: ignore[union-attr]
        except RuntimeError:  # it waits on in a ``finally``
            continue
        except BaseException:  # noqa: BLE001 - the process is gone
            pass
        return


class Lane:
    """Does one job after the other beside the loop, in a greenlet; see ``audit.worker.Worker``."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._jobs: deque[tuple[Callable[[], object], Callable[[Exception | None], object]]] = deque()
        self._current: greenlet | None = None
        loop.keep(self)

    def submit(self, work, done) -> None:
        """Run ``work``, then ``done`` with its error, or ``None``, in the loop."""
        self._jobs.append((work, done))
        if self._current is None and len(self._jobs) == 1:
            self._loop.world.later(self._loop.world.rng.random() * 1e-4, self._next, loop=self._loop)

    def stop(self) -> None:
        """End after the jobs that were given; whoever calls waits, and so does its loop."""
        world = self._loop.world
        world.hurried, before = True, world.hurried
        try:
            while self._current is not None or self._jobs:
                if self._current is not None:
                    self._current.switch()
                else:
                    self._next()
        finally:
            world.hurried = before

    def kill(self) -> None:
        """The process has ended: what runs is unwound."""
        self._jobs.clear()
        if self._current is not None and not self._current.dead:
            self._current.throw(Ended)
        self._current = None

    def _next(self) -> None:
        if self._current is None and self._jobs:
            self._current = greenlet(self._run, parent=self._loop.world._hub)
            self._loop.world._resume(self._current)

    def _run(self) -> None:
        work, done = self._jobs.popleft()
        error: Exception | None = None
        try:
            work()
        except Ended:
            return
        except Exception as raised:  # noqa: BLE001 - whatever it is, somebody waits for it
            error = raised
        self._current = None
        if not self._loop.dead:
            self._loop.call_soon_threadsafe(done, error)
            if self._jobs:
                self._loop.world.later(0.0, self._next, loop=self._loop)
