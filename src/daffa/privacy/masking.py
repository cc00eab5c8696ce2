"""Personal data out of a text: a placeholder that can be put back, a fixed word, or something wider. Knows no conversation.

``docs/masking.md`` says what each way is good for, what a placeholder looks like and why.
"""

from __future__ import annotations

import hmac
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from itertools import count

from msgspec import Struct

from daffa.errors import Invalid

from .finder import find
from .finding import LIKELY, Finding, Type
from .general import generalised
from .originals import Originals
from .placeholders import CODE, ESCAPED, SHAPE, keyed_code, letters_of, word_of
from .remembered import Recalled
from .writings import canonical

__all__ = ["Masked", "MaskedSpan", "Masker", "Mode", "conversation_key", "dataset_key"]

_LEAST_SECRET = 16
_ROUNDS = 8
# Characters from which on what was found in a text is sooner looked up by its digest than found again.
_LONG = 32
# Findings; a text with more of them is looked through again, for what is remembered is bounded by the number of texts.
_FEW = 16
# Where it was found, and as what: no value.
_texts: Recalled[tuple[Finding, ...]] = Recalled()


class Mode(StrEnum):
    """What stands for a value: a placeholder that only the key makes, the word of its type, or something wider."""

    PSEUDONYMISE = "pseudonymise"
    REDACT = "redact"
    GENERALISE = "generalise"


class MaskedSpan(Struct, frozen=True, gc=False):
    """One place that was masked.

    Attributes:
        start: offset of its first character in the masked text.
        end: offset after its last there.
        original_start: offset of the value's first character in the text that was given.
        original_end: offset after its last there.
        type: what it is; None for text that looked like a placeholder and was put out of the way.
        placeholder: what stands there now.
    """

    start: int
    end: int
    original_start: int
    original_end: int
    type: Type | None
    placeholder: str


class Masked(Struct, frozen=True):
    """A text without its personal data. Holds no value: those are in ``Masker.originals``.

    Attributes:
        text: what may leave.
        spans: what was masked, by position, without overlap.
    """

    text: str
    spans: tuple[MaskedSpan, ...]

    def original_offset(self, offset: int) -> int:
        """Where in the given text stood what is at ``offset`` of ``text``; inside a placeholder, the start of its value."""
        span = _span_from(self, offset)
        if span is None:
            return offset
        return span.original_start if offset < span.end else offset - span.end + span.original_end


class _Value(Struct, frozen=True, gc=False):
    """One place to be masked, in the given text."""

    start: int
    end: int
    type: Type


class Masker:
    """Masks texts under one key: one value has one placeholder in all of them.

    Args:
        key: from ``conversation_key`` or ``dataset_key``; at least 16 bytes. Under another key, other placeholders.
        mode: what stands for a value.
        letters: how long the code of a placeholder is, 8 to 16. Eight are short for a model to copy and enough for a
            conversation; 14 keep a million values apart where no table of all of them is at hand.
        originals: what earlier placeholders stand for, to go on from.
        years: the width of the bands of years of birth, in the mode ``GENERALISE``.

    Raises ``Invalid`` for a key that is too short, or a number out of range.
    """

    def __init__(
        self,
        key: bytes,
        mode: Mode = Mode.PSEUDONYMISE,
        *,
        letters: int = 8,
        originals: Originals | None = None,
        years: int = 1,
    ) -> None:
        if len(key) < _LEAST_SECRET:
            raise Invalid("invalid_field", field="key", expected=f"at least {_LEAST_SECRET} bytes", got=f"{len(key)} bytes")
        if not 8 <= letters <= 16:
            raise Invalid("invalid_field", field="letters", expected="8 to 16", got=letters)
        if not 1 <= years <= 50:
            raise Invalid("invalid_field", field="years", expected="1 to 50", got=years)
        self._key = key
        self._mode = mode
        self._letters = letters
        self._years = years
        self.originals = Originals() if originals is None else originals
        self._value_of: dict[str, str] = {}
        self._writings: dict[str, int] = {}
        self._seen: dict[tuple[str, str], str] = {}
        for core in self.originals.cores():
            self._remember(core)

    def __repr__(self) -> str:
        return f"<Masker, {self._mode}>"

    def mask(self, text: str, findings: Iterable[Finding] | None = None, *, least: float = LIKELY) -> Masked:
        """``text`` without its personal data. Linear in its length.

        Args:
            text: any text.
            findings: what to mask, by code points, in any order, overlapping or not; nothing else is masked. Without it,
                what ``find`` finds, until it finds nothing more in what is left.
            least: how sure such a find must be.
        """
        if findings is not None:
            return self._masked(text, _merged(_checked(findings, len(text))))
        values: Sequence[Finding | _Value] = _found(text, least)
        masked = self._masked(text, values)
        for _ in range(_ROUNDS):
            more = list(_uncovered(masked, find(masked.text, least=least))) if masked.spans else []
            if not more:
                return masked
            values = _merged([*values, *more])
            masked = self._masked(text, values)
        # Somebody built a text that shows something new each time: nothing of it is worth keeping.
        return self._masked(text, _merged([*values, _Value(0, len(text), values[0].type)]))

    def _masked(self, text: str, values: Sequence[Finding | _Value]) -> Masked:
        # Between the values what looks like a placeholder is a place too, for it must come back as it is.
        lookalikes = self._mode is Mode.PSEUDONYMISE and CODE.search(text) is not None
        if not values and not lookalikes:
            return Masked(text, ())
        pieces: list[str] = []
        spans: list[MaskedSpan] = []
        size = seen = 0
        places: Iterable[tuple[int, int, Type | None]] = [(value.start, value.end, value.type) for value in values]
        for start, end, kind in _with_lookalikes(text, places) if lookalikes else places:
            placeholder = self._in_place_of(kind, text[start:end])
            size += start - seen
            spans.append(MaskedSpan(size, size + len(placeholder), start, end, kind, placeholder))
            pieces += text[seen:start], placeholder
            size += len(placeholder)
            seen = end
        pieces.append(text[seen:])
        return Masked("".join(pieces), tuple(spans))

    def _in_place_of(self, kind: Type | None, writing: str) -> str:
        if kind is None:
            return f"[{self._core(ESCAPED, writing, writing)}]"
        if self._mode is Mode.REDACT:
            return f"[{word_of(kind)}]"
        if self._mode is Mode.GENERALISE:
            return generalised(kind, writing, self._years)
        return f"[{self._core(word_of(kind), canonical(kind, writing), writing)}]"

    def _core(self, word: str, value: str, writing: str) -> str:
        """The placeholder of this writing of ``value``: its code, and from the second writing on one or two letters more."""
        if core := self._seen.get((word, writing)):
            return core
        for attempt in count():
            base = f"{word}_{keyed_code(self._key, word, value, attempt, self._letters)}"
            if self._value_of.setdefault(base, value) == value:
                break
        writings = self._writings.get(base, 0)
        core = f"{base}_{letters_of(writings - 1)}" if writings else base
        self._writings[base] = writings + 1
        self._seen[word, writing] = core
        self.originals.put(core, writing)
        return core

    def _remember(self, core: str) -> None:
        """Take up a placeholder that was made before."""
        word = next(word for word in _TYPE_OF if core.startswith(f"{word}_"))
        base = word + "_" + core[len(word) + 1 :].partition("_")[0]
        writing, kind = self.originals.of(core) or "", _TYPE_OF[word]
        self._value_of[base] = canonical(kind, writing) if kind else writing
        self._writings[base] = self._writings.get(base, 0) + 1
        self._seen[word, writing] = core


