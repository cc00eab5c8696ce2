"""The database against the log: a law that the log does not bear out is not begun with, forged, restored or lost."""

from __future__ import annotations

import shutil
import time

import pytest
from databases import sql
from lawmakers import OMAR, RUNNER, approved, entries, opened, told
from tiny_law import WIDER, law

from daffa.audit import Decision, Erasure
from daffa.errors import Unavailable
from daffa.policy import LawFiles

NEXT = law("8", WIDER["rules/10-rules.cedar"])


async def decided(making, log):
    """A decision under the law in force."""
    entry = Decision(
        door="gateway", allowed=True, rules=(), nearest=(), place="p", level=0, bundle=making.law.bundle.digest,
        refused=(), time=time.time(), details={}, reason="",
    )  # fmt: skip
    return await log.decision(entry)


async def begins(url, house):
    """The code with which a start is refused, or "", and the version of the law that it begins with."""
    try:
        async with opened(url, house) as (making, _):
            return "", making.law.bundle.version
    except Unavailable as error:
        said = [error.say(language) for language in ("fr", "ar", "en")]
        assert not any("{" in one for one in said)
        return error.code, ""


FORGERIES = {
    "text": "UPDATE law_enactments SET text = (SELECT text FROM law_enactments WHERE number = 1) WHERE number = 2",
    "entry": "UPDATE law_enactments SET entry = (SELECT entry FROM law_enactments WHERE number = 1) WHERE number = 2",
    "who": "UPDATE law_enactments SET who = 'omar' WHERE number = 2",
    "way": "UPDATE law_enactments SET way = 'rollback' WHERE number = 2",
    "index": "UPDATE law_enactments SET entry = 'test/house#4711' WHERE number = 2",
    "nonsense": "UPDATE law_enactments SET entry = 'test/house#' WHERE number = 2",
    "again": "INSERT INTO law_enactments SELECT 3, text, way, proposal, who, key, time, reason, entry FROM law_enactments "
    "WHERE number = 1",
}


@pytest.mark.parametrize("forged", FORGERIES)
async def test_a_forged_enactment_is_not_begun_with(url, tmp_path, forged):
    """Whoever writes into the database that a law came into force, by another text, entry, person or way, stops the house."""
    house = tmp_path / "house"
    async with opened(url, house) as (making, _):
        await making.load(RUNNER, await approved(making))
    sql(url, FORGERIES[forged])
    assert (await begins(url, house))[0] == "law_entry_differs"


async def test_a_forged_enactment_is_not_taken_up_while_the_house_runs(made, url):
    """What is written into the database meanwhile is not taken up, and the law in force decides on."""
    making, _ = made
    await making.load(RUNNER, await approved(making))
    digest = making.law.bundle.digest
    sql(url, FORGERIES["again"])
    assert await told(making.refresh()) == "law_entry_differs"
    sql(url, "DELETE FROM law_enactments WHERE number > 1")
    assert await told(making.refresh()) == "law_went_back"
    assert making.law.bundle.digest == digest


async def test_a_database_put_back_is_not_begun_with(tmp_path):
    """When the log goes on under a later law than the restored database knows, the house does not start on the older one."""
    house, url = tmp_path / "house", str(tmp_path / "daffa.db")
    async with opened(url, house):
        pass
    shutil.copyfile(url, tmp_path / "backup")
    async with opened(url, house) as (making, log):
        await making.load(RUNNER, await approved(making))
        await decided(making, log)
    shutil.copyfile(tmp_path / "backup", url)
    assert (await begins(url, house))[0] == "law_older_than_log"


async def test_a_lost_database_is_no_first_start(tmp_path):
    """A log that has decided under a law does not begin again with that of the folder because the database is gone."""
    house, url = tmp_path / "house", str(tmp_path / "daffa.db")
    async with opened(url, house) as (making, log):
        await decided(making, log)
    assert (await begins(str(tmp_path / "another.db"), house))[0] == "law_older_than_log"


async def test_a_database_put_back_before_anything_was_decided_is_told(tmp_path):
    """Where nothing was decided under the later law, it is as if a crash had come between: the log says that it failed."""
    house, url = tmp_path / "house", str(tmp_path / "daffa.db")
    async with opened(url, house) as (making, log):
        number = await approved(making)
        await decided(making, log)
    shutil.copyfile(url, tmp_path / "backup")
    async with opened(url, house) as (making, _):
        entry = (await making.load(RUNNER, number)).entry
    shutil.copyfile(tmp_path / "backup", url)
    for _ in range(2):
        async with opened(url, house) as (making, log):
            said = [(action, details.get("entry")) for action, details in await entries(log, house)]
            assert said[-2:] == [("law_loaded", None), ("law_step_failed", entry)]
    assert (await begins(url, house)) == ("", "1")


async def test_a_database_put_back_far_is_found_by_what_decided(tmp_path, monkeypatch):
    """Where the change of the law lies too far back to be read at a start, the digests of the decisions tell."""
    monkeypatch.setattr("daffa.lawmaking.vouching._WINDOW", 3)
    house, url = tmp_path / "house", str(tmp_path / "daffa.db")
    async with opened(url, house):
        pass
    shutil.copyfile(url, tmp_path / "backup")
    async with opened(url, house) as (making, log):
        await making.load(RUNNER, await approved(making))
        for _ in range(5):
            await decided(making, log)
    assert (await begins(url, house))[0] == ""
    shutil.copyfile(tmp_path / "backup", url)
    assert (await begins(url, house))[0] == "law_older_than_log"


async def test_an_erasure_stops_no_house(url, tmp_path):
    """Where the details of the entry were erased, its kind vouches; decisions after it still tell of another law."""
    house = tmp_path / "house"
    async with opened(url, house) as (making, log):
        now = await making.load(RUNNER, await approved(making))
        await log.erase(Erasure(int(now.entry.rpartition("#")[2]), time.time(), {}))
        await decided(making, log)
    assert (await begins(url, house)) == ("", "2")
    sql(url, "UPDATE law_enactments SET way = 'rollback' WHERE number = 2")
    assert (await begins(url, house))[0] == "law_entry_differs"


async def test_a_new_log_takes_the_law_up_by_an_entry(url, tmp_path):
    """Begun with a new log, a house says in it which law it took up and which entry vouches for it; once."""
    async with opened(url, tmp_path / "old") as (making, _):
        now = await making.load(RUNNER, await approved(making))
    for _ in range(2):
        async with opened(url, tmp_path / "new") as (making, log):
            (only,) = await entries(log, tmp_path / "new")
            assert (only[0], only[1]["entry"], only[1]["text"]) == ("law_taken_up", now.entry, LawFiles.of(WIDER).id())
            assert making.law.bundle.version == "2"


async def test_a_worker_enters_what_another_put_into_force(url, tmp_path):
    """Each law under which a worker decides has an entry in its own log, before its first decision under it."""
    async with opened(url, tmp_path / "one") as (one, _), opened(url, tmp_path / "two") as (two, log):
        now = await one.load(RUNNER, await approved(one))
        await two.refresh()
        assert two.law.bundle.version == "2"
        said = await entries(log, tmp_path / "two")
        assert [action for action, _ in said] == ["law_taken_up", "law_taken_up"]
        assert said[-1][1]["entry"] == now.entry
        await two.load(OMAR, await approved(two, text=NEXT))
    for name in ("one", "two"):
        assert (await begins(url, tmp_path / name)) == ("", "8")
