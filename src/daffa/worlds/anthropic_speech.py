"""A simulated provider that speaks Anthropic Messages: the same answers as in chat completions. Pure; no socket, no clock.

It refuses what the real one refuses and a careless translation says: fields that do not exist, empty texts, results without
their calls. Source of the shapes: the public reference of the Anthropic API, version 2023-06-01.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from .sample import sample
from .speech import Complaint, Reply, reply
from .tongue import Asked, Spoken, SpokenEvent, cut

__all__ = ["AnthropicTongue"]

_CHAT, _COUNT = "/v1/messages", "/v1/messages/count_tokens"
_FIELDS = frozenset(
    "cache_control container inference_geo max_tokens messages metadata model output_config service_tier stop_sequences stream"
    " system temperature thinking tool_choice tools top_k top_p".split()
)
_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    529: "overloaded_error",
}
_STOPS = {"stop": "end_turn", "length": "max_tokens", "tool_calls": "tool_use"}
_ID = re.compile(r"[a-zA-Z0-9_-]+")


class AnthropicTongue:
    """``/v1/messages`` and ``/v1/messages/count_tokens``."""

    def hears(self, method: str, path: str) -> bool:
        """Whether this is an address of the protocol."""
        return method == "POST" and path in (_CHAT, _COUNT)

    def answer(self, asked: Asked) -> Spoken:
        """A message, its events, or a count. Raises ``Complaint``."""
        body = asked.body
        if not isinstance(body, dict):
            raise Complaint(400, "invalid_type", "the body: expected a JSON object")
        if "anthropic-version" not in asked.headers:
            raise Complaint(400, "missing_header", "anthropic-version: header is required")
        if asked.path == _COUNT:
            _refuse_others(body, _FIELDS - {"max_tokens", "stream", "temperature", "metadata", "stop_sequences"}, "")
            counted = reply(_as_chat(body), asked.name, asked.models, asked.language)
            return Spoken({"input_tokens": counted.prompt_tokens})
        _check(body)
        message = _message(asked)
        if body.get("stream") is True:
            return Spoken(events=tuple(_events(message, asked)))
        return Spoken(_document(message, asked.counted))

    def error(self, status: int, code: str | None, message: str, param: str | None = None) -> SpokenEvent:  # noqa: ARG002
        """An error object; it has no code and no parameter here."""
        kind = _TYPES.get(status, "api_error" if status >= 500 else "invalid_request_error")
        return SpokenEvent(
            "error", {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_simulated"}
        )


@dataclass(frozen=True, slots=True)
class _Block:
    """A block of an answer: what it is with nothing in it, the field that its pieces fill, and the pieces."""

    empty: dict[str, Any]
    field: str
    pieces: tuple[str, ...]

    @property
    def text(self) -> str:
        """The pieces put together."""
        return "".join(self.pieces)

    @property
    def whole(self) -> dict[str, Any]:
        """The block as it stands in a message."""
        if self.field == "input":
            return {**self.empty, "input": msgspec.json.decode(self.text)}
        signed = {"signature": _signature(self)} if self.field == "thinking" else {}
        return {**self.empty, self.field: self.text, **signed}


@dataclass(frozen=True, slots=True)
class _Message:
    id: str
    model: str
    blocks: tuple[_Block, ...]
    reason: str
    sequence: str | None
    tokens_in: int

    def usage(self, *, out: bool = True) -> dict[str, int]:
        """Simulated tokens."""
        spoken = sum(len(block.pieces) for block in self.blocks) if out else 1
        cache = {"cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
        return {"input_tokens": self.tokens_in, **cache, "output_tokens": spoken}


def _refuse_others(holder: dict[str, Any], known: frozenset[str], path: str) -> None:
    for name in holder:
        if name not in known:
            raise Complaint(400, "extra", f"{path}{name}: Extra inputs are not permitted")


def _check(body: dict[str, Any]) -> None:
    _refuse_others(body, _FIELDS, "")
    _refuse_others(body.get("metadata") or {}, frozenset({"user_id"}), "metadata.")
    if not isinstance(body.get("max_tokens"), int):
        raise Complaint(400, "missing", "max_tokens: Field required")
    called: set[str] = set()
    for index, message in enumerate(body["messages"]):
        if message["role"] not in ("user", "assistant"):
            raise Complaint(400, "role", f"messages.{index}.role: Input should be 'user' or 'assistant'")
        blocks = [message["content"]] if isinstance(message["content"], str) else message["content"]
        for block in blocks:
            if block == "" or (isinstance(block, dict) and block.get("text") == ""):
                raise Complaint(400, "empty", f"messages.{index}: text content blocks must be non-empty")
        called = _check_calls([block for block in blocks if isinstance(block, dict)], called, index)


def _check_calls(blocks: list[dict[str, Any]], called: set[str], index: int) -> set[str]:
    """The ids that this message calls; those of the one before must all be answered, and no others."""
    answered = {block["tool_use_id"] for block in blocks if block["type"] == "tool_result"}
    if answered != called:
        found = ", ".join(sorted(answered ^ called))
        raise Complaint(400, "pairs", f"messages.{index}: `tool_use` ids and `tool_result` blocks do not match: {found}")
    calls = [block for block in blocks if block["type"] == "tool_use"]
    for call in calls:
        if not _ID.fullmatch(call["id"]) or not isinstance(call["input"], dict):
            raise Complaint(400, "call", f"messages.{index}: a tool_use has an id of letters and an object as input")
    return {call["id"] for call in calls}


def _as_chat(body: dict[str, Any]) -> dict[str, Any]:
    """The request as the script of answers knows it."""
    system = [{"role": "system", "content": _text(body["system"])}] if body.get("system") else []
    chat: dict[str, Any] = {"model": body.get("model"), "messages": [*system, *map(_turn, body.get("messages") or [])]}
    if body.get("max_tokens"):
        chat["max_tokens"] = body["max_tokens"]
    chat["tools"] = [
        {"function": {"name": tool["name"], "parameters": tool["input_schema"]}} for tool in body.get("tools") or []
    ]
    choice = body.get("tool_choice") or {"type": "auto"}
    named = {"function": {"name": choice.get("name")}}
    chat["tool_choice"] = {"any": "required", "none": "none", "tool": named}.get(choice["type"], "auto")
    if shape := (body.get("output_config") or {}).get("format"):
        chat["response_format"] = {"type": "json_schema", "json_schema": {"schema": shape["schema"]}}
    return chat


def _turn(message: dict[str, Any]) -> dict[str, Any]:
    content = message["content"]
    answers = isinstance(content, list) and any(block["type"] == "tool_result" for block in content)
    return {"role": "tool" if answers else message["role"], "content": _text(content)}


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    spoken = [block for block in content if block["type"] in ("text", "tool_result")]
    return " ".join(str(block.get("text") or _text(block.get("content") or "")) for block in spoken)


def _message(asked: Asked) -> _Message:
    body = asked.body
    chat = _as_chat(body)
    said = reply(chat, asked.name, asked.models, asked.language)
    blocks, reason, sequence = _spoken(said, body.get("stop_sequences") or [])
    if (body.get("thinking") or {}).get("type") in ("enabled", "adaptive"):
        pieces = ("This ", "is ", "a ", "simulated ", "thought.")
        blocks = (_Block({"type": "thinking", "thinking": "", "signature": ""}, "thinking", pieces), *blocks)
    if said.tool and not (body.get("tool_choice") or {}).get("disable_parallel_tool_use"):
        blocks += tuple(_others_named(said, body["tools"], chat["messages"][-1]["content"]))
    identity = said.id.replace("chatcmpl-simulated-", "msg_simulated_")
    return _Message(identity, said.model, blocks, reason, sequence, said.prompt_tokens)


def _spoken(said: Reply, stops: list[str]) -> tuple[tuple[_Block, ...], str, str | None]:
    if said.tool:
        return (_call(said, said.tool, said.pieces, 0),), _STOPS[said.finish], None
    text = said.text
    found = min((stop for stop in stops if stop in text), key=text.index, default=None)
    pieces = said.pieces if found is None else tuple(re.findall(r"\S+\s?|\s+", text[: text.index(found)]))
    reason = _STOPS[said.finish] if found is None else "stop_sequence"
    return (_Block({"type": "text", "text": ""}, "text", pieces),), reason, found


def _others_named(said: Reply, tools: list[dict[str, Any]], question: str) -> Iterator[_Block]:
    """Calls of the other tools that the question names: this protocol has them all in one answer."""
    others = [tool for tool in tools if tool["name"] != said.tool and tool["name"] in question]
    for number, tool in enumerate(others, 1):
        yield _call(said, tool["name"], (msgspec.json.encode(sample(tool["input_schema"])).decode(),), number)


def _call(said: Reply, name: str, pieces: tuple[str, ...], number: int) -> _Block:
    identity = said.id.replace("chatcmpl-simulated-", "toolu_simulated_") + f"_{number}"
    return _Block({"type": "tool_use", "id": identity, "name": name, "input": {}}, "input", pieces)


def _signature(block: _Block) -> str:
    return f"c2lnbmVk{len(block.pieces)}"


def _frame(message: _Message) -> dict[str, Any]:
    return {"id": message.id, "type": "message", "role": "assistant", "model": message.model}


def _document(message: _Message, counted: bool) -> dict[str, Any]:
    content = [block.whole for block in message.blocks]
    stop = {"stop_reason": message.reason, "stop_sequence": message.sequence}
    return {**_frame(message), "content": content, **stop, **({"usage": message.usage()} if counted else {})}


def _events(message: _Message, asked: Asked) -> Iterator[SpokenEvent]:
    start = {**_frame(message), "content": [], "stop_reason": None, "stop_sequence": None}
    start |= {"usage": message.usage(out=False)} if asked.counted else {}
    yield _event("message_start", message=start)
    for index, block in enumerate(message.blocks):
        yield _event("content_block_start", index=index, content_block=block.empty)
        if not index:
            yield _event("ping")
        yield from _deltas(index, block, asked.chunks)
        yield _event("content_block_stop", index=index)
    delta = {"stop_reason": message.reason, "stop_sequence": message.sequence}
    yield _event("message_delta", delta=delta, **({"usage": message.usage()} if asked.counted else {}))
    yield _event("message_stop")


def _deltas(index: int, block: _Block, chunks: int | None) -> Iterator[SpokenEvent]:
    kind, field = ("input_json_delta", "partial_json") if block.field == "input" else (f"{block.field}_delta", block.field)
    for piece in block.pieces if chunks is None else cut(block.text, chunks):
        delta = {"type": kind, field: piece}
        yield SpokenEvent("content_block_delta", {"type": "content_block_delta", "index": index, "delta": delta}, piece=True)
    if block.field == "thinking":
        yield _event("content_block_delta", index=index, delta={"type": "signature_delta", "signature": _signature(block)})


def _event(kind: str, **fields: Any) -> SpokenEvent:
    return SpokenEvent(kind, {"type": kind, **fields})
