"""A conversation and its answer in no protocol's words: what one dialect reads and another writes. Knows no JSON and no HTTP.

Only what more than one protocol can say stands here. What a protocol says alone is refused by name where it would change
the answer (``NotCarried``), and reported where it would not (``Conversation.left_out``, ``Written.left_out``).
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

from daffa.errors import Invalid

__all__ = [
    "Conversation",
    "Ended",
    "Event",
    "Failed",
    "Finish",
    "Format",
    "Media",
    "NotCarried",
    "Part",
    "PartEnded",
    "PartStarted",
    "Piece",
    "Reply",
    "Started",
    "Text",
    "Thinking",
    "Tool",
    "ToolCall",
    "ToolChoice",
    "ToolResult",
    "Turn",
    "Usage",
    "Written",
]


# A field's name may be the client's own, and of any length.
_LONGEST_FIELD = 200


class NotCarried(Invalid):
    """A field that would change the answer, and that the other protocol cannot say. Facts: ``field``, ``expected``, ``got``."""

    def __init__(self, field: str, dialect: str) -> None:
        field = field[:_LONGEST_FIELD]
        super().__init__(
            "field_not_carried", field=field, expected=f"nothing that {dialect} cannot say", got=field, dialect=dialect
        )


class Text(Struct, frozen=True):
    """Plain text."""

    text: str


class Thinking(Struct, frozen=True):
    """What a model thought aloud before it answered; ``signature`` is opaque, and of use to the same vendor alone."""

    text: str
    signature: str = ""


class Media(Struct, frozen=True):
    """An image, a sound or a file: ``data`` in base64, or else a ``url``. ``kind`` is the capability that it needs."""

    kind: Literal["images", "audio", "files"]
    media_type: str = ""
    data: str = ""
    url: str = ""
    name: str = ""


class ToolCall(Struct, frozen=True):
    """A model asks for a tool. ``arguments`` is the text of a JSON object."""

    id: str
    name: str
    arguments: str = "{}"


class ToolResult(Struct, frozen=True):
    """What a tool said to the call ``call``. ``name`` is the tool's; empty where the client did not repeat it."""

    call: str
    parts: tuple[Text | Media, ...]
    name: str = ""
    failed: bool = False


Part = Text | Thinking | Media | ToolCall | ToolResult


class Turn(Struct, frozen=True):
    """One message. Results of tools are parts of the user's turn that follows the calls."""

    role: Literal["system", "user", "assistant"]
    parts: tuple[Part, ...]


class Tool(Struct, frozen=True):
    """A tool that may be called; ``schema`` is the JSON schema of its arguments."""

    name: str
    description: str = ""
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})
    strict: bool | None = None


class ToolChoice(Struct, frozen=True):
    """Which tool may, must or must not be called; ``name`` where the mode is ``named``."""

    mode: Literal["auto", "none", "required", "named"]
    name: str = ""


class Format(Struct, frozen=True):
    """The answer is JSON; of this schema, where there is one."""

    schema: dict[str, Any] | None = None
    name: str = "answer"
    strict: bool | None = None


class Conversation(Struct, frozen=True, kw_only=True):
    """A request whole. What is ``None`` was not said.

    Attributes:
        turns: in order. System turns stand where the client put them.
        tools, tool_choice, parallel_calls: which tools, how they may be called, and whether several at once.
        format: what the answer must look like; None for text.
        max_tokens: the most tokens of the answer.
        stop: texts that end it.
        effort: how much a model shall think, ``none``, ``minimal``, ``low``, ``medium``, ``high``.
        thinking_tokens: the same as a number of tokens.
        user: the client's name for its own end user: it is never sent on, and counts as left out.
        left_out: fields that the reader knows and that no other protocol can say, without harm to the answer.
    """

    turns: tuple[Turn, ...]
    stream: bool = False
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel_calls: bool | None = None
    format: Format | None = None
    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    effort: str | None = None
    thinking_tokens: int | None = None
    left_out: tuple[str, ...] = ()


class Written(Struct, frozen=True):
    """A request as an upstream reads it, and the fields of the client's that it could not take along without harm."""

    body: bytes
    left_out: tuple[str, ...] = ()


Finish = Literal["stop", "length", "tools", "filtered"]
"""Why an answer ended: it was done, too long, tools are asked for, or the vendor kept the rest back."""


class Usage(Struct, frozen=True):
    """Tokens read (of them from a cache) and written (of them thought)."""

    tokens_in: int = 0
    tokens_out: int = 0
    cached: int = 0
    thought: int = 0


class Reply(Struct, frozen=True, kw_only=True):
    """An answer whole. ``stop`` is the text that ended it, where one of the request's did."""

    id: str
    parts: tuple[Part, ...]
    finish: Finish
    usage: Usage | None = None
    stop: str | None = None


class Started(Struct, frozen=True):
    """A stream's first event. ``usage`` where the upstream tells at once what it read."""

    id: str
    usage: Usage | None = None


class PartStarted(Struct, frozen=True):
    """Part ``index`` begins (0, 1, ... in order); ``part`` is a ``Text``, ``Thinking`` or ``ToolCall`` with nothing in it yet.

    The arguments of a ``ToolCall`` that starts are "".
    """

    index: int
    part: Text | Thinking | ToolCall


class Piece(Struct, frozen=True):
    """More of part ``index``: text, thought, or text of the arguments."""

    index: int
    text: str


class PartEnded(Struct, frozen=True):
    """Part ``index`` is whole. ``signature`` belongs to a ``Thinking``."""

    index: int
    signature: str = ""


class Ended(Struct, frozen=True):
    """A stream's last event."""

    finish: Finish
    usage: Usage | None = None
    stop: str | None = None


class Failed(Struct, frozen=True):
    """The upstream reports an error in the middle of a stream, in its words; nothing follows."""

    message: str


Event = Started | PartStarted | Piece | PartEnded | Ended | Failed
