"""A log and its witnesses, as processes of their own over HTTP: cosigned, kept cosigned, and told where it cannot be."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import shutil
import subprocess
from collections import Counter

import aiohttp
import pytest
from aiohttp import web

from daffa.audit import Audit, Cosigning, Reader, Reply, Trust, WitnessPolicy, verify_receipt
from daffa.audit.clients.aiohttp_client import AiohttpWitnessClient
from daffa.audit.cosignature import Cosigner, new_witness_key
from daffa.audit.submission import SIZE_TYPE, read_submission
from daffa.audit.vkey import KeyKind, verifying_key
from daffa.errors import Invalid, Unavailable

ORIGIN = "example.ma/log"


@pytest.fixture
def vkey(key):
    """The log's verifying key, before there is a log."""
    return str(verifying_key(ORIGIN, key))


@contextlib.asynccontextmanager
async def cosigning(audit, policy, **fields):
    """A log's cosigning with a client of its own."""
    client = AiohttpWitnessClient()
    try:
        yield Cosigning(audit, policy, client, **fields)
    finally:
        await client.close()


def policy_of(witnesses, needed=2, seconds=60.0):
    return WitnessPolicy.read([(witness.vkey, witness.url) for witness in witnesses], needed, seconds)


async def until(true, seconds=20):
    """Wait until something has come about."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.02)


async def test_a_log_is_cosigned_while_it_grows(log, folder, vkey, served, decision):
    """Checkpoints of a growing log carry the log's signature, then those of a quorum, of both kinds, and verify with them."""
    witnesses = served(vkey, kinds=("ed25519", "ml-dsa-44", "ed25519"))
    audit, policy = log(), policy_of(witnesses)
    async with cosigning(audit, policy, every=0.05) as work:
        running = asyncio.create_task(work.run())
        for _ in range(5):
            await asyncio.gather(*[audit.decision(decision()) for _ in range(60)])
            await audit.flush()
        await until(lambda: work.standing().size == 300)
        standing = work.standing()
        assert Trust.parse(work.policy()) == policy.trust(vkey)
        running.cancel()
        assert (standing.behind, standing.degraded, standing.degradations) == (0, False, 0)
        assert all(witness.here and not witness.problem for witness in standing.witnesses)
    await audit.close()
    reader, trust = Reader(folder), policy.trust(vkey)
    lines = (folder / "checkpoint").read_text().split("\n\n")[1].splitlines()
    assert lines[0].split()[1] == ORIGIN
    assert {line.split()[1] for line in lines[1:]} <= {f"w{number}.example.ma" for number in range(3)}
    assert (reader.verify(vkey, trust).damage, reader.verify(trust=trust).cosigned) == ((), 300)
    assert standing.time == sorted(found.time for found in trust.check(reader.checkpoint()))[1]
    proven = verify_receipt(reader.receipt(123), reader.entry(123), vkey, trust)
    assert (proven.index, len(proven.cosignatures) >= 2) == (123, True)


async def test_too_few_witnesses_degrade_the_standing_and_hold_up_nothing(log, folder, vkey, served, decision):
    """Without a quorum decisions go on and the standing is degraded and counted once; it recovers when they are back."""
    witnesses = served(vkey, kinds=("ed25519",) * 3)
    audit, now = log(), [0.0]
    async with cosigning(audit, policy_of(witnesses), clock=lambda: now[0], every=0.02, patience=5) as work:
        witnesses[0].kill()
        await audit.decision(decision())
        await audit.flush()
        assert (await work.cosign()).size == 1
        witnesses[1].kill()
        await audit.decision(decision())
        await audit.flush()
        standing = await work.cosign()
        assert (standing.size, standing.behind, standing.degraded) == (1, 1, False)
        assert [witness.problem for witness in standing.witnesses] == ["witness_unreachable"] * 2 + [""]
        now[0] = 61.0
        for _ in range(2):
            standing = await work.cosign()
            assert (standing.size, standing.degraded, standing.degradations) == (1, True, 1)
        assert await audit.decision(decision()) == 2
        await audit.flush()
        assert Reader(folder).cosigned().size == 1
        with pytest.raises(Invalid, match="too few"):
            verify_receipt(Reader(folder).receipt(1), Reader(folder).entry(1), vkey, policy_of(witnesses).trust())
        witnesses[1].restart()
        standing = await work.cosign()
        assert (standing.size, standing.degraded, standing.degradations) == (3, False, 1)
    await audit.close()


