"""Whom a verifier trusts: "k of n", nested groups, and the C2SP policy file, read and written."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.audit import Checkpoint, KeyKind, Trust, new_log_key
from daffa.audit.cosignature import Cosigner, new_witness_key
from daffa.audit.note import sign_checkpoint
from daffa.audit.trust import Group
from daffa.audit.vkey import verifying_key
from daffa.errors import Invalid

LOG = new_log_key()
SIGNED = sign_checkpoint(Checkpoint("example.ma/log", 9, bytes(32)), LOG)
WITNESSES = [Cosigner(f"w{number}.example", new_witness_key(KeyKind.COSIGNATURE)) for number in range(5)]
LINES = [str(witness.vkey) for witness in WITNESSES]
LOG_LINE = str(verifying_key("example.ma/log", LOG))


def signed_by(numbers):
    return replace(SIGNED, note=SIGNED.note + "".join(WITNESSES[number].sign(SIGNED, 100 + number) for number in numbers))


MEMBERS = st.recursive(
    st.builds(lambda: None),
    lambda inner: st.lists(inner, min_size=1, max_size=3).flatmap(
        lambda members: st.integers(1, len(members)).map(lambda needed: (needed, members))
    ),
    max_leaves=5,
)


def group(shape, keys):
    needed, members = shape
    return Group(needed, tuple(keys.pop() if inner is None else group(inner, keys) for inner in members))


# Laws


@given(st.sets(st.integers(0, 4)), st.integers(1, 5))
def test_a_quorum_is_k_of_n(signers, needed):
    """A checkpoint is trusted where at least k of the n witnesses have cosigned it, whoever they are."""
    trust = Trust.of(LINES, needed)
    if len(signers) < needed:
        with pytest.raises(Invalid) as caught:
            trust.check(signed_by(signers))
        assert (caught.value.code, caught.value.facts["needed"]) == ("too_few_cosignatures", needed)
    else:
        assert [found.time for found in trust.check(signed_by(signers))] == [100 + number for number in sorted(signers)]


@given(MEMBERS.filter(bool))
def test_a_policy_file_reads_back(shape):
    """What is written as a C2SP policy file, groups within groups too, reads back as the same trust."""
    trust = Trust((verifying_key("example.ma/log", LOG),), group(shape, [witness.vkey for witness in WITNESSES]))
    assert Trust.parse(trust.text()) == trust


# Edges


def test_a_policy_file_written_by_hand_is_read():
    """Comments, blanks, tabs, addresses and groups of groups are read as C2SP says."""
    text = f"""# whom we trust
    log {LOG_LINE} https://example.ma/log
    witness cndp\t{LINES[0]}  https://cndp.example
    witness court {LINES[1]}
    witness a {LINES[2]}
    witness b {LINES[3]}
    group state all cndp court
    group institutes any a b

    group both 2 state institutes
    quorum both
    """
    trust = Trust.parse(text)
    assert [str(key) for key in trust.logs] == [LOG_LINE]
    assert len(trust.check(signed_by([0, 1, 3]))) == 3
    for too_few in ([0, 1], [0, 2, 3], [1, 2], []):
        with pytest.raises(Invalid, match="too few"):
            trust.check(signed_by(too_few))


def test_no_quorum_asks_for_nobody():
    """With ``quorum none`` the log's word alone is enough; a lone witness can be the quorum."""
    assert Trust.parse("quorum none").check(SIGNED) == ()
    assert Trust.parse(Trust((), None).text()) == Trust((), None)
    alone = Trust.parse(f"witness w {LINES[0]}\nquorum w\n")
    assert alone == Trust.of(LINES[:1], 1)
    with pytest.raises(Invalid):
        alone.check(SIGNED)


def test_a_forged_cosignature_spoils_the_checkpoint():
    """A line that claims to be a trusted witness's and is not is an error, even where enough others have cosigned."""
    forged = WITNESSES[2].sign(sign_checkpoint(Checkpoint("example.ma/log", 8, bytes(32)), LOG), 5)
    whole = signed_by([0, 1])
    with pytest.raises(Invalid) as caught:
        Trust.of(LINES, 2).check(replace(whole, note=whole.note + forged))
    assert caught.value.code == "signature_does_not_hold"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("quorum x\n", 1),
        ("quorum none\nquorum none\n", 3),
        ("nonsense\n", 1),
        ("log\n", 1),
        (f"log {LINES[0]}\nquorum none\n", 1),
        (f"witness w {LOG_LINE}\n", 1),
        (f"witness w {LINES[0]}\nwitness w {LINES[1]}\n", 2),
        (f"witness w {LINES[0]}\nwitness v {LINES[0]}\n", 2),
        (f"witness none {LINES[0]}\n", 1),
        (f"witness w {LINES[0]}\ngroup g 2 w\n", 2),
        (f"witness w {LINES[0]}\ngroup g 0 w\n", 2),
        (f"witness w {LINES[0]}\ngroup g 1 w w\n", 2),
        (f"witness w {LINES[0]}\ngroup g any\n", 2),
        (f"witness w {LINES[0]}\ngroup g any w\ngroup h any w\n", 3),
        (f"witness w {LINES[0]}\ngroup g any g\n", 2),
        ("quorum none none\n", 1),
    ],
    # Keys are made anew in each process, and a test's name must not change with them.
    ids=map(str, range(17)),
)
def test_a_policy_that_means_nothing_is_refused(text, line):
    """A file that is no policy is refused with the line that is wrong."""
    with pytest.raises(Invalid) as caught:
        Trust.parse(text)
    assert (caught.value.code, caught.value.facts["line"]) == ("trust_unreadable", line)


def test_a_witness_counts_once():
    """One key under two names is not two witnesses, and no quorum is larger than its witnesses."""
    twin = str(Cosigner("twin", WITNESSES[0].key).vkey)
    for lines, needed in (([LINES[0], twin], 1), (LINES, 6), (LINES, 0), ([], 1)):
        with pytest.raises(Invalid):
            Trust.of(lines, needed)
