"""The guard: no entry, no exit; a refusal is recorded; evidence that ran out counts from its hour."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from daffa.audit import Audit, Reader, new_log_key
from daffa.decision import Actor, Basis, Category, Door, Evidence, Form, KeyHolder, Label, Level, Place, Purpose
from daffa.errors import NotFound, Refused, Unavailable
from daffa.guard import Candidate, Guard
from daffa.policy import Bundle, Law, try_law

POLICIES = Path(__file__).parents[2] / "policies" / "ma"
AGENT = Actor("someone", "home", frozenset({"agent"}), "MA-04")
INTERNAL = Label(Level.INTERNAL, form=Form.RAW, basis=frozenset())
HEALTH = Label(Level.CONFIDENTIAL, frozenset({Category.HEALTH, Category.PERSONAL}), Form.RAW, basis=frozenset({Basis.LAW}))
RABAT = Place(
    "rabat", "MA", "MA-04", "MA", frozenset({"MA"}), 2, 4, KeyHolder.STATE, 0, trains=False,
    evidence={"qual": Evidence("decision of qualification", 1_000)},
)  # fmt: skip
VIRGINIA = Place("virginia", "US", "US-VA", "US", frozenset({"US"}), retention_days=30, trains=False)


class Clock:
    """A clock that stands where it is put."""

    now = 500.0

    def __call__(self) -> float:
        """Seconds since 1970."""
        return self.now


@pytest.fixture
def clock() -> Clock:
    """A clock at second 500."""
    return Clock()


@pytest.fixture(scope="module")
def law() -> Law:
    """The shipped law of Morocco."""
    return Law.load(POLICIES)


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[Audit]:
    """A real log."""
    log = Audit.open(tmp_path / "audit", "guard/test", new_log_key())
    yield log
    await log.close()


@pytest.fixture
def guard(law: Law, log: Audit, clock: Clock) -> Guard:
    """A guard over two places."""
    return Guard(law, log, {"rabat": RABAT, "virginia": VIRGINIA}, clock)


def ask(guard: Guard, label: Label, place: str):
    """The gateway's question."""
    return guard.question(Door.GATEWAY, Purpose.HEALTH_CARE, label, place, AGENT)


async def entries(log: Audit, folder: Path) -> list[dict]:
    """What the log says, from its public files."""
    await log.flush()
    reader = Reader(folder / "audit")
    return [json.loads(reader.entry(index)) for index in range(reader.checkpoint().size)]


async def test_a_permit_names_its_durable_entry(guard: Guard, log: Audit, tmp_path: Path):
    """The Permit's index is the entry of this decision, with its place, its rules and the digest of the law."""
    permit = await guard.admit(ask(guard, INTERNAL, "virginia"), "potomac", b"bytes")
    entry = (await entries(log, tmp_path))[permit.index]
    assert permit.reference == f"guard/test#{permit.index}"
    assert (entry["verdict"], entry["place"], entry["level"]) == ("allow", "virginia", 1)
    assert entry["bundle"]
    assert entry["rules"]
    permit.use(door=Door.GATEWAY, place="virginia", receiver="potomac", payload=b"bytes", now=501)


async def test_what_the_entry_only_commits_to_can_be_opened(guard: Guard, log: Audit):
    """Who holds the record key reads actor, label, purpose, receiver and the digest of the bytes."""
    permit = await guard.admit(ask(guard, INTERNAL, "virginia"), "potomac", b"bytes", details={"asked": "auto"})
    details = (await log.open_details(permit.index)).details
    assert details["actor"] == "someone"
    assert details["label"] == str(INTERNAL)
    assert (details["receiver"], details["purpose"], details["asked"]) == ("potomac", "health_care", "auto")
    assert len(str(details["payload"])) == 64


async def test_a_refusal_is_recorded_and_gives_no_permit(guard: Guard, log: Audit, tmp_path: Path):
    """``admit`` on an unlawful question raises with the rules, and the log has the refusal."""
    with pytest.raises(Refused) as raised:
        await guard.admit(ask(guard, HEALTH, "virginia"), "potomac", b"bytes")
    (entry,) = await entries(log, tmp_path)
    assert raised.value.facts["reference"] == "guard/test#0"
    assert entry["verdict"] == "refuse"
    assert entry["rules"] == raised.value.facts["rules"]
    assert entry["refused"] == [["virginia", entry["rules"]]]


async def test_a_refusal_of_several_names_each(guard: Guard, log: Audit, tmp_path: Path):
    """Where no candidate is lawful, all of them stand in one entry, without a chosen place."""
    secret = Label(Level.SECRET, form=Form.RAW)
    questions = [ask(guard, secret, "virginia"), ask(guard, Label(Level.SECRET, purposes=frozenset()), "rabat")]
    with pytest.raises(Refused):
        await guard.refuse([Candidate(q.place.id, q, guard.ask(q)) for q in questions])
    (entry,) = await entries(log, tmp_path)
    assert entry["place"] == ""
    assert [place for place, _ in entry["refused"]] == ["virginia", "rabat"]


async def test_evidence_that_ran_out_closes_the_place(guard: Guard, clock: Clock):
    """A place whose qualification is no longer shown may not receive what needs one, from that second on."""
    assert guard.ask(ask(guard, HEALTH, "rabat")).allowed
    clock.now = 999.9
    assert guard.ask(ask(guard, HEALTH, "rabat")).allowed
    clock.now = 1_000.0
    assert not guard.ask(ask(guard, HEALTH, "rabat")).allowed


