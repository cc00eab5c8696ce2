"""What Mistral's own servers read where OpenAI's are spoken to. Pure; answers are OpenAI's.

They refuse a field that they do not know: usage comes unasked, ``seed`` is ``random_seed``, the id of a call is nine letters
and digits. Source: the public reference of Mistral's API, and the types of its client.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from ...conversation import Conversation, Written
from ...request import Request
from ..ids import Ids
from ..openai_chat.idiom import OpenAIChatIdiom

__all__ = ["IDIOM", "MistralIdiom"]

_RENAMED = {"seed": "random_seed", "max_completion_tokens": "max_tokens"}
# Missed by nobody: usage is always told, and the rest says who asks and what the vendor keeps.
_UNASKED = frozenset({"stream_options", "user", "store", "safety_identifier"})
# What clients send back of an answer: thoughts and empty fields.
_SENT_BACK = frozenset({"reasoning_content", "reasoning", "refusal", "annotations", "audio", "function_call"})
_EMPTY = frozenset({b"null", b"[]"})
_ID = re.compile(r"[a-zA-Z0-9]{9}")

_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_rows = msgspec.json.Decoder(list[dict[str, msgspec.Raw]]).decode
_text = msgspec.json.Decoder(str).decode
_encode = msgspec.json.Encoder().encode
_UNREADABLE = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class MistralIdiom(OpenAIChatIdiom):
    """What ``api.mistral.ai`` speaks."""

    def patched(self, request: Request, upstream_model: str) -> bytes:
        """The client's bytes with the model's name there, and what Mistral names otherwise or does not read."""
        return _adapted(super().patched(request, upstream_model))

    def write_request(self, conversation: Conversation, upstream_model: str) -> Written:
        """``conversation`` as Mistral reads it. Raises ``NotCarried``."""
        written = super().write_request(conversation, upstream_model)
        return Written(_adapted(written.body), written.left_out)


IDIOM = MistralIdiom()


def _adapted(body: bytes) -> bytes:
    fields: dict[str, Any] = _fields(body)
    adapted = {_RENAMED.get(name, name): value for name, value in fields.items() if name not in _UNASKED}
    ids = Ids(_ID, "made{:05}")
    adapted["messages"] = [_message(message, ids) for message in _rows(adapted["messages"])]
    return _encode(adapted)


def _message(message: dict[str, Any], ids: Ids) -> dict[str, Any]:
    kept = {name: value for name, value in message.items() if name not in _SENT_BACK}
    if "tool_call_id" in kept:
        kept["tool_call_id"] = _nine(kept["tool_call_id"], ids)
    if bytes(kept.get("tool_calls", b"null")) not in _EMPTY:
        kept["tool_calls"] = _calls(kept["tool_calls"], ids)
    return kept


def _calls(stated: msgspec.Raw, ids: Ids) -> Any:
    try:
        return [_call(call, ids) for call in _rows(stated)]
    except _UNREADABLE:  # no calls: Mistral says so itself
        return stated


def _call(call: dict[str, Any], ids: Ids) -> dict[str, Any]:
    return {**call, "id": _nine(call["id"], ids)} if "id" in call else call


def _nine(name: msgspec.Raw, ids: Ids) -> Any:
    """An id as Mistral takes it: the same for the call and for its result."""
    try:
        text = _text(name)
    except _UNREADABLE:
        return name
    return ids(text)