_TYPE_OF: dict[str, Type | None] = {ESCAPED: None} | {word_of(kind): kind for kind in Type}


def conversation_key(secret: bytes, organisation: str, conversation: str) -> bytes:
    """The key for one conversation: what its placeholders stand for cannot be linked with any other conversation."""
    return _key(secret, "conversation", organisation, conversation)


def dataset_key(secret: bytes, organisation: str, purpose: str) -> bytes:
    """The key for what one organisation does for one purpose: its data sets can be joined, and with nobody else's."""
    return _key(secret, "dataset", organisation, purpose)


def _key(secret: bytes, *scope: str) -> bytes:
    if len(secret) < _LEAST_SECRET:
        raise Invalid("invalid_field", field="secret", expected=f"at least {_LEAST_SECRET} bytes", got=f"{len(secret)} bytes")
    said = [part.encode("utf-8", "surrogatepass") for part in scope]
    return hmac.digest(secret, b"daffa masking\0" + b"".join(b"%d:%b" % (len(part), part) for part in said), "sha256")


def _found(text: str, least: float) -> tuple[Finding, ...]:
    """What ``find`` finds, looked for once: each turn of a conversation brings with it all that was said."""
    if len(text) < _LONG or least != LIKELY:
        return find(text, least=least)
    digest = _texts.digest(text.encode("utf-8", "surrogatepass"))
    found = _texts.known.get(digest)
    if found is None:
        found = find(text)
        if len(found) <= _FEW:
            _texts.put(digest, found)
    return found


def _with_lookalikes(text: str, places: Iterable[tuple[int, int, Type | None]]) -> Iterator[tuple[int, int, Type | None]]:
    seen = 0
    for start, end, kind in places:
        yield from ((*each.span(), None) for each in SHAPE.finditer(text, seen, start))
        yield start, end, kind
        seen = end
    yield from ((*each.span(), None) for each in SHAPE.finditer(text, seen))


def _start_of(span: MaskedSpan) -> int:
    return span.start


def _checked(findings: Iterable[Finding], size: int) -> Iterator[Finding]:
    for each in findings:
        if not 0 <= each.start < each.end <= size:
            raise Invalid("invalid_field", field="findings", expected=f"spans within 0-{size}", got=f"{each.start}-{each.end}")
        yield each


def _merged(findings: Iterable[Finding | _Value]) -> list[_Value]:
    """By position; those that overlap are one value, of the type of the longest."""
    merged: list[_Value] = []
    longest = 0
    for each in sorted(findings, key=lambda each: (each.start, -each.end)):
        size = each.end - each.start
        if not merged or each.start >= merged[-1].end:
            merged.append(_Value(each.start, each.end, each.type))
            longest = size
            continue
        last = merged[-1]
        merged[-1] = _Value(last.start, max(last.end, each.end), each.type if size > longest else last.type)
        longest = max(longest, size)
    return merged


def _uncovered(masked: Masked, findings: Iterable[Finding]) -> Iterator[_Value]:
    """Those that are not inside one placeholder, in offsets of the given text; of a placeholder in them, all of its value."""
    for each in findings:
        first = _span_from(masked, each.start)
        if first and each.end <= first.end:
            continue
        last = _span_from(masked, each.end - 1)
        end = last.original_end if last and each.end <= last.end else masked.original_offset(each.end)
        yield _Value(masked.original_offset(each.start), end, each.type)


def _span_from(masked: Masked, offset: int) -> MaskedSpan | None:
    """The last span that begins at ``offset`` or before it."""
    place = bisect_right(masked.spans, offset, key=_start_of)
    return masked.spans[place - 1] if place else None
