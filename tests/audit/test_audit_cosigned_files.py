"""The files of a cosigned log: what is published, in which order, and how an altered one is found."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from daffa.audit import Audit, Reader, Trust
from daffa.audit.cosignature import Cosigner, new_witness_key
from daffa.audit.vkey import KeyKind
from daffa.errors import Invalid, Unavailable

from .growing import Branch

WITNESS = Cosigner("w.example.ma", new_witness_key(KeyKind.COSIGNATURE))


def cosigned(checkpoint):
    return replace(checkpoint, note=checkpoint.note + WITNESS.sign(checkpoint, 1_763_812_800))


@pytest.fixture
def grown(decision):
    """Grows a log by some entries, and gives its newest checkpoint."""

    async def grow(audit, count):
        await asyncio.gather(*[audit.decision(decision()) for _ in range(count)])
        await audit.flush()
        return audit.checkpoint

    return grow


async def test_an_older_cosigned_checkpoint_replaces_no_newer_one(log, folder, grown):
    """What is published never goes back; an older checkpoint is put beside the newest one, not over it."""
    audit = log()
    older = await grown(audit, 3)
    newer = await grown(audit, 4)
    await audit.publish_cosigned(cosigned(older))
    assert (Reader(folder).cosigned().size, Reader(folder).checkpoint().note) == (3, newer.note)
    await audit.publish_cosigned(cosigned(newer))
    await audit.publish_cosigned(cosigned(older))
    assert Reader(folder).cosigned() == Reader(folder).checkpoint() == cosigned(newer)
    await grown(audit, 1)
    await audit.close()
    with pytest.raises(Unavailable):
        await audit.publish_cosigned(cosigned(newer))
    assert (Reader(folder).checkpoint().size, Reader(folder).cosigned().size) == (8, 7)
    again = log()
    assert again.cosigned == cosigned(newer)
    await again.close()


async def test_receipts_stand_on_the_cosigned_checkpoint(log, folder, grown):
    """A receipt carries the last cosigned checkpoint where that covers its entry, and else the newest."""
    audit = log()
    await audit.publish_cosigned(cosigned(await grown(audit, 300)))
    await grown(audit, 300)
    reader = Reader(folder)
    assert [reader.prove(index).checkpoint.size for index in (0, 299, 300, 599)] == [300, 300, 600, 600]
    assert [WITNESS.name in reader.receipt(index) for index in (299, 300)] == [True, False]
    await audit.close()


async def test_an_altered_cosigned_checkpoint_is_found(log, folder, key, grown):
    """A cut or altered ``checkpoint.cosigned`` is reported by name, and so is one that the key signed of another history."""
    audit = log()
    good = cosigned(await grown(audit, 12))
    await audit.publish_cosigned(good)
    await grown(audit, 12)
    await audit.close()
    fork = cosigned(Branch("example.ma/log", key, [b"another"] * 12).checkpoint())
    ahead = cosigned(Branch("example.ma/log", key, [b"another"] * 30).checkpoint())
    for note in (good.note.replace("\n12\n", "\n13\n"), good.note[:-3], "", fork.note, ahead.note):
        (folder / "checkpoint.cosigned").write_text(note)
        damage = Reader(folder).verify(audit.vkey).damage
        assert [(error.code, error.facts["file"]) for error in damage] == [("audit_damaged", "checkpoint.cosigned")]
    for note in (good.note.replace("\n12\n", "\n13\n"), ""):
        (folder / "checkpoint.cosigned").write_text(note)
        with pytest.raises(Invalid, match=r"checkpoint\.cosigned"):
            Audit.open(folder, "example.ma/log", key)
    (folder / "checkpoint.cosigned").unlink()
    assert Reader(folder).verify(audit.vkey).damage == ()
    report = Reader(folder).verify(audit.vkey, Trust.of([str(WITNESS.vkey)], 1))
    assert [error.code for error in report.damage] == ["too_few_cosignatures"]


async def test_a_log_verifies_while_it_is_cosigned(log, folder, grown):
    """At every moment of a log that grows and is cosigned, a whole verification finds nothing wrong."""
    audit, done = log(), asyncio.Event()

    async def write():
        for _ in range(40):
            checkpoint = await grown(audit, 7)
            await audit.publish_cosigned(cosigned(checkpoint))
        done.set()

    async def read():
        while not done.is_set():
            assert (await asyncio.to_thread(Reader(folder).verify)).damage == ()

    await asyncio.gather(write(), read())
    await audit.close()


async def test_nothing_is_erased_again_in_a_damaged_log(log, folder, grown, erasure):
    """In a log whose entries were altered, repeating the erasures destroys nothing."""
    audit = log()
    await grown(audit, 3)
    await audit.erase(erasure(0))
    [bundle] = (folder / "tile" / "entries").rglob("4")
    bundle.write_bytes(bundle.read_bytes().replace(b'"erased":0', b'"erased":1'))
    with pytest.raises(Invalid, match="entry 3"):
        await audit.repeat_erasures()
    assert (await audit.open_details(1)).details == {"actor": "amina"}
    await audit.close()
