"""A responses request, read whole. Knows no other protocol; what it alone can say is refused by name.

Source of the fields: the public reference of the OpenAI API. Nothing is stored here: what would need an earlier response
or a conversation kept by the vendor is refused.
"""

from __future__ import annotations

from typing import Any

from ...conversation import Conversation, Format, Media, Text, Thinking, Tool, ToolCall, ToolChoice, ToolResult, Turn
from ...request import Request
from ..openai import EFFORTS, Fields, as_turns, media_of, metadata_left, object_text, with_description

__all__ = ["converse"]

_OTHERS = "≠ openai_responses"
# Lost without harm: who asks, how the vendor keeps and bills, limits on what cannot be asked for, and what is only shown.
_HARMLESS = (
    "user",
    "safety_identifier",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "service_tier",
    "max_tool_calls",
    "background_options",
)
# Fields that say nothing at these values.
_ONLY: dict[str, tuple[Any, ...]] = {"background": (False,), "top_logprobs": (0,), "context_management": ([],)}
# What may be asked to be shown: the thoughts come as they are; of the rest there is nothing to show.
_SHOWN = frozenset({
    "reasoning.encrypted_content", "web_search_call.action.sources", "code_interpreter_call.outputs",
    "computer_call_output.output.image_url", "file_search_call.results", "message.input_image.image_url",
})  # fmt: skip


def converse(request: Request) -> Conversation:
    """The request as a conversation. Raises ``Invalid`` and ``NotCarried``."""
    body = Fields.of(request.raw, _OTHERS)
    body.skip("model")
    body.leave(*_HARMLESS)
    _left(body)
    for name, harmless in _ONLY.items():
        body.only(name, *harmless)
    instructions = body.text("instructions")
    told = () if instructions is None else (Turn("system", (Text(instructions),)),)
    return Conversation(
        turns=(*told, *_turns(body)),
        stream=bool(body.flag("stream")),
        tools=tuple(_tool(tool) for tool in body.rows("tools")),
        tool_choice=_choice(body),
        parallel_calls=body.flag("parallel_tool_calls"),
        format=_format(body.inner("text")),
        max_tokens=body.whole("max_output_tokens", 1),
        temperature=body.number("temperature"),
        top_p=body.number("top_p"),
        effort=_effort(body.inner("reasoning")),
        left_out=body.end(),
    )


def _left(body: Fields) -> None:
    """Fields that are lost without harm at some of their values."""
    if body.flag("store"):
        body.note("store")
    if body.word("truncation", ("auto", "disabled")) == "auto":
        body.note("truncation")
    if not set(body.texts("include")) <= _SHOWN:
        raise body.not_carried("include")
    metadata_left(body)
    if (options := body.inner("stream_options")) is not None:
        options.leave("include_obfuscation")
        options.end()


def _turns(body: Fields) -> tuple[Turn, ...]:
    stated = body.take("input")
    if isinstance(stated, str):
        return (Turn("user", (Text(stated),)),)
    names: dict[str, str] = {}
    items = (body.deeper(f"input[{at}]", item) for at, item in enumerate(stated))
    # One answer comes as several items.
    return as_turns((_item(item, names) for item in items), one_answer=True)


def _item(item: Fields, names: dict[str, str]) -> Turn:
    kind = item.text("type") or "message"
    item.skip("id", "status")
    if kind == "message":
        turn = _message(item)
    elif kind == "function_call":
        call = _call(item)
        names[call.id] = call.name
        turn = Turn("assistant", (call,))
    elif kind == "function_call_output":
        item.skip("name")
        call_id = item.said("call_id")
        turn = Turn("user", (ToolResult(call_id, _content(item, "output"), names.get(call_id, "")),))
    elif kind == "reasoning":
        turn = Turn("assistant", (_thought(item),))
    else:
        raise item.not_carried("type")
    item.end()
    return turn


