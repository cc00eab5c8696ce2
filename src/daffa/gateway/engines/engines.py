"""All engines of a house: their sockets in a folder that nobody else may enter, their logs in the house's. Knows no request."""

from __future__ import annotations

import asyncio
import importlib.util
import secrets
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from daffa.errors import Unavailable

from ..model import Model
from .engine import Engine, Pace

__all__ = ["Engines"]


class Engines(Mapping[str, Engine]):
    """The engines of the models that have a file, by model id. They run inside of ``async with``, and not before.

    Args:
        models: the catalogue.
        logs: folder where each engine's messages are kept, ``MODEL.log``.
        pace: how they are watched.
    """

    def __init__(self, models: Iterable[Model], logs: Path, pace: Pace | None = None) -> None:
        self._logs = logs
        # Not in ``logs``: the name of a socket has at most 107 bytes.
        self._sockets = Path(tempfile.gettempdir()) / f"daffa-{secrets.token_hex(8)}"
        self._engines: dict[str, Engine] = {}
        self._tasks: list[asyncio.Task[None]] = []
        for model in models:
            if model.file is not None:
                socket = self._sockets / f"{len(self._engines)}.sock"
                log = logs / f"{model.id}.log"
                self._engines[model.id] = Engine(model, model.file, socket=socket, log=log, pace=pace or Pace())

    def __getitem__(self, model: str) -> Engine:
        return self._engines[model]

    def __iter__(self) -> Iterator[str]:
        return iter(self._engines)

    def __len__(self) -> int:
        return len(self._engines)

    def reached(self, model: Model) -> Model:
        """``model`` with the address of its engine, where it has one."""
        return replace(model, url=self._engines[model.id].url) if model.id in self._engines else model

    async def __aenter__(self) -> Self:
        """Start them, and wait for none. Raises ``Unavailable`` where llama.cpp is not installed."""
        if self._engines:
            if importlib.util.find_spec("xllamacpp") is None:
                raise Unavailable("engine_not_installed", model=next(iter(self._engines)))
            self._logs.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._sockets.mkdir(mode=0o700)
            self._tasks = [asyncio.create_task(engine.run()) for engine in self._engines.values()]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End them all."""
        for task in self._tasks:
            task.cancel()
        ends = await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        shutil.rmtree(self._sockets, ignore_errors=True)
        for end in ends:
            if isinstance(end, Exception):
                raise end
