"""Step four: sentences that may become the answer: of a tool, of a model, or extracts. Shows nothing; ``check`` decides."""

from __future__ import annotations

import asyncio

from daffa.errors import Refused, Unavailable
from daffa.language import sentences

from ..drafts import Arriving, Draft
from ..extracting import Extract, Weights, extract
from ..outcome import Status
from ..ports import ModelPort, Prompt, Shelves
from ..prompting import fenced, messages_of, schema_of
from ..shelving import is_of_pack
from ..tongues import reads, spoken
from ..translating import own_version
from ..versions import families_of
from ..walk import Stop, Walk

__all__ = ["Compose"]

_BESIDE = 2  # extracts beside what a tool computed
_SHOWN = 8  # passages that a model reads
_TRIES = 2


class Compose:
    """Makes drafts.

    Args:
        shelves: where the versions of a text in other languages are.
        model: words the answer; ``None``: extracts alone.
        weights: of extracts.
        seconds: that all of a model's answer may take, once it has begun.
    """

    name = "compose"

    def __init__(self, shelves: Shelves, model: ModelPort | None, weights: Weights, seconds: float) -> None:
        self._shelves = shelves
        self._model = model
        self._weights = weights
        self._seconds = seconds

    async def __call__(self, walk: Walk) -> Stop | None:
        """Set ``mode`` and ``drafts``; where no model may or can word them, extracts, and a word about that."""
        if walk.computed is not None:
            walk.mode = "tool"
            await self.extracts(walk)
            return None
        if self._model is None:
            return None if await self.extracts(walk) else self._nothing(walk)
        try:
            return await self._worded(walk, self._model)
        except Refused as error:
            walk.code, status = "assistant_refused", Status.REFUSED
            walk.decisions += [str(error.facts["reference"])] if "reference" in error.facts else []
        except Unavailable:
            walk.code, status = "assistant_model", Status.ERROR_MODEL
        return None if await self.extracts(walk) else Stop(status, walk.code)

    def _nothing(self, walk: Walk) -> Stop:
        """No text answers: a tool may, if it is told what it lacks."""
        return walk.offered_tool or Stop(Status.NOT_COVERED, "assistant_not_covered")

    async def extracts(self, walk: Walk) -> bool:
        """Set drafts word for word; false where none answers the question."""
        if walk.query is None:
            return False
        # In a thread: of hundreds at once each takes a few hundredths of a second, and nobody else should wait for all.
        found = await asyncio.to_thread(extract, walk.query, walk.passages, walk.scores, walk.language, walk.old, self._weights)
        if walk.mode == "tool":
            found = found[:_BESIDE]
        found = [await self._in_own_language(walk, each) for each in found]
        walk.drafts = tuple(
            Draft(walk.passages[each.passage].text[each.start : each.end], (each.passage,), (each.start, each.end))
            for each in found
        )
        walk.note = f"{found[0].coverage:.2f}" if found else ""
        if found and walk.mode != "tool":
            walk.mode = "extract"
            if not walk.code and not any(reads(walk.language, walk.passages[each.passage].language) for each in found):
                walk.code = "assistant_other_language"
        return bool(found)

    async def _in_own_language(self, walk: Walk, found: Extract) -> Extract:
        """The same sentence in the asker's language, where the text has a version in it."""
        number = await own_version(self._shelves, walk, found.passage)
        if number == found.passage:
            return found
        place = sentences(walk.passages[found.passage].text).index((found.start, found.end))
        return Extract(number, *sentences(walk.passages[number].text)[place], found.coverage)

    async def _worded(self, walk: Walk, model: ModelPort) -> Stop | None:
        shown = {number: walk.passages[number] for number in _readable(walk)}
        walk.offered = frozenset(shown)
        language = spoken(walk.language)
        texts = fenced(shown, walk.links, old=walk.old)
        published = tuple(texts[number] for number, held in shown.items() if is_of_pack(held.collection))
        messages = messages_of(walk.question, walk.about, texts.values(), language)
        label = walk.asked.asker.label
        for held in shown.values():
            label = label | held.label
        walk.arriving = arriving = await self._begun(walk, model, Prompt(messages, schema_of(list(shown)), label, published))
        walk.mode, walk.note = "model", arriving.status
        return self._nothing(walk) if arriving.empty else None

    async def _begun(self, walk: Walk, model: ModelPort, prompt: Prompt) -> Arriving:
        """An answer whose first sentence is there, or that says that nothing is covered; asked for once more where none is."""
        for _ in range(_TRIES):
            streamed = await model.stream(prompt, walk.asked.asker)
            walk.decisions.append(streamed.reference)
            arriving = Arriving(streamed.text, len(walk.passages), self._seconds)
            try:
                begun = await arriving.begins()
            except BaseException:
                await arriving.close()
                raise
            if begun:
                walk.model, walk.place = streamed.model, streamed.place
                return arriving
            await arriving.close()
        raise Unavailable("assistant_model", reason="no JSON")


def _readable(walk: Walk) -> list[int]:
    """The best passages, each in one of its versions: that in the asker's language where it was found."""
    best: dict[int, int] = {}
    for number, family in enumerate(families_of(walk.passages)):
        known = best.setdefault(family, number)
        if not reads(walk.language, walk.passages[known].language) and reads(walk.language, walk.passages[number].language):
            best[family] = number
    return list(best.values())[:_SHOWN]
