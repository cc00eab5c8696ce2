"""Details: opened by who holds the keys, and erased for good while the proof stays."""

from __future__ import annotations

import asyncio
import shutil

import pytest

from daffa.audit import Reader, records, store
from daffa.audit.journal import log_mark, scan
from daffa.errors import NotFound, Unavailable


async def test_details_are_opened_by_who_holds_the_keys(log, decision):
    """The exact time and the details of an entry come back, even before any checkpoint covered it."""
    audit = log()
    index = await audit.decision(decision(details={"actor": "amina", "n": [1, None]}, time=1_763_812_801.25))
    opened = await audit.open_details(index)
    assert (opened.time, opened.details) == (1_763_812_801.25, {"actor": "amina", "n": [1, None]})
    with pytest.raises(NotFound):
        await audit.open_details(index + 1)
    await audit.close()


async def test_erasure_leaves_the_proof_and_takes_the_details(log, folder, decision, erasure):
    """After erasure neither key nor sealed details are in any file, after a restart neither; the log still verifies."""
    audit = log()
    for _ in range(3):
        index = await audit.decision(decision(details={"actor": "amina"}))
    await audit.flush()
    number = index * 32
    record_key = (folder / "keys" / "000").read_bytes()[number : number + 32]
    assert any(record_key)
    assert [await audit.erase(erasure(index)), await audit.erase(erasure(index))] == [index + 1, index + 2]
    with pytest.raises(NotFound, match="erased"):
        await audit.open_details(index)
    assert (await audit.open_details(index - 1)).details == {"actor": "amina"}
    await audit.close()
    for path in folder.rglob("*"):
        assert path.is_dir() or record_key not in path.read_bytes()
    audit = log()
    with pytest.raises(NotFound, match="erased"):
        await audit.open_details(index)
    for beyond in (index + 3, -1):
        with pytest.raises(NotFound):
            await audit.erase(erasure(beyond))
    assert Reader(folder).verify().damage == ()
    await audit.close()


async def test_an_erasure_is_an_entry_of_its_own(log, folder, decision, erasure, leaves):
    """The log shows which entry was erased; who asked and why is sealed, and can be erased in its turn."""
    audit = log()
    index = await audit.decision(decision())
    erased = await audit.erase(erasure(index, details={"actor": "rachid", "reason": "order 7"}))
    assert set(leaves(folder)[erased]) == {"commitment", "erased", "kind", "time"}
    assert (leaves(folder)[erased]["kind"], leaves(folder)[erased]["erased"]) == ("erasure", index)
    assert (await audit.open_details(erased)).details == {"actor": "rachid", "reason": "order 7"}
    await audit.erase(erasure(erased))
    with pytest.raises(NotFound, match="erased"):
        await audit.open_details(erased)
    await audit.close()
    assert Reader(folder).verify().damage == ()


async def test_a_crash_at_any_step_ends_with_both_the_entry_and_the_erasure(
    log, folder, decision, erasure, leaves, monkeypatch
):
    """Once the erasure's entry is durable, whatever fails before its key is destroyed is made good by the next opening."""
    for step in range(12):
        audit, left = log(), step
        index = await audit.decision(decision())
        await audit.flush()
        for module, name in ((store, "publish"), (records, "_write")):
            real = getattr(module, name)

            def failing(*arguments, real=real):
                nonlocal left
                left -= 1
                if left == -1:
                    raise OSError("the machine stopped")
                return real(*arguments)

            monkeypatch.setattr(module, name, failing)
        try:
            await audit.erase(erasure(index))
        except Unavailable:
            failed = True
        else:
            failed = False
        monkeypatch.undo()
        await audit.close()
        audit = log()
        assert leaves(folder)[-1]["erased"] == index
        with pytest.raises(NotFound, match="erased"):
            await audit.open_details(index)
        await audit.close()
        assert Reader(folder).verify().damage == ()
        if not failed:
            break
    assert step >= 7


async def test_erasures_are_repeated_after_a_backup_of_keys_came_back(log, folder, decision, erasure):
    """A restored ``keys/`` un-erases; one call destroys again all that the log says is erased, and nothing else."""
    audit = log()
    indexes = [await audit.decision(decision()) for _ in range(300)]
    await audit.close()
    for name in ("keys", "sealed"):
        shutil.copytree(folder / name, folder.parent / name)
    audit = log()
    for index in (5, 299):
        await audit.erase(erasure(index))
    await audit.close()
    for name in ("keys", "sealed"):
        shutil.rmtree(folder / name)
        shutil.copytree(folder.parent / name, folder / name)
    audit = log()
    assert (await audit.open_details(5)).details == {"actor": "amina"}
    assert await audit.repeat_erasures() == 2
    for index in indexes:
        if index in (5, 299):
            with pytest.raises(NotFound, match="erased"):
                await audit.open_details(index)
    assert (await audit.open_details(6)).details == {"actor": "amina"}
    await audit.close()


@pytest.mark.usefixtures("unpublished")
async def test_an_entry_can_be_erased_the_moment_it_is_recorded(log, folder, decision, erasure):
    """Erasing an entry that only the journal holds takes it out of the journal too."""
    audit = log()
    index = await audit.decision(decision())
    [[group], _] = [scan((folder / "journal" / name).read_bytes(), log_mark(audit.origin))[0] for name in "ab"]
    await audit.erase(erasure(index))
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
