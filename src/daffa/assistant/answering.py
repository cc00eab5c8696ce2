"""The assistant: a question walks through the steps, each timed; sentences come out as they pass. Knows no wire, no adapter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Protocol

import msgspec

from daffa import sentences
from daffa.errors import Invalid, Unavailable

from .asked import Asked
from .citing import Citing
from .computing import cited, said
from .events import Ended, Event, Shown
from .extracting import Weights, shipped
from .outcome import Outcome, Sentence, Status, ToolCall
from .outcome import Step as Took
from .ports import ModelPort, Plans, Shelves, Step, ToolBox
from .steps import Check, Compose, Retrieve, Rewrite, Route
from .tongues import ANSWERS, spoken, stated
from .walk import Stop, Walk

__all__ = ["Assistant", "Task"]

_DAY = 86_400
_MILLI = 1000


class Task(Protocol):
    """Something else than answering: ``daffa.assistant.tasks``."""

    async def __call__(self, asked: Asked) -> Outcome:
        """Do what ``asked.task`` says. Raises ``Invalid`` naming the field."""
        ...


class Assistant:
    """Answers questions from passages.

    Args:
        shelves: where passages are found.
        plans: reads questions.
        tools: of the packs; ``None``: none.
        model: words answers; ``None``: extracts alone.
        tasks: by name.
        clock: seconds, monotonic.
        wall: seconds since 1970 (UTC).
        seconds: that a step may take; the step that asks a model has the gateway's own patience besides.
        weights: of extracts.
    """

    def __init__(
        self,
        shelves: Shelves,
        plans: Plans,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
        tools: ToolBox | None = None,
        model: ModelPort | None = None,
        tasks: Mapping[str, Task] | None = None,
        seconds: float = 120.0,
        weights: Weights | None = None,
    ) -> None:
        self._clock = clock
        self._wall = wall
        self._seconds = seconds
        self._tasks = tasks or {}
        self._check = Check(shelves, plans)
        self._compose = Compose(shelves, model, weights or shipped())
        self._steps: Sequence[Step] = (Rewrite(), Route(tools, plans, model), Retrieve(shelves, plans), self._compose)

    async def answer(self, asked: Asked) -> AsyncIterator[Event]:
        """What may be shown, sentence by sentence, and at last how it ended.

        Raises ``NotFound`` (a collection that the asker does not see, or that does not exist) and ``Invalid`` (a task).
        """
        if asked.task:
            async for event in self._task(asked):
                yield event
            return
        async for event in self._walked(self.begin(asked)):
            yield event

    def begin(self, asked: Asked) -> Walk:
        """A question before its first step."""
        return Walk(asked, asked.day or int(self._wall() // _DAY), decisions=[asked.reference])

    async def trace(self, asked: Asked) -> tuple[Walk, Outcome]:
        """How a question ended, and what each step had found: for whoever measures the steps alone."""
        walk = self.begin(asked)
        ended = [event async for event in self._walked(walk) if isinstance(event, Ended)]
        return walk, ended[-1].outcome

    async def _walked(self, walk: Walk) -> AsyncIterator[Event]:
        took: list[Took] = []
        for step in self._steps:
            stop = await self._run(step, walk, took)
            if stop is not None:
                yield Ended(_stopped(walk, stop, took))
                return
        for event in await self._checked(walk, took):
            yield event

    async def _run(self, step: Step, walk: Walk, took: list[Took]) -> Stop | None:
        """One step, with its time and what became of it; nothing that breaks in it goes further than here."""
        begun, walk.note = self._clock(), ""
        try:
            async with asyncio.timeout(self._seconds):
                stop = await step(walk)
        except TimeoutError:
            stop = Stop(Status.ERROR_TIMEOUT, "assistant_timeout")
        except Unavailable:
            stop = Stop(Status.ERROR_SEARCH, "assistant_search")
        took.append(Took(step.name, stop.status if stop else "ok", self._since(begun), walk.note))
        return stop

    def _since(self, begun: float) -> float:
        return round((self._clock() - begun) * _MILLI, 3)

    async def _checked(self, walk: Walk, took: list[Took]) -> list[Event]:
        """The sentences that pass; where a model's do not, the extracts in their place."""
        begun, citing = self._clock(), Citing(walk)
        shown, reasons = await self._released(walk, citing)
        if not shown and walk.mode == "model" and await self._compose.extracts(walk):
            walk.code = "assistant_withheld"
            shown, more = await self._released(walk, citing)
            reasons += more
        computed = _computed(walk, citing)
        took.append(
            Took(self._check.name, "ok" if shown or computed else Status.NOT_COVERED, self._since(begun), " ".join(reasons))
        )
        events: list[Event] = [*computed, *shown]
        if not events:
            return [Ended(_stopped(walk, Stop(Status.NOT_COVERED, "assistant_not_covered"), took, withheld=len(reasons)))]
        partial = walk.partial or bool(reasons) or bool(walk.unused)
        outcome = Outcome(
            status=Status.PARTIAL if partial else Status.ANSWERED,
            mode=walk.mode,
            language=ANSWERS[spoken(walk.language)],
            question=_question(walk),
            sentences=[event.sentence for event in (*computed, *shown)],
            citations=citing.citations,
            tool=_tool(walk),
            message=_beside(walk),
            withheld=len(reasons),
            steps=took,
            index=walk.index,
            decisions=walk.decisions,
            model=walk.model,
            place=walk.place,
        )
        return [*events, Ended(outcome)]

    async def _released(self, walk: Walk, citing: Citing) -> tuple[list[Shown], list[str]]:
        shown, reasons = [], []
        async for passed in self._check.release(walk, citing):
            if isinstance(passed, str):
                reasons.append(passed)
            else:
                shown.append(passed)
        return shown, reasons

    async def _task(self, asked: Asked) -> AsyncIterator[Event]:
        name = asked.task.get("name")
        task = self._tasks.get(name) if isinstance(name, str) else None
        if task is None:
            raise Invalid(
                "invalid_field", field="daffa.task.name", expected=" | ".join(self._tasks) or "none", got=str(name)[:80]
            )
        outcome = await task(asked)
        new = {citation.id: citation for citation in outcome.citations}
        for sentence in outcome.sentences:
            yield Shown(sentence, tuple(new.pop(cite) for cite in sentence.cites if cite in new))
        yield Ended(outcome)


