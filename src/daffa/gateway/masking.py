"""Take personal data out of a request for a place that may have it only so. Fails closed; knows texts by their slots.

What stands for a value is keyed by conversation: two conversations cannot be linked by what an upstream saw of them.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import msgspec

from daffa import privacy
from daffa.decision import Form, Label
from daffa.errors import Invalid
from daffa.privacy import Masker, Originals

from . import labelling
from .dialect import Idiom, Slot

__all__ = ["NotMasked", "conversation_of", "key_of", "masked_body", "masked_label"]

_LONGEST_NAME = 200
# A client's own values that nest deeper than this, JSON in JSON included, are none that we can vouch for.
_DEEPEST = 32
_OPENING = ("{", "[")
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


class NotMasked(Exception):
    """Something personal is left in a body after masking: it may not leave as pseudonymised."""


@lru_cache(maxsize=4_096)
def masked_label(label: Label) -> Label:
    """What a body of ``label`` is after masking: its form alone differs."""
    return replace(label, form=Form.PSEUDONYMISED)


def conversation_of(header: str | None, metadata: Mapping[str, Any]) -> str:
    """The client's name for the conversation; empty where it gives none. Raises ``Invalid``."""
    stated = header or metadata.get("daffa_conversation") or ""
    if not isinstance(stated, str) or len(stated) > _LONGEST_NAME:
        expected = f"a string of at most {_LONGEST_NAME} characters"
        raise Invalid("invalid_field", field="conversation", expected=expected, got=str(stated)[:80])
    return stated


def key_of(secret: bytes, organisation: str, asker: str, conversation: str) -> bytes:
    """The key of a conversation; one for this request alone where the client does not name it."""
    if not conversation:
        return secrets.token_bytes(32)
    return privacy.conversation_key(secret, organisation, f"{asker}\0{conversation}")


def masked_body(idiom: Idiom, body: bytes, key: bytes) -> tuple[bytes, Originals]:
    """``body`` without its personal data, and what its placeholders stand for.

    Raises ``NotMasked`` where a finder still sees somebody in what is left: in a name that cannot be masked, or in
    texts that only say something together; and where the body cannot be read whole.
    """
    try:
        document = _decode(body)
    except _UNREADABLE as error:  # a number beyond all numbers, where nobody had to look until now
        raise NotMasked from error
    masking = _Masking(key)
    for slot in idiom.prompts(document):
        slot.holder[slot.key] = masking.slot(slot)
    masked_bytes = _encode(document)
    if labelling.points_at_somebody(masked_bytes, masking.together()):
        raise NotMasked
    return masked_bytes, masking.originals


class _Masking:
    """The texts of one body, masked with one key."""

    def __init__(self, key: bytes) -> None:
        self._masker = Masker(key)
        self._texts: list[str] = []

    @property
    def originals(self) -> Originals:
        """What the placeholders stand for."""
        return self._masker.originals

    def together(self) -> Iterable[str]:
        """All texts as one: what is cut into several messages may be read as one."""
        return ("".join(self._texts),) if len(self._texts) > 1 else ()

    def slot(self, slot: Slot) -> Any:
        """What stands there instead."""
        value = slot.holder[slot.key]
        return self._written(value, _DEEPEST, json=slot.json) if isinstance(value, str) else self._walked(value, _DEEPEST)

    def _written(self, text: str, depth: int, *, json: bool = False) -> str:
        """A text; one that is JSON is masked inside where it must stay JSON, and where escapes would hide what it says."""
        inside = _inside(text) if json or ("\\" in text and text.lstrip()[:1] in _OPENING) else None
        if isinstance(inside, (dict, list)) or (json and inside is not None):
            walked = self._walked(inside, depth)
            if walked != inside:
                return _encode(walked).decode()
        masked = self._masker.mask(text).text
        self._texts.append(masked)
        return masked

    def _walked(self, value: Any, depth: int) -> Any:
        """Everything in a value that is the client's own: texts, keys and whole numbers."""
        if isinstance(value, str):
            return self._written(value, depth)
        if isinstance(value, (dict, list)) and not depth:
            raise NotMasked
        if isinstance(value, list):
            return [self._walked(item, depth - 1) for item in value]
        if isinstance(value, dict):
            return {self._written(name, 0): self._walked(item, depth - 1) for name, item in value.items()}
        if isinstance(value, int) and not isinstance(value, bool):
            written = str(value)
            masked = self._masker.mask(written).text
            return value if masked == written else masked
        return value


def _inside(text: str) -> Any:
    """What a text is as JSON; None where it is none."""
    try:
        return _decode(text)
    except _UNREADABLE:
        return None
