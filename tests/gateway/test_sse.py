"""Server-sent events: cut anywhere they are the same events, and nothing that comes in breaks the cutter."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from daffa.gateway.sse import ServerSent, Splitter, written

LINES = st.sampled_from(
    ["data: a", "data:b", "data", "event: x", "event:", ": note", "id: 7", "retry: 1", "", "data: é🙂", "data:  two"]
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def split(data: bytes, cuts: list[int]) -> list[ServerSent]:
    """The events of ``data`` that comes in pieces."""
    places = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    splitter = Splitter()
    events = [event for a, b in pairwise(places) for event in splitter.feed(data[a:b])]
    return [*events, *splitter.end()]


def reference(text: str) -> list[tuple[str, str]]:
    """The standard's own rules (9.2.6), line by line; what is left without a blank line at the end counts here too."""
    events, name, lines = [], "", []
    for line in [*text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), ""]:
        if not line:
            if lines:
                events.append((name, "\n".join(lines)))
            name, lines = "", []
        field, _, value = line.partition(":")
        if field == "data":
            lines.append(value.removeprefix(" "))
        elif field == "event":
            name = value.removeprefix(" ")
    return events


@given(st.lists(LINES, max_size=30), ENDS, st.lists(st.integers(0, 500), max_size=20))
def test_any_cuts_give_the_events_of_the_standard(lines: list[str], end: str, cuts: list[int]):
    """With any one line end, whole or cut between any two bytes, the events are those that the standard's rules give."""
    text = "".join(line + end for line in lines)
    found = [(event.name, event.data.decode()) for event in split(text.encode(), cuts) if event.data]
    assert found == [pair for pair in reference(text) if pair[1]]


@given(st.binary(max_size=400), st.lists(st.integers(0, 500), max_size=20))
def test_any_bytes_can_come_in(data: bytes, cuts: list[int]):
    """Arbitrary bytes give events or none, the same however they are cut, and no error."""
    if b"\r" not in data:  # a lone CR at a cut may yet become CR LF: then the blank line comes a byte later
        assert split(data, cuts) == split(data, [])
    else:
        split(data, cuts)


@given(st.text(st.characters(blacklist_characters="\r\n", blacklist_categories=["Cs"]), min_size=1, max_size=30))
def test_what_is_written_is_read(text: str):
    """One event of one line comes back as it was, named or not."""
    for name in ("", "message_start"):
        (event,) = split(written(name, text.encode()), [])
        assert (event.name, event.data.decode()) == (name, text)
