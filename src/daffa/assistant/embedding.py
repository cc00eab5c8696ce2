"""Vectors of passages and of questions, asked for through the gateway like any request. Knows no index and no database.

Each request is decided and recorded under the label of what it holds: passages that carry the same label, and show the same
of persons, go together, so that what the law refuses takes nothing else with it. A question is asked for by its asker.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

import msgspec

from daffa.decision import NEUTRAL, Actor, Label
from daffa.errors import Conflict, DaffaError, Exhausted, Invalid, NotFound, Refused, Unavailable
from daffa.gateway import SURFACES, Answer, Asker, Declared, Model, found_label
from daffa.identity import Caller, Role

from .model import AsksGateway
from .ports import Meaning

__all__ = ["GatewayEmbedder"]

_SURFACE = SURFACES["openai_embeddings"]
_AGENT = frozenset({Role.AGENT})
_HOUSE = "house"
_LARGEST = 64_000  # bytes of one request, where the model's context is not known
_BYTES_PER_TOKEN = 4  # as the gateway guesses
_ROOM = 0.9  # of the context, so that the body around the texts fits too
_LONGEST_QUESTION = 2000
_LARGEST_NUMBER = 1e30  # of a vector, in single precision
_PATIENCE_S = 5.0  # a question that has no vector by then is looked for by its words


class _Row(msgspec.Struct):
    embedding: list[float]
    index: int = 0


class _Rows(msgspec.Struct):
    data: list[_Row]


_read = msgspec.json.Decoder(_Rows).decode


_Kind = tuple[Label, Label]
"""The label that passages carry, and what they show besides."""


@dataclass(slots=True)
class _Asking:
    """On whose behalf, and what is declared; how many texts the law has refused alone."""

    caller: Caller
    declared: Declared
    refused: int = 0


class _Rejected(Exception):
    """The model takes no such request: a text may be too long for it."""


class GatewayEmbedder:
    """One embedding model of the catalogue.

    Args:
        ask: of the gateway.
        model: what is asked.
        organisation: the house's own, on whose behalf what is everybody's is embedded.

    Attributes:
        name: of what vectors are kept under: with another one everything is embedded anew.
    """

    def __init__(self, ask: AsksGateway, model: Model, organisation: str) -> None:
        self.name = model.id if model.upstream_model == model.id else f"{model.id}={model.upstream_model}"
        self._ask, self._model, self._organisation = ask, model.id, organisation
        self._refused: set[tuple[str, _Kind]] = set()
        self._most = int(model.context * _BYTES_PER_TOKEN * _ROOM) or _LARGEST

    async def passages(self, organisation: str, texts: Sequence[tuple[str, Label]]) -> list[tuple[float, ...] | None]:
        """See ``daffa.library``; at the lowest priority. Raises ``Unavailable``.

        Of a kind of which the law has refused two alone nothing more is asked before the next start: the log need not say the
        same of each of thousands.
        """
        groups = await asyncio.to_thread(_alike, texts, published=not organisation)
        actor = Actor(_HOUSE, organisation or self._organisation, _AGENT)
        caller = Caller(actor, NEUTRAL, _HOUSE, actor.organisation, _AGENT)
        found: list[tuple[float, ...] | None] = [None] * len(texts)
        for kind, numbers in groups.items():
            for some in self._batches(texts, numbers):
                if (organisation, kind) in self._refused:
                    break
                own = [texts[number][0] for number in some]
                published = () if organisation else tuple(own)
                asking = _Asking(caller, Declared(label=str(kind[0]), priority="low", published=published))
                for number, vector in zip(some, await self._passages(own, asking), strict=True):
                    found[number] = vector
                if asking.refused > 1 and not any(found[number] for number in numbers):
                    self._refused.add((organisation, kind))
        return found

    async def questions(self, texts: Sequence[str], asker: Asker) -> Meaning:
        """The vectors of questions, an empty one where there is none; never raises for it.

        Whoever may not ask models (a visitor, a reader) has none, as they have no answers of models.
        """
        meaning = Meaning([()] * len(texts), [])
        if Role.AGENT not in asker.caller.roles:
            return meaning
        asking = _Asking(asker.caller, Declared(label=str(asker.label), purpose=str(asker.purpose)))
        asked = [(text[:_LONGEST_QUESTION], NEUTRAL) for text in texts]
        try:
            async with asyncio.timeout(_PATIENCE_S):
                for some in self._batches(asked, range(len(asked))):
                    answer, vectors = await self._vectors([asked[number][0] for number in some], asking)
                    meaning.decisions.append(answer.reference)
                    for number, vector in zip(some, vectors, strict=True):
                        meaning.vectors[number] = vector
        except Refused as error:
            meaning.decisions.extend([str(error.facts["reference"])] if "reference" in error.facts else [])
        except (DaffaError, _Rejected, TimeoutError):
            pass  # it is looked for by its words
        return meaning

    def _batches(self, texts: Sequence[tuple[str, Label]], numbers: Sequence[int]) -> Iterator[list[int]]:
        """Numbers of texts that fit into one request; one that does not fit goes alone, and a blank one nowhere."""
        batch: list[int] = []
        together = 0
        for number in (number for number in numbers if texts[number][0].strip()):
            size = len(msgspec.json.encode(texts[number][0])) + 1
            if batch and together + size > self._most:
                yield batch
                batch, together = [], 0
            batch.append(number)
            together += size
        if batch:
            yield batch

    async def _passages(self, texts: Sequence[str], asking: _Asking) -> Sequence[tuple[float, ...] | None]:
        """A vector for each text that the law lets out and the model takes."""
        try:
            _, vectors = await self._vectors(texts, asking)
        except Exhausted as error:  # a budget: another month has one
            raise Unavailable("assistant_model", reason=error.code) from error
        except (Refused, _Rejected) as error:
            if len(texts) > 1:
                return await self._one_by_one(texts, asking)
            asking.refused += isinstance(error, Refused)
            return [None]
        return vectors

    async def _one_by_one(self, texts: Sequence[str], asking: _Asking) -> list[tuple[float, ...] | None]:
        """Each text alone; where the first two fare no better, it is not for what one of them says, and the rest is let be."""
        found: list[tuple[float, ...] | None] = []
        for text in texts:
            if found == [None, None]:
                return [None] * len(texts)
            found += await self._passages([text], asking)
        return found

    async def _vectors(self, texts: Sequence[str], asking: _Asking) -> tuple[Answer, list[tuple[float, ...]]]:
        raw = msgspec.json.encode({"model": self._model, "input": texts})
        try:
            answer = await self._ask(_SURFACE, asking.caller, raw, asking.declared)
        except (Invalid, NotFound, Conflict) as error:
            raise _Rejected from error
        async with aclosing(answer.chunks) as chunks:
            body = b"".join([chunk async for chunk in chunks])
        if answer.status != 200:
            raise _Rejected
        if answer.model != self._model:  # one that stands in for it gives vectors of another space
            raise Unavailable("assistant_model", reason="another model")
        return answer, _read_vectors(body, len(texts))


def _read_vectors(body: bytes, wanted: int) -> list[tuple[float, ...]]:
    """The vectors of an answer, in the order of the texts. Raises ``Unavailable`` where it has others than were asked for."""
    try:
        rows = sorted(_read(body).data, key=lambda row: row.index)
    except (msgspec.DecodeError, RecursionError) as error:
        raise Unavailable("upstream_unreadable", status=200) from error
    vectors = [tuple(row.embedding) for row in rows]
    lengths = {len(vector) for vector in vectors}
    usable = len(vectors) == wanted and len(lengths) == 1
    if not usable or not all(0 < max(map(abs, vector), default=0) < _LARGEST_NUMBER for vector in vectors):
        raise Unavailable("upstream_unreadable", status=200)
    return vectors


def _alike(texts: Sequence[tuple[str, Label]], *, published: bool) -> dict[_Kind, list[int]]:
    """Numbers of texts by what will be decided on: those of a kind are decided on alike."""
    groups: dict[_Kind, list[int]] = {}
    for number, (text, label) in enumerate(texts):
        shown = NEUTRAL if published else found_label(msgspec.json.encode(text))
        groups.setdefault((label, shown), []).append(number)
    return groups
