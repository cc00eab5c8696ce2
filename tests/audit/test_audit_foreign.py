"""Two programs that know nothing of ours verify our logs: ``tlog-scales`` and ``metamorphic-log``."""

from __future__ import annotations

import asyncio
import json
import random
import shutil
import subprocess
import sysconfig
from pathlib import Path

import metamorphic_log
import pytest
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tiles import leaf_hash
from tlog_scales.tlog import InclusionProof
from tlog_scales.utils import b64dec

from daffa.audit import Reader, verify_receipt


async def grow(log, decision, outcome, size):
    """Append until the log has ``size`` entries, decisions and outcomes in turn."""
    audit = log()
    entries = [audit.decision(decision(bundle=str(number))) for number in range((size + 1) // 2)]
    indexes = []
    for start in range(0, len(entries), 1000):
        indexes += await asyncio.gather(*entries[start : start + 1000])
    for index in indexes[: size // 2]:
        audit.outcome(outcome(index))
    await audit.close()


def verify_throughout(folder, vkey, sample):
    """Both verifiers over the whole log: signature, root, every entry's leaf hash, sampled proofs of both kinds."""
    foreign, note = TilesReader(LocalBackend(folder)), (folder / "checkpoint").read_text()
    checkpoint = foreign.get_checkpoint()
    checkpoint.verify(Vkey.from_string(vkey))
    head = metamorphic_log.checkpoint_verify(note, [vkey])
    assert (head.size, head.root) == (checkpoint.size, checkpoint.root_hash)
    assert foreign.calculate_root_hash() == checkpoint.root_hash
    for index in range(head.size):
        assert leaf_hash(foreign.get_entry(index)) == foreign.mth(index, index + 1), index
    reader = Reader(folder)
    for index in sample:
        leaf = leaf_hash(reader.entry(index))
        ours = reader.inclusion(index)
        assert ours == foreign.get_inclusion_proof(index, head.size).node_hashes
        metamorphic_log.checkpoint_verify_inclusion(note, [vkey], index, leaf, ours)
        InclusionProof(index, head.size, ours).check(leaf, head.root)
        old = index + 1
        ours = reader.consistency(old)
        assert ours == foreign.get_consistency_proof(old, head.size).node_hashes
        metamorphic_log.verify_consistency(old, head.size, ours, foreign.mth(0, old), head.root)


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 1000])
async def test_foreign_programs_verify_a_log(log, folder, decision, outcome, size):
    """Signature, root, all entries, and proofs of inclusion and consistency hold for both, at sizes around a tile's width."""
    await grow(log, decision, outcome, size)
    sample = {0, size - 1, *random.Random(1).sample(range(size), min(size, 60))}
    verify_throughout(folder, str(Reader(folder).vkey()), sample)


async def test_foreign_programs_verify_an_empty_log(log, folder):
    """A log that was opened and closed has a signed checkpoint of no entries."""
    await log().close()
    vkey = str(Reader(folder).vkey())
    assert metamorphic_log.checkpoint_verify((folder / "checkpoint").read_text(), [vkey]).size == 0
    assert TilesReader(LocalBackend(folder)).get_checkpoint().size == 0


async def test_a_log_of_100000_entries_verifies(log, folder, decision, outcome):
    """At a hundred thousand entries every leaf hash and the root hold for the foreign reader, and sampled proofs for both."""
    await grow(log, decision, outcome, 100_000)
    sample = {0, 255, 256, 65_535, 65_536, 99_999, *random.Random(1).sample(range(100_000), 200)}
    verify_throughout(folder, str(Reader(folder).vkey()), sample)


async def test_checkpoints_taken_while_a_log_grows_are_consistent(log, folder, decision):
    """Each checkpoint that was ever given out is proved a prefix of the last one, by a foreign verifier."""
    audit, notes = log(), []
    for _ in range(12):
        await asyncio.gather(*[audit.decision(decision()) for _ in range(77)])
        await audit.flush()
        notes.append((folder / "checkpoint").read_text())
    await audit.close()
    for note in notes:
        size = metamorphic_log.checkpoint_verify(note, [audit.vkey]).size
        proof = Reader(folder).consistency(size)
        metamorphic_log.checkpoint_verify_consistency(note, notes[-1], [audit.vkey], proof)


async def test_our_receipt_is_the_one_of_the_foreign_command(log, folder, decision):
    """``tlog-tiles gen-proof`` prints, from the folder alone, byte for byte the receipt that we give."""
    audit = log()
    await asyncio.gather(*[audit.decision(decision(bundle=str(number))) for number in range(700)])
    await audit.close()
    command = shutil.which("tlog-tiles", path=sysconfig.get_path("scripts")) or "tlog-tiles"
    for index in (0, 300, 699):
        made = subprocess.run(
            [command, "gen-proof", str(folder), str(index)], capture_output=True, text=True, check=True
        ).stdout
        assert made == Reader(folder).receipt(index)
        leaf = subprocess.run([command, "get-leaf", "-c", str(folder), str(index)], capture_output=True, check=True).stdout
        assert verify_receipt(made, leaf, audit.vkey).index == index


async def test_our_receipt_holds_for_foreign_verifiers(log, folder, decision):
    """A receipt taken apart by hand is a checkpoint and a path that both foreign verifiers accept for its entry."""
    audit = log()
    await asyncio.gather(*[audit.decision(decision()) for _ in range(300)])
    await audit.close()
    head, note = Reader(folder).receipt(211).split("\n\n", 1)
    first, index, *path = head.split("\n")
    assert (first, index) == ("c2sp.org/tlog-proof@v1", "index 211")
    leaf, hashes = leaf_hash(Reader(folder).entry(211)), [b64dec(line) for line in path]
    metamorphic_log.checkpoint_verify_inclusion(note, [audit.vkey], 211, leaf, hashes)
    InclusionProof(211, 300, hashes).check(leaf, metamorphic_log.checkpoint_verify(note, [audit.vkey]).root)


async def test_foreign_programs_reject_an_altered_entry(log, folder, decision):
    """An entry whose verdict was turned is refused by both, as it is by us."""
    audit = log()
    await asyncio.gather(*[audit.decision(decision(allowed=False)) for _ in range(10)])
    await audit.close()
    bundle = folder / "tile" / "entries" / "000.p" / "10"
    bundle.write_bytes(bundle.read_bytes().replace(b"refuse", b"allow ", 1).replace(b'"refused"', b'"refused"'))
    foreign, note = TilesReader(LocalBackend(folder)), (folder / "checkpoint").read_text()
    size = foreign.get_checkpoint().size
    wrong = [index for index in range(size) if leaf_hash(foreign.get_entry(index)) != foreign.mth(index, index + 1)]
    assert len(wrong) == 1
    assert [error.facts["index"] for error in Reader(folder).verify().damage] == wrong
    proof = foreign.get_inclusion_proof(wrong[0], size).node_hashes
    with pytest.raises(metamorphic_log.VerifyError):
        metamorphic_log.checkpoint_verify_inclusion(note, [audit.vkey], wrong[0], leaf_hash(foreign.get_entry(wrong[0])), proof)


async def test_the_leaves_are_json_that_anybody_reads(log, folder, decision, outcome):
    """A foreign reader gets canonical UTF-8 JSON objects with the fields that the document lists for each kind."""
    await grow(log, decision, outcome, 20)
    foreign = TilesReader(LocalBackend(Path(folder)))
    foreign.get_checkpoint()
    for index in range(20):
        leaf = foreign.get_entry(index)
        read = json.loads(leaf)
        assert leaf == json.dumps(read, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert read["kind"] in ("decision", "outcome")
