"""The steps one by one, on each kind of database: what each leaves, who is told what, and of two at once which one wins."""

from __future__ import annotations

import asyncio

import pytest
from lawmakers import CLERK, FATIMA, OMAR, OTHER_KEY, PROGRAM, RUNNER, SALMA, WHY, approved, entries, opened, told
from tiny_law import FIRST, LEAKING, UNGUARDED, WIDER, law

from daffa.errors import DaffaError, Invalid, Unavailable
from daffa.policy import render_dossier

CASE = (
    '[[case]]\nid = "x"\ndoor = "gateway"\npurpose = "education"\nlabel = "level=public; basis="\nexpect = "refuse"\n'
    'actor = { organisation = "a" }\nwhy = { fr = "f", en = "e" }\nbase = "b"\nplace = { hw = "SN", operator = "SN", '
    'reach = ["SN"], key = "state", retention_days = 0, trains = false }\n'
)

# The walk


async def test_a_law_changes_by_four_eyes(made, tmp_path):
    """Proposed, proved, approved, loaded: each step has its entry, and the law decides from the moment it is loaded."""
    making, log = made
    before = making.law.bundle
    found = await making.propose(FATIMA, "Public data may leave", WIDER)
    assert (found.proposal.state, found.proposal.base, found.proof) == ("proposed", 1, None)
    assert found.difference["rows"][0]["added"] == ["P-public"]
    assert set(found.difference["pages"]) == {"fr", "ar", "en"}
    found = await making.prove(OMAR, 1)
    assert (found.proposal.state, found.proof["holds"]) == ("proved", True)
    found = await making.approve(OMAR, 1)
    assert making.law.bundle is before
    now = await making.load(RUNNER, 1)
    assert (now.number, now.way, now.proposal, now.who) == (2, "load", 1, "idir")
    assert making.law.bundle.digest == now.digest == found.proposal.digest != before.digest
    said = await entries(log, tmp_path / "house")
    assert [action for action, _ in said] == ["law_first", "law_proposed", "law_proved", "law_approved", "law_loaded"]
    assert [details["actor"] for _, details in said] == ["", "fatima", "omar", "omar", "idir"]
    steps = (await making.dossier(1)).proposal.steps
    assert [step.entry for step in steps] == [log.reference(index) for index in range(1, 5)]
    assert (await making.standing()).attention == ""


async def test_what_is_in_force_outlives_the_process_and_the_folder(url, tmp_path):
    """After a restart the law is read from the database, whole; the folder, changed or gone, is only told about."""
    house = tmp_path / "house"
    async with opened(url, house) as (making, _):
        assert (await making.standing()).folder == "same"
        await making.load(OMAR, await approved(making))
        digest = making.law.bundle.digest
        assert (await making.standing()).folder == "differs"
    (house / "law" / "bundle.toml").unlink()
    async with opened(url, house) as (making, log):
        assert making.law.bundle.digest == digest
        assert (await making.standing()).folder == "unreadable"
        assert (await making.text(""))[1] == WIDER
        assert len(await entries(log, house)) == 5


async def test_another_worker_comes_to_the_new_law(url, tmp_path):
    """What one process loads, another on the same database decides by after its next look, and its start finds it too."""
    async with opened(url, tmp_path / "one") as (one, _), opened(url, tmp_path / "two") as (two, log):
        ((taken_up, _),) = await entries(log, tmp_path / "two")  # the law of the first start has its own entry once
        number = (await one.propose(FATIMA, "Public data may leave", WIDER)).proposal.number
        await two.prove(FATIMA, number)
        await two.approve(OMAR, number)
        await one.load(RUNNER, number)
        assert two.law.bundle.digest != one.law.bundle.digest
        await two.refresh()
        assert two.law.bundle.digest == one.law.bundle.digest
        said = [action for action, _ in await entries(log, tmp_path / "two")]
        assert said == [taken_up, "law_proved", "law_approved", taken_up]
        assert taken_up == "law_taken_up"
        assert await told(two.load(RUNNER, number)) == "law_proposal_loaded"


