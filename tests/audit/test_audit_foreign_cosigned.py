"""Programs that know nothing of ours verify a log with cosignatures: ``tlog-scales``, ``metamorphic-log``, Go's ``x/mod``.

And a script that is not the package verifies its receipts, offline.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import metamorphic_log
import pytest
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey, VkeySet

from daffa.audit import Audit, Reader, Trust, change_key, load_or_create_key, verify_receipt
from daffa.audit.cosignature import Cosigner, new_witness_key
from daffa.audit.vkey import KeyKind

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "verify_receipt.py"
GO_PATH = Path("/usr/share/gocode")
ED25519 = Cosigner("court.example.ma", new_witness_key(KeyKind.COSIGNATURE))
ML_DSA = Cosigner("cndp.example.ma", new_witness_key(KeyKind.ML_DSA_44))
ABSENT = Cosigner("institute.example.ma", new_witness_key(KeyKind.COSIGNATURE))
VKEYS = [str(witness.vkey) for witness in (ED25519, ML_DSA, ABSENT)]


@pytest.fixture
def cosigned(log, decision):
    """Makes a log of some entries that two of three witnesses have cosigned; its vkey."""

    async def make(size):
        audit = log()
        await asyncio.gather(*[audit.decision(decision(bundle=str(number))) for number in range(size)])
        await audit.flush()
        checkpoint = audit.checkpoint
        lines = [witness.sign(checkpoint, 1_763_812_800) for witness in (ED25519, ML_DSA)]
        await audit.publish_cosigned(replace(checkpoint, note=checkpoint.note + "".join(lines)))
        await audit.close()
        return audit.vkey

    return make


# Whole logs


async def test_tlog_scales_verifies_every_cosignature(cosigned, folder):
    """It reads the folder, finds the root, and the signatures of the log and of both kinds of witness hold for it."""
    vkey = await cosigned(700)
    foreign = TilesReader(LocalBackend(folder))
    checkpoint = foreign.get_checkpoint()
    assert foreign.calculate_root_hash() == checkpoint.root_hash
    known = VkeySet(*[Vkey.from_string(line) for line in (vkey, *VKEYS)])
    assert {found.name for found, _ in known.verify(checkpoint.signatures, checkpoint)} == {
        "example.ma/log", "court.example.ma", "cndp.example.ma"
    }  # fmt: skip


async def test_metamorphic_log_is_not_disturbed(cosigned, folder):
    """It verifies the log's signature, and proofs, in a checkpoint that also carries cosignatures."""
    vkey = await cosigned(700)
    note = (folder / "checkpoint").read_text()
    assert metamorphic_log.checkpoint_verify(note, [vkey]).size == 700
    proof = Reader(folder).prove(211)
    hashed = TilesReader(LocalBackend(folder))
    hashed.get_checkpoint()
    metamorphic_log.checkpoint_verify_inclusion(note, [vkey], 211, hashed.mth(211, 212), list(proof.path))


