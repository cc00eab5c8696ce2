"""A Gemini request, read whole. Knows no other protocol; what it alone can say is refused by name.

Source of the fields: the public reference of the Gemini API. Calls need no ids there: those that have none get one by their
number (nine letters and digits, for Mistral takes no other), and results without one belong to the first call of their name
that waits.
"""

from __future__ import annotations

import base64
import binascii
import itertools
from collections import defaultdict, deque
from typing import Any, Literal

import msgspec

from ...conversation import Conversation, Format, Media, Part, Text, Thinking, Tool, ToolCall, ToolChoice, ToolResult, Turn
from .fields import Fields
from .schema import json_schema
from .signatures import foreign_signature

__all__ = ["conversation"]

_encode = msgspec.json.Encoder().encode
# Thresholds that only say that Google's own filters may stay off: where there are none, nobody misses them.
_UNFILTERED = ("OFF", "BLOCK_NONE", "HARM_BLOCK_THRESHOLD_UNSPECIFIED")
_MODES: dict[str, Literal["auto", "none", "required"]] = {
    "MODE_UNSPECIFIED": "auto",
    "AUTO": "auto",
    "VALIDATED": "auto",
    "ANY": "required",
    "NONE": "none",
}
_EFFORTS = ("minimal", "low", "medium", "high")
# How a tool's text stands in its ``response``; any other object is the result itself.
_SAID, _FAILED = ("output", "result"), "error"
_OWN_FILES = ("gs:", "https://generativelanguage.googleapis.com/")


def conversation(body: Fields, stream: bool) -> Conversation:
    """The request as a conversation. Raises ``Invalid`` and ``NotCarried``."""
    body.skip("model")  # the path says it
    body.leave("labels", "serviceTier", "store")
    system, calls = body.inner("systemInstruction"), _Calls()
    turns = [_system(system)] if system else []
    turns += [_turn(content, calls) for content in body.rows("contents")]
    for setting in body.rows("safetySettings"):
        _safety(setting)
    tools = tuple(tool for each in body.rows("tools") for tool in _tools(each))
    tool_config = body.inner("toolConfig")
    choice, tools = _choice(tool_config, tools) if tool_config else (None, tools)
    config = body.inner("generationConfig")
    said = _config(config) if config else {}
    return Conversation(turns=tuple(turns), stream=stream, tools=tools, tool_choice=choice, left_out=body.end(), **said)


