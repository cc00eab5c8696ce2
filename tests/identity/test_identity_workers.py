"""Several processes on one database: what one changes, the others take up. Uses real databases and processes."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import subprocess
import sys
import textwrap

from databases import sql
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daffa.identity import Identity, Role, register
from daffa.identity.tables import OrganisationRow
from daffa.storage import Database

from .hospital import NOW, PEPPER, answer, denied, hospital

WORKER = """
    import asyncio, sys
    from daffa.errors import Denied
    from daffa.identity import Identity
    from daffa.storage import Database

    async def main():
        database = await Database.open(sys.argv[1])
        identity = await Identity.open(database, b"thirty-two bytes of test pepper!")
        print(identity.authenticate(sys.argv[2], 2.0).actor.id, flush=True)
        while True:
            await identity.refresh()
            try:
                identity.authenticate(sys.argv[2], 2.0)
            except Denied as error:
                print(error.code)
                return await database.close()
            await asyncio.sleep(0.05)
    asyncio.run(main())
"""
CHANGES = st.tuples(st.sampled_from(["key", "revoke", "roles", "floor", "refresh"]), st.integers(0, 2), st.integers(0, 4))


# Laws


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CHANGES, max_size=16))
async def test_after_a_refresh_every_worker_says_what_the_database_says(fresh, steps):
    """Whichever of three workers changes what, and refreshes when, each answers as one just opened, once it has refreshed."""
    url = fresh()
    opened = [await Database.open(url) for _ in range(3)]
    workers = [await Identity.open(database, PEPPER) for database in opened]
    await hospital(workers[0])
    await workers[0].create_organisation("other", "Other", now=NOW)
    minted = []
    for step, who, number in steps:
        worker = workers[who]
        if step == "key":
            minted.append(await worker.create_key("chu" if number % 2 else "other", "k", now=NOW, roles=["agent"]))
        elif step == "revoke" and minted:
            key, token = minted[number % len(minted)]
            await worker.revoke_key(key.id, NOW)
            assert denied(worker, token) == "revoked_key"
        elif step == "roles":
            await worker.change_roles("amina", list(Role)[:number])
        elif step == "floor":
            await worker.change_floor("chu", f"level={number}")
        elif step == "refresh":
            await worker.refresh()
    again = await Identity.open(opened[0], PEPPER)
    for worker in workers:
        await worker.refresh()
        assert [answer(worker, token, NOW) for _, token in minted] == [answer(again, token, NOW) for _, token in minted]
    for database in opened:
        await database.close()


# The walk


async def test_what_another_process_wrote_is_known_after_a_refresh(identity, url):
    """What another identity wrote through its own connection is unknown until ``refresh``, then known."""
    await hospital(identity)
    elsewhere = await Database.open(url)
    other = await Identity.open(elsewhere, PEPPER)
    _, token = await other.create_key("chu", "k", now=NOW, roles=["agent"])
    assert denied(identity, token) == "invalid_key"
    await identity.refresh()
    assert identity.authenticate(token, NOW).organisation == "chu"
    await elsewhere.close()


def test_a_key_that_one_process_revokes_is_refused_by_all(url):
    """Three worker processes that refresh in a loop each come to refuse a key that a fourth process revoked."""

    async def office(work):
        database = await Database.open(url)
        done = await work(await Identity.open(database, PEPPER))
        await database.close()
        return done

    token = asyncio.run(office(lambda identity: identity.first_start(now=1.0)))
    command = [sys.executable, "-c", textwrap.dedent(WORKER), url, token]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [worker.stdout.readline() for worker in workers] == ["administrator\n"] * 3
    key_id = sql(url, "SELECT id FROM keys")[0][0]
    asyncio.run(office(lambda identity: identity.revoke_key(key_id, 2.0)))
    assert [worker.communicate()[0] for worker in workers] == ["revoked_key\n"] * 3


async def test_a_refresh_reads_the_keys_only_when_something_changed(identity, url):
    """Where nothing changed, or only what this process changed itself, a refresh leaves the keys in memory as they are."""
    await hospital(identity)
    await identity.create_key("chu", "k", now=NOW, roles=["agent"])
    known = identity._keyring._entries
    await identity.refresh()
    assert identity._keyring._entries is known
    elsewhere = await Database.open(url)
    await (await Identity.open(elsewhere, PEPPER)).change_floor("chu", "level=secret")
    await identity.refresh()
    assert identity._keyring._entries is not known
    await elsewhere.close()


# The edges


async def test_a_change_of_ones_own_hides_nothing_that_another_changed(identity, url):
    """A worker that changes one organisation, without having seen what happened to another, still takes that up."""
    await hospital(identity)
    await identity.create_organisation("other", "Other", now=NOW)
    key, token = await identity.create_key("chu", "k", now=NOW, roles=["agent"])
    elsewhere = await Database.open(url)
    await (await Identity.open(elsewhere, PEPPER)).revoke_key(key.id, NOW)
    await identity.change_floor("other", "level=secret")
    await identity.refresh()
    assert denied(identity, token) == "revoked_key"
    await elsewhere.close()


async def test_a_refresh_waits_for_no_writer(identity, url):
    """While another process writes, and a change of this one waits for it, a refresh goes on."""
    await hospital(identity)
    elsewhere = await Database.open(url)
    async with elsewhere.begin() as session:
        await session.add(OrganisationRow(id="busy", name="Busy", region="", floor="", created=0))
        waiting = asyncio.create_task(identity.change_floor("chu", "level=secret"))
        await asyncio.sleep(0)
        for _ in range(3):
            await identity.refresh()
        assert not waiting.done()
    assert (await waiting).floor == "level=secret"
    await elsewhere.close()


async def test_refreshes_between_changes_never_bring_back_what_was(identity, url):
    """Changes and refreshes of two workers, all at once, leave each worker with what the database says."""
    await hospital(identity)
    elsewhere = await Database.open(url)
    other = await Identity.open(elsewhere, PEPPER)
    minted = [await identity.create_key("chu", f"k{number}", now=NOW, roles=["agent"]) for number in range(20)]
    await other.refresh()

    async def revoke(worker, key, token):
        await worker.revoke_key(key.id, NOW)
        assert denied(worker, token) == "revoked_key"

    revoked = [revoke(worker, *one) for worker, one in zip(itertools.cycle((identity, other)), minted[::2], strict=False)]
    await asyncio.gather(*(work for one in revoked for work in (identity.refresh(), one, other.refresh())))
    for worker in (identity, other):
        await worker.refresh()
        assert [answer(worker, token, NOW) == "revoked_key" for _, token in minted] == [True, False] * 10
    await elsewhere.close()


async def test_a_slow_refresh_brings_nothing_back(identity, url, monkeypatch):
    """What a refresh had read before a key was revoked, here or elsewhere, does not bring the key back when it ends at last."""
    await hospital(identity)
    minted = [await identity.create_key("chu", "k", now=NOW, roles=["agent"]) for _ in range(2)]
    elsewhere = await Database.open(url)
    other = await Identity.open(elsewhere, PEPPER)
    has_read, go_on, read = asyncio.Event(), asyncio.Event(), register.entries

    async def entries(session, organisation=None):
        found = await read(session, organisation)
        if organisation is None and not has_read.is_set():
            has_read.set()
            await go_on.wait()
        return found

    monkeypatch.setattr(register, "entries", entries)
    for key, token in minted:
        has_read.clear()
        go_on.clear()
        await other.change_floor("chu", "level=internal")
        refreshing = asyncio.create_task(identity.refresh())
        await has_read.wait()
        if key is minted[0][0]:
            await identity.revoke_key(key.id, NOW)
        else:
            await other.revoke_key(key.id, NOW)
            await identity.refresh()
        go_on.set()
        await refreshing
        assert denied(identity, token) == "revoked_key"
    await elsewhere.close()


async def test_a_slow_change_does_not_undo_a_refresh(identity, database, url, monkeypatch):
    """A change that is taken up after a refresh had already read it, and what came after it, brings nothing back."""
    await hospital(identity)
    key, token = await identity.create_key("chu", "k", now=NOW, roles=["agent"])
    elsewhere = await Database.open(url)
    is_kept, go_on, begin = asyncio.Event(), asyncio.Event(), database.begin

    @contextlib.asynccontextmanager
    async def slow():
        async with begin() as session:
            yield session
        is_kept.set()
        await go_on.wait()

    monkeypatch.setattr(database, "begin", slow)
    changing = asyncio.create_task(identity.change_floor("chu", "level=internal"))
    await is_kept.wait()
    await (await Identity.open(elsewhere, PEPPER)).revoke_key(key.id, NOW)
    await identity.refresh()
    go_on.set()
    await changing
    assert denied(identity, token) == "revoked_key"
    await elsewhere.close()


async def test_a_database_that_was_put_back_is_taken_up(identity, url):
    """Where the database was replaced by an older copy of itself, a refresh takes up what that says."""
    await hospital(identity)
    key, token = await identity.create_key("chu", "k", now=NOW, roles=["agent"])
    await identity.revoke_key(key.id, NOW)
    sql(url, "UPDATE keys SET revoked = NULL", "UPDATE identity_version SET version = version - 1")
    assert denied(identity, token) == "revoked_key"
    await identity.refresh()
    assert identity.authenticate(token, NOW).key_id == key.id