def _stopped(walk: Walk, stop: Stop, took: list[Took], withheld: int = 0) -> Outcome:
    """The outcome of a walk that a step ended."""
    language = spoken(walk.language or stated(walk.asked.language))
    return Outcome(
        status=stop.status,
        mode=stop.mode or walk.mode,
        language=ANSWERS[language],
        question=_question(walk),
        choices=list(stop.choices),
        message=sentences.say(stop.code, language, **stop.facts),
        withheld=withheld,
        steps=took,
        index=walk.index,
        decisions=walk.decisions,
        model=walk.model,
        place=walk.place,
    )


def _beside(walk: Walk) -> str:
    """What is said beside the sentences: what a tool left out, why they are extracts, or what a tool would have to be told."""
    if walk.computed and walk.unused:
        return sentences.say("assistant_unused", spoken(walk.language), said=", ".join(f"« {said} »" for said in walk.unused))
    if walk.code:
        return sentences.say(walk.code, spoken(walk.language))
    offer = walk.offered_tool
    return sentences.say(offer.code, spoken(walk.language), **offer.facts) if offer and not walk.computed else ""


def _question(walk: Walk) -> str:
    return f"{walk.about} {walk.question}" if walk.about else walk.question or walk.asked.question


def _computed(walk: Walk, citing: Citing) -> list[Shown]:
    """What a tool said, as sentences: the value, how it was worked out, what must be known; each with what it rests on."""
    computed = walk.computed
    if computed is None:
        return []
    language = spoken(walk.language)
    used = citing.add(cited(computed.result.used, computed.pack, language, len(citing.citations) + 1))
    ids = [citation.id for citation in used]
    texts = said(computed.title, computed.result, language)
    return [Shown(Sentence(text, ids, "computed"), tuple(used) if number == 0 else ()) for number, text in enumerate(texts)]


def _tool(walk: Walk) -> ToolCall | None:
    if walk.computed is None:
        return None
    result: dict[str, object] = msgspec.to_builtins(walk.computed.result)
    return ToolCall(walk.computed.pack, walk.computed.name, dict(walk.computed.arguments), result)