@pytest.fixture(scope="session")
def verify_in_go(tmp_path_factory):
    """The verifier in Go, built from Debian's packages."""
    if shutil.which("go") is None:
        pytest.skip("no Go here: apt-get install golang-go golang-golang-x-mod-dev")
    if not (GO_PATH / "src" / "golang.org" / "x" / "mod" / "sumdb").is_dir():
        pytest.skip("Go is here, its x/mod/sumdb is not: apt-get install golang-golang-x-mod-dev")
    folder = tmp_path_factory.mktemp("go")
    environment = {**os.environ, "GO111MODULE": "off", "GOPATH": str(GO_PATH), "GOCACHE": str(folder / "cache"), "GOFLAGS": ""}
    built = folder / "verify"
    source = ROOT / "tests" / "audit" / "foreign" / "verify.go"
    subprocess.run(["go", "build", "-o", built, source], env=environment, check=True)
    return lambda *words: subprocess.run([built, *words], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("size", [1, 255, 256, 257, 700])
async def test_go_verifies_a_cosigned_log(cosigned, folder, verify_in_go, size):
    """Go's ``x/mod/sumdb`` accepts the log's signature, the Ed25519 cosignature, every entry and every proof."""
    vkey = await cosigned(size)
    done = verify_in_go(folder, vkey, VKEYS[0])
    assert (done.returncode, done.stdout.splitlines()) == (
        0, ["signed example.ma/log", "signed court.example.ma", f"size {size}"]
    ), done.stderr  # fmt: skip


async def test_go_refuses_what_was_altered(cosigned, folder, verify_in_go):
    """An altered entry, an altered size and a forged cosignature are each refused by Go."""
    vkey = await cosigned(300)
    bundle, checkpoint = folder / "tile" / "entries" / "000", folder / "checkpoint"
    entries, note = bundle.read_bytes(), checkpoint.read_text()
    for file, altered in (
        (bundle, entries.replace(b"rabat-1", b"paris-1", 1)),
        (checkpoint, note.replace("\n300\n", "\n299\n").encode()),
        (checkpoint, note.replace(note.splitlines()[-2][-20:], ABSENT.sign(Reader(folder).checkpoint(), 5)[-21:-1]).encode()),
    ):
        before = file.read_bytes()
        assert altered != before
        file.write_bytes(altered)
        assert verify_in_go(folder, vkey, VKEYS[0]).returncode == 1
        file.write_bytes(before)
    assert verify_in_go(folder, vkey, VKEYS[0]).returncode == 0


# Receipts, without the package


def offline(*words, without="daffa"):
    """Run the script where a module (the package, by default) and any network cannot be reached."""
    child = (
        f"import runpy, socket, sys; sys.modules['{without}'] = None; socket.socket = None; "
        "sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    words = [str(word) for word in words]
    return subprocess.run([sys.executable, "-I", "-c", child, str(SCRIPT), *words], capture_output=True, text=True, check=False)


@pytest.fixture
def kept(folder):
    """Keeps a receipt and its entry in files, as whoever was given them does."""

    def keep(index):
        receipt, entry = folder.parent / "receipt.tlog-proof", folder.parent / "entry.json"
        receipt.write_text(Reader(folder).receipt(index))
        entry.write_bytes(Reader(folder).entry(index))
        return receipt, entry

    return keep


async def test_a_receipt_is_verified_without_the_package(cosigned, folder, kept):
    """The script verifies a receipt with vkeys or with a policy file, cosignatures of both kinds included, as we do."""
    vkey = await cosigned(300)
    receipt, entry = kept(123)
    shutil.rmtree(folder)
    done = offline(receipt, entry, "--vkey", vkey)
    assert (done.returncode, done.stdout) == (0, "verified example.ma/log#123\n"), done.stderr
    words = [word for line in VKEYS for word in ("--witness", line)]
    done = offline(receipt, entry, "--vkey", vkey, *words, "--quorum", "2")
    told = "verified example.ma/log#123\ncosigned court.example.ma\ncosigned cndp.example.ma\n"
    assert (done.returncode, done.stdout) == (0, told), done.stderr
    policy, trust = folder.parent / "policy", Trust.of(VKEYS, 2, [vkey])
    policy.write_text(trust.text())
    assert offline(receipt, entry, "--policy", policy).stdout == told
    proven = verify_receipt(receipt.read_text(), entry.read_bytes(), trust=trust)
    assert {found.key.name for found in proven.cosignatures} == {"court.example.ma", "cndp.example.ma"}


async def test_without_ml_dsa_the_script_verifies_the_rest(cosigned, kept):
    """An older ``cryptography`` is enough for Ed25519; where a trusted witness signs with ML-DSA-44 it says what is lacking."""
    vkey = await cosigned(300)
    receipt, entry = kept(123)
    older = "cryptography.hazmat.primitives.asymmetric.mldsa"
    done = offline(receipt, entry, "--vkey", vkey, "--witness", VKEYS[0], "--quorum", "1", without=older)
    assert (done.returncode, "court.example.ma" in done.stdout) == (0, True), done.stderr
    done = offline(receipt, entry, "--vkey", vkey, "--witness", VKEYS[1], "--quorum", "1", without=older)
    assert (done.returncode, "ML-DSA-44" in done.stderr) == (1, True)


async def test_the_script_refuses_what_does_not_hold(cosigned, folder, kept):
    """Another entry, an altered receipt, a stranger's key, too few witnesses, one of them twice: a sentence, exit code 1."""
    vkey = await cosigned(300)
    receipt, entry = kept(123)
    text, content = receipt.read_text(), entry.read_bytes()
    stranger = str(replace(Reader(folder).vkey(), public=bytes(32)))
    twin = str(Cosigner("twin", ED25519.key).vkey)
    both = ["--witness", VKEYS[0], "--witness", VKEYS[1]]
    lines = text.splitlines(keepends=True)
    for altered, leaf, words in (
        (text, content.replace(b"rabat-1", b"paris-1"), ["--vkey", vkey]),
        (text.replace("index 123", "index 122"), content, ["--vkey", vkey]),
        (text.replace("\n300\n", "\n301\n"), content, ["--vkey", vkey]),
        ("".join(lines[:3] + lines[4:]), content, ["--vkey", vkey]),
        ("".join([*lines[:3], lines[3], *lines[3:]]), content, ["--vkey", vkey]),
        (text, content, ["--vkey", stranger]),
        (text, content, []),
        (text, content, ["--vkey", vkey, *both, "--quorum", "3"]),
        (text, content, ["--vkey", vkey, "--witness", VKEYS[0], "--witness", twin, "--quorum", "2"]),
        (text, content, ["--vkey", VKEYS[0]]),
        (text[:-9] + text[-8:], content, ["--vkey", vkey, *both, "--quorum", "2"]),
        ("", content, ["--vkey", vkey]),
        (text, content, ["--vkey", "nonsense"]),
        (text, content, ["--policy", str(entry)]),
    ):
        receipt.write_text(altered)
        entry.write_bytes(leaf)
        done = offline(receipt, entry, *words)
        assert (done.returncode, done.stdout, done.stderr[:14]) == (1, "", "does not hold:"), (words, done.stderr)
        assert "Traceback" not in done.stderr


async def test_a_receipt_outlives_a_change_of_key(cosigned, folder, kept, key):
    """A receipt that was given out before the log changed its key verifies for ever with the key that it was signed by."""
    vkey = await cosigned(300)
    receipt, entry = kept(7)
    path = folder.parent / "log.key"
    load_or_create_key(path)
    change_key(path)
    audit = Audit.open(folder, "example.ma/log", load_or_create_key(path), key)
    assert audit.vkey != vkey
    await audit.close()
    assert offline(receipt, entry, "--vkey", vkey).returncode == 0
    assert Reader(folder).verify(vkey).damage == ()
