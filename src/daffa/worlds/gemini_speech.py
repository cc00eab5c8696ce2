"""What a simulated provider says in Gemini's words: the answers of ``speech``. Pure; knows no socket, no clock, no chance.

Source of the shapes and of the complaints: the public reference of the Gemini API. Like Google, it reads both spellings of a
name and refuses a name that it does not know. A model named ``gemini-3...`` signs its calls and wants them back so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, unquote

import msgspec

from .speech import Complaint, Reply, reply
from .tongue import Asked, Spoken, SpokenEvent, cut

__all__ = ["GeminiTongue"]

_CALL = re.compile(r"/v1(?:beta)?/models/(?P<model>[^:]+):(?P<call>generateContent|streamGenerateContent|countTokens)")
_LIST = "/v1beta/models"
_STATUSES = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
}
_FINISHES = {"stop": "STOP", "tool_calls": "STOP", "length": "MAX_TOKENS"}
_THOUGHT = "Simulated thought. "
_SIGNATURE = "c2ltdWxhdGVk"
_REQUEST = frozenset(
    {"contents", "systemInstruction", "tools", "toolConfig", "generationConfig", "safetySettings", "cachedContent", "model"}
    | {"labels", "serviceTier", "store"}
)
_CONFIG = frozenset(
    {"temperature", "topP", "topK", "candidateCount", "maxOutputTokens", "stopSequences", "seed", "presencePenalty"}
    | {"frequencyPenalty", "responseMimeType", "responseSchema", "responseJsonSchema", "responseModalities", "thinkingConfig"}
    | {"responseLogprobs", "logprobs", "speechConfig", "imageConfig", "mediaResolution", "enableEnhancedCivicAnswers"}
)
_PART = frozenset(
    {"text", "thought", "thoughtSignature", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode"}
    | {"codeExecutionResult", "videoMetadata", "partMetadata", "mediaResolution"}
)
_CONTENT = frozenset({"role", "parts"})


class GeminiTongue:
    """Gemini's ``generateContent``, ``streamGenerateContent`` and ``countTokens``, under ``/v1`` and ``/v1beta``."""

    def hears(self, method: str, path: str) -> bool:
        """Whether this is an address of the protocol."""
        return path == _LIST if method == "GET" else method == "POST" and _CALL.fullmatch(path) is not None

    def answer(self, asked: Asked) -> Spoken:
        """An answer, its events, or a count. Raises ``Complaint``."""
        called = _CALL.fullmatch(asked.path)
        if called is None:
            return Spoken({"models": [{"name": f"models/{model}", "displayName": model} for model in asked.models]})
        model, call = unquote(called["model"]), called["call"]
        if model not in asked.models:
            message = f"models/{model[:80]} is not found for API version v1beta, or is not supported for {call}."
            raise Complaint(404, "not_found", message)
        said, thinks = _reply(asked, model, call)
        if call == "countTokens":
            return Spoken({"totalTokens": said.prompt_tokens})
        if call == "generateContent":
            return Spoken(_frame(said, _parts(said, thinks), asked, thinks, finished=True))
        events = tuple(_events(said, thinks, asked))
        if parse_qs(asked.query).get("alt") == ["sse"]:
            return Spoken(events=tuple(SpokenEvent("", event, piece=True) for event in events))
        return Spoken(list(events))

    def error(self, status: int, code: str | None, message: str, param: str | None = None) -> SpokenEvent:  # noqa: ARG002
        """An error object of Google's APIs; its events have no names."""
        name = _STATUSES.get(status, "UNAVAILABLE" if status >= 500 else "INVALID_ARGUMENT")
        return SpokenEvent("", {"error": {"code": status, "message": message, "status": name}})


def _reply(asked: Asked, model: str, call: str) -> tuple[Reply, bool]:
    """The reply, and whether its thought shall be shown."""
    body = _named(asked.body)
    if call == "countTokens" and "generateContentRequest" in body:
        body = _named(body["generateContentRequest"])
    _known(body, _REQUEST, "the request")
    config = _named(body.get("generationConfig") or {})
    _known(config, _CONFIG, "generation_config")
    contents = [_content(content) for content in _listed(body.get("contents"))]
    if not contents:
        raise Complaint(400, "invalid_argument", "* GenerateContentRequest.contents: contents is not specified")
    _paired(contents)
    if model.startswith("gemini-3"):
        _signed(contents)
    system = [_content(body["systemInstruction"]) | {"role": "system"}] if body.get("systemInstruction") else []
    messages = [_message(content) for content in [*system, *contents]]
    thinks = _named(config.get("thinkingConfig") or {}).get("includeThoughts") is True
    return reply(_chat(body, config, messages, model), asked.name, (model,), asked.language), thinks


def _chat(body: dict[str, Any], config: dict[str, Any], messages: list[dict[str, Any]], model: str) -> dict[str, Any]:
    """The same question as a chat request, so that the same answer is given."""
    chat: dict[str, Any] = {"model": model, "messages": messages, "n": config.get("candidateCount")}
    functions = [_named(f) for tool in _listed(body.get("tools")) for f in _listed(_named(tool).get("functionDeclarations"))]
    chat["tools"] = [{"function": {"name": f["name"], "parameters": _lowered(_schema_of(f, "parameters"))}} for f in functions]
    calling = _named(_named(body.get("toolConfig") or {}).get("functionCallingConfig") or {})
    names = calling.get("allowedFunctionNames") or []
    if calling.get("mode") == "ANY":
        chat["tool_choice"] = {"function": {"name": names[0]}} if names else "required"
    elif calling.get("mode") == "NONE":
        chat["tool_choice"] = "none"
    if config.get("responseMimeType") == "application/json":
        schema = _schema_of(config, "response")
        form = {"type": "json_schema", "json_schema": {"schema": _lowered(schema)}} if schema else {"type": "json_object"}
        chat["response_format"] = form
    elif _schema_of(config, "response"):
        raise Complaint(400, "invalid_argument", "A response schema is only supported with a JSON response mime type.")
    if config.get("maxOutputTokens") is not None:
        chat["max_tokens"] = int(config["maxOutputTokens"])
    return chat


