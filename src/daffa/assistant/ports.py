"""What the assistant leans on, as it sees it: who plans a query, who finds passages, who words an answer. Ports alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from daffa.decision import Label
from daffa.gateway import Asker
from daffa.library import Held, Results
from daffa.packs import Result
from daffa.search import Query, Scope

from .planning import Plans, PlansOf
from .walk import Stop, Walk

__all__ = [
    "Composed",
    "EmbedsQuestions",
    "Meaning",
    "ModelPort",
    "Plans",
    "PlansOf",
    "Prompt",
    "Shelves",
    "Step",
    "Streamed",
    "ToolBox",
    "ToolOffer",
]


class Shelves(Protocol):
    """Finds passages: ``daffa.library.Library``."""

    async def scope(self, organisation: str, wanted: Iterable[str] = ()) -> Scope:
        """What an organisation may see of ``wanted``, or of everything. Raises ``NotFound`` (``unknown_collection``)."""
        ...

    async def find(self, query: Query, scope: Scope, k: int) -> Results:
        """The best ``k`` passages."""
        ...

    async def passage(self, organisation: str, wanted: str, passage: str) -> Held:
        """One passage of a collection; raises ``NotFound``."""
        ...


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a model is asked: for JSON that keeps to ``schema``, under the label of all that the messages show.

    Attributes:
        messages: of a chat, as the OpenAI API writes them.
        schema: JSON Schema of the answer.
        published: texts within the messages that are everybody's, as they stand there: a guide to the rights of children
            tells of no child.
    """

    messages: Sequence[Mapping[str, Any]]
    schema: Mapping[str, Any]
    label: Label
    published: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Composed:
    """What a model answered: JSON of the schema, the decision, and who it was."""

    data: Mapping[str, Any]
    reference: str
    model: str
    place: str


@dataclass(frozen=True, slots=True)
class Streamed:
    """What a model answers, as it comes: its text piece by piece, the decision, and who it is.

    ``text`` raises ``Unavailable`` where it breaks off. Whoever reads it closes it.
    """

    text: AsyncGenerator[str]
    reference: str
    model: str
    place: str


class ModelPort(Protocol):
    """Asks a model for JSON."""

    async def __call__(self, prompt: Prompt, asker: Asker) -> Composed:
        """JSON that keeps to the prompt's schema.

        Raises ``Refused`` where the law lets no model have it, and ``Unavailable``.
        """
        ...

    async def stream(self, prompt: Prompt, asker: Asker) -> Streamed:
        """The same as it comes: whether it keeps to the schema, or is JSON at all, is not known before its end."""
        ...


@dataclass(frozen=True, slots=True)
class Meaning:
    """The vectors of questions, in their order, an empty one where there is none; and the decisions that they cost."""

    vectors: list[tuple[float, ...]]
    decisions: list[str]


class EmbedsQuestions(Protocol):
    """Asks a model for vectors."""

    async def questions(self, texts: Sequence[str], asker: Asker) -> Meaning:
        """Those of ``texts``, under the asker's label. Raises nothing: what has no vector is looked for by its words."""
        ...


@dataclass(frozen=True, slots=True)
class ToolOffer:
    """A tool of a pack, as it is offered.

    Attributes:
        pack, name: its ids.
        title: by language.
        cues: by language, the words by which a question asks for it.
        schema: JSON Schema of what it takes; ``x-title`` names a field in each language.
        label: of its pack; joined to what a model is told of it.
    """

    pack: str
    name: str
    title: Mapping[str, str]
    cues: Mapping[str, Sequence[str]]
    schema: Mapping[str, Any]
    label: Label


class ToolBox(Protocol):
    """The tools of the packs."""

    async def offers(self, organisation: str) -> Sequence[ToolOffer]:
        """All that there are now and that ``organisation`` may see."""
        ...

    async def call(self, pack: str, name: str, arguments: Mapping[str, Any], day: int, language: str) -> Result:
        """What a tool says on a day (since 1970-01-01). Raises ``Invalid``, which names the field, and ``Unavailable``."""
        ...


class Step(Protocol):
    """A step: it adds to the walk, or stops it."""

    name: str

    async def __call__(self, walk: Walk) -> Stop | None:
        """Do it."""
        ...
