"""Details: opened by who holds the keys, and erased for good while the proof stays."""

from __future__ import annotations

import asyncio
import shutil

import pytest

from daffa.audit import Reader
from daffa.audit.journal import log_mark, scan
from daffa.errors import NotFound


async def test_details_are_opened_by_who_holds_the_keys(log, decision):
    """The exact time and the details of an entry come back, even before any checkpoint covered it."""
    audit = log()
    index = await audit.decision(decision(details={"actor": "amina", "n": [1, None]}, time=1_763_812_801.25))
    opened = await audit.open_details(index)
    assert (opened.time, opened.details) == (1_763_812_801.25, {"actor": "amina", "n": [1, None]})
    with pytest.raises(NotFound):
        await audit.open_details(index + 1)
    await audit.close()


async def test_erasure_leaves_the_proof_and_takes_the_details(log, folder, decision):
    """After erasure neither key nor sealed details are in any file, after a restart neither; the log still verifies."""
    audit = log()
    for _ in range(3):
        index = await audit.decision(decision(details={"actor": "amina"}))
    await audit.flush()
    number = index * 32
    record_key = (folder / "keys" / "000").read_bytes()[number : number + 32]
    assert any(record_key)
    await audit.erase(index)
    await audit.erase(index)
    with pytest.raises(NotFound, match="erased"):
        await audit.open_details(index)
    assert (await audit.open_details(index - 1)).details == {"actor": "amina"}
    await audit.close()
    for path in folder.rglob("*"):
        assert path.is_dir() or record_key not in path.read_bytes()
    audit = log()
    with pytest.raises(NotFound, match="erased"):
        await audit.open_details(index)
    with pytest.raises(NotFound):
        await audit.erase(index + 1)
    assert Reader(folder).verify().damage == ()
    await audit.close()


async def test_an_entry_can_be_erased_the_moment_it_is_recorded(log, folder, decision):
    """Erasing an entry that only the journal holds takes it out of the journal too."""
    audit = log()
    index = await audit.decision(decision())
    [[group], _] = [scan((folder / "journal" / name).read_bytes(), log_mark(audit.origin))[0] for name in "ab"]
    await audit.erase(index)
    for path in folder.rglob("*"):
        assert path.is_dir() or group.records[0].key not in path.read_bytes()
    await audit.close()


async def test_the_journal_keeps_no_key_behind(log, folder, decision):
    """Once a checkpoint covers the entries, both journal files hold nothing but zeros."""
    audit = log()
    await asyncio.gather(*[audit.decision(decision()) for _ in range(100)])
    await audit.close()
    for name in "ab":
        assert not (folder / "journal" / name).read_bytes().strip(b"\0")


async def test_details_lost_with_a_folder_do_not_stop_the_log(log, folder, decision):
    """Where the keys or the sealed details are gone, the log opens and grows, and says so for the entries concerned."""
    audit = log()
    await audit.decision(decision())
    await audit.close()
    shutil.rmtree(folder / "keys")
    shutil.rmtree(folder / "sealed")
    audit = log()
    index = await audit.decision(decision())
    assert (await audit.open_details(index)).details == {"actor": "amina"}
    with pytest.raises(NotFound):
        await audit.open_details(0)
    await audit.close()