async def test_a_standing_outlives_a_restart(log, folder, vkey, served, decision):
    """A log that is opened again knows how far it is cosigned, and asks nobody a second time for the same."""
    witnesses = served(vkey, kinds=("ed25519",) * 2)
    audit = log()
    async with cosigning(audit, policy_of(witnesses)) as work:
        await audit.decision(decision())
        await audit.flush()
        before = await work.cosign()
    await audit.close()
    for witness in witnesses:
        witness.kill()
    audit = log()
    async with cosigning(audit, policy_of(witnesses)) as work:
        after = await work.cosign()
        assert (after.size, after.time, after.behind) == (before.size, before.time, 0) == (1, before.time, 0)
    note = (folder / "checkpoint").read_text()
    await audit.decision(decision())
    await audit.close()
    assert (folder / "checkpoint").read_text() != note == (folder / "checkpoint.cosigned").read_text()
    assert Reader(folder).verify(vkey, policy_of(witnesses).trust()).cosigned == 1


async def test_a_log_that_was_put_back_is_found_out(log, folder, key, vkey, served, decision):
    """A log restored from an older copy, which then grows another way, is refused by all, and the standing says why."""
    witnesses = served(vkey, kinds=("ed25519", "ml-dsa-44"))
    audit = log()
    await audit.decision(decision())
    await audit.flush()
    copy = folder.parent / "copy"
    shutil.copytree(folder, copy)
    await audit.decision(decision())
    await audit.decision(decision())
    async with cosigning(audit, policy_of(witnesses)) as work:
        await audit.flush()
        assert (await work.cosign()).size == 3
    await audit.close()
    audit = Audit.open(copy, ORIGIN, key)
    async with cosigning(audit, policy_of(witnesses)) as work:
        problems = [witness.problem for witness in (await work.cosign()).witnesses]
        assert problems == ["witness_is_ahead"] * 2
        for size in (3, 5):
            while audit.checkpoint.size < size:
                await audit.decision(decision(bundle="another history"))
                await audit.flush()
            standing = await work.cosign()
            assert [witness.problem for witness in standing.witnesses] == ["witness_sees_a_fork"] * 2
            assert standing.size == 0
    await audit.close()


async def test_a_log_that_was_put_back_is_found_out_before_it_grows(log, folder, key, vkey, served, decision):
    """A copy that brings its cosignatures with it is asked about when it is opened, and not only at its next entry."""
    witnesses = served(vkey, kinds=("ed25519", "ml-dsa-44"))
    audit, copy = log(), folder.parent / "copy"
    async with cosigning(audit, policy_of(witnesses)) as work:
        for size in (1, 2):
            await audit.decision(decision())
            await audit.flush()
            assert (await work.cosign()).size == size
            if size == 1:
                shutil.copytree(folder, copy)
    await audit.close()
    audit = Audit.open(copy, ORIGIN, key)
    async with cosigning(audit, policy_of(witnesses)) as work:
        assert (work.standing().size, work.standing().behind) == (1, 0)
        standing = await work.cosign()
        assert [witness.problem for witness in standing.witnesses] == ["witness_is_ahead"] * 2
        assert not standing.degraded