async def test_a_shared_law_that_nobody_confirms_decides_nothing(url, tmp_path, monkeypatch):
    """A worker that shares its database stops to decide when its last look at the law is too old; the next mends it."""
    async with opened(url, tmp_path / "house") as (making, _):
        await making.refresh(shared=True)
        assert making.law.bundle
        with monkeypatch.context() as patch:
            patch.setattr("daffa.lawmaking.lawbook.PATIENCE", -1.0)
            await making.refresh(shared=True)
        with pytest.raises(Unavailable, match="nothing is decided"):
            _ = making.law.bundle
        await making.refresh(shared=True)
        assert making.law.bundle


async def test_a_worker_where_the_new_law_does_not_pass_keeps_silent(url, tmp_path):
    """A law that does not fit one worker's configuration is not put into force there, and is not confirmed either."""

    def unfit(bundle):
        if bundle.version == "2":
            raise Invalid("invalid_field", field="x", expected="y", got="z")

    async with opened(url, tmp_path / "one") as (one, _):
        two = await type(one).open(one._database, tmp_path / "one" / "law", tmp_path / "proofs", unfit)
        await one.load(OMAR, await approved(one))
        before = two.law.bundle
        assert await told(two.refresh(shared=True)) == "invalid_field"
        assert two.law.bundle is before


# Who may


@pytest.mark.parametrize(
    ("who", "code"),
    [(OMAR, "forbidden"), (RUNNER, "forbidden"), (CLERK, "forbidden"), (PROGRAM, "law_needs_a_person")],
)
async def test_who_may_not_propose(made, who, code):
    """A law is proposed by a person who is an author."""
    assert await told(made[0].propose(who, "t", WIDER)) == code
    assert await made[0].proposals() == []


async def test_nobody_approves_what_they_wrote(made):
    """Neither the author, nor the author's other key, nor a program approves; another person does."""
    making, _ = made
    number = (await making.propose(SALMA, "t", WIDER)).proposal.number
    await making.prove(PROGRAM, number)
    for who, code in (
        (SALMA, "law_own_proposal"),
        (OTHER_KEY, "law_own_proposal"),
        (PROGRAM, "law_needs_a_person"),
        (FATIMA, "forbidden"),
        (CLERK, "forbidden"),
    ):
        assert await told(making.approve(who, number)) == code
    assert await told(making.reject(SALMA, number, WHY)) == "law_own_proposal"
    assert (await making.approve(OMAR, number)).proposal.state == "approved"


async def test_only_the_author_withdraws(made):
    """An author withdraws their own proposal, even approved; somebody else's is for an approver to reject."""
    making, _ = made
    number = await approved(making)
    assert await told(making.withdraw(SALMA, number, WHY)) == "law_not_the_author"
    assert (await making.withdraw(FATIMA, number, WHY)).proposal.state == "withdrawn"
    assert await told(making.load(OMAR, number)) == "law_proposal_withdrawn"
    assert (await making.dossier(number)).proposal.steps[-1].reason == WHY


# The order


async def test_no_step_is_skipped_or_taken_twice(made):
    """Each step wants the one before, and none is taken twice."""
    making, _ = made
    number = (await making.propose(FATIMA, "t", WIDER)).proposal.number
    assert await told(making.approve(OMAR, number)) == "law_proposal_unproved"
    assert await told(making.load(OMAR, number)) == "law_proposal_unproved"
    await making.prove(FATIMA, number)
    assert await told(making.prove(FATIMA, number)) == "law_proposal_proved"
    assert await told(making.load(OMAR, number)) == "law_proposal_proved"
    await making.approve(OMAR, number)
    assert await told(making.approve(SALMA, number)) == "law_proposal_approved"
    await making.load(OMAR, number)
    for step in (making.load(OMAR, number), making.approve(OMAR, number), making.reject(OMAR, number, WHY)):
        assert await told(step) == "law_proposal_loaded"


