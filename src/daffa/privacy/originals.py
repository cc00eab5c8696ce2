"""What placeholders stand for, and putting it back, at once or as a stream comes. Knows no finder and no key.

The table is personal data itself: it shows itself to no log and no pickle, and leaves the process by ``to_json`` alone.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from typing import Any, NoReturn

from daffa.errors import Invalid

from .placeholders import CODE, LONGEST, PLACEHOLDER, SHAPE, core_of

__all__ = ["ByteRestorer", "Originals", "Restorer"]

_VERSION = 1
_WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_\\"


class Originals:
    """Placeholder -> what stood there. ``Masker`` fills it; several texts of one conversation share one."""

    __slots__ = ("_cores", "_sorted")

    def __init__(self) -> None:
        self._cores: dict[str, str] = {}
        self._sorted: list[str] = []

    def __len__(self) -> int:
        return len(self._cores)

    def __repr__(self) -> str:
        return f"<Originals of {len(self)} placeholders>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("what placeholders stand for is personal data: it is neither pickled nor copied; see to_json")

    def put(self, core: str, writing: str) -> None:
        """Note that ``[core]`` stands for ``writing``."""
        self._cores[core] = writing

    def of(self, core: str) -> str | None:
        """What ``[core]`` stands for."""
        return self._cores.get(core)

    def cores(self) -> list[str]:
        """Every placeholder's core, in order."""
        if len(self._sorted) != len(self._cores):
            self._sorted = sorted(self._cores)
        return self._sorted

    def restore(self, text: str, *, json_depth: int = 0) -> str:
        """``text`` with what its placeholders stand for. One that is unknown or damaged stays as it is written.

        Args:
            text: what a model answered.
            json_depth: how many JSON strings ``text`` is the raw inside of: what is put back is escaped so many times (1 in
                the raw arguments of a tool call, 2 in the bytes of an event that carries them).
        """
        if not self._cores or CODE.search(text) is None:
            return text
        return PLACEHOLDER.sub(lambda found: _back(self, found, json_depth), text)

    def to_json(self) -> dict[str, Any]:
        """The table as plain values, to be kept where only its owner reads it."""
        return {"version": _VERSION, "originals": dict(self._cores)}

    @classmethod
    def from_json(cls, kept: Any) -> Originals:
        """The table again. Raises ``Invalid`` for anything that ``to_json`` did not write."""
        known = isinstance(kept, dict) and kept.get("version") == _VERSION and isinstance(kept.get("originals"), dict)
        if not known or not all(isinstance(value, str) and _whole(core) for core, value in kept["originals"].items()):
            raise Invalid("not_originals")
        originals = cls()
        originals._cores = dict(kept["originals"])
        return originals


def _whole(core: str) -> bool:
    return SHAPE.fullmatch(core) is not None and core == core_of(core)


def _back(originals: Originals, found: re.Match[str], json_depth: int) -> str:
    """What stood there, escaped; what was found as it is where nobody knows."""
    value = originals.of(core_of(found[1] or found[2]))
    if value is None:
        return found[0]
    for _ in range(json_depth):
        value = json.dumps(value, ensure_ascii=_has_surrogates(value))[1:-1]
    return value


def _has_surrogates(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


class Restorer:
    """Puts back in a stream that is cut anywhere. Holds back only what may be the beginning of a known placeholder.

    Args:
        originals: what placeholders stand for; may grow while the stream runs.
        json_depth: as in ``Originals.restore``.
    """

    __slots__ = ("_before", "_depth", "_held", "_originals")

    def __init__(self, originals: Originals, *, json_depth: int = 0) -> None:
        self._originals = originals
        self._depth = json_depth
        self._held = ""
        self._before = ""

    def __repr__(self) -> str:
        return f"<Restorer that holds {len(self._held)} characters>"

    def passes(self, piece: str) -> bool:
        """Take the next piece where it comes out as it is, all of it and nothing else; where it may not, nothing is taken."""
        if self._held or CODE.search(piece) is not None or self._certain(piece) != len(piece):
            return False
        self._before = piece[-1:] or self._before
        return True

    def feed(self, piece: str) -> str:
        """The next piece, restored, without an end that may be part of a placeholder: that comes with a later piece."""
        text = self._held + piece
        return self._given(text, self._certain(text))

    def end(self) -> str:
        """What was held back: no more comes. Half a placeholder stays half a placeholder."""
        return self._given(self._held, len(self._held))

    def _given(self, text: str, cut: int) -> str:
        """``text`` to ``cut``, restored, the rest held back."""
        self._held = text[cut:]
        if not cut:
            return ""
        whole, first = self._before + text, len(self._before)
        self._before = text[cut - 1]
        if CODE.search(text) is None or not len(self._originals):
            return text[:cut]
        given: list[str] = []
        seen = first
        for found in PLACEHOLDER.finditer(whole, first):
            if found.end() > cut + first:
                break
            given += whole[seen : found.start()], self._back(found)
            seen = found.end()
        given.append(whole[seen : cut + first])
        return "".join(given)

    def _back(self, found: re.Match[str]) -> str:
        return _back(self._originals, found, self._depth)

    def _certain(self, text: str) -> int:
        """The place up to which no later piece can change what is there."""
        size = len(text)
        tail = text[-LONGEST:]
        head = tail.rstrip(_WORD)
        run = tail[len(head) :]
        if len(run) == LONGEST:
            return size
        opened = head.endswith("[")
        if not (run or opened):
            return size
        if not opened and self._inside_word(head):
            return size
        known, begun = self._originals.cores(), core_of(run)
        place = bisect_left(known, begun)
        if place < len(known) and known[place].startswith(begun):
            return size - len(run) - opened
        return size

    def _inside_word(self, head: str) -> bool:
        before = head[-1:] or self._before
        return before.isascii() and (before.isalnum() or before in ("_", "\\"))


class _RestorerOfBytes(Restorer):
    """Reads each byte as one character."""

    __slots__ = ()

    def _back(self, found: re.Match[str]) -> str:
        return super()._back(found).encode("utf-8", "surrogatepass").decode("latin-1")


class ByteRestorer:
    """The same for bytes of UTF-8 (or of any encoding that leaves ASCII alone), which may be cut inside a character."""

    __slots__ = ("_restorer",)

    def __init__(self, originals: Originals, *, json_depth: int = 0) -> None:
        self._restorer = _RestorerOfBytes(originals, json_depth=json_depth)

    def __repr__(self) -> str:
        return repr(self._restorer)

    def feed(self, piece: bytes) -> bytes:
        """As ``Restorer.feed``."""
        return self._restorer.feed(piece.decode("latin-1")).encode("latin-1")

    def end(self) -> bytes:
        """As ``Restorer.end``."""
        return self._restorer.end().encode("latin-1")