def _schema_of(holder: dict[str, Any], name: str) -> Any:
    """A schema in either of the fields that may hold it."""
    typed = "parameters" if name == "parameters" else f"{name}Schema"
    return holder.get(f"{name}JsonSchema") or holder.get(typed) or {}


def _content(value: Any) -> dict[str, Any]:
    content = _named(value)
    _known(content, _CONTENT, "contents")
    parts = [_named(part) for part in _listed(content.get("parts"))]
    for part in parts:
        _known(part, _PART, "contents.parts")
    if not parts or not all(set(part) - {"thought", "thoughtSignature"} for part in parts):
        raise Complaint(400, "invalid_argument", "* GenerateContentRequest.contents.parts: contents.parts must not be empty.")
    if content.get("role") not in (None, "user", "model", "function"):
        raise Complaint(400, "invalid_argument", "Please use a valid role: user, model.")
    return {"role": content.get("role") or "user", "parts": parts}


def _paired(contents: list[dict[str, Any]]) -> None:
    """Each turn of calls is followed by as many results."""
    for before, after in zip(contents, [*contents[1:], {"parts": []}], strict=True):
        calls = sum("functionCall" in part for part in before["parts"])
        if calls and calls != sum("functionResponse" in part for part in after["parts"]):
            message = "Please ensure that the number of function response parts is equal to the number of function call parts."
            raise Complaint(400, "invalid_argument", message)


def _signed(contents: list[dict[str, Any]]) -> None:
    """The first call of each turn brings its signature back."""
    for content in contents:
        first = next((part for part in content["parts"] if "functionCall" in part), None)
        if first is not None and not first.get("thoughtSignature"):
            raise Complaint(400, "invalid_argument", "Function call is missing a thought_signature in functionCall parts.")


def _message(content: dict[str, Any]) -> dict[str, Any]:
    answered = any("functionResponse" in part for part in content["parts"])
    role = {"model": "assistant", "system": "system"}.get(content["role"], "tool" if answered else "user")
    spoken = [part["text"] for part in content["parts"] if isinstance(part.get("text"), str) and not part.get("thought")]
    given = [msgspec.json.encode(part["functionResponse"]).decode() for part in content["parts"] if "functionResponse" in part]
    return {"role": role, "content": " ".join([*given, *spoken])}


def _parts(said: Reply, thinks: bool) -> list[dict[str, Any]]:
    thought: list[dict[str, Any]] = [{"text": _THOUGHT, "thought": True}] if thinks else []
    return [*thought, _call(said) if said.tool else {"text": said.text}]


def _call(said: Reply) -> dict[str, Any]:
    arguments = msgspec.json.decode(said.text) if said.finish != "length" else {}
    signed = {"thoughtSignature": _SIGNATURE} if said.model.startswith("gemini-3") else {}
    return {"functionCall": {"name": said.tool, "args": arguments}, **signed}


def _events(said: Reply, thinks: bool, asked: Asked) -> Iterator[dict[str, Any]]:
    """Answers with the parts that are new. The last has the reason of the end; calls come whole."""
    pieces = said.pieces if asked.chunks is None else cut(said.text, asked.chunks)
    parts: list[dict[str, Any]] = [_call(said)] if said.tool else [{"text": piece} for piece in pieces]
    if thinks:
        parts.insert(0, {"text": _THOUGHT, "thought": True})
    for number, part in enumerate(parts, 1):
        yield _frame(said, [part], asked, thinks, finished=number == len(parts))


def _frame(said: Reply, parts: list[dict[str, Any]], asked: Asked, thinks: bool, *, finished: bool) -> dict[str, Any]:
    candidate: dict[str, Any] = {"content": {"parts": parts, "role": "model"}, "index": 0}
    if finished:
        candidate["finishReason"] = _FINISHES[said.finish]
    frame: dict[str, Any] = {"candidates": [candidate], "modelVersion": said.model, "responseId": said.id}
    if asked.counted:
        read, spoken, thought = said.prompt_tokens, len(said.pieces), 2 if thinks else 0
        counts = {"promptTokenCount": read, "candidatesTokenCount": spoken, "totalTokenCount": read + spoken + thought}
        frame["usageMetadata"] = counts | ({"thoughtsTokenCount": thought} if thought else {})
    return frame


def _named(value: Any) -> dict[str, Any]:
    """An object with the names that Google writes."""
    if not isinstance(value, dict):
        raise TypeError
    return {re.sub(r"_([a-z])", lambda found: found[1].upper(), name): item for name, item in value.items() if item is not None}


def _known(fields: dict[str, Any], names: frozenset[str], where: str) -> None:
    for name in fields:
        if name not in names:
            message = f"Invalid JSON payload received. Unknown name \"{name[:80]}\" at '{where}': Cannot find field."
            raise Complaint(400, "invalid_argument", message)


def _listed(value: Any) -> list[Any]:
    return [] if value is None else [value] if isinstance(value, dict) else list(value)


def _lowered(schema: Any) -> Any:
    """A schema whose types are written as JSON Schema writes them."""
    if isinstance(schema, list):
        return [_lowered(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: value.lower() if key == "type" and isinstance(value, str) else _lowered(value) for key, value in schema.items()
    }
