"""A log that changes its key: handed over by an entry, followed from any key that it ever had, and never half done."""

from __future__ import annotations

import json
import shutil

import metamorphic_log
import pytest
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey

from daffa.audit import (
    Audit,
    Change,
    Reader,
    VerifyingKey,
    change_key,
    load_or_create_key,
    new_log_key,
    previous_key,
    retire_key,
    store,
    verify_receipt,
)
from daffa.audit.disk import LocalDisk
from daffa.audit.handover import heirs
from daffa.audit.receipt import write_receipt
from daffa.audit.vkey import verifying_key
from daffa.errors import Conflict, Invalid

ORIGIN = "example.ma/log"


@pytest.fixture
def key_file(folder):
    """The file of a log's key; with the log beside it, as in a data folder."""
    return folder.parent / "log.key"


@pytest.fixture
def opened(folder, key_file):
    """Opens the log as the house does, with its key and the one before."""
    return lambda: Audit.open(folder, ORIGIN, load_or_create_key(key_file), previous_key(key_file))


async def grow(audit, count=3):
    for number in range(count):
        await audit.change(Change(f"change {number}", 1_763_812_800.0, {}))
    await audit.flush()


def signers(folder):
    """How many signatures the newest checkpoint carries."""
    return (folder / "checkpoint").read_text().split("\n\n")[1].count("—")


# The walk


async def test_a_log_is_followed_from_any_key_that_it_had(opened, folder, key_file):
    """After two changes of key, whoever holds the first, the second or the last verifies all of the log, and its growth."""
    vkeys, receipts = [], []
    for turn in range(3):
        if turn:
            change_key(key_file)
        audit = opened()
        vkeys.append(audit.vkey)
        await grow(audit)
        await audit.close()
        receipts.append(Reader(folder).receipt(0))
    reader = Reader(folder)
    kinds = [json.loads(reader.entry(index))["kind"] for index in range(reader.checkpoint().size)]
    assert [index for index, kind in enumerate(kinds) if kind == "rotation"] == [3, 7]
    assert [json.loads(reader.entry(index))["vkey"] for index in (3, 7)] == vkeys[1:]
    for vkey in (*vkeys, None):
        report = reader.verify(vkey)
        assert (report.damage, report.size) == ((), 11)
    assert [str(found) for found in reader.keys(vkeys[0])] == vkeys
    for vkey, receipt in zip(vkeys, receipts, strict=True):
        assert verify_receipt(receipt, reader.entry(0), vkey).index == 0


async def test_both_keys_sign_until_the_old_one_is_retired(opened, folder, key_file):
    """While the previous key is kept, old and new verifiers hold the same checkpoint, foreign ones too; then the new alone."""
    audit = opened()
    old = audit.vkey
    await grow(audit)
    await audit.close()
    change_key(key_file)
    audit = opened()
    new = audit.vkey
    await grow(audit)
    note = (folder / "checkpoint").read_text()
    assert [str(key) for key in audit.signers] == [new, old]
    assert signers(folder) == 2
    for vkey in (old, new):
        assert metamorphic_log.checkpoint_verify(note, [vkey]).size == 7
        TilesReader(LocalBackend(folder)).get_checkpoint().verify(Vkey.from_string(vkey))
    await audit.close()
    retire_key(key_file)
    audit = opened()
    await grow(audit)
    assert (signers(folder), audit.signers) == (1, (VerifyingKey.parse(new),))
    await audit.close()
    note = (folder / "checkpoint").read_text()
    assert metamorphic_log.checkpoint_verify(note, [new]).size == 10
    with pytest.raises(metamorphic_log.VerifyError):
        metamorphic_log.checkpoint_verify(note, [old])
    assert Reader(folder).verify(old).damage == ()


async def test_a_handover_holds_by_itself(opened, folder, key_file):
    """The file of a change is a receipt that anybody verifies with the old key, its entry in it; it leads to the new one."""
    audit = opened()
    old = audit.vkey
    await grow(audit)
    await audit.close()
    change_key(key_file)
    await opened().close()
    [file] = (folder / "rotation").iterdir()
    text, entry = file.read_text(), Reader(folder).entry(3)
    assert file.name == "3"
    assert verify_receipt(text, entry, old).index == 3
    assert [str(key) for key in heirs(VerifyingKey.parse(old), [text])] == [old, str(Reader(folder).vkey())]
    stranger = verifying_key(ORIGIN, new_log_key())
    assert heirs(stranger, [text]) == [stranger]


# Crashes


