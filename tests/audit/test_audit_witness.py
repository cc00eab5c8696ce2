"""A witness: what it cosigns, what it refuses and how it says so; and its folder, which a crash does not make forget."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.audit import Checkpoint, KeyKind, Trust, VerifyingKey, Witness, WitnessFolder, new_log_key
from daffa.audit.cosignature import Cosigner, cosigned, new_witness_key
from daffa.audit.note import parse_checkpoint, sign_checkpoint
from daffa.audit.submission import SIZE_TYPE, read_submission, write_submission
from daffa.audit.vkey import WITNESSES, verifying_key
from daffa.errors import Conflict, Invalid, Unavailable

from .growing import Branch

ORIGIN = "example.ma/log"
LOG = new_log_key()
NOW = 1_763_812_800


@pytest.fixture
def branch(key):
    """A log of 12 entries."""
    return Branch(ORIGIN, key, [b"entry %d" % number for number in range(12)])


@pytest.fixture
def memory(folder):
    """The open folder of a witness."""
    opened = WitnessFolder(folder, "witness.example.ma", KeyKind.COSIGNATURE)
    yield opened
    opened.close()


@pytest.fixture
def witness(memory, key):
    """A witness that knows the log."""
    return Witness(memory.cosigner, [verifying_key(ORIGIN, key)], memory)


# The walk


def test_a_growing_log_is_cosigned_step_by_step(witness, memory, branch):
    """Each checkpoint that follows from the last one gets a cosignature that its vkey verifies, with the time of now."""
    last = 0
    for size in (0, 1, 4, 5, 5, 12):
        answer = witness.add_checkpoint(branch.submission(last, size), NOW + size)
        assert (answer.status, answer.text.count("\n")) == (200, 1)
        checkpoint = branch.checkpoint(size)
        whole = replace(checkpoint, note=checkpoint.note + answer.text)
        assert [found.time for found in cosigned(whole, [memory.cosigner.vkey])] == [NOW + size]
        last = size
    kept = memory.last(ORIGIN)
    assert kept.same_tree(branch.checkpoint())
    assert Trust.of([str(memory.cosigner.vkey)], 1).check(kept)


# What it refuses


def refused(witness, memory, body, status, origin=ORIGIN):
    """The answer to a submission that changes nothing."""
    before = memory.last(origin)
    answer = witness.add_checkpoint(body, NOW)
    assert (answer.status, "—" in answer.text) == (status, False)
    assert memory.last(origin) == before
    return answer


def test_a_fork_is_never_cosigned(witness, memory, branch, key):
    """Another history of the same log and key, at the same size, a larger or a smaller one, is refused."""
    assert witness.add_checkpoint(branch.submission(0, 8), NOW).status == 200
    fork = Branch(ORIGIN, key, [*branch.leaves[:5], *[b"forged"] * 20])
    assert refused(witness, memory, write_submission(8, [], fork.checkpoint(8)), 409).content_type != SIZE_TYPE
    refused(witness, memory, fork.submission(8, 12), 422)
    refused(witness, memory, write_submission(8, branch.proof(8, 12), fork.checkpoint(12)), 422)
    for size in (5, 7):
        refused(witness, memory, write_submission(8, [], branch.checkpoint(size)), 400)
    assert witness.add_checkpoint(branch.submission(8, 12), NOW).status == 200


def test_who_does_not_know_the_last_size_is_told(witness, memory, branch):
    """A submission from another size than the last gets 409 with that size, as its type says; from it, a cosignature."""
    assert witness.add_checkpoint(branch.submission(0, 3), NOW).status == 200
    for old in (0, 2, 4):
        answer = refused(witness, memory, branch.submission(old, 9), 409)
        assert (answer.content_type, answer.text) == ("text/x.tlog.size", "3\n")
    assert witness.add_checkpoint(branch.submission(3, 9), NOW).status == 200


def test_strangers_are_not_cosigned(witness, memory, branch):
    """An unknown log gets 404; a known one whose checkpoint is not signed by its key, or badly, gets 403."""
    refused(witness, memory, Branch("other", branch.key, branch.leaves).submission(0), 404, "other")
    refused(witness, memory, Branch(ORIGIN, new_log_key(), branch.leaves).submission(0), 403)
    note = branch.checkpoint().note
    forged = branch.checkpoint(11).note.splitlines(keepends=True)[-1]
    for bad in (note.replace(note.splitlines()[-1] + "\n", forged), note + forged):
        refused(witness, memory, write_submission(0, [], parse_checkpoint(bad)), 403)


def test_a_wrong_proof_is_refused(witness, memory, branch):
    """A proof that is cut, padded, turned round or for another size gets 422, a first submission with one too."""
    assert witness.add_checkpoint(branch.submission(0, 5), NOW).status == 200
    proof, new = branch.proof(5, 12), branch.checkpoint(12)
    for wrong in (proof[:-1], [*proof, proof[0]], proof[::-1], [], branch.proof(6, 12), [bytes(32)] * len(proof)):
        refused(witness, memory, write_submission(5, wrong, new), 422)
    refused(witness, memory, write_submission(5, proof, branch.checkpoint(5)), 422)


def test_a_size_of_nothing_has_the_root_of_nothing(witness, memory, key, branch):
    """A checkpoint of no entries with another root than that of the empty tree is not cosigned."""
    refused(witness, memory, write_submission(0, [], sign_checkpoint(Checkpoint(ORIGIN, 0, bytes(32)), key)), 409)
    assert witness.add_checkpoint(branch.submission(0, 0), NOW).status == 200


class Forgetting:
    """A memory for one submission."""

    def __init__(self, last):
        self.kept = last

    def last(self, _):
        return self.kept

    def keep(self, checkpoint):
        self.kept = checkpoint


COSIGNER = Cosigner("witness.example.ma", new_witness_key(KeyKind.COSIGNATURE))


@given(data=st.data())
def test_no_bytes_upset_a_witness(data):
    """Whatever is sent, a true submission with bytes changed, cut or put in above all, is answered; nothing else is kept."""
    branch = Branch(ORIGIN, LOG, [b"entry %d" % number for number in range(12)])
    memory = Forgetting(branch.checkpoint(5))
    body = bytearray(branch.submission(5))
    start = data.draw(st.integers(0, len(body)))
    body[start : start + data.draw(st.integers(0, 60))] = data.draw(st.binary(max_size=30))
    answer = Witness(COSIGNER, [verifying_key(ORIGIN, LOG)], memory).add_checkpoint(bytes(body), NOW)
    assert answer.status in (200, 400, 403, 404, 409, 422)
    if answer.status == 200:
        assert memory.kept.same_tree(branch.checkpoint())
    else:
        assert memory.kept.same_tree(branch.checkpoint(5))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"old 1\n",
        b"new 0\n\nx\n",
        b"old 01\n\n",
        b"old -1\n\n",
        b"old 0\nAAAA\n\n",
        b"old 0\nnot base64\n\n",
        b"old 0\n" + b"A" * 43 + b"=\n" * 1 + b"\n",
        b"old 0\n" + (b"A" * 43 + b"=\n") * 64 + b"\n",
    ],
)
def test_what_is_no_submission_is_told(witness, memory, branch, body):
    """Bytes that are no submission get 400, with or without a checkpoint behind them."""
    refused(witness, memory, body, 400)
    if body:
        for note in (branch.checkpoint().note.replace("12", "012"), "", "a\n\n— b c\n"):
            refused(witness, memory, body + note.encode(), 400)


def test_junk_signatures_are_not_kept(witness, memory, branch):
    """Lines that somebody added to a checkpoint do no harm: only the log's and the witness's own signature are kept."""
    junk = "".join(f"— somebody {'AAAA' * 9}{number:04d}\n" for number in range(60))
    checkpoint = branch.checkpoint()
    noisy = replace(checkpoint, note=checkpoint.note + junk)
    assert witness.add_checkpoint(write_submission(0, [], noisy), NOW).status == 200
    assert memory.last(ORIGIN).note.count("—") == 2
    assert witness.add_checkpoint(branch.submission(12), NOW).status == 200


def test_a_log_that_changes_its_key_has_two(memory, branch):
    """A witness that is told both keys of a log cosigns what either signed, and still no fork."""
    young = Branch(ORIGIN, new_log_key(), branch.leaves)
    keys = [verifying_key(ORIGIN, branch.key), verifying_key(ORIGIN, young.key)]
    witness = Witness(memory.cosigner, keys, memory)
    assert witness.add_checkpoint(branch.submission(0, 6), NOW).status == 200
    assert witness.add_checkpoint(young.submission(6, 9), NOW).status == 200
    fork = Branch(ORIGIN, young.key, [b"x"] * 12)
    refused(witness, memory, fork.submission(9), 422)


# The folder


def test_a_witness_remembers(folder, memory, key, branch):
    """Opened anew, the folder has the same key and the same last checkpoint; its vkey lies beside it for others."""
    assert (
        Witness(memory.cosigner, [verifying_key(ORIGIN, key)], memory).add_checkpoint(branch.submission(0), NOW).status == 200
    )
    vkey = memory.cosigner.vkey
    memory.close()
    again = WitnessFolder(folder, "witness.example.ma", KeyKind.COSIGNATURE)
    assert again.cosigner.vkey == VerifyingKey.parse((folder / "witness.vkey").read_text(), WITNESSES) == vkey
    assert again.last(ORIGIN).same_tree(branch.checkpoint())
    assert (folder / "witness.key").stat().st_mode & 0o777 == 0o600
    assert again.note_of(hashlib.sha256(ORIGIN.encode()).hexdigest()) == again.last(ORIGIN).note
    assert again.note_of("0" * 64) is None
    again.close()
    memory.__init__(folder, "witness.example.ma", KeyKind.COSIGNATURE)


def test_one_process_serves_a_witness(folder, memory):
    """While a folder is open nobody else opens it."""
    with pytest.raises(Conflict) as caught:
        WitnessFolder(folder, "witness.example.ma", KeyKind.COSIGNATURE)
    assert caught.value.code == "witness_is_served"
    assert memory.last(ORIGIN) is None


@pytest.mark.parametrize("spoil", [lambda note: note[:-2], lambda note: note.replace("\n12\n", "\n11\n"), lambda _: "", None])
def test_a_memory_that_was_altered_stops_the_witness(folder, key, branch, spoil):
    """A kept checkpoint that this witness did not write stops it at the start, and while it runs, with the file's name."""
    memory = WitnessFolder(folder, "w", KeyKind.ML_DSA_44)
    witness = Witness(memory.cosigner, [verifying_key(ORIGIN, key)], memory)
    assert witness.add_checkpoint(branch.submission(0), NOW).status == 200
    [path] = folder.glob("logs/*/checkpoint")
    path.write_text(spoil(path.read_text()) if spoil else branch.checkpoint().note)
    with pytest.raises(Invalid) as caught:
        witness.add_checkpoint(branch.submission(12), NOW)
    assert (caught.value.code, caught.value.facts["file"]) == ("audit_damaged", str(path.relative_to(folder)))
    memory.close()
    with pytest.raises(Invalid, match="logs/"):
        WitnessFolder(folder, "w", KeyKind.ML_DSA_44)


