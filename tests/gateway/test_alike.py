"""Events that are alike are restored by their bytes, many at once, as if each had been read by itself."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from daffa.gateway import sse
from daffa.gateway.alike import like
from daffa.gateway.dialects import anthropic, openai_chat
from daffa.gateway.restoring import StreamRestorer
from daffa.privacy import Masker, Originals

MASKER = Masker(b"k" * 32)
MAIL = MASKER.mask("s.amrani@example.ma").text
ORIGINALS = MASKER.originals
PIECES = st.lists(
    st.one_of(
        st.sampled_from([MAIL, MAIL[:9], MAIL[9:], MAIL[1:-1], MAIL.lower(), "[", "EM", "ail_", "_", "ab", " mot", "é", "😀"]),
        st.sampled_from(['"', "\\", "\n", "\x7f", '","finish_reason":"stop', "\\u005f", "data: "]),
    ),
    max_size=8,
).map("".join)


def of_openai(text: str, place: int, odd: int) -> bytes:
    """One event of chat completions; some say another name, as some servers fill events up."""
    delta = {"role": "assistant", "content": text} if not place else {"content": text}
    filled = {"p": "x" * (place % 3)} if odd else {}
    return sse.written("", json.dumps({"id": "c", "choices": [{"index": 0, "delta": delta}], **filled}).encode())


def of_anthropic(text: str, place: int, odd: int) -> bytes:
    """One event of messages, with its name before it; ``odd`` has it from a server that ends lines in its own way."""
    said = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": text}}
    written = sse.written("content_block_delta", json.dumps(said, ensure_ascii=not place % 2).encode())
    return written.replace(b"\n", b"\r\n") if odd else written


SPOKEN = {"openai": (openai_chat.IDIOM, of_openai), "anthropic": (anthropic.IDIOM, of_anthropic)}


def read(idiom, sent: bytes) -> str:
    """The text in what a client gets."""
    splitter = sse.Splitter()
    documents = [json.loads(event.data) for event in (*splitter.feed(sent), *splitter.end())]
    return "".join(slot.holder[slot.key] for document in documents for slot in idiom.slots(document))


@pytest.mark.parametrize("spoken", SPOKEN)
@given(st.lists(PIECES, max_size=12), st.lists(st.integers(0, 12), max_size=4), st.integers(0, 1))
@example([" a", " b", " c", MAIL[:4], MAIL[4:12], MAIL[12:], " d"], [], 0)
@example([" a", " b", " c", MAIL[:4], MAIL[4:12], MAIL[12:], " d"], [4], 0)
@example([" a", " b", " c", "[EM", " d", " e"], [4], 0)
@example([" a", " b", " c", " d", MAIL[1:-1], " e"], [4], 0)
@settings(max_examples=60, deadline=None)
def test_a_text_is_restored_however_its_events_come_together(spoken: str, texts: list[str], cuts: list[int], odd: int):
    """One or many in a read: together they say what the whole text says, and events without a placeholder stay as they are."""
    idiom, write = SPOKEN[spoken]
    events = [write(text, place, odd) for place, text in enumerate(texts)]
    restorer, places = StreamRestorer(idiom, ORIGINALS), [0, *sorted(cut % (len(events) + 1) for cut in cuts), len(events)]
    sent = b"".join(restorer.read(b"".join(events[a:b])) for a, b in pairwise(places))
    sent += b"".join(event.raw for event in restorer.end())
    assert read(idiom, sent) == ORIGINALS.restore("".join(texts))
    untouched = StreamRestorer(idiom, Originals())
    assert untouched.read(b"".join(events)) == b"".join(events)


def test_events_that_are_not_text_are_not_taken_for_alike():
    """A character cut over two events is no text of either, and what says more than a text is decoded."""
    event, _ = sse.first(of_openai(" mot", 1, 0), 0)
    assert event is not None
    alike = like(event, "0.content", " mot")
    assert alike is not None
    assert alike.sure(openai_chat.IDIOM.piece)
    halves = b"".join(event.raw.replace(b" mot", half) for half in (b"a", "é".encode()[:1], "é".encode()[1:]))
    assert alike.texts(halves, 0) == [b"a"]
    ended = event.raw.replace(b"}}]", b'},"finish_reason":"stop"}]')
    assert alike.texts(event.raw + ended + event.raw, 0) == [b" mot"]
    named, _ = sse.first(of_openai("c", 1, 0), 0)
    assert named is not None
    assert like(named, "0.content", "c") is None  # it has a name that is the same


def test_of_very_many_events_the_first_are_looked_at():
    """Where every other event is odd, what comes together is not looked through to its end for each of them."""
    event, _ = sse.first(of_openai(" mot", 1, 0), 0)
    assert event is not None
    alike = like(event, "0.content", " mot")
    assert alike is not None
    many = event.raw * 10_000
    texts = alike.texts(many, 0)
    assert (set(texts), 10 < len(texts) < 1_000) == ({b" mot"}, True)
    assert StreamRestorer(openai_chat.IDIOM, ORIGINALS).read(many) == many
    long = b":" + b"x" * 5_000 + b"\n\n" + event.raw
    assert (sse.first(long, 0)[1], sse.first(long.replace(b"\n", b"\r\n"), 0)[1]) == (5_003, 5_005)
