"""A chat completions request, read whole. Knows no other protocol; what it alone can say is refused by name.

Source of the fields: the public reference of the OpenAI API. ``top_k`` is no field of OpenAI's, but of most servers
that speak like it; ``random_seed``, ``safe_prompt``, ``prefix`` and the choice ``any`` are Mistral's.
"""

from __future__ import annotations

from typing import Any

from ...conversation import Conversation, Format, Media, Part, Text, Thinking, Tool, ToolCall, ToolChoice, ToolResult, Turn
from ...request import Request
from ..openai import EFFORTS, Fields, as_turns, media_of, metadata_left, object_text, with_description

__all__ = ["converse"]

_OTHERS = "≠ openai_chat"
# Lost without harm: they say who asks, how the vendor keeps and bills, and what would only make it faster.
_HARMLESS = (
    "user",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "service_tier",
    "prediction",
)
# Fields that say nothing at these values.
_ONLY: dict[str, tuple[Any, ...]] = {
    "n": (1,),
    "logprobs": (False,),
    "top_logprobs": (0,),
    "logit_bias": ({},),
    "modalities": (["text"],),
    "verbosity": ("medium",),
    "functions": ([],),
    "function_call": ("none", "auto"),
    "safe_prompt": (False,),
}
_MEDIA_TYPES = {"mp3": "audio/mpeg"}


def converse(request: Request) -> Conversation:
    """The request as a conversation. Raises ``Invalid`` and ``NotCarried``."""
    body = Fields.of(request.raw, _OTHERS)
    body.skip("model")
    body.leave(*_HARMLESS)
    if body.flag("store"):
        body.note("store")
    metadata_left(body)
    for name, harmless in _ONLY.items():
        body.only(name, *harmless)
    if (options := body.inner("stream_options")) is not None:
        options.skip("include_usage")  # kept by the event writer
        options.leave("include_obfuscation")
        options.end()
    names: dict[str, str] = {}
    return Conversation(
        turns=as_turns(_turn(message, names) for message in body.rows("messages")),
        stream=bool(body.flag("stream")),
        tools=tuple(_tool(tool) for tool in body.rows("tools")),
        tool_choice=_choice(body),
        parallel_calls=body.flag("parallel_tool_calls"),
        format=_format(body.inner("response_format")),
        max_tokens=_either(body.whole("max_completion_tokens", 1), body.whole("max_tokens", 1)),
        temperature=body.number("temperature"),
        top_p=body.number("top_p"),
        top_k=body.whole("top_k"),
        stop=body.texts("stop"),
        seed=_either(body.whole("seed"), body.whole("random_seed")),
        presence_penalty=body.number("presence_penalty"),
        frequency_penalty=body.number("frequency_penalty"),
        effort=body.word("reasoning_effort", EFFORTS),
        left_out=body.end(),
    )


def _either(first: int | None, second: int | None) -> int | None:
    return second if first is None else first


def _turn(message: Fields, names: dict[str, str]) -> Turn:
    turn = _said(message, names)
    message.leave("name")
    message.end()
    return turn


def _said(message: Fields, names: dict[str, str]) -> Turn:
    match message.said("role"):
        case "system" | "developer":
            return Turn("system", _content(message))
        case "user":
            return Turn("user", _content(message))
        case "assistant":
            return Turn("assistant", _answer(message, names))
        case "tool":
            return Turn("user", (_result(message, names),))
    raise message.not_carried("role")


def _content(message: Fields) -> tuple[Text | Media, ...]:
    content = message.take("content")
    if isinstance(content, str):
        return (Text(content),)
    if content is None:
        return ()
    if not isinstance(content, list):
        raise message.wrong("content", "str | array | null")
    return tuple(_part(message.deeper(f"content[{at}]", part)) for at, part in enumerate(content))