async def test_a_crash_at_any_step_leaves_a_log_that_is_followed(opened, folder, key_file, monkeypatch):
    """However far a change of key came, the next opening finishes it, once, and who holds the old key follows."""
    audit = opened()
    old = audit.vkey
    await grow(audit)
    await audit.close()
    change_key(key_file)
    image = folder.parent / "image"
    shutil.copytree(folder, image)
    publish = store.publish
    for step in range(20):
        left = step

        def failing(*arguments):
            nonlocal left
            if left == 0:
                raise KeyboardInterrupt
            left -= 1
            return publish(*arguments)

        shutil.rmtree(folder)
        shutil.copytree(image, folder)
        monkeypatch.setattr(store, "publish", failing)
        try:
            await opened().close()
        except KeyboardInterrupt:
            monkeypatch.setattr(store, "publish", publish)
            assert Reader(folder).verify(old).damage == ()
            audit = opened()
            await grow(audit)
            await audit.close()
        else:
            break
        report = Reader(folder).verify(old)
        assert (report.damage, report.size, len(list((folder / "rotation").iterdir()))) == ((), 7, 1)
    assert step >= 4


def test_a_key_is_changed_whole_or_not_at_all(key_file, monkeypatch):
    """Interrupted anywhere, the file holds the old key or the new one, and the old one is not lost; a second try succeeds."""
    key_file.parent.mkdir(exist_ok=True)
    first = load_or_create_key(key_file).private_bytes_raw()
    real = LocalDisk.sync_folder
    for step in range(3):
        left = step

        def failing(disk, path):
            nonlocal left
            if left == 0:
                raise KeyboardInterrupt
            left -= 1
            real(disk, path)

        monkeypatch.setattr(LocalDisk, "sync_folder", failing)
        with pytest.raises(KeyboardInterrupt):
            change_key(key_file)
        monkeypatch.setattr(LocalDisk, "sync_folder", real)
        before = previous_key(key_file)
        if before is None:
            assert load_or_create_key(key_file).private_bytes_raw() == first
        else:
            assert before.private_bytes_raw() == first
            assert step == 2
    current = load_or_create_key(key_file).private_bytes_raw()
    change_key(key_file)
    assert previous_key(key_file).private_bytes_raw() == current != load_or_create_key(key_file).private_bytes_raw()
    assert sorted(path.name for path in key_file.parent.glob("log.key*")) == ["log.key", "log.key.previous"]
    assert {path.stat().st_mode & 0o777 for path in key_file.parent.glob("log.key*")} == {0o600}
    retire_key(key_file)
    retire_key(key_file)
    assert previous_key(key_file) is None


# Impostors


async def test_an_impostor_is_not_followed(opened, folder, key_file):
    """A log of another key, with handovers of its own making, does not verify for who holds the true key."""
    audit = opened()
    vkey = audit.vkey
    await grow(audit)
    await audit.close()
    for file in key_file.parent.glob("log.key*"):
        file.unlink()
    shutil.rmtree(folder)
    for _ in range(2):
        audit = opened()
        await grow(audit)
        await audit.close()
        change_key(key_file)
    await opened().close()
    assert Reader(folder).verify().damage == ()
    report = Reader(folder).verify(vkey)
    assert [error.facts["file"] for error in report.damage] == ["checkpoint"]


async def test_an_altered_handover_is_found(opened, folder, key_file):
    """A handover whose entry or checkpoint was altered, or that is of another tree, is reported by name."""
    audit = opened()
    old = audit.vkey
    await grow(audit)
    await audit.close()
    change_key(key_file)
    await opened().close()
    retire_key(key_file)
    audit = opened()
    await grow(audit)
    await audit.close()
    file = folder / "rotation" / "3"
    text = file.read_text()
    for wrong in (
        text.replace("index 3", "index 2"),
        text.replace("\n4\n", "\n5\n"),
        text[:-2],
        "",
        text.replace("extra e", "extra f"),
    ):
        file.write_text(wrong)
        assert Reader(folder).verify(old).damage[0].facts["file"].startswith("rotation")
    file.unlink()
    assert [error.facts["file"] for error in Reader(folder).verify(old).damage] == ["checkpoint"]
    assert Reader(folder).verify().damage == ()


async def test_a_log_is_not_opened_by_a_key_that_was_not_handed_over_to(opened, folder, key_file):
    """With a new key and without the previous one, the log stays shut."""
    audit = opened()
    await grow(audit)
    await audit.close()
    change_key(key_file)
    retire_key(key_file)
    with pytest.raises(Conflict) as caught:
        opened()
    assert caught.value.code == "log_has_another_key"
    with pytest.raises(Conflict):
        Audit.open(folder, ORIGIN, load_or_create_key(key_file), new_log_key())


async def test_only_a_rotation_hands_over(opened, folder):
    """A receipt of another entry, signed by the key and dressed as a handover, leads nowhere."""
    audit = opened()
    await grow(audit)
    await audit.close()
    proof = Reader(folder).prove(1)
    dressed = write_receipt(1, proof.path, proof.checkpoint, extra=proof.entry)
    with pytest.raises(Invalid, match="rotation"):
        heirs(Reader(folder).vkey(), [dressed])


async def test_a_log_without_entries_is_handed_over(opened, folder, key_file):
    """A log that has no entry yet changes its key all the same; its first entry is the rotation."""
    audit = opened()
    old = audit.vkey
    await audit.close()
    change_key(key_file)
    await opened().close()
    assert json.loads(Reader(folder).entry(0))["kind"] == "rotation"
    assert Reader(folder).verify(old).damage == ()