def test_nothing_is_cosigned_that_cannot_be_kept(witness, memory, branch, folder):
    """Where the disk refuses, no cosignature leaves, and the last checkpoint is still the one before."""
    assert witness.add_checkpoint(branch.submission(0, 4), NOW).status == 200
    (folder / "scratch").rmdir()
    (folder / "scratch").write_text("in the way")
    with pytest.raises(Unavailable):
        witness.add_checkpoint(branch.submission(4, 9), NOW)
    assert memory.last(ORIGIN).size == 4


def test_a_witness_keeps_its_kind_of_key(folder):
    """A folder that was begun with one kind of key is not opened with the other; a key that is none is told."""
    WitnessFolder(folder, "w", KeyKind.ML_DSA_44).close()
    with pytest.raises(Invalid) as caught:
        WitnessFolder(folder, "w", KeyKind.COSIGNATURE)
    assert caught.value.code == "witness_key_unreadable"
    (folder / "witness.key").write_text("nonsense")
    with pytest.raises(Invalid, match=r"witness\.key"):
        WitnessFolder(folder, "w", KeyKind.ML_DSA_44)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "é" * 128])
def test_a_name_that_cannot_stand_in_a_note_is_refused(folder, name):
    """A witness's name has no space and no plus, and at most 255 bytes; a bad one leaves no folder behind."""
    with pytest.raises(Invalid, match="name"):
        WitnessFolder(folder, name)
    assert not folder.exists()


def test_a_log_whose_name_cannot_be_cosigned_is_refused_at_the_start():
    """A witness does not take on a log whose name is too long for a cosignature."""
    with pytest.raises(Invalid, match="255"):
        Witness(COSIGNER, [verifying_key("é" * 128, LOG)], Forgetting(None))


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    """Where the folder cannot be made, the error says why."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable):
        WitnessFolder(tmp_path / "file" / "witness", "w")


def test_a_submission_reads_back(branch):
    """What a client writes is what a witness reads."""
    read = read_submission(branch.submission(5, 12))
    assert (read.old, list(read.proof), read.checkpoint) == (5, branch.proof(5, 12), branch.checkpoint(12))
