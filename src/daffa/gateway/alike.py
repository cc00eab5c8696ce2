"""Events that differ in one text alone, as most of a stream do: told by their bytes, many at once. Knows no protocol.

What stands around the text of one event, as it came, is what the events that follow are compared with: not one of those has
to be decoded. A text that JSON has to write with an escape is left to whoever decodes it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from typing import NamedTuple

import msgspec

from .sse import ServerSent, first

__all__ = ["Alike", "like"]

_encode = msgspec.json.Encoder().encode
# Bytes that JSON has in no string, or an escape in their place.
_ESCAPED = bytes(range(0x20)) + b"\\"
# Bytes that are looked through at once: where the look ends early, no more of them are looked through again.
_AT_ONCE = 1 << 13
# Another text, to see that it is read where the first one was.
_OTHER = "\N{REPLACEMENT CHARACTER}".encode()


class Alike(NamedTuple):
    """What events have in common.

    Attributes:
        event: one of them.
        channel: of the text.
        before: bytes of an event up to its text, the quotation mark included.
        behind: bytes of an event from the quotation mark behind its text on.
    """

    event: ServerSent
    channel: str
    before: bytes
    behind: bytes

    def texts(self, data: bytes, start: int) -> list[bytes]:
        """The texts (UTF-8) of the events at ``data[start:]`` that are such, one after the other; of very many the first."""
        if not data.startswith(self.before, start):
            return []
        near = data[start : start + _AT_ONCE].partition(b"\\")[0]
        texts, between, place = [], self.behind + self.before, len(self.before)
        size = len(between)
        while near.startswith(between, end := near.find(b'"', place)):
            texts.append(near[place:end])
            place = end + size
        if near.startswith(self.behind, end):
            texts.append(near[place:end])
        # The mark between them keeps a character of one from being completed by the next.
        return texts if _plain(b'"'.join(texts)) else list(takewhile(_plain, texts))

    def size(self, texts: list[bytes]) -> int:
        """Bytes of the events that have these texts."""
        return sum(map(len, texts)) + len(texts) * (len(self.before) + len(self.behind))

    def written(self, text: str) -> bytes:
        """Such an event with another text."""
        return self.before + _encode(text)[1:-1] + self.behind

    def sure(self, piece: Callable[[bytes], tuple[str, str] | None]) -> bool:
        """Whether ``piece`` reads as the text of such an event what stands there, and nothing else."""
        other, _ = first(self.before + _OTHER + self.behind, 0)
        return other is not None and piece(other.data) == (self.channel, _OTHER.decode())


def like(event: ServerSent, channel: str, text: str) -> Alike | None:
    """What others may have in common with an event that says ``text``, if they are ``sure``; None where bytes cannot tell."""
    if b"\\" in event.raw:
        return None
    said = b'"%b"' % text.encode()
    before, found, behind = event.raw.partition(said)
    return Alike(event, channel, before + b'"', b'"' + behind) if found and said not in behind else None


def _plain(text: bytes) -> bool:
    """Whether JSON can have it in a string as it is, but for quotation marks."""
    try:
        return len(text) == len(text.translate(None, _ESCAPED)) and bool(text.decode() or True)
    except UnicodeDecodeError:
        return False