async def test_witnesses_that_are_killed_forget_nothing(log, folder, vkey, served, decision):
    """Through kill -9 of the witnesses while they are asked, the log stays cosigned and none of them ever goes back."""
    witnesses = served(vkey, kinds=("ed25519", "ed25519", "ml-dsa-44"))
    audit = log()
    async with cosigning(audit, policy_of(witnesses), every=0.01, patience=5) as work:
        running = asyncio.create_task(work.run())
        for turn in range(3):
            victim = witnesses[turn % 3]
            for _ in range(6):
                await audit.decision(decision())
                await audit.flush()
            promised = work.standing().witnesses[turn % 3].size
            victim.kill()
            kept = [int(note.read_text().split("\n")[1]) for note in victim.data.glob("witness/logs/*/checkpoint")]
            assert max(kept, default=0) >= promised
            await asyncio.to_thread(victim.restart)
            await until(lambda: work.standing().behind == 0)
        running.cancel()
        assert work.standing().size == 18
    await audit.close()
    assert Reader(folder).verify(vkey, policy_of(witnesses).trust()).cosigned == 18


# Witnesses that are none


@contextlib.asynccontextmanager
async def pretending(*answers):
    """HTTP servers that answer ``add-checkpoint`` as they like; their addresses."""
    async with contextlib.AsyncExitStack() as stack:
        urls = []
        for answer in answers:
            app = web.Application()
            app.router.add_post("/add-checkpoint", answer)
            runner = web.AppRunner(app, shutdown_timeout=0.1)
            await runner.setup()
            stack.push_async_callback(runner.cleanup)
            site = web.TCPSite(runner, "127.0.0.1", 0)
            await site.start()
            urls.append(f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}")
        yield urls


async def test_bad_answers_are_no_cosignatures(log, folder, decision):
    """Lines of strangers, cosignatures of something else, forgeries, redirects, floods and silence count as nothing."""
    mine = [Cosigner(f"w{number}", new_witness_key(KeyKind.COSIGNATURE)) for number in range(9)]
    stranger = Cosigner("stranger", new_witness_key(KeyKind.COSIGNATURE))

    def reply(sign, **fields):
        async def answer(request):
            return web.Response(text=sign(read_submission(await request.read()).checkpoint), **fields)

        return answer

    async def silent(_):
        await asyncio.sleep(60)

    async def elsewhere(_):
        raise web.HTTPTemporaryRedirect("http://127.0.0.1:1/add-checkpoint")

    answers = [
        reply(lambda checkpoint: mine[0].sign(checkpoint, 5)),
        reply(lambda checkpoint: stranger.sign(checkpoint, 5)),
        reply(lambda checkpoint: mine[2].sign(checkpoint, 5).replace("A", "B").replace("a", "b")),
        reply(lambda checkpoint: mine[3].sign(checkpoint, 0)),
        reply(lambda checkpoint: mine[4].sign(checkpoint, 5), status=403),
        reply(lambda _: "0\n", status=409, content_type=SIZE_TYPE),
        reply(lambda _: "x" * 100_000),
        elsewhere,
        silent,
    ]
    audit = log()
    await audit.decision(decision())
    await audit.flush()
    async with pretending(*answers) as urls:
        policy = WitnessPolicy.read([(str(cosigner.vkey), url) for cosigner, url in zip(mine, urls, strict=True)], 1, 60)
        async with cosigning(audit, policy, every=0.2, patience=5) as work:
            standing = await work.cosign()
        two = WitnessPolicy.read([(str(cosigner.vkey), url) for cosigner, url in zip(mine, urls, strict=True)], 2, 60)
        async with cosigning(audit, two, every=0.2, patience=1) as work:
            assert (await work.cosign()).size == 0
    await audit.close()
    assert standing.size == 1
    problems = Counter(witness.problem for witness in standing.witnesses)
    assert problems.pop("") == 1
    assert problems.pop("witness_unreachable") == 2
    assert set(problems) <= {"signature_does_not_hold", "witness_refuses", "witness_sees_a_fork", "invalid_field"}
    assert len(Reader(folder).cosigned().note.split("\n\n")[1].splitlines()) == 2


