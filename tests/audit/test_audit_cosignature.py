"""Cosignatures of both kinds: they round-trip, bend to no change, and mean the same to a foreign program."""

from __future__ import annotations

import base64
from dataclasses import replace

import metamorphic_log
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tlog_scales.signing import MLDSA44CosignatureSigner, Vkey, VkeySet
from tlog_scales.tlog import Checkpoint as Foreign

from daffa.audit import Checkpoint, KeyKind, VerifyingKey, new_log_key
from daffa.audit.cosignature import Cosigner, cosigned, new_witness_key
from daffa.audit.notation import good_name, to_base64
from daffa.audit.note import open_checkpoint, sign_checkpoint
from daffa.audit.vkey import WITNESSES, verifying_key
from daffa.errors import Invalid

LOG = new_log_key()
ORIGIN = "example.ma/log"
KINDS = (KeyKind.COSIGNATURE, KeyKind.ML_DSA_44)
COSIGNERS = {kind: Cosigner("witness.example.ma", new_witness_key(kind)) for kind in KINDS}
SIGNED = sign_checkpoint(Checkpoint(ORIGIN, 123, bytes(range(32))), LOG)
TIME = 1_763_812_800


def with_line(checkpoint, *lines):
    return replace(checkpoint, note=checkpoint.note + "".join(lines))


# Laws


@pytest.mark.parametrize("kind", KINDS)
@given(
    name=st.text(min_size=1, max_size=40).filter(good_name),
    size=st.integers(0, 10**18),
    root=st.binary(min_size=32, max_size=32),
    time=st.integers(1, 2**63 - 1),
)
def test_a_cosignature_holds_here_and_abroad(kind, name, size, root, time):
    """What a witness signs is verified by its vkey line, here and by a foreign program, with the time that it said."""
    cosigner = Cosigner(name, COSIGNERS[kind].key)
    checkpoint = sign_checkpoint(Checkpoint(ORIGIN, size, root), LOG)
    whole = with_line(checkpoint, cosigner.sign(checkpoint, time))
    key = VerifyingKey.parse(str(cosigner.vkey), WITNESSES)
    [found] = cosigned(whole, [key])
    assert (found.key, found.time) == (key, time)
    foreign = Foreign.from_text(whole.note)
    foreign.verify(Vkey.from_string(str(key)))
    foreign.verify(Vkey.from_string(str(verifying_key(ORIGIN, LOG))))


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_no_changed_cosignature_holds(kind, data):
    """One flipped bit in a cosignature, its time included, and it holds no longer."""
    line = COSIGNERS[kind].sign(SIGNED, TIME)
    dash, name, blob = line.split(" ")
    signature = bytearray(base64.b64decode(blob))
    bit = data.draw(st.integers(4 * 8, len(signature) * 8 - 1))
    signature[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Invalid, match="witness"):
        cosigned(with_line(SIGNED, f"{dash} {name} {to_base64(bytes(signature))}\n"), [COSIGNERS[kind].vkey])


# Edges


@pytest.mark.parametrize("kind", KINDS)
def test_a_cosignature_is_for_its_checkpoint_and_name_alone(kind):
    """It does not hold for another size, root or origin; and only the kind that signs its name is bound to the name."""
    cosigner = COSIGNERS[kind]
    line = cosigner.sign(SIGNED, TIME)
    for other in (Checkpoint(ORIGIN, 124, SIGNED.root), Checkpoint(ORIGIN, 123, bytes(32)), Checkpoint("b", 123, SIGNED.root)):
        with pytest.raises(Invalid):
            cosigned(with_line(sign_checkpoint(other, LOG), line), [cosigner.vkey])
    twin = Cosigner("twin", cosigner.key)
    blob = base64.b64decode(line.split(" ")[2])[4:]
    renamed = with_line(SIGNED, f"— twin {to_base64(twin.vkey.id + blob)}\n")
    if kind is KeyKind.COSIGNATURE:
        assert cosigned(renamed, [twin.vkey])
    else:
        with pytest.raises(Invalid):
            cosigned(renamed, [twin.vkey])


def test_unknown_witnesses_are_passed_over():
    """Cosignatures of others neither count nor disturb; the log's signature holds beside them, here and abroad."""
    whole = with_line(SIGNED, *[cosigner.sign(SIGNED, TIME) for cosigner in COSIGNERS.values()])
    stranger = Cosigner("stranger", new_witness_key(KeyKind.ML_DSA_44))
    assert cosigned(whole, [stranger.vkey]) == ()
    assert [found.key.kind for found in cosigned(whole, [cosigner.vkey for cosigner in COSIGNERS.values()])] == list(KINDS)
    vkey = str(verifying_key(ORIGIN, LOG))
    assert open_checkpoint(whole.note, VerifyingKey.parse(vkey)).size == 123
    assert metamorphic_log.checkpoint_verify(whole.note, [vkey]).size == 123


def test_the_latest_of_several_cosignatures_counts():
    """Where a witness has cosigned twice, both must hold and the later time is told."""
    cosigner = COSIGNERS[KeyKind.COSIGNATURE]
    lines = [cosigner.sign(SIGNED, TIME + more) for more in (0, 7, 3)]
    assert [found.time for found in cosigned(with_line(SIGNED, *lines), [cosigner.vkey])] == [TIME + 7]
    with pytest.raises(Invalid):
        cosigned(with_line(SIGNED, *lines, cosigner.sign(SIGNED, 0)), [cosigner.vkey])


def test_a_foreign_signer_is_verified_here():
    """ML-DSA-44 cosignatures that a foreign program made are verified here, through its vkey line."""
    signer = MLDSA44CosignatureSigner("foreign.example", bytes(range(32)))
    line = signer.sign(Foreign.from_text(SIGNED.note)).serialize() + "\n"
    key = VerifyingKey.parse(signer.vkey.serialize(), WITNESSES)
    assert [found.key for found in cosigned(with_line(SIGNED, line), [key])] == [key]
    whole = Foreign.from_text(with_line(SIGNED, line).note)
    assert len(VkeySet(signer.vkey).verify(whole.signatures, whole)) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_keys_of_witnesses_and_logs_do_not_pass_for_each_other(kind):
    """A witness's vkey is no log's, nor the other way round; a vkey cut short is neither."""
    line = str(COSIGNERS[kind].vkey)
    with pytest.raises(Invalid, match="vkey"):
        VerifyingKey.parse(line)
    with pytest.raises(Invalid, match="vkey"):
        VerifyingKey.parse(str(verifying_key(ORIGIN, LOG)), WITNESSES)
    with pytest.raises(Invalid):
        VerifyingKey.parse(line[:-8], WITNESSES)


def test_a_name_too_long_for_the_format_is_told():
    """A name of more than 255 bytes cannot be written into an ML-DSA-44 statement."""
    with pytest.raises(Invalid, match="255"):
        Cosigner("é" * 128, COSIGNERS[KeyKind.ML_DSA_44].key).sign(SIGNED, TIME)