class _Calls:
    """The calls of tools so far, and which of them wait for a result: by id, and for each name in order."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._numbers = itertools.count(1)
        self._waiting: set[str] = set()
        self._by_name: defaultdict[str, deque[str]] = defaultdict(deque)

    def made(self, stated: str, name: str) -> str:
        """The id of a new call."""
        call = stated or next(each for number in self._numbers if (each := f"call{number:05}") not in self._ids)
        self._ids.add(call)
        self._waiting.add(call)
        self._by_name[name].append(call)
        return call

    def answered(self, stated: str, name: str) -> str:
        """The id of the call that a result belongs to; empty where nobody called."""
        if stated:
            self._waiting.discard(stated)
            return stated
        waiting = self._by_name[name]
        while waiting:
            if (call := waiting.popleft()) in self._waiting:
                self._waiting.remove(call)
                return call
        return ""


def _system(content: Fields) -> Turn:
    content.skip("role")
    parts = []
    for part in content.rows("parts"):
        parts.append(Text(part.said("text")))
        part.leave("partMetadata")
        part.end()
    content.end()
    return Turn("system", tuple(parts))


def _turn(content: Fields, calls: _Calls) -> Turn:
    role = content.text("role") or "user"
    if role not in ("user", "model", "function"):
        raise content.wrong("role", "user | model")
    parts: list[Part] = []
    for part in content.rows("parts"):
        parts += _model_part(part, calls) if role == "model" else _user_part(part, calls)
        part.leave("partMetadata", "mediaResolution", "thoughtSignature")
        part.end()
    content.end()
    return Turn("assistant" if role == "model" else "user", tuple(parts))


def _model_part(part: Fields, calls: _Calls) -> list[Part]:
    thought, text = part.flag("thought"), part.text("text")
    if (call := part.inner("functionCall")) is not None:
        name, arguments = call.said("name"), call.plain("args") or {}
        made = ToolCall(calls.made(call.text("id") or "", name), name, _encode(arguments).decode())
        call.end()
        return [made]
    if thought:
        stated = part.text("thoughtSignature")
        signature = foreign_signature(stated) if stated else ""
        if stated and not signature:
            part.note("thoughtSignature")
        return [Thinking(text or "", signature)]
    return [*([] if text is None else [Text(text)]), *_media(part)]


def _user_part(part: Fields, calls: _Calls) -> list[Part]:
    part.only("thought", False)
    if (result := part.inner("functionResponse")) is not None:
        return [_result(result, calls)]
    text = part.text("text")
    return [*([] if text is None else [Text(text)]), *_media(part)]


def _result(result: Fields, calls: _Calls) -> ToolResult:
    name, response = result.said("name"), result.plain("response") or {}
    call = calls.answered(result.text("id") or "", name)
    if not call:
        raise result.wrong("name", "the name of a function that was called before and has no result yet")
    result.only("willContinue", False)
    result.leave("scheduling")
    seen = [medium for part in result.rows("parts") for medium in _only_media(part)]
    result.end()
    text, failed = _response(response)
    return ToolResult(call, (Text(text), *seen), name, failed)


def _only_media(part: Fields) -> list[Media]:
    media = _media(part)
    part.leave("mediaResolution")
    part.end()
    return media


def _response(response: dict[str, Any]) -> tuple[str, bool]:
    """What a tool said, and whether it failed."""
    if len(response) == 1:
        ((key, value),) = response.items()
        if isinstance(value, str) and (key in _SAID or key == _FAILED):
            return value, key == _FAILED
    return _encode(response).decode(), False


def _media(part: Fields) -> list[Media]:
    media = []
    if (blob := part.inner("inlineData")) is not None:
        media_type, name = blob.said("mimeType"), blob.text("displayName") or ""
        media.append(Media(_kind(media_type), media_type, data=_base64(blob), name=name))
        blob.end()
    if (file := part.inner("fileData")) is not None:
        media_type, name, url = file.text("mimeType") or "", file.text("displayName") or "", file.said("fileUri")
        if not url.startswith(("https://", "http://")) or url.startswith(_OWN_FILES):
            raise file.not_carried("fileUri")
        media.append(Media(_kind(media_type), media_type, url=url, name=name))
        file.end()
    return media


def _kind(media_type: str) -> Literal["images", "audio", "files"]:
    family = media_type.partition("/")[0]
    return "images" if family == "image" else "audio" if family == "audio" else "files"


def _base64(blob: Fields) -> str:
    """The data in the alphabet that all others write; Google reads both."""
    data = blob.said("data").replace("-", "+").replace("_", "/").rstrip("=")
    data += "=" * (-len(data) % 4)
    try:
        base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError) as error:
        raise blob.wrong("data", "base64") from error
    return data


def _safety(setting: Fields) -> None:
    """A filter that is asked for would be missed elsewhere; one that is turned off would not."""
    setting.skip("category")
    setting.only("threshold", *_UNFILTERED)
    setting.only("method", "HARM_BLOCK_METHOD_UNSPECIFIED")
    setting.note("threshold")
    setting.end()


def _tools(tool: Fields) -> list[Tool]:
    declared = [_tool(function) for function in tool.rows("functionDeclarations")]
    tool.end()
    return declared


def _tool(function: Fields) -> Tool:
    name, description = function.said("name"), function.text("description") or ""
    schema, parameters = function.plain("parametersJsonSchema"), function.take("parameters")
    if schema is None and parameters is not None:
        schema = json_schema(parameters, function.at("parameters"))
    function.leave("response", "responseJsonSchema")
    function.only("behavior", "UNSPECIFIED", "BLOCKING")
    function.end()
    return Tool(name, description, schema) if schema else Tool(name, description)


def _choice(config: Fields, tools: tuple[Tool, ...]) -> tuple[ToolChoice | None, tuple[Tool, ...]]:
    """How tools may be called, and those that may be: of a list of names, the others are not shown at all."""
    config.leave("retrievalConfig")
    config.only("includeServerSideToolInvocations", False)
    calling = config.inner("functionCallingConfig")
    config.end()
    if calling is None:
        return None, tools
    mode, names = calling.text("mode") or "AUTO", calling.texts("allowedFunctionNames")
    calling.only("streamFunctionCallArguments", False)
    calling.end()
    if mode not in _MODES:
        raise calling.not_carried("mode")
    if mode == "VALIDATED":
        tools = tuple(msgspec.structs.replace(tool, strict=True) for tool in tools)
    if not (wanted := frozenset(names)):
        return ToolChoice(_MODES[mode]), tools
    allowed = tuple(tool for tool in tools if tool.name in wanted)
    if not allowed:
        raise calling.wrong("allowedFunctionNames", "names of functions that are declared")
    if mode == "ANY" and len(allowed) == 1:
        return ToolChoice("named", allowed[0].name), tools
    return ToolChoice(_MODES[mode]), allowed


def _config(config: Fields) -> dict[str, Any]:
    """What ``generationConfig`` says, as fields of a ``Conversation``."""
    said: dict[str, Any] = {
        "max_tokens": config.whole("maxOutputTokens", 1),
        "temperature": config.number("temperature"),
        "top_p": config.number("topP"),
        "top_k": config.whole("topK"),
        "stop": config.texts("stopSequences"),
        "seed": config.whole("seed"),
        "presence_penalty": config.number("presencePenalty"),
        "frequency_penalty": config.number("frequencyPenalty"),
        "format": _format(config),
    }
    config.only("candidateCount", 1)
    config.only("responseLogprobs", False)
    config.only("logprobs", 0)
    config.only("responseModalities", [], ["TEXT"])
    config.leave("mediaResolution", "enableEnhancedCivicAnswers")
    if (thinking := config.inner("thinkingConfig")) is not None:
        thinking.skip("includeThoughts")  # kept by the writer of answers
        budget, level = thinking.whole("thinkingBudget"), (thinking.text("thinkingLevel") or "").lower()
        if level and level not in (*_EFFORTS, "thinking_level_unspecified"):
            raise thinking.not_carried("thinkingLevel")
        thinking.end()
        said["effort"] = level if level in _EFFORTS else "none" if budget == 0 else None
        said["thinking_tokens"] = budget if budget and budget > 0 else None
    config.end()
    return said


def _format(config: Fields) -> Format | None:
    media_type = config.text("responseMimeType") or "text/plain"
    schema, stated = config.plain("responseJsonSchema"), config.take("responseSchema")
    if schema is None and stated is not None:
        schema = json_schema(stated, config.at("responseSchema"))
    if media_type == "application/json":
        return Format(schema)
    if media_type != "text/plain" or schema is not None:
        raise config.not_carried("responseMimeType")
    return None