async def test_a_slow_witness_is_not_waited_for_long(log, decision):
    """Once a quorum has answered, the checkpoint is published, though others never answer."""
    mine = [Cosigner(f"w{number}", new_witness_key(KeyKind.COSIGNATURE)) for number in range(2)]

    async def prompt(request):
        return web.Response(text=mine[0].sign(read_submission(await request.read()).checkpoint, 7))

    async def silent(_):
        await asyncio.sleep(600)

    audit = log()
    await audit.decision(decision())
    await audit.flush()
    async with pretending(prompt, silent) as urls:
        policy = WitnessPolicy.read([(str(cosigner.vkey), url) for cosigner, url in zip(mine, urls, strict=True)], 1, 60)
        async with cosigning(audit, policy, every=0.1, patience=600) as work, asyncio.timeout(20):
            standing = await work.cosign()
    assert (standing.size, standing.time, standing.witnesses[1].problem) == (1, 7, "witness_unreachable")
    await audit.close()


async def test_a_log_that_failed_ends_no_cosigning(log, folder, vkey, served, decision, caplog):
    """When the log can no longer be written, cosigning goes on trying, and says so."""
    witnesses = served(vkey, kinds=("ed25519",) * 2)
    audit = log()
    await audit.decision(decision())
    await audit.flush()
    (folder / "journal" / "scratch").rename(folder / "journal" / "gone")
    async with cosigning(audit, policy_of(witnesses), every=0.05) as work:
        running = asyncio.create_task(work.run())
        await until(lambda: not audit.writable)
        await until(lambda: "was not cosigned" in caplog.text)
        assert not running.done()
        running.cancel()
    with pytest.raises(Unavailable):
        await audit.decision(decision())
    await audit.close()


@pytest.mark.parametrize(
    ("vkeys", "urls", "needed", "seconds", "field"),
    [
        (1, ["ftp://x"], 1, 60, "url"),
        (1, ["nonsense"], 1, 60, "url"),
        (1, ["http://x"], 2, 60, "quorum"),
        (1, ["http://x"], 0, 60, "quorum"),
        (1, ["http://x"], 1, 0, "seconds"),
        (1, ["http://x"], 1, float("nan"), "seconds"),
        (0, ["http://x"], 1, 60, "vkey"),
    ],
)
def test_a_policy_that_cannot_hold_is_refused(vkeys, urls, needed, seconds, field):
    """A policy names its mistake: an address, a key, a quorum or a time that cannot be."""
    line = str(Cosigner("w", new_witness_key(KeyKind.COSIGNATURE)).vkey) if vkeys else "w+00000000+AAAA"
    with pytest.raises(Invalid) as caught:
        WitnessPolicy.read([(line, url) for url in urls], needed, seconds)
    assert caught.value.facts["field"] == field


# HTTP


async def test_a_witness_speaks_http_as_c2sp_says(log, folder, vkey, served, decision):
    """Over the wire: 200 with a line, 409 with the size and its type, 404 for other paths and logs, 413 for a flood."""
    [witness] = served(vkey)
    audit, client = log(), AiohttpWitnessClient()
    await audit.decision(decision())
    await audit.close()
    note = (folder / "checkpoint").read_text()
    url = f"{witness.url}/add-checkpoint"
    assert (await client.post(url, f"old 1\n\n{note}".encode())) == Reply(409, SIZE_TYPE, b"0\n")
    reply = await client.post(url, f"old 0\n\n{note}".encode())
    assert (reply.status, reply.body.decode().startswith("— w0.example.ma ")) == (200, True)
    where = f"{witness.url}/{hashlib.sha256(ORIGIN.encode()).hexdigest()}/checkpoint"
    async with aiohttp.request("GET", where) as kept:
        assert await kept.text() == note + reply.body.decode()
    for path, body, status in (
        ("/add-checkpoint", b"nonsense", 400),
        ("/add-checkpoint", b"x" * 600_000, 413),
        ("/add-checkpoint/", b"", 404),
        ("/", b"", 404),
    ):
        assert (await client.post(witness.url + path, body)).status == status
    await client.close()


def test_a_second_process_is_refused(vkey, served):
    """A second process on the folder of a running witness ends with one sentence."""
    [witness] = served(vkey)
    done = subprocess.run(witness.command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n"), json.dumps(done.stderr).count("already serves")) == (1, 1, 1)
