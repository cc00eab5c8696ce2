"""Who changes the law in tests, a lawmaking with its log on a real database, and what the log says. Knows no test."""

from __future__ import annotations

import contextlib
import functools
import json

import pytest
from tiny_law import FIRST, WIDER, write

from daffa.audit import Audit, Reader, load_or_create_key
from daffa.errors import DaffaError
from daffa.lawmaking import Lawmaking
from daffa.policy import Signer
from daffa.policy.solver import ask_solver
from daffa.storage import Database

WHY = "a reason"


def signer(person, *roles, key="k"):
    """Somebody with a key."""
    return Signer(person, key, frozenset(roles))


FATIMA = signer("fatima", "author")
OMAR = signer("omar", "approver")
SALMA = signer("salma", "author", "approver")
OTHER_KEY = signer("salma", "approver", key="another")
RUNNER = signer("idir", "operator")
PROGRAM = signer(None, "author", "approver", "operator")
CLERK = signer("ali", "agent", "administrator", "auditor")
EVERYBODY = {
    "fatima": FATIMA,
    "omar": OMAR,
    "salma": SALMA,
    "salma's other key": OTHER_KEY,
    "idir": RUNNER,
    "a program": PROGRAM,
    "ali": CLERK,
}


@functools.cache
def _asked(task, request):
    return json.dumps(ask_solver(task, json.loads(request)))


def remembered(task, request):
    """The solver's real answer, asked for once: many tests ask it about the same few laws."""
    return json.loads(_asked(task, json.dumps(request)))


@contextlib.asynccontextmanager
async def opened(url, folder):
    """A lawmaking and its log on a database, with the files of a process of its own in ``folder``."""
    folder.mkdir(exist_ok=True)
    if not (folder / "law").exists():
        write(folder / "law", FIRST)
    database = await Database.open(url)
    log = Audit.open(folder / "audit", f"test/{folder.name}", load_or_create_key(folder / "log.key"))
    try:
        made = await Lawmaking.open(database, folder / "law", folder / "proofs")
        await made.begin(log, Reader(folder / "audit"))
        yield made, log
    finally:
        await log.close()
        await database.close()


async def entries(log, folder):
    """What the log says, in order: (action, details)."""
    await log.flush()
    reader = Reader(folder / "audit")
    size = reader.checkpoint().size
    leaves = [json.loads(reader.entry(index)) for index in range(size)]
    return [(leaf.get("action", ""), (await log.open_details(index)).details) for index, leaf in enumerate(leaves)]


async def approved(making, author=FATIMA, approver=OMAR, text=WIDER):
    """The number of a proposal that was proved and approved."""
    number = (await making.propose(author, "Public data may leave", text)).proposal.number
    await making.prove(author, number)
    await making.approve(approver, number)
    return number


async def told(work):
    """The code of the error, and how it is said."""
    with pytest.raises(DaffaError) as caught:
        await work
    for language in ("fr", "ar", "en"):
        assert "{" not in caught.value.say(language)
    return caught.value.code