async def test_declared_places_count_only_where_the_law_accepts_declarations(log: Audit, clock: Clock, tmp_path: Path):
    """From the moment at which the law no longer accepts declarations, a place without evidence is the worst place."""
    shutil.copytree(POLICIES, tmp_path / "law")
    law, title = Law.load(tmp_path / "law"), tmp_path / "law" / "bundle.toml"
    guard = Guard(law, log, {"virginia": VIRGINIA}, clock)
    before = ask(guard, INTERNAL, "virginia")
    assert guard.ask(before).allowed
    title.write_text(title.read_text(encoding="utf-8").replace("accept_declared = true", "accept_declared = false"))
    law.put(try_law(Bundle.read(tmp_path / "law")))
    assert not guard.ask(ask(guard, INTERNAL, "virginia")).allowed
    with pytest.raises(Refused):
        await guard.admit(before, "potomac", b"bytes")


async def test_no_entry_no_exit(guard: Guard, log: Audit):
    """When the log cannot be written there is no Permit."""
    question = ask(guard, INTERNAL, "virginia")
    await log.close()
    with pytest.raises(Unavailable):
        await guard.admit(question, "potomac", b"bytes")


async def test_a_place_that_nobody_knows_has_no_question(guard: Guard):
    """An unknown place is an error by name, never a guess."""
    with pytest.raises(NotFound, match="atlantis"):
        ask(guard, INTERNAL, "atlantis")


async def test_an_outcome_names_its_decision(guard: Guard, log: Audit, tmp_path: Path):
    """What became of what was let out is recorded with tokens and bytes."""
    permit = await guard.admit(ask(guard, INTERNAL, "virginia"), "potomac", b"bytes")
    guard.settle(permit.index, "answered", http_status=200, tokens_in=3, tokens_out=5, bytes_out=7)
    outcome = (await entries(log, tmp_path))[1]
    assert (outcome["decision"], outcome["status"], outcome["tokens_out"]) == (permit.index, "answered", 5)


async def test_evidence_that_ran_out_meanwhile_closes_the_place(guard: Guard, log: Audit, clock: Clock, tmp_path: Path):
    """A question asked while the evidence held gives no Permit once it has run out."""
    question = ask(guard, HEALTH, "rabat")
    clock.now = 1_000.0
    with pytest.raises(Refused):
        await guard.admit(question, "atlas", b"bytes")
    (entry,) = await entries(log, tmp_path)
    assert entry["verdict"] == "refuse"


async def test_what_is_remembered_ends_with_the_evidence_and_with_the_law(guard: Guard, law: Law, clock: Clock):
    """A verdict that was weighed once is given again as it was, until its evidence runs out or the law is another."""

    def weighed() -> Candidate:
        return guard.weigh("atlas", Door.GATEWAY, Purpose.PUBLIC_SERVICE, HEALTH, "rabat", AGENT)

    first = weighed()
    assert first.verdict.allowed
    assert weighed() is first
    in_force = law.in_force
    try:
        law.put(replace(in_force))
        assert weighed() is not first
    finally:
        law.put(in_force)
    clock.now = 1_000.0
    assert not weighed().verdict.allowed
    with pytest.raises(Refused):
        await guard.admit(first.question, "atlas", b"bytes")


async def test_a_label_that_expires_is_weighed_each_time(guard: Guard, clock: Clock):
    """The same question has another answer once its data may not be used any more."""
    label = replace(INTERNAL, expires=600)
    assert guard.weigh("m", Door.GATEWAY, Purpose.PUBLIC_SERVICE, label, "rabat", AGENT).verdict.allowed
    clock.now = 600.0
    assert not guard.weigh("m", Door.GATEWAY, Purpose.PUBLIC_SERVICE, label, "rabat", AGENT).verdict.allowed


@pytest.mark.parametrize("turns", range(6))
async def test_a_decision_that_nobody_waits_for_has_its_outcome(guard: Guard, log: Audit, tmp_path: Path, turns: int):
    """Whoever asks may leave at any moment: what was allowed and recorded gets one outcome, and no Permit."""
    asking = asyncio.create_task(guard.admit(ask(guard, INTERNAL, "virginia"), "potomac", b"bytes"))
    for _ in range(turns):
        await asyncio.sleep(0)
    left = asking.cancel()
    done = (await asyncio.gather(asking, return_exceptions=True))[0]
    if not left or not isinstance(done, asyncio.CancelledError):
        guard.settle(done.index, "answered")
    kinds = [entry["kind"] for entry in await entries(log, tmp_path)]
    assert kinds in ([], ["decision", "outcome"])


async def test_an_outcome_that_cannot_be_recorded_disturbs_nobody(guard: Guard, log: Audit, caplog: pytest.LogCaptureFixture):
    """When the log was closed meanwhile, the answer goes on, and the server's own messages say what is missing."""
    permit = await guard.admit(ask(guard, INTERNAL, "virginia"), "potomac", b"bytes")
    await log.close()
    guard.settle(permit.index, "answered")
    assert permit.reference in caplog.text


async def test_a_large_payload_is_recorded_by_its_digest(guard: Guard, log: Audit):
    """A payload that is hashed beside the event loop is recorded and bound as a small one is."""
    payload = b"x" * 1_000_000
    permit = await guard.admit(ask(guard, INTERNAL, "virginia"), "potomac", payload)
    assert (await log.open_details(permit.index)).details["payload"] == hashlib.sha256(payload).hexdigest()
    permit.use(door=Door.GATEWAY, place="virginia", receiver="potomac", payload=payload, now=501)
