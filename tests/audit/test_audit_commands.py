"""The commands of a log that has witnesses or changes its key: what they print, and how they end."""

from __future__ import annotations

import asyncio
import contextlib
import io
from dataclasses import replace
from types import SimpleNamespace

import pytest

from daffa.audit import Audit, Change, Reader, Trust, load_or_create_key
from daffa.audit.cosignature import Cosigner, new_witness_key
from daffa.audit.vkey import KeyKind
from daffa.cli import main

WITNESSES = [Cosigner(f"w{number}.example.ma", new_witness_key(KeyKind(kind))) for number, kind in enumerate((4, 6, 4))]


def run(*words):
    """Run a command of the command line: its exit code and what it said."""
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        code = main(["audit", *map(str, words)])
    return SimpleNamespace(returncode=code, stdout=out.getvalue(), stderr=err.getvalue())


@pytest.fixture
def data(folder):
    """A data folder with a log of three entries, the first two of which two of three witnesses have cosigned."""

    async def make():
        audit = Audit.open(folder, "example.ma/log", load_or_create_key(folder.parent / "log.key"))
        for number in range(3):
            await audit.change(Change(f"change {number}", 1_763_812_800.0, {}))
            await audit.flush()
            if number == 1:
                lines = "".join(witness.sign(audit.checkpoint, 1_763_812_800) for witness in WITNESSES[:2])
                await audit.publish_cosigned(replace(audit.checkpoint, note=audit.checkpoint.note + lines))
        await audit.close()

    asyncio.run(make())
    return folder.parent


@pytest.fixture
def policy(data):
    """Writes a policy file: how many of the three witnesses are needed."""

    def write(needed):
        path = data / f"policy-{needed}"
        path.write_text(Trust.of([str(w.vkey) for w in WITNESSES], needed, [str(Reader(data / "audit").vkey())]).text())
        return path

    return write


def test_verify_says_how_far_the_trusted_witnesses_vouch(data, policy):
    """With a policy, ``verify`` prints up to where its quorum has cosigned; with too few cosignatures it ends with 2."""
    done = run("verify", "--data", data, "--policy", policy(2))
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "cosigned 2"), done.stderr
    done = run("verify", "--data", data, "--policy", policy(3))
    assert (done.returncode, done.stdout, "too few trusted witnesses" in done.stderr) == (2, "", True)


def test_a_receipt_is_verified_against_a_policy(data, policy):
    """A receipt with its entry and a policy names the witnesses; one that is younger than their word does not hold."""
    for index, code in ((0, 0), (2, 1)):
        receipt, entry = data / "receipt", data / "entry"
        receipt.write_text(run("receipt", f"example.ma/log#{index}", "--data", data).stdout)
        entry.write_bytes(Reader(data / "audit").entry(index))
        done = run("verify", "--data", data / "none", "--receipt", receipt, "--entry", entry, "--policy", policy(2))
        if code:
            assert (done.returncode > 0, done.stdout) == (True, "")
        else:
            told = [f"verified example.ma/log#{index}"]
            told += [f"cosigned w{number}.example.ma 2025-11-22T12:00:00Z" for number in range(2)]
            assert (done.returncode, done.stdout.splitlines()) == (0, told), done.stderr


def test_rotate_changes_the_key_and_retire_ends_the_time_of_two(data):
    """``rotate`` prints the new vkey and both keys sign; after ``rotate --retire`` the new one alone; the old still leads."""
    log = data / "audit"
    old = str(Reader(log).vkey())
    done = run("rotate", "--data", data)
    new = str(Reader(log).vkey())
    assert (done.returncode, done.stdout) == (0, f"{new}\n"), done.stderr
    assert new != old
    assert (log / "checkpoint").read_text().count("—") == 2
    assert run("rotate", "--retire", "--data", data).returncode == 0
    assert run("rotate", "--data", data).returncode == 0
    done = run("verify", "--data", data, "--vkey", old)
    assert (done.returncode, "entries  5" in done.stdout) == (0, True), done.stderr


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_a_policy_that_cannot_be_read_is_told_in_a_sentence(data, language):
    """A policy file that is none, and one that is missing, each give one line in the language that was asked for."""
    (data / "bad").write_text("witness\n")
    for file in ("bad", "missing"):
        done = run("verify", "--data", data, "--policy", data / file, "--lang", language)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)


def test_a_witness_names_its_mistakes(tmp_path):
    """A vkey that is none, and a name that cannot be, end with one line and no folder."""
    vkey = "x+12345678+AAAA"
    done = run("witness", "--data", tmp_path / "w", "--name", "w", "--log-vkey", vkey)
    assert (done.returncode, done.stderr.count("\n"), (tmp_path / "w").exists()) == (1, 1, False)