async def test_what_is_not_proved_goes_no_further(made):
    """A law that breaks an invariant ends there, with the counter-example on its page; nobody can approve it."""
    making, _ = made
    number = (await making.propose(FATIMA, "t", LEAKING)).proposal.number
    found = await making.prove(FATIMA, number)
    assert (found.proposal.state, found.proof["holds"]) == ("disproved", False)
    assert [row["fault"] for row in found.proof["rows"] if row.get("fault")] == ["broken"]
    assert await told(making.approve(OMAR, number)) == "law_proposal_disproved"
    assert await told(making.load(OMAR, number)) == "law_proposal_disproved"


async def test_a_law_that_does_not_pass_is_not_even_proposed(made, tmp_path):
    """A text that does not read, or fails a case, leaves neither a proposal, nor a text, nor an entry."""
    making, log = made
    for texts, code in (
        ({**WIDER, "rules/10-rules.cedar": "permit"}, "law_"),
        ({**WIDER, "cases/x.toml": CASE}, "law_case"),
        ({name: text for name, text in WIDER.items() if name != "hosts.toml"}, "law_file"),
    ):
        assert (await told(making.propose(FATIMA, "t", texts))).startswith(code)
    assert await making.proposals() == []
    assert len(await entries(log, tmp_path / "house")) == 1


async def test_the_law_in_force_is_not_proposed_again_unless_nobody_agreed_on_it(made):
    """The law of the first start can be proposed as it is, so that two people agree on it; after that, no more."""
    making, _ = made
    assert (await making.standing()).attention == "first"
    await making.load(OMAR, await approved(making, text=FIRST))
    standing = await making.standing()
    assert (standing.attention, standing.in_force.number, standing.folder) == ("", 2, "same")
    assert await told(making.propose(FATIMA, "t", FIRST)) == "law_proposal_same"


async def test_an_invariant_that_goes_away_is_shown(made):
    """A proposal with fewer invariants says which, on its dossier: it is proved more easily. Its digest is that of the old."""
    making, _ = made
    found = await making.propose(FATIMA, "t", UNGUARDED)
    assert found.difference["invariants"] == {"removed": ["never-abroad"], "altered": []}
    weaker = {**FIRST, "invariants/10-never.cedar": FIRST["invariants/10-never.cedar"].replace(">= 3", ">= 4")}
    weaker["bundle.toml"] = FIRST["bundle.toml"]
    found = await making.propose(FATIMA, "t", weaker)
    assert found.difference["invariants"] == {"removed": [], "altered": ["never-abroad"]}
    assert found.proposal.digest == making.law.bundle.digest
    assert found.proposal.text != (await making.standing()).in_force.text


async def test_a_case_that_goes_away_is_shown(made):
    """A proposal that no longer answers to a case, or to another verdict of it, says which on its page in every language."""
    making, _ = made
    abroad = CASE.replace('"SN"', '"US"').replace("[[case]]", "[[case]]\ndefault = true")
    cases = abroad + abroad.replace('"x"', '"y"')
    await making.load(OMAR, await approved(making, text={**FIRST, "cases/x.toml": cases}))
    found = await making.propose(
        FATIMA, "t", {**WIDER, "cases/x.toml": CASE.replace('"SN"', '"US"').replace("refuse", "allow")}
    )
    assert found.difference["cases"] == {"removed": ["y"], "altered": ["x"]}
    pages = {language: render_dossier(found, language) for language in ("fr", "ar", "en")}
    assert "These cases would no longer be checked before a law comes into force: y" in pages["en"]
    assert "exigeraient autre chose : x" in pages["fr"]


# Stale


