"""The way back in an emergency, and what is odd or breaks: titles, numbers, logs that take nothing, altered texts."""

from __future__ import annotations

import asyncio

import pytest
from databases import sql
from lawmakers import CLERK, FATIMA, OMAR, PROGRAM, RUNNER, SALMA, WHY, approved, entries, opened, signer, told
from tiny_law import FIRST, LEAKING, WIDER, law, write

from daffa.errors import Invalid, Unavailable
from daffa.policy import LawFiles

# Back


async def test_an_earlier_law_comes_back_by_one_person_and_is_not_forgotten(made, tmp_path):
    """A rollback puts an earlier law into force at once, with its reason in the log; it calls for attention until two agree."""
    making, log = made
    first = making.law.bundle.digest
    await making.load(OMAR, await approved(making))
    now = await making.roll_back(RUNNER, first[:12], "patients' data left")
    assert (now.number, now.way, now.reason, now.who) == (3, "rollback", "patients' data left", "idir")
    assert making.law.bundle.digest == first
    action, details = (await entries(log, tmp_path / "house"))[-1]
    assert (action, details["reason"], details["actor"]) == ("law_rolled_back", "patients' data left", "idir")
    assert (await making.standing()).attention == "rollback"
    await making.load(OMAR, await approved(making, text=FIRST))
    assert (await making.standing()).attention == ""
    assert [one.way for one in await making.history()] == ["load", "rollback", "load", "first"]


async def test_only_what_was_in_force_comes_back(made):
    """Neither the present law, nor a proposed one, nor an unknown one, nor too short a digest; never by a program."""
    making, _ = made
    first = making.law.bundle.digest
    number = await approved(making)
    proposed = (await making.dossier(number)).proposal.digest
    for digest, code in (
        (first, "law_in_force_already"),
        (proposed, "law_never_in_force"),
        ("0" * 64, "law_never_in_force"),
        (first[:7], "law_never_in_force"),
        ("", "law_never_in_force"),
        ("%%%%%%%%%", "law_never_in_force"),
        ("x' OR 1=1 --", "law_never_in_force"),
        ("\x00" * 9, "law_never_in_force"),
    ):
        assert await told(making.roll_back(RUNNER, digest, WHY)) == code
    await making.load(OMAR, number)
    for who, code in ((FATIMA, "forbidden"), (CLERK, "forbidden"), (PROGRAM, "law_needs_a_person")):
        assert await told(making.roll_back(who, first, WHY)) == code
    for reason in ("", "  ", "x" * 2001, "a\x1b[2J", "\u202eabc"):
        assert await told(making.roll_back(RUNNER, first, reason)) == "invalid_field"
    assert (await making.standing()).in_force.digest == proposed


async def test_a_digest_of_two_laws_asks_for_the_whole_id(made):
    """Two laws of one digest, differing in what judges them, are told apart by their id."""
    making, _ = made
    texts = {**FIRST, "invariants/10-never.cedar": FIRST["invariants/10-never.cedar"] + "\n"}
    await making.load(OMAR, await approved(making, text=texts))
    await making.load(OMAR, await approved(making, text=WIDER))
    digest = LawFiles.of(FIRST).digest()
    assert await told(making.roll_back(RUNNER, digest, WHY)) == "law_digest_ambiguous"
    assert (await making.roll_back(RUNNER, LawFiles.of(texts).id(), WHY)).text == LawFiles.of(texts).id()


# The edges


@pytest.mark.parametrize("title", ["", "   ", "x" * 201, "a\nb", "a\x00", "\u202eegap siht", "\ud800"])
async def test_a_title_is_a_line_that_can_be_shown(made, title):
    """A title that could hide or turn what stands beside it on the page is refused."""
    assert await told(made[0].propose(FATIMA, title, WIDER)) == "invalid_field"


@pytest.mark.parametrize("number", [0, -1, 2, 2**31, 2**63, 10**30])
async def test_a_proposal_that_is_not_there(made, number):
    """Any number that is none of a proposal is not found."""
    assert await told(made[0].dossier(number)) == "law_no_proposal"
    assert await told(made[0].approve(OMAR, number)) == "law_no_proposal"


