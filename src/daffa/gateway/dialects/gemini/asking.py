"""A conversation as a ``generateContent`` request. Knows no other protocol.

JSON schemas go as they are (``parametersJsonSchema``, ``responseJsonSchema``). The model's name goes in the path.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from daffa.errors import Invalid

from ...conversation import (
    Conversation,
    Media,
    NotCarried,
    Part,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
    Written,
)
from .arguments import arguments_object
from .fields import NAME
from .signatures import SKIPPED, gemini_signature

__all__ = ["write_request"]

_encode = msgspec.json.Encoder().encode
# Models that know no thinking levels and want no signature of a call.
_BEFORE_THREE = re.compile(r"(?:models/)?gemini-[12]\b")
# Tokens of thought for each effort, as Google's own OpenAI-compatible address counts them.
_BUDGETS = {"none": 0, "minimal": 1024, "low": 1024, "medium": 8192, "high": 24_576}
_MODES = {"auto": "AUTO", "none": "NONE", "required": "ANY", "named": "ANY"}
_CONFIG = {
    "max_tokens": "maxOutputTokens",
    "temperature": "temperature",
    "top_p": "topP",
    "top_k": "topK",
    "seed": "seed",
    "presence_penalty": "presencePenalty",
    "frequency_penalty": "frequencyPenalty",
}


def write_request(conversation: Conversation, upstream_model: str) -> Written:
    """``conversation`` as bytes for ``upstream_model``. Raises ``NotCarried``, and ``Invalid`` for a call that is no JSON."""
    writing = _Writing(older=_BEFORE_THREE.match(upstream_model) is not None)
    system, turns = writing.system(conversation.turns)
    body: dict[str, Any] = {"contents": [writing.content(at, turn) for at, turn in turns]}
    if system:
        body["systemInstruction"] = {"parts": [{"text": text} for text in system]}
    if conversation.tools:
        writing.one_call(conversation)
        body["tools"] = [{"functionDeclarations": [_tool(tool) for tool in conversation.tools]}]
        if calling := writing.calling(conversation):
            body["toolConfig"] = {"functionCallingConfig": calling}
    if config := writing.config(conversation):
        body["generationConfig"] = config
    return Written(_encode(body), tuple(writing.left_out))


class _Writing:
    """One request on its way; ``older`` where the model is one before Gemini 3."""

    def __init__(self, *, older: bool) -> None:
        self._older = older
        self._names: dict[str, str] = {}
        self.left_out: list[str] = []

    def system(self, turns: tuple[Turn, ...]) -> tuple[list[str], list[tuple[int, Turn]]]:
        """The texts of all system turns, and the other turns with their places; a request of system turns alone is asked."""
        rest = [(at, turn) for at, turn in enumerate(turns) if turn.role != "system"]
        if not rest:
            self.left_out += [f"messages[{at}] (moved)" for at in range(len(turns))]
            return [], [(at, Turn("user", turn.parts)) for at, turn in enumerate(turns)]
        texts: list[str] = []
        for at, turn in enumerate(turns):
            if turn.role == "system":
                texts += [self._only_text(at, part) for part in turn.parts]
                if at > rest[0][0]:
                    self.left_out.append(f"messages[{at}] (moved)")
        return texts, rest

    def content(self, at: int, turn: Turn) -> dict[str, Any]:
        """One turn."""
        model = turn.role == "assistant"
        parts = self._answer(at, turn) if model else [self._given(at, part) for part in turn.parts]
        spoken = [part for part in parts if part != {"text": ""}]
        return {"role": "model" if model else "user", "parts": spoken or [{"text": ""}]}

    def one_call(self, conversation: Conversation) -> None:
        """Calls one after the other cannot be asked for: where only one tool can be called, or none, it is left out."""
        if conversation.parallel_calls is not False:
            return
        choice = conversation.tool_choice
        if len(conversation.tools) > 1 and (choice is None or choice.mode not in ("none", "named")):
            raise NotCarried("parallel_calls", NAME)
        self.left_out.append("parallel_calls")

    def calling(self, conversation: Conversation) -> dict[str, Any]:
        """How tools may be called."""
        choice = conversation.tool_choice or ToolChoice("auto")
        if choice.mode == "auto" and all(tool.strict for tool in conversation.tools):
            return {"mode": "VALIDATED"}
        self.left_out += [f"tools[{at}].strict" for at, tool in enumerate(conversation.tools) if tool.strict]
        if conversation.tool_choice is None:
            return {}
        names = {"allowedFunctionNames": [choice.name]} if choice.mode == "named" else {}
        return {"mode": _MODES[choice.mode], **names}

    def config(self, conversation: Conversation) -> dict[str, Any]:
        """``generationConfig``."""
        said = {name: value for field, name in _CONFIG.items() if (value := getattr(conversation, field)) is not None}
        if conversation.stop:
            said["stopSequences"] = list(conversation.stop)
        if (form := conversation.format) is not None:
            said["responseMimeType"] = "application/json"
            if form.schema is not None:
                said["responseJsonSchema"] = form.schema
        if (effort := conversation.effort) is not None and conversation.thinking_tokens is None:
            if effort not in _BUDGETS:
                raise NotCarried("effort", NAME)
            level = effort != "none" and not self._older
            said["thinkingConfig"] = {"thinkingLevel": effort} if level else {"thinkingBudget": _BUDGETS[effort]}
        if conversation.thinking_tokens is not None:
            said["thinkingConfig"] = {"thinkingBudget": conversation.thinking_tokens, "includeThoughts": True}
        return said

    def _only_text(self, at: int, part: Part) -> str:
        if not isinstance(part, Text):
            raise NotCarried(f"messages[{at}] (no text, of the system)", NAME)
        return part.text

    def _given(self, at: int, part: Part) -> dict[str, Any]:
        match part:
            case Text(text=text):
                return {"text": text}
            case Media():
                return _medium(part)
            case ToolResult(call=call, name=name):
                if not (called := name or self._names.get(call, "")):
                    field = f"messages[{at}]"
                    raise Invalid(
                        "invalid_request_field", field=field, expected=f"no result of {call[:80]}, which nobody called"
                    )
                return {"functionResponse": _result(part, called)}
        raise NotCarried(f"messages[{at}]", NAME)

    def _answer(self, at: int, turn: Turn) -> list[dict[str, Any]]:
        """An answer of the model's; a signature stands with the part that follows the thought."""
        parts: list[dict[str, Any]] = []
        signature, called = "", False
        for number, part in enumerate(turn.parts):
            if isinstance(part, Thinking):
                signature = gemini_signature(part.signature)
                if signature and part.text:
                    parts.append({"text": part.text, "thought": True})
                elif not signature:
                    self.left_out.append(f"messages[{at}].parts[{number}] (thinking)")
                continue
            if isinstance(part, ToolCall):
                written: dict[str, Any] = {"functionCall": _call(at, number, part)}
                if not signature and not called and not self._older:
                    signature = SKIPPED
                self._names[part.id], called = part.name, True
            elif isinstance(part, (Text, Media)):
                written = self._given(at, part)
            else:
                raise NotCarried(f"messages[{at}]", NAME)
            if signature:
                written["thoughtSignature"], signature = signature, ""
            parts.append(written)
        return [*parts, {"text": "", "thoughtSignature": signature}] if signature else parts