async def test_a_proposal_against_another_law_must_be_made_again(made):
    """When the law changed since, a proposal is proved, approved and loaded no more; it can be put aside."""
    making, _ = made
    fresh = (await making.propose(SALMA, "t", law("5", WIDER["rules/10-rules.cedar"]))).proposal.number
    proved = (await making.propose(SALMA, "t", law("6", WIDER["rules/10-rules.cedar"]))).proposal.number
    await making.prove(SALMA, proved)
    waiting = await approved(making, text=law("7", WIDER["rules/10-rules.cedar"]))
    await making.load(OMAR, await approved(making))
    assert await told(making.prove(SALMA, fresh)) == "law_proposal_stale"
    assert await told(making.approve(OMAR, proved)) == "law_proposal_stale"
    assert await told(making.load(OMAR, waiting)) == "law_proposal_stale"
    assert [one.stale for one in (await making.standing()).open] == [True, True, True]
    assert (await making.reject(OMAR, fresh, WHY)).proposal.state == "rejected"
    assert (await making.withdraw(FATIMA, waiting, WHY)).proposal.state == "withdrawn"


async def test_a_law_that_came_back_makes_nothing_fresh_again(made):
    """A proposal against the first law stays stale when that law comes back: what lay between was decided on."""
    making, _ = made
    first = making.law.bundle.digest
    old = (await making.propose(FATIMA, "t", law("9", WIDER["rules/10-rules.cedar"]))).proposal.number
    await making.load(OMAR, await approved(making))
    await making.roll_back(RUNNER, first, WHY)
    assert making.law.bundle.digest == first
    assert await told(making.prove(FATIMA, old)) == "law_proposal_stale"


# Two at once


async def outcomes(*works):
    """How each of several ended: its result, or the code of its error."""
    done = await asyncio.gather(*works, return_exceptions=True)
    return [one.code if isinstance(one, DaffaError) else type(one).__name__ for one in done]


async def test_of_two_approvals_one_wins(made, tmp_path):
    """Two people approve at once: one does, the other is told that it is approved; the log has one approval."""
    making, log = made
    number = (await making.propose(FATIMA, "t", WIDER)).proposal.number
    await making.prove(FATIMA, number)
    found = await outcomes(making.approve(OMAR, number), making.approve(SALMA, number))
    assert sorted(found) == ["Dossier", "law_proposal_approved"]
    assert [action for action, _ in await entries(log, tmp_path / "house")].count("law_approved") == 1


async def test_of_approval_and_withdrawal_at_once_the_log_tells_the_order(made, tmp_path):
    """Approve and withdraw at once end in withdrawn; either the approval came first, or it is told that it came too late."""
    making, log = made
    number = (await making.propose(FATIMA, "t", WIDER)).proposal.number
    await making.prove(FATIMA, number)
    found = await outcomes(making.withdraw(FATIMA, number, WHY), making.approve(OMAR, number))
    assert found in (["Dossier", "law_proposal_withdrawn"], ["Dossier", "Dossier"])
    said = [action for action, _ in await entries(log, tmp_path / "house")]
    assert said[3:] == (["law_withdrawn"] if found[1] != "Dossier" else ["law_approved", "law_withdrawn"])
    assert (await making.dossier(number)).proposal.state == "withdrawn"


async def test_of_two_loads_one_wins_also_between_workers(url, tmp_path):
    """Two proposals loaded at once by two processes: one comes into force, the other is stale; both end under one law."""
    async with opened(url, tmp_path / "one") as (one, _), opened(url, tmp_path / "two") as (two, _):
        first = await approved(one)
        second = await approved(two, text=law("8", WIDER["rules/10-rules.cedar"]))
        found = await outcomes(one.load(RUNNER, first), two.load(RUNNER, second), one.load(OMAR, first))
        assert found.count("Enactment") == 1
        assert set(found) <= {"Enactment", "law_proposal_stale", "law_proposal_loaded"}
        await asyncio.gather(one.refresh(), two.refresh())
        digest = (await one.standing()).in_force.digest
        assert one.law.bundle.digest == two.law.bundle.digest == digest


async def test_a_caller_who_goes_away_stops_no_step(made):
    """A load whose caller is gone ends all the same: database and memory say the same law."""
    making, _ = made
    number = await approved(making)
    task = asyncio.create_task(making.load(RUNNER, number))
    while (await making.standing()).in_force.number == 1 and not task.done():
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.gather(task, *making._tasks, return_exceptions=True)
    assert making.law.bundle.digest == (await making.standing()).in_force.digest
