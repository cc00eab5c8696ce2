"""An engine by itself: what it answers, how it is kept, and that nobody else gets at it. Real processes, the tiny model."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from upstream_clients import JSON

from daffa.errors import Unavailable
from daffa.gateway import LocalFile, Model, destinations
from daffa.gateway.clients.aiohttp_client import AiohttpUpstream
from daffa.gateway.clients.httptools_client import HttptoolsUpstream
from daffa.gateway.engines import Engine, Engines, Pace
from daffa.gateway.upstream import unix_parts
from daffa.worlds.guichet import GUICHET

pytest.importorskip("xllamacpp", reason="the extra `engine` is not installed")

PACE = Pace(first_wait=0.05)
HELLO = "Hello, what can I do for you?"


def model(name: str = "guichet", path: Path = GUICHET) -> Model:
    """A model that the house serves itself."""
    return Model(name, "llamacpp", "", name, "here", context=256, file=LocalFile(path, threads=1, parallel=2))


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[Engine]:
    """An engine that has loaded."""
    async with Engines([model()], tmp_path / "logs", PACE) as engines:
        await loaded(engines["guichet"])
        yield engines["guichet"]


@pytest.fixture
async def upstream(request: pytest.FixtureRequest) -> AsyncIterator[HttptoolsUpstream | AiohttpUpstream]:
    """The client of upstreams."""
    upstream = getattr(request, "param", HttptoolsUpstream)(connect_seconds=2.0, idle_seconds=10.0)
    yield upstream
    await upstream.close()


async def loaded(engine: Engine) -> None:
    """Wait for an engine, but not for ever."""
    await asyncio.wait_for(engine.ready(), 30)


async def status(upstream, engine: Engine) -> int:
    """The HTTP status that a question gets; 0 where nobody answers."""
    try:
        response = await upstream.post(
            engine.url + "/chat/completions", JSON, b'{"messages": [{"role": "user", "content": "a"}]}'
        )
    except Unavailable:
        return 0
    response.close()
    return response.status


async def ask(upstream, engine: Engine, question: str = "Hello") -> dict:
    """The answer to a question."""
    body = {"messages": [{"role": "user", "content": question}], "temperature": 0, "max_tokens": 100}
    response = await upstream.post(engine.url + "/chat/completions", JSON, json.dumps(body).encode())
    try:
        answer = json.loads(b"".join([piece async for piece in response.chunks()]))
        assert response.status == 200, answer
        return answer
    finally:
        response.close()


def said(answer: dict) -> str:
    """What an answer says."""
    return answer["choices"][0]["message"]["content"]


async def gone(pid: int) -> None:
    """Wait until no process has this number, for at most ten seconds."""
    end = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < end, f"{pid} still runs"
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("upstream", [HttptoolsUpstream, AiohttpUpstream], indirect=True)
async def test_an_engine_that_is_killed_is_away_and_comes_back(engine: Engine, upstream):
    """After kill -9 a question finds nobody, and soon after another process at the same address."""
    assert said(await ask(upstream, engine)) == HELLO
    before = engine.pid
    os.kill(before, signal.SIGKILL)
    with pytest.raises(Unavailable):
        await ask(upstream, engine)
    while engine.pid == before:
        await asyncio.sleep(0.01)
    await loaded(engine)
    assert said(await ask(upstream, engine)) == HELLO


async def test_an_engine_that_hangs_is_replaced(tmp_path: Path):
    """One that takes no more steps is ended and started again, without a question."""
    async with Engines([model()], tmp_path, Pace(probe_seconds=0.2, probes=2, first_wait=0.05)) as engines:
        engine = engines["guichet"]
        await loaded(engine)
        before = engine.pid
        os.kill(before, signal.SIGSTOP)
        while engine.pid == before:
            await asyncio.sleep(0.02)
        await loaded(engine)
        await gone(before)


async def test_models_stand_side_by_side_each_under_its_name(tmp_path: Path, upstream):
    """Each model has a process of its own; an answer names the model and not the path of its file."""
    async with Engines([model("one"), model("two")], tmp_path, PACE) as engines:
        for name, engine in engines.items():
            await loaded(engine)
            answer = await ask(upstream, engine)
            assert (said(answer), answer["model"]) == (HELLO, name)
            assert "gguf" not in json.dumps(answer)
        assert engines["one"].pid != engines["two"].pid


async def test_questions_at_once_are_all_answered(engine: Engine, upstream):
    """More questions than the engine takes at once wait their turn; none is mixed up with another."""
    asked = ["Hello", "Who are you?", "Tell me a story."] * 4
    answers = [said(answer) for answer in await asyncio.gather(*(ask(upstream, engine, each) for each in asked))]
    assert answers == [HELLO, "I am Guichet, a tiny model made for tests.", "I only know a few answers."] * 4


async def test_nobody_else_gets_at_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Its socket lies where the owner alone may enter and goes with it; no port is open; it has none of the house's keys."""
    monkeypatch.setenv("RABAT_KEY", "a-secret")
    async with Engines([model()], tmp_path / "logs", PACE) as engines:
        engine = engines["guichet"]
        await loaded(engine)
        socket = Path(unix_parts(engine.url)[0])
        assert stat.S_ISSOCK(socket.stat().st_mode)
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o700
        assert stat.S_IMODE((tmp_path / "logs" / "guichet.log").stat().st_mode) == 0o600
        assert inodes(engine.pid).isdisjoint(listening())
        assert b"a-secret" not in Path(f"/proc/{engine.pid}/environ").read_bytes()
    assert not socket.parent.exists()
    await gone(engine.pid)


