"""The first start: one home, one administrator, one token, whatever goes wrong. Uses a real database and a real process."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys

import pytest

from daffa.identity import Identity, Role
from daffa.storage import Database

from .hospital import NOW, PEPPER


async def test_the_first_start_makes_a_home_and_tells_the_token_before_it_is_kept(identity):
    """An empty database gets an organisation, an administrator and a key; the token is handed over inside the transaction."""
    handed = []
    token = await identity.first_start(now=NOW, organisation="mi", name="Ministère", region="MA-04", keep=handed.append)
    assert handed == [token]
    caller = identity.authenticate(token, NOW)
    assert (caller.actor.id, caller.organisation) == ("administrator", "mi")
    assert caller.roles == {Role.ADMINISTRATOR, Role.OPERATOR, Role.AGENT}
    assert await identity.first_start(now=NOW) is None
    assert [organisation.id for organisation in await identity.organisations()] == ["mi"]


async def test_a_token_that_could_not_be_kept_leaves_the_database_empty(identity):
    """Where writing the token fails, nothing was made, and the next start begins again."""

    def full(_):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        await identity.first_start(now=NOW, keep=full)
    assert await identity.organisations() == []
    token = await identity.first_start(now=NOW)
    assert identity.authenticate(token, NOW).organisation == "home"
    assert (await identity.organisation("home")).name == "home"


def test_a_first_start_killed_before_its_end_begins_again(url):
    """SIGKILL right after the token was written leaves a token that opens nothing; the next start begins anew."""
    code = """
import asyncio, os, signal, sys
from daffa.identity import Identity
from daffa.storage import Database

async def main():
    database = await Database.open(sys.argv[1])
    identity = await Identity.open(database, b"thirty-two bytes of test pepper!")
    stop = lambda token: os.kill(os.getpid(), signal.SIGKILL)
    token = await identity.first_start(now=1.0, keep=stop if sys.argv[2] == "stop" else print)
    print(identity.authenticate(token, 2.0).actor.id, len(await identity.organisations()))
    await database.close()

asyncio.run(main())
"""
    run = [sys.executable, "-c", code, url]
    assert subprocess.run([*run, "stop"], check=False).returncode == -signal.SIGKILL
    told, known = subprocess.run([*run, "go"], check=True, capture_output=True, text=True).stdout.split("\n", 1)
    assert told.startswith("daffa_")
    assert known == "administrator 1\n"


async def test_two_first_starts_at_once_make_one_home(identity, url):
    """Of ten first starts on two connections exactly one gets a token."""
    elsewhere = await Database.open(url)
    other = await Identity.open(elsewhere, PEPPER)
    tokens = await asyncio.gather(*(one.first_start(now=NOW) for one in [identity, other] * 5))
    assert len([token for token in tokens if token]) == 1
    assert len(await identity.organisations()) == 1
    await elsewhere.close()
