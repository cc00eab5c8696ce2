"""A stream that is left has one outcome, whoever leaves it and when: the reader, the deadline, or both at once."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import pytest
from sockets import DONE, END, STREAM, Upstream, chunk, event

from daffa.audit import Audit, Reader, new_log_key
from daffa.decision import Actor, Form, KeyHolder, Label, Level, Place, Purpose
from daffa.errors import Unavailable
from daffa.gateway import OPENAI_CHAT, SURFACES, Answer, Declared, Gateway, Idiom, Kind, Limits, Model, Patience, Running
from daffa.gateway.clients.httptools_client import HttptoolsUpstream
from daffa.gateway.wires.openai import OpenAIWire
from daffa.guard import Guard
from daffa.identity import Caller
from daffa.policy import Law
from daffa.quota import Quota

POLICIES = Path(__file__).parents[2] / "policies" / "ma"
RABAT = Place("rabat", "MA", "MA-04", "MA", frozenset({"MA"}), 2, 4, KeyHolder.STATE, 0, trains=False)
FLOOR = Label(Level.INTERNAL, form=Form.RAW, basis=frozenset())
CALLER = Caller(Actor("someone", "home", frozenset({"agent"}), "MA-04"), FLOOR, "key", "home", frozenset())
CHAT = json.dumps({"model": "raw", "stream": True, "messages": [{"role": "user", "content": "hello"}]}).encode()


@pytest.fixture(scope="module")
def law() -> Law:
    """The shipped law of Morocco."""
    return Law.load(POLICIES)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Audit]:
    """A real log."""
    log = Audit.open(tmp_path / "audit", "one/outcome", new_log_key())
    yield log
    await log.close()


@pytest.fixture
async def gateway(law: Law, log: Audit, upstream: Upstream) -> AsyncIterator[Gateway]:
    """A gateway before one model, which has a moment for all of an answer."""
    model = Model("raw", "openai", f"http://127.0.0.1:{upstream.port}/v1", "raw", "rabat")
    running = Running(
        clock=time.monotonic, wall=time.time, chance=lambda: 0.5, limits=Limits(),
        patience=Patience(attempts=1, answer_seconds=0.4), retry_share=0.0, most=10, tellers={},
    )  # fmt: skip
    client = HttptoolsUpstream()
    yield Gateway(
        Guard(law, log, {"rabat": RABAT}, time.time), {"raw": model}, {"raw": OpenAIWire(model, client, time.time)}, law=law,
        prefer=("home",), purpose=Purpose.ADMINISTRATION, quota=Quota(None, log, time.time, 16, 1.0), running=running,
    )  # fmt: skip
    await client.close()


class Within:
    """What answers within the house, as the assistant does: that it is closed ends nothing."""

    idioms: Mapping[Kind, Idiom] = {"chat": OPENAI_CHAT}
    status, content_type, retry_after = 200, "text/event-stream", ""

    async def send(self, *_: object, **__: object) -> Within:
        """It answers at once."""
        return self

    async def chunks(self) -> AsyncIterator[bytes]:
        """An event now, the others when the time is over."""
        for pause in (0.0, 0.6, 0.0):
            await asyncio.sleep(pause)
            yield b'data: {"choices":[{"index":0,"delta":{"content":"a"}}]}\n\n'

    def close(self) -> None:
        """Nothing is held."""


async def unread(answer: Answer) -> None:
    """Nobody reads a byte of it."""
    await answer.chunks.aclose()


async def while_it_is_waited_for(answer: Answer) -> None:
    """Closed by one task while another waits for its next piece."""
    assert await anext(answer.chunks)
    waiting = asyncio.create_task(anext(answer.chunks, b""))
    await asyncio.sleep(0)
    await answer.chunks.aclose()
    assert await waiting == b""


async def cancelled_and_closed(answer: Answer) -> None:
    """The task that reads is cancelled, and closes it after that."""
    assert await anext(answer.chunks)
    waiting = asyncio.create_task(anext(answer.chunks, b""))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await answer.chunks.aclose()


async def late_and_closed(answer: Answer) -> None:
    """Its time is over; whoever reads hears of that, and closes it."""
    assert await anext(answer.chunks)
    with pytest.raises(Unavailable, match="too long"):
        await anext(answer.chunks)
    await answer.chunks.aclose()
    assert await anext(answer.chunks, b"") == b""


async def late_before_all_that_came_is_read(answer: Answer) -> None:
    """Its time is over while pieces that came lie unread: they are lost, and that is said."""
    assert await anext(answer.chunks)
    await asyncio.sleep(0.6)
    with pytest.raises(Unavailable, match="too long"):
        await anext(answer.chunks)


MOMENTS: list[tuple[Callable[[Answer], Awaitable[None]], str]] = [
    (unread, "client_gone"),
    (while_it_is_waited_for, "client_gone"),
    (cancelled_and_closed, "client_gone"),
    (late_and_closed, "failed"),
    (late_before_all_that_came_is_read, "failed"),
]


@pytest.mark.parametrize(("leave", "status"), MOMENTS, ids=[leave.__name__ for leave, _ in MOMENTS])
async def test_a_stream_that_is_left_has_one_outcome(
    gateway: Gateway, log: Audit, upstream: Upstream, tmp_path: Path, leave: Callable[[Answer], Awaitable[None]], status: str
):
    """One decision, and one outcome that says how it ended."""
    rest = [0.1, event("b"), chunk(DONE), END] if leave is late_before_all_that_came_is_read else [30.0]
    upstream.script = [STREAM, event("a"), *rest]
    await leave(await gateway.ask(SURFACES["openai_chat"], CALLER, CHAT, Declared()))
    await has_one_outcome(log, tmp_path, status)


async def test_what_answers_within_the_house_is_late_too(gateway: Gateway, log: Audit, tmp_path: Path):
    """What comes after its time is not passed on."""
    gateway._wires["raw"] = Within()
    await late_and_closed(await gateway.ask(SURFACES["openai_chat"], CALLER, CHAT, Declared()))
    await has_one_outcome(log, tmp_path, "failed")


async def has_one_outcome(log: Audit, folder: Path, status: str) -> None:
    """The log holds one decision, and one outcome of it."""
    await log.flush()
    reader = Reader(folder / "audit")
    entries = [json.loads(reader.entry(index)) for index in range(reader.checkpoint().size)]
    assert [entry["kind"] for entry in entries] == ["decision", "outcome"]
    assert (entries[1]["decision"], entries[1]["status"]) == (0, status)