def listening() -> set[str]:
    """The inodes of the machine's TCP sockets."""
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return {row[9] for row in rows}


def inodes(pid: int) -> set[str]:
    """The inodes of the sockets that a process holds."""
    links = [str(link.readlink()) for link in Path(f"/proc/{pid}/fd").iterdir()]
    return {link.removeprefix("socket:[").removesuffix("]") for link in links if link.startswith("socket:[")}


async def test_a_file_that_cannot_be_loaded_is_said_in_the_log(tmp_path: Path, upstream):
    """Where the file is damaged questions find nobody, the log says why, and it is tried again."""
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(GUICHET.read_bytes()[:5000])
    log = tmp_path / "guichet.log"
    async with Engines([model(path=damaged)], tmp_path, PACE) as engines:
        while not log.exists() or log.read_text().count(" serving ") < 2:
            await asyncio.sleep(0.02)
        assert not engines["guichet"].alive
        assert await status(upstream, engines["guichet"]) in (0, 503)  # nobody is there, or somebody who still loads
    assert "failed to load model" in log.read_text()


async def test_a_log_does_not_grow_for_ever(tmp_path: Path):
    """A log that has become long is put aside when the engine starts; one of those is kept."""
    log = tmp_path / "guichet.log"
    for kept in (b"1", b"2"):
        log.write_bytes(kept * (1 << 20) + b"\n")
        async with Engines([model()], tmp_path, PACE) as engines:
            await loaded(engines["guichet"])
        assert len(log.read_bytes()) < 1000
        assert (tmp_path / "guichet.log.1").read_bytes()[:1] == kept
    assert sorted(path.name for path in tmp_path.iterdir()) == ["guichet.log", "guichet.log.1"]


async def test_what_people_ask_is_not_in_the_log(engine: Engine, upstream, tmp_path: Path):
    """Neither a question nor a wrong one leaves words in the engine's log."""
    await ask(upstream, engine, "Confidentiel : dossier 4711")
    no_schema = {"type": "json_schema", "json_schema": {"schema": {"type": "4711"}}}
    for wrong in ({"max_tokens": "4711"}, {"response_format": no_schema}, {}):
        body = {"messages": [{"role": "user", "content": "4711" * 1000}], **wrong}
        response = await upstream.post(engine.url + "/chat/completions", JSON, json.dumps(body).encode())
        assert response.status == 400
        response.close()
    assert "4711" not in (tmp_path / "logs" / "guichet.log").read_text()


HOUSE = """
import asyncio, sys
from pathlib import Path
from daffa.gateway import LocalFile, Model
from daffa.gateway.engines import Engines

async def main(file, logs):
    model = Model("guichet", "llamacpp", "", "guichet", "here", context=256, file=LocalFile(Path(file)))
    async with Engines([model], Path(logs)) as engines:
        while not engines["guichet"].pid:
            await asyncio.sleep(0.01)
        print(engines["guichet"].pid, engines["guichet"].url, flush=True)
        await asyncio.sleep(60)

asyncio.run(main(*sys.argv[1:]))
"""


async def test_an_engine_that_still_loads_ends_with_a_parent_that_is_killed(tmp_path: Path):
    """After kill -9 of the house no engine is left that was reading its file: such a one could not see its input end."""
    endless = tmp_path / "endless"
    os.mkfifo(endless)
    with started(str(endless), str(tmp_path / "logs")) as parent, contextlib.ExitStack() as stack:
        assert parent.stdout is not None
        pid, url = parent.stdout.readline().split()
        stack.callback(os.close, await reader_of(endless))
        parent.kill()
        await gone(int(pid))
    shutil.rmtree(Path(unix_parts(url)[0]).parent)  # the kernel's way leaves the folder


def started(*words: str) -> subprocess.Popen[str]:
    """A house of one engine, as a process."""
    return subprocess.Popen([sys.executable, "-c", HOUSE, *words], stdout=subprocess.PIPE, text=True)


async def reader_of(pipe: Path) -> int:
    """The other end of a pipe, as soon as somebody reads it."""
    end = time.monotonic() + 20
    while True:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            assert time.monotonic() < end, "nobody reads the file"
            await asyncio.sleep(0.02)


async def test_without_llama_cpp_the_start_names_the_model_and_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Where the extra is not installed nothing is started, and the error says which model wants it and how to get it."""
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(Unavailable) as raised:
        async with Engines([model("atlas")], tmp_path / "logs", PACE):
            pass
    assert raised.value.code == "engine_not_installed"
    assert {"atlas", "DAFFA_EXTRAS=engine"} <= set(raised.value.say("en").split())
    assert not (tmp_path / "logs").exists()


async def test_a_house_without_a_file_starts_no_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Models that are asked elsewhere need no engine, installed or not, and keep their address."""
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    there = Model("there", "openai", "http://127.0.0.1:9/v1", "there", "here")
    async with Engines([there], tmp_path / "logs", PACE) as engines:
        assert len(engines) == 0
        assert engines.reached(there) is there
    assert not (tmp_path / "logs").exists()


def test_the_egress_lock_needs_no_gap_for_it():
    """A model that the house serves itself has no address to let out to."""
    assert destinations([model()], lambda host: [host]) == []
