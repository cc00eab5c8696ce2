"""How an entry becomes a leaf: what it shows, what it hides, and that only the record key opens it."""

from __future__ import annotations

import json
import os
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from daffa.audit import ChangeLeaf, DecisionLeaf, OutcomeLeaf, read_leaf
from daffa.audit.entry import BUCKET, MAX_DETAILS, Change, Details, seal, unseal
from daffa.decision import Door
from daffa.errors import Invalid

KEY = bytes(range(32))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
DETAILS = st.dictionaries(st.text(), JSON, max_size=5)


# Laws


@given(DETAILS, st.floats(0, 10**10), st.binary(min_size=32, max_size=32))
def test_details_come_back_under_their_key(details, time, key):
    """What was sealed is opened again, exact time included, by the record key."""
    record = seal(Change("a", time, details), key)
    assert unseal(record.leaf, key, record.sealed) == Details(time, details)


@given(DETAILS, st.integers(0, 255), st.data())
def test_nothing_else_opens_them(details, bit, data):
    """Another key, sealed bytes that were touched, or another leaf: nothing is opened."""
    record = seal(Change("a", 0.0, details), KEY)
    other = seal(Change("a", 0.0, {**details, "more": 1}), KEY)
    wrong_key = bytearray(KEY)
    wrong_key[bit // 8] ^= 1 << bit % 8
    touched = bytearray(record.sealed)
    touched[data.draw(st.integers(0, len(touched) - 1))] ^= 1
    assert unseal(record.leaf, bytes(wrong_key), record.sealed) is None
    assert unseal(record.leaf, KEY, bytes(touched)) is None
    assert unseal(record.leaf, KEY, other.sealed) is None
    assert unseal(other.leaf, KEY, record.sealed) is None


@given(st.permutations(["a", "b", "c", "d"]))
def test_the_order_of_keys_does_not_matter(names):
    """The same details in another order give the same leaf and the same commitment."""
    assert seal(Change("x", 1.0, dict.fromkeys(names, 1)), KEY) == seal(Change("x", 1.0, dict.fromkeys("abcd", 1)), KEY)


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_no_leaf(data):
    """Reading bytes that are no leaf is an error of ours, whatever they are."""
    with pytest.raises(Invalid):
        read_leaf(data)


# The walk


def test_a_decision_shows_what_the_document_lists_and_nothing_else(decision):
    """The leaf is canonical JSON of the listed fields; of the details it holds only a commitment."""
    entry = decision(
        door=Door.GATEWAY,
        refused=(("paris", ("F-1", "F-2")),),
        time=1_763_812_999.5,
        details={"actor": "amina", "label": "secret"},
    )
    leaf = seal(entry, KEY).leaf
    shown = json.loads(leaf)
    commitment = shown.pop("commitment")
    assert shown == {
        "bundle": "sha256:00",
        "door": "gateway",
        "kind": "decision",
        "level": 2,
        "nearest": [],
        "place": "rabat-1",
        "refused": [["paris", ["F-1", "F-2"]]],
        "rules": ["P-home"],
        "time": "2025-11-22T12:00:00Z",
        "verdict": "allow",
    }
    assert len(bytes.fromhex(commitment)) == 32
    assert leaf.decode() == json.dumps({**shown, "commitment": commitment}, sort_keys=True, separators=(",", ":"))
    assert b"amina" not in leaf


def test_each_kind_reads_back_as_its_struct(decision, outcome, change):
    """A decision, an outcome and a change are read back with their fields; a kind from the future is ``None``."""
    read = read_leaf(seal(decision(allowed=False, rules=(), nearest=("P-near",), place=""), KEY).leaf)
    assert isinstance(read, DecisionLeaf)
    assert (read.verdict, read.nearest, read.place) == ("refuse", ("P-near",), "")
    read = read_leaf(seal(outcome(7, status="failed", http_status=502), KEY).leaf)
    assert isinstance(read, OutcomeLeaf)
    assert (read.decision, read.status, read.http_status, read.tokens_in, read.tokens_out, read.bytes_out) == (
        7,
        "failed",
        502,
        10,
        20,
        300,
    )
    read = read_leaf(seal(change("policy.loaded"), KEY).leaf)
    assert isinstance(read, ChangeLeaf)
    assert read.action == "policy.loaded"
    assert read_leaf(b'{"commitment":"00","kind":"revelation"}') is None


def test_times_show_only_their_bucket(change):
    """Two moments of one bucket of five minutes show the same time; the next bucket another."""
    shown = [json.loads(seal(change(time=1_763_812_800.0 + late), KEY).leaf)["time"] for late in (0, BUCKET - 0.001, BUCKET)]
    assert shown == ["2025-11-22T12:00:00Z", "2025-11-22T12:00:00Z", "2025-11-22T12:05:00Z"]


def test_the_formats_are_those_of_the_document(change):
    """Commitment and sealing can be redone from the document: HMAC-SHA256 and AES-256-GCM with a derived key."""
    import hmac

    record = seal(change(details={"b": 1, "a": "é"}, time=1.5), KEY)
    plain = '{"details":{"a":"é","b":1},"time":1.5}'.encode()
    assert json.loads(record.leaf)["commitment"] == hmac.digest(KEY, plain, "sha256").hex()
    sealing = sha256(b"daffa audit: sealing key, version 1\n" + KEY).digest()
    assert AESGCM(sealing).decrypt(bytes(12), record.sealed, None) == plain


# Edges


@pytest.mark.parametrize("details", [{"a": object()}, {"a": "\ud800"}, {("a", 1): 1}, {1: {1j: 2}}])
def test_details_that_are_not_json_are_refused(details, change):
    """What JSON cannot say is an error before anything is recorded."""
    with pytest.raises(Invalid):
        seal(change(details=details), KEY)


@pytest.mark.parametrize("time", [float("nan"), float("inf"), 1e20, -1e20])
def test_times_that_are_none_are_refused(time, change):
    """A time that is not finite, or beyond the calendar, is refused."""
    with pytest.raises(Invalid):
        seal(change(time=time), KEY)


def test_entries_have_a_greatest_size(change, decision):
    """A leaf above 65,535 bytes, or details above their limit, are refused with the size that was given."""
    with pytest.raises(Invalid) as caught:
        seal(change("a" * 70_000), KEY)
    assert (caught.value.code, caught.value.facts["part"]) == ("audit_entry_too_large", "leaf")
    with pytest.raises(Invalid) as caught:
        seal(decision(details={"a": "a" * MAX_DETAILS}), KEY)
    assert (caught.value.code, caught.value.facts["part"]) == ("audit_entry_too_large", "details")
    fits = 65_535 - len(seal(change(""), KEY).leaf)
    assert len(seal(change("a" * fits), KEY).leaf) == 65_535


def test_self_referring_details_are_refused(change):
    """Details that contain themselves are refused, not followed for ever."""
    endless = {}
    endless["self"] = endless
    with pytest.raises(Invalid):
        seal(change(details=endless), os.urandom(32))