def _part(part: Fields) -> Text | Media:
    kind = part.said("type")
    part.leave("prompt_cache_breakpoint")
    made: Text | Media
    if kind in ("text", "refusal"):
        made = Text(part.said(kind))
    elif kind == "image_url":
        made = _image(part)
    elif kind == "input_audio":
        sound = part.deeper("input_audio", part.take("input_audio"))
        form = sound.said("format")
        made = Media("audio", media_type=_MEDIA_TYPES.get(form, f"audio/{form}"), data=sound.said("data"))
        sound.end()
    elif kind == "file":
        made = _file(part.deeper("file", part.take("file")))
    else:
        raise part.not_carried("type")
    part.end()
    return made


def _image(part: Fields) -> Media:
    stated = part.take("image_url")
    if isinstance(stated, str):  # Mistral's way
        return media_of("images", stated, part, "image_url")
    image = part.deeper("image_url", stated)
    url = image.said("url")
    if image.take("detail") not in (None, "auto"):
        image.note("detail")
    image.end()
    return media_of("images", url, image, "url")


def _file(file: Fields) -> Media:
    name, data = file.text("filename") or "", file.text("file_data")
    file.end()
    if data is None:
        raise file.wrong("file_data", "to be present")
    if data.startswith("data:"):
        return media_of("files", data, file, "file_data", name)
    media_type = "application/pdf" if name.lower().endswith(".pdf") else "application/octet-stream"
    return Media("files", media_type=media_type, data=data, name=name)


def _answer(message: Fields, names: dict[str, str]) -> tuple[Part, ...]:
    parts: list[Part] = []
    for key in ("reasoning_content", "reasoning"):
        if (thought := message.text(key)) and not parts:
            parts.append(Thinking(thought))
    parts += [part for part in _content(message) if part != Text("")]
    if refusal := message.text("refusal"):
        parts.append(Text(refusal))
    message.only("annotations", [])
    message.only("prefix", False)
    calls = [_call(call) for call in message.rows("tool_calls")]
    names |= {call.id: call.name for call in calls}
    return (*parts, *calls)


def _call(call: Fields) -> ToolCall:
    call.only("type", "function")
    call.skip("index")
    function = call.deeper("function", call.take("function"))
    arguments = function.text("arguments") or "{}"
    if not object_text(arguments):
        raise function.wrong("arguments", "the text of a JSON object")
    made = ToolCall(call.said("id"), function.said("name"), arguments)
    function.end()
    call.end()
    return made


def _result(message: Fields, names: dict[str, str]) -> ToolResult:
    call = message.said("tool_call_id")
    return ToolResult(call, _content(message), names.get(call, ""))


def _tool(tool: Fields) -> Tool:
    tool.only("type", "function")
    function = tool.deeper("function", tool.take("function"))
    stated = {"schema": schema} if (schema := function.plain("parameters")) is not None else {}
    made = Tool(function.said("name"), function.text("description") or "", strict=function.flag("strict"), **stated)
    function.end()
    tool.end()
    return made


def _choice(body: Fields) -> ToolChoice | None:
    stated = body.take("tool_choice")
    if stated is None:
        return None
    if stated in ("auto", "none", "required"):
        return ToolChoice(stated)
    if stated == "any":
        return ToolChoice("required")
    choice = body.deeper("tool_choice", stated)
    choice.only("type", "function")
    function = choice.deeper("function", choice.take("function"))
    made = ToolChoice("named", function.said("name"))
    function.end()
    choice.end()
    return made


def _format(form: Fields | None) -> Format | None:
    if form is None:
        return None
    kind = form.said("type")
    if kind not in ("text", "json_object", "json_schema"):
        raise form.not_carried("type")
    made = None if kind == "text" else Format()
    if kind == "json_schema":
        stated = form.deeper("json_schema", form.take("json_schema"))
        schema = with_description(stated.plain("schema") or {}, stated.text("description"))
        made = Format(schema, stated.said("name"), stated.flag("strict"))
        stated.end()
    form.end()
    return made
