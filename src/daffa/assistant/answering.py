"""The assistant: a question walks through the steps, each timed; sentences come out as they pass. Knows no wire, no adapter."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Protocol

import msgspec

from daffa import sentences
from daffa.errors import Invalid, Unavailable
from daffa.library import day_of, today_in

from .asked import Asked
from .citing import Citing
from .computing import cited, said
from .events import Ended, Event, Shown
from .extracting import Weights, shipped
from .outcome import Outcome, Sentence, Status, ToolCall
from .outcome import Step as Took
from .ports import EmbedsQuestions, ModelPort, PlansOf, Shelves, Step, ToolBox
from .steps import Check, Compose, Retrieve, Rewrite, Route
from .tongues import ANSWERS, spoken, stated
from .walk import Stop, Walk

__all__ = ["Assistant", "Task"]

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
        plans: who reads the questions of an organisation.
        tools: of the packs; ``None``: none.
        model: words answers; ``None``: extracts alone.
        embeds: makes vectors of questions; ``None``: passages are looked for by words alone.
        tasks: by name.
        clock: seconds, monotonic.
        wall: seconds since 1970 (UTC).
        zone: in which it is today, where a question names no day.
        seconds: that a step may take, and the rest of a model's answer; the gateway has its own patience besides.
        weights: of extracts.
    """

    def __init__(
        self,
        shelves: Shelves,
        plans: PlansOf,
        *,
        clock: Callable[[], float],
        wall: Callable[[], float],
        zone: datetime.tzinfo = datetime.UTC,
        tools: ToolBox | None = None,
        model: ModelPort | None = None,
        embeds: EmbedsQuestions | None = None,
        tasks: Mapping[str, Task] | None = None,
        seconds: float = 120.0,
        weights: Weights | None = None,
    ) -> None:
        self._clock = clock
        self._wall = wall
        self._zone = zone
        self._seconds = seconds
        self._tasks = tasks or {}
        self._plans = plans
        self._check = Check(shelves)
        self._compose = Compose(shelves, model, weights or shipped(), seconds)
        self._steps: Sequence[Step] = (Rewrite(), Route(tools, model), Retrieve(shelves, embeds), self._compose)

    async def answer(self, asked: Asked) -> AsyncGenerator[Event]:
        """What may be shown, sentence by sentence, and at last how it ended.

        Raises ``NotFound`` (a collection that the asker does not see, or that does not exist) and ``Invalid`` (a task).
        """
        await self._plans(asked.asker.caller.organisation).ready()
        async with aclosing(self._task(asked) if asked.task else self._walked(self.begin(asked))) as events:
            async for event in events:
                yield event

    def begin(self, asked: Asked) -> Walk:
        """A question before its first step."""
        day = day_of(today_in(self._zone, self._wall())) if asked.day is None else asked.day
        return Walk(asked, day, self._plans(asked.asker.caller.organisation), decisions=[asked.reference])

    async def trace(self, asked: Asked) -> tuple[Walk, Outcome]:
        """How a question ended, and what each step had found: for whoever measures the steps alone."""
        walk = self.begin(asked)
        await walk.plans.ready()
        ended = [event async for event in self._walked(walk) if isinstance(event, Ended)]
        return walk, ended[-1].outcome

    async def _walked(self, walk: Walk) -> AsyncGenerator[Event]:
        took: list[Took] = []
        try:
            for step in self._steps:
                stop = await self._run(step, walk, took)
                if stop is not None:
                    yield Ended(_stopped(walk, stop, took))
                    return
            async for event in self._checked(walk, took):
                yield event
        finally:
            if walk.arriving is not None:
                await walk.arriving.close()

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

    async def _checked(self, walk: Walk, took: list[Took]) -> AsyncGenerator[Event]:
        """The sentences that pass, each once it has; where none of a model's does, the extracts in their place."""
        begun, citing = self._clock(), Citing(walk)
        shown, reasons = _computed(walk, citing), list[str]()
        for event in shown:
            yield event
        async for event in self._released(walk, citing, reasons):
            shown.append(event)
            yield event
        if walk.mode == "model":
            _judge(walk, any_shown=bool(shown))
        if not shown and walk.mode == "model" and await self._compose.extracts(walk):
            walk.code = "assistant_withheld"
            async for event in self._released(walk, citing, reasons):
                shown.append(event)
                yield event
        took.append(Took(self._check.name, "ok" if shown else Status.NOT_COVERED, self._since(begun), " ".join(reasons)))
        yield Ended(_outcome(walk, citing, [event.sentence for event in shown], took, len(reasons)))

    async def _released(self, walk: Walk, citing: Citing, reasons: list[str]) -> AsyncIterator[Shown]:
        async for passed in self._check.release(walk, citing):
            if isinstance(passed, str):
                reasons.append(passed)
            else:
                yield passed

    async def _task(self, asked: Asked) -> AsyncGenerator[Event]:
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


def _judge(walk: Walk, *, any_shown: bool) -> None:
    """What a model says of its own answer once that has ended, or how it ended instead."""
    arriving = walk.arriving
    if arriving is None or not any_shown:
        return
    walk.partial = not arriving.whole or arriving.status != "answered"
    if not arriving.whole:
        walk.code = "assistant_cut"
    elif arriving.status == "not_covered":
        walk.code = "assistant_not_all"


def _outcome(walk: Walk, citing: Citing, shown: list[Sentence], took: list[Took], withheld: int) -> Outcome:
    """The outcome of a walk that went to its end."""
    if not shown:
        return _stopped(walk, Stop(Status.NOT_COVERED, "assistant_not_covered"), took, withheld=withheld)
    partial = walk.partial or bool(withheld) or bool(walk.unused)
    return Outcome(
        status=Status.PARTIAL if partial else Status.ANSWERED,
        mode=walk.mode,
        language=ANSWERS[spoken(walk.language)],
        question=_question(walk),
        sentences=shown,
        citations=citing.citations,
        tool=_tool(walk),
        message=_beside(walk),
        withheld=withheld,
        steps=took,
        index=walk.index,
        decisions=walk.decisions,
        model=walk.model,
        place=walk.place,
    )


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
