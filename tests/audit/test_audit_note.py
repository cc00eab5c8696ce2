"""Signed notes, checkpoints and verifying keys: they round-trip, bend to no change, and agree with foreign readers."""

from __future__ import annotations

import base64

import metamorphic_log
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tlog_scales.signing import Vkey
from tlog_scales.tlog import Checkpoint as ForeignCheckpoint

from daffa.audit import Checkpoint, VerifyingKey, new_log_key
from daffa.audit.notation import decimal, from_base64, good_name
from daffa.audit.note import open_checkpoint, parse_checkpoint, sign_checkpoint
from daffa.audit.vkey import verifying_key
from daffa.errors import Invalid

KEY = new_log_key()
NAME = "example.ma/log"
VKEY = verifying_key(NAME, KEY)
SIGNED = sign_checkpoint(Checkpoint(NAME, 123, bytes(range(32))), KEY)
NAMES = st.text(min_size=1, max_size=40).filter(good_name)


# Laws


@given(NAMES, st.integers(0, 10**18), st.binary(min_size=32, max_size=32))
def test_a_signed_checkpoint_reads_back(name, size, root):
    """What is signed is what is read, under any good name, here and by two foreign readers."""
    signed = sign_checkpoint(Checkpoint(name, size, root), KEY)
    vkey = verifying_key(name, KEY)
    assert open_checkpoint(signed.note, VerifyingKey.parse(str(vkey))) == signed
    head = metamorphic_log.checkpoint_verify(signed.note, [str(vkey)])
    assert (head.origin, head.size, head.root) == (name, size, root)
    foreign = ForeignCheckpoint.from_text(signed.note)
    foreign.verify(Vkey.from_string(str(vkey)))
    assert (foreign.origin, foreign.size, foreign.root_hash) == (name, size, root)


@given(st.text(max_size=400) | st.binary(max_size=400).map(lambda data: data.decode("latin-1")))
def test_arbitrary_text_is_refused_with_an_error_of_ours(text):
    """No text that was not signed is read as a checkpoint or a key, and none breaks the reader."""
    for read in (parse_checkpoint, VerifyingKey.parse, lambda note: open_checkpoint(note, VKEY)):
        with pytest.raises(Invalid):
            read(text)


@given(st.integers(0, len(SIGNED.note) - 1), st.characters() | st.just(""))
def test_a_changed_note_does_not_hold(position, letter):
    """Any one character of a signed checkpoint replaced or left out is noticed."""
    changed = SIGNED.note[:position] + letter + SIGNED.note[position + 1 :]
    if changed != SIGNED.note:
        with pytest.raises(Invalid):
            open_checkpoint(changed, VKEY)


# The walk


def test_signatures_of_strangers_are_passed_over():
    """A checkpoint with the signatures of others beside the log's, before and after it, still reads."""
    stranger = sign_checkpoint(Checkpoint("witness.example/1", 1, bytes(32)), new_log_key()).note.splitlines()[-1]
    own = SIGNED.note.splitlines()[-1]
    assert open_checkpoint(f"{SIGNED.body()}\n{stranger}\n{own}\n{stranger}\n", VKEY).size == 123
    with pytest.raises(Invalid, match="signature"):
        open_checkpoint(f"{SIGNED.body()}\n{stranger}\n", VKEY)


def test_a_second_false_signature_of_the_same_key_spoils_the_note():
    """If one of two signatures of the known key is false, the whole note is refused."""
    own = SIGNED.note.splitlines()[-1]
    other = sign_checkpoint(Checkpoint(NAME, 124, bytes(32)), KEY).note.splitlines()[-1]
    with pytest.raises(Invalid, match="signature"):
        open_checkpoint(f"{SIGNED.body()}\n{own}\n{other}\n", VKEY)


def test_the_vkey_line_is_that_of_the_specification():
    """Name, key id and key as the signed-note specification has them, read alike by a foreign implementation."""
    foreign = Vkey.from_string(str(VKEY))
    assert (foreign.name, foreign.key_id.to_bytes(4), foreign.sig_type, foreign.pubkey) == (NAME, VKEY.id, 1, VKEY.public)
    assert Vkey(NAME, None, 1, VKEY.public).serialize() == str(VKEY)


# Edges


@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        SIGNED.note.rstrip("\n"),
        SIGNED.note.replace("123", "0123"),
        SIGNED.note.replace("123", "-1"),
        SIGNED.note.replace("123", "١٢٣"),
        SIGNED.note.replace("123", "9" * 5000),
        SIGNED.note.replace("\n", "\r\n"),
        SIGNED.note.replace("—", "-"),
        SIGNED.note.split("\n\n")[0] + "\n\n",
        SIGNED.note.replace("example.ma/log\n", "\n", 1),
        SIGNED.body() + "\n" + (SIGNED.note.splitlines()[-1] + "\n") * 65,
        "x" * 70_000 + "\n" + SIGNED.note,
        SIGNED.note.replace("example.ma/log\n", "\ud800\n", 1),
    ],
)
def test_malformed_checkpoints_are_refused(note):
    """Each way in which a checkpoint can be malformed is an error that says what was expected."""
    with pytest.raises(Invalid):
        open_checkpoint(note, VKEY)


def test_a_key_of_another_name_or_kind_is_refused():
    """The key id binds name and key; other signature types are not taken for Ed25519."""
    witness = Vkey(NAME, None, 4, VKEY.public).serialize()
    for text in (str(VKEY).replace("example", "exampel"), str(VKEY)[:-4] + "AAA=", witness, "+" + str(VKEY)):
        with pytest.raises(Invalid):
            VerifyingKey.parse(text)


def test_base64_and_numbers_have_one_spelling():
    """Base64 with stray bits or spaces, and numbers with zeros, signs or foreign digits, are refused."""
    assert from_base64(base64.b64encode(b"ab").decode()) == b"ab"
    assert decimal("0") == 0
    for read, text in [
        (from_base64, "YWJ="),
        (from_base64, "YWI= "),
        (from_base64, "YWI"),
        (decimal, "01"),
        (decimal, "+1"),
        (decimal, "١"),
    ]:
        with pytest.raises(Invalid):
            read(text)