def _call(at: int, number: int, call: ToolCall) -> dict[str, Any]:
    args = arguments_object(call.arguments)
    if args is None:
        field = f"messages[{at}].parts[{number}].arguments"
        raise Invalid("invalid_request_field", field=field, expected="the text of a JSON object")
    return {"id": call.id, "name": call.name, "args": args}


def _result(result: ToolResult, name: str) -> dict[str, Any]:
    text = "".join(part.text for part in result.parts if isinstance(part, Text))
    seen = [_medium(part) for part in result.parts if isinstance(part, Media)]
    response = {"error" if result.failed else "output": text}
    written: dict[str, Any] = {"id": result.call, "name": name, "response": response}
    return {**written, "parts": seen} if seen else written


def _medium(media: Media) -> dict[str, Any]:
    named = {"displayName": media.name} if media.name else {}
    if media.url:
        typed = {"mimeType": media.media_type} if media.media_type else {}
        return {"fileData": {"fileUri": media.url, **typed, **named}}
    return {"inlineData": {"mimeType": media.media_type or "application/octet-stream", "data": media.data, **named}}


def _tool(tool: Tool) -> dict[str, Any]:
    described = {"description": tool.description} if tool.description else {}
    return {"name": tool.name, **described, "parametersJsonSchema": tool.schema}
