"""The write-ahead file as bytes: a group is read whole or not at all, whatever happened to the file."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from daffa.audit.entry import Record
from daffa.audit.journal import ALIGNMENT, Group, encode_group, log_mark, scan

MARK = log_mark("example.ma/log")
RECORDS = st.builds(Record, st.binary(max_size=200), st.binary(min_size=32, max_size=32), st.binary(max_size=200))
PORTIONS = st.lists(st.lists(RECORDS, min_size=1, max_size=4), max_size=4)


def written(portions, first=0):
    """A file of these groups, and the groups with the offsets at which each is whole."""
    data, groups, ends = b"", [], []
    for records in portions:
        group = encode_group(MARK, first, records)
        ends.append(len(data) + len(group.rstrip(b"\0")))
        data += group
        groups.append(Group(first, tuple(records)))
        first += len(records)
    return data, groups, ends


# Laws


@given(PORTIONS, st.integers(0, 2**60), st.integers(0, 500))
def test_groups_round_trip(portions, first, zeros):
    """What was written is read back, in order, with zeros or nothing behind it, and even without those that it ends in."""
    data, groups, _ = written(portions, first)
    assert scan(data + bytes(zeros), MARK) == (groups, [])
    assert scan(data.rstrip(b"\0"), MARK) == (groups, [])
    assert len(data) % ALIGNMENT == 0


@given(PORTIONS, st.data())
def test_a_cut_file_gives_exactly_the_whole_groups(portions, data):
    """Cut anywhere, the file gives the groups that end before the cut, and never part of another."""
    content, groups, ends = written(portions)
    cut = data.draw(st.integers(0, len(content)))
    found, stray = scan(content[:cut], MARK)
    assert stray == []
    assert found[: sum(end <= cut for end in ends)] == groups[: sum(end <= cut for end in ends)]
    assert found == groups[: len(found)]


@given(PORTIONS.filter(bool), st.data())
def test_a_flipped_bit_costs_its_group_alone_and_is_noticed(portions, data):
    """A group with a flipped bit is not read; the groups behind it are reported as standing behind a broken place."""
    content, groups, _ = written(portions)
    bit = data.draw(st.integers(0, 8 * len(content) - 1))
    broken = bytearray(content)
    broken[bit // 8] ^= 1 << bit % 8
    found, stray = scan(bytes(broken), MARK)
    if len(found) < len(groups):  # else the bit was in the zeros between two groups
        assert (found, stray) == (groups[: len(found)], groups[len(found) + 1 :])


@given(st.binary(max_size=1000), st.binary(max_size=300))
def test_arbitrary_bytes_hold_no_group_and_break_nothing(data, payload):
    """Bytes that nobody wrote as a group are read as none, alone or behind a true group."""
    assert scan(data, MARK)[0] == []
    content, groups, _ = written([[Record(payload, bytes(32), b"")]])
    assert scan(content + data, MARK)[0] == groups


# Edges


def test_groups_of_another_log_are_not_read():
    """The file of one log is not taken for another's."""
    content, _, _ = written([[Record(b"a", bytes(32), b"b")]])
    assert scan(content, log_mark("example.ma/other")) == ([], [])


def test_a_group_with_a_true_digest_and_false_lengths_is_not_read():
    """Lengths that do not fill the payload exactly make the group unreadable, not the reader fail."""
    whole = encode_group(MARK, 0, [Record(b"abc", bytes(32), b"def")])
    liar = Record(whole, bytes(32), b"")
    assert scan(encode_group(MARK, 0, [liar]), MARK)[0] == [Group(0, (liar,))]
    for records in ([], [Record(b"", bytes(32), b"")] * 0):
        assert scan(encode_group(MARK, 0, records), MARK) == ([], [])