def _message(item: Fields) -> Turn:
    role = item.said("role")
    item.leave("phase")
    if role in ("system", "developer"):
        return Turn("system", _content(item, "content"))
    if role == "user":
        return Turn("user", _content(item, "content"))
    if role == "assistant":
        return Turn("assistant", tuple(part for part in _content(item, "content") if part != Text("")))
    raise item.not_carried("role")


def _content(item: Fields, name: str) -> tuple[Text | Media, ...]:
    content = item.take(name)
    if isinstance(content, str):
        return (Text(content),)
    if not isinstance(content, list):
        raise item.wrong(name, "str | array")
    return tuple(_part(item.deeper(f"{name}[{at}]", part)) for at, part in enumerate(content))


def _part(part: Fields) -> Text | Media:
    kind = part.said("type")
    part.leave("prompt_cache_breakpoint")
    made: Text | Media
    if kind in ("input_text", "output_text", "text", "refusal"):
        made = Text(part.said("refusal" if kind == "refusal" else "text"))
        part.skip("annotations", "logprobs")  # of an answer that was given: they say nothing to a model
    elif kind == "input_image":
        if part.take("detail") not in (None, "auto"):
            part.note("detail")
        part.only("file_id")
        made = media_of("images", part.said("image_url"), part, "image_url")
    elif kind == "input_file":
        part.leave("detail")
        made = _file(part)
    else:
        raise part.not_carried("type")
    part.end()
    return made


def _file(part: Fields) -> Media:
    name, url, data = part.text("filename") or "", part.text("file_url"), part.text("file_data")
    if url is not None:
        return Media("files", url=url, name=name)
    part.only("file_id")
    if data is None:
        raise part.wrong("file_data", "to be present")
    if data.startswith("data:"):
        return media_of("files", data, part, "file_data", name)
    media_type = "application/pdf" if name.lower().endswith(".pdf") else "application/octet-stream"
    return Media("files", media_type=media_type, data=data, name=name)


def _call(item: Fields) -> ToolCall:
    arguments = item.text("arguments") or "{}"
    if not object_text(arguments):
        raise item.wrong("arguments", "the text of a JSON object")
    return ToolCall(item.said("call_id"), item.said("name"), arguments)


def _thought(item: Fields) -> Thinking:
    pieces: list[str] = []
    for name, kind in (("summary", "summary_text"), ("content", "reasoning_text")):
        for piece in item.rows(name):
            piece.only("type", kind)
            pieces.append(piece.said("text"))
            piece.end()
    return Thinking("\n\n".join(pieces), item.text("encrypted_content") or "")


def _tool(tool: Fields) -> Tool:
    tool.only("type", "function")
    tool.only("defer_loading", False)
    tool.leave("output_schema")
    tool.only("allowed_callers", ["direct"])
    stated = {"schema": schema} if (schema := tool.plain("parameters")) is not None else {}
    made = Tool(tool.said("name"), tool.text("description") or "", strict=tool.flag("strict"), **stated)
    tool.end()
    return made


def _choice(body: Fields) -> ToolChoice | None:
    stated = body.take("tool_choice")
    if stated is None:
        return None
    if stated in ("auto", "none", "required"):
        return ToolChoice(stated)
    choice = body.deeper("tool_choice", stated)
    choice.only("type", "function")
    made = ToolChoice("named", choice.said("name"))
    choice.end()
    return made


def _format(text: Fields | None) -> Format | None:
    if text is None:
        return None
    text.only("verbosity", "medium")
    form = text.inner("format")
    text.end()
    if form is None:
        return None
    kind = form.said("type")
    if kind not in ("text", "json_object", "json_schema"):
        raise form.not_carried("type")
    made = None if kind == "text" else Format()
    if kind == "json_schema":
        schema = with_description(form.plain("schema") or {}, form.text("description"))
        made = Format(schema, form.said("name"), form.flag("strict"))
    form.end()
    return made


def _effort(reasoning: Fields | None) -> str | None:
    if reasoning is None:
        return None
    reasoning.leave("summary", "generate_summary")
    reasoning.only("context", "auto")
    reasoning.only("mode", "standard")
    effort = reasoning.word("effort", EFFORTS)
    reasoning.end()
    return effort
