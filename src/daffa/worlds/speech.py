"""What a simulated provider says: a chat request in, a reply out. Pure; knows no socket, no clock, no chance.

Source of the shapes: the public reference of the OpenAI API, chat completions. A simulated token is one
word with the space after it. ``created`` is 0, for a simulator has no clock.
"""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from .sample import sample

__all__ = ["Complaint", "Reply", "completion", "error", "events", "reply", "usage_wanted"]

_EXCERPT = 400
_SENTENCE = {
    "en": "Simulation by the {name}, not a real model. Received {count} characters, sha256 {digest}: {excerpt}",
    "fr": "Simulation ({name}), pas un vrai modèle. Reçu {count} caractères, sha256 {digest} : {excerpt}",
    "ar": "محاكاة ({name})، لا نموذج حقيقي. عدد الأحرف الواردة {count}، sha256 {digest}: {excerpt}",
}


class Complaint(Exception):
    """A request that the provider refuses: HTTP status and the fields of the error object."""

    def __init__(self, status: int, code: str, message: str, param: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.param = status, code, message, param


@dataclass(frozen=True, slots=True)
class Reply:
    """One reply: its text, or the arguments of a tool call, as pieces of one simulated token each.

    Attributes:
        tool: name of the function called, or ``""`` for text.
        finish: ``stop``, ``length`` or ``tool_calls``.
        prompt_tokens: simulated tokens of the request.
    """

    id: str
    model: str
    pieces: tuple[str, ...]
    tool: str
    finish: str
    prompt_tokens: int

    @property
    def text(self) -> str:
        """The pieces put together."""
        return "".join(self.pieces)

    def usage(self) -> dict[str, int]:
        """Simulated tokens in, out and together."""
        spoken = len(self.pieces)
        return {"prompt_tokens": self.prompt_tokens, "completion_tokens": spoken, "total_tokens": self.prompt_tokens + spoken}


def reply(request: Any, name: str, models: tuple[str, ...], language: str = "en") -> Reply:
    """The reply of the provider ``name`` to a decoded chat request. Raises ``Complaint``."""
    messages, model = _checked(request, models)
    texts = [_text(message) for message in messages]
    tool = _tool(request, messages[-1], texts[-1])
    if tool is not None:
        said = msgspec.json.encode(sample(tool.get("parameters") or {})).decode()
    else:
        said = _say(request, texts[-1], name, language)
    pieces = tuple(_words(said))
    limit = request.get("max_completion_tokens") or request.get("max_tokens") or len(pieces)
    finish = "tool_calls" if tool is not None else "stop"
    digest = hashlib.sha256(msgspec.json.encode(messages)).hexdigest()[:24]
    return Reply(
        id=f"chatcmpl-simulated-{digest}",
        model=model,
        pieces=pieces[:limit],
        tool=tool["name"] if tool is not None else "",
        finish=finish if limit >= len(pieces) else "length",
        prompt_tokens=sum(len(_words(text)) for text in texts),
    )


def completion(said: Reply, with_usage: bool) -> dict[str, Any]:
    """The ``chat.completion`` object of a reply."""
    message: dict[str, Any] = {"role": "assistant", "content": said.text, "refusal": None}
    if said.tool:
        function = {"name": said.tool, "arguments": said.text}
        message |= {"content": None, "tool_calls": [{"id": _call_id(said), "type": "function", "function": function}]}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": said.finish}
    return _frame(said, "chat.completion", [choice]) | ({"usage": said.usage()} if with_usage else {})


def events(said: Reply, with_usage: bool, chunks: int | None = None) -> Iterator[dict[str, Any]]:
    """The ``chat.completion.chunk`` objects of a reply: role, pieces, end, and the usage where asked for."""
    empty = {"usage": None} if with_usage else {}
    for delta, finish in _deltas(said, chunks):
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        yield _frame(said, "chat.completion.chunk", [choice]) | empty
    if with_usage:
        yield _frame(said, "chat.completion.chunk", []) | {"usage": said.usage()}


def usage_wanted(request: Any) -> bool:
    """Whether the client asked for the usage event of a stream."""
    options = request.get("stream_options")
    return isinstance(options, dict) and options.get("include_usage") is True


def error(message: str, code: str | None, kind: str, param: str | None = None) -> dict[str, Any]:
    """The error object of the OpenAI API."""
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def _checked(request: Any, models: tuple[str, ...]) -> tuple[list[dict[str, Any]], str]:
    if not isinstance(request, dict):
        raise Complaint(400, "invalid_type", "the body: expected a JSON object")
    model, messages = request.get("model"), request.get("messages")
    if not isinstance(model, str):
        raise Complaint(400, "missing_required_parameter", "model: expected a string", "model")
    if model not in models:
        raise Complaint(404, "model_not_found", f"model: expected {' | '.join(models)}, got {model[:80]}", "model")
    if not isinstance(messages, list) or not messages or not all(isinstance(message, dict) for message in messages):
        raise Complaint(400, "invalid_type", "messages: expected a list of at least one message", "messages")
    if request.get("n") not in (None, 1):
        raise Complaint(400, "unsupported_value", "n: this simulator speaks one choice at a time", "n")
    for limit in ("max_tokens", "max_completion_tokens"):
        if not isinstance(request.get(limit) or 1, int) or (request.get(limit) or 1) < 1:
            raise Complaint(400, "invalid_value", f"{limit}: expected a whole number of at least 1", limit)
    return messages, model


def _text(message: dict[str, Any]) -> str:
    content = message.get("content")
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    return " ".join(
        str(part["text"]) for part in parts if isinstance(part, dict) and part.get("type") == "text" and "text" in part
    )


def _say(request: dict[str, Any], question: str, name: str, language: str) -> str:
    asked = request.get("response_format")
    shape = asked if isinstance(asked, dict) else {}
    digest = hashlib.sha256(question.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    if shape.get("type") == "json_schema":
        schema = shape.get("json_schema")
        return msgspec.json.encode(sample(schema.get("schema") if isinstance(schema, dict) else {})).decode()
    if shape.get("type") == "json_object":
        return msgspec.json.encode({"simulated_by": name, "sha256": digest}).decode()
    sentence = _SENTENCE.get(language, _SENTENCE["en"])
    return sentence.format(name=name, count=len(question), digest=digest, excerpt=question[:_EXCERPT])


def _tool(request: dict[str, Any], last: dict[str, Any], text: str) -> dict[str, Any] | None:
    """The function to call: the one that ``tool_choice`` forces, else the first that the last question names."""
    functions: list[dict[str, Any]] = [tool["function"] for tool in request.get("tools") or []]
    choice = request.get("tool_choice")
    if not functions or choice == "none" or last.get("role") != "user":
        return None
    if choice == "required":
        return functions[0]
    forced = choice["function"]["name"] if isinstance(choice, dict) else ""
    return next((each for each in functions if each["name"] == forced or (not forced and each["name"] in text)), None)


def _deltas(said: Reply, chunks: int | None) -> Iterator[tuple[dict[str, Any], str | None]]:
    pieces = said.pieces if chunks is None else _cut(said.text, chunks)
    if said.tool:
        function = {"name": said.tool, "arguments": ""}
        yield {"role": "assistant", "content": None, "tool_calls": [_call(function, id=_call_id(said), type="function")]}, None
        for piece in pieces:
            yield {"tool_calls": [_call({"arguments": piece})]}, None
    else:
        yield {"role": "assistant", "content": ""}, None
        for piece in pieces:
            yield {"content": piece}, None
    yield {}, said.finish


def _call(function: dict[str, str], **more: str) -> dict[str, Any]:
    return {"index": 0, **more, "function": function}


def _call_id(said: Reply) -> str:
    return "call-" + said.id.removeprefix("chatcmpl-")


def _frame(said: Reply, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
    frame = {"id": said.id, "object": kind, "created": 0, "model": said.model, "system_fingerprint": "simulated"}
    return frame | {"choices": choices}


def _words(text: str) -> list[str]:
    return re.findall(r"\s*\S+\s?|\s+", text)


def _cut(text: str, count: int) -> list[str]:
    """``text`` in ``count`` pieces of nearly equal length; the last may be empty where the text is short."""
    ends = [len(text) * step // max(count, 1) for step in range(max(count, 1) + 1)]
    return [text[start:end] for start, end in itertools.pairwise(ends)]