async def test_no_entry_no_step(made):
    """When the log takes nothing, no step is taken: neither a proposal nor an approval nor a law."""
    making, log = made
    number = await approved(making)
    await log.close()
    before = await making.standing()
    assert await told(making.load(OMAR, number)) == "audit_closed"
    assert await told(making.reject(SALMA, number, WHY)) == "audit_closed"
    assert await told(making.propose(FATIMA, "t", law("6", WIDER["rules/10-rules.cedar"]))) == "audit_closed"
    assert await making.standing() == before
    assert making.law.bundle.digest == before.in_force.digest


async def test_a_step_that_fails_after_its_entry_is_told_in_the_log(made, tmp_path, monkeypatch):
    """Where the database refuses after the entry is durable, an entry says that it came to nothing; it can be taken again."""
    making, log = made
    number = await approved(making)

    async def refuses(*_):
        raise Unavailable("storage_unavailable", database="x", reason="disk full")

    with monkeypatch.context() as patch:
        patch.setattr("daffa.lawmaking.register.add_enactment", refuses)
        assert await told(making.load(OMAR, number)) == "storage_unavailable"
    said = await entries(log, tmp_path / "house")
    assert [action for action, _ in said[-2:]] == ["law_loaded", "law_step_failed"]
    assert said[-1][1]["entry"] == log.reference(len(said) - 2)
    assert making.law.bundle.version == "1"
    await making.load(OMAR, number)
    assert making.law.bundle.version == "2"


async def test_a_text_that_was_altered_in_the_database_is_not_read(url, tmp_path):
    """Whoever changes a kept law in the database does not change the law: the house does not start on it."""
    async with opened(url, tmp_path / "house"):
        pass
    column = (
        "convert_to(replace(convert_from(files, 'UTF8'), 'SN', 'US'), 'UTF8')" if "://" in url else "replace(files, 'SN', 'US')"
    )
    sql(url, f"UPDATE law_texts SET files = {column}")
    with pytest.raises(Unavailable, match="altered"):
        async with opened(url, tmp_path / "house"):
            pass


async def test_a_first_law_that_does_not_hold_leaves_nothing(url, tmp_path):
    """A house whose first law does not pass does not begin; mended, it begins with that law as number 1."""
    house = tmp_path / "house"
    house.mkdir()
    write(house / "law", LEAKING)
    with pytest.raises(Invalid):
        async with opened(url, house):
            pass
    assert sql(url, "SELECT count(*) FROM law_enactments") == [["0"]]
    write(house / "law", FIRST)
    async with opened(url, house) as (making, _):
        assert (await making.standing()).in_force.number == 1


def test_a_program_signs_with_its_key():
    """A program is named by its key, a person by their id."""
    assert (PROGRAM.name, FATIMA.name, signer("x").name) == ("key:k", "fatima", "x")


async def test_nobody_floods_whoever_approves(made, monkeypatch):
    """One author has twenty open proposals at most; others are not kept out, and one that is put aside makes room."""
    making, _ = made
    monkeypatch.setattr("daffa.policy.four_eyes._MOST_OPEN", 2)
    for version in "56":
        await making.propose(FATIMA, "t", law(version, WIDER["rules/10-rules.cedar"]))
    assert await told(making.propose(FATIMA, "t", WIDER)) == "law_too_many_open"
    await making.propose(SALMA, "t", WIDER)
    await making.withdraw(FATIMA, 1, WHY)
    assert (await making.propose(FATIMA, "t", WIDER)).proposal.number == 4
    assert [one.number for one in await making.proposals(before=3)] == [2, 1]


async def test_few_wait_for_the_solver(made):
    """Of many who propose at once four are examined, one after the other; the rest are told to come back, at once."""
    making, _ = made
    works = [
        asyncio.ensure_future(making.propose(FATIMA, "t", law(str(number), WIDER["rules/10-rules.cedar"])))
        for number in range(10, 17)
    ]
    async with making._one_at_a_time:  # the solver is at work, and stays so until the last has come
        told = set()
        while len(told) < 3:
            done, _ = await asyncio.wait(works, return_when=asyncio.FIRST_COMPLETED)
            told |= done
            works = [work for work in works if work not in done]
    assert [work.exception().code for work in told] == ["law_solver_busy"] * 3
    assert len(await asyncio.gather(*works)) == 4
    assert (await making.propose(FATIMA, "t", WIDER)).proposal.number == 5
