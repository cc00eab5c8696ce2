"""Step five: each sentence is held against the words that it cites; what is not supported is not shown. Knows no model."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from daffa.language import identify, sentences
from daffa.library import Held

from ..checking import LONGEST, Span, Verdict, check, without_markers
from ..citing import Citing
from ..drafts import Draft
from ..events import Shown
from ..outcome import Sentence
from ..ports import Shelves
from ..tongues import reads
from ..translating import own_version
from ..walk import Walk

__all__ = ["Check"]

_TOKEN = re.compile(r"\s*[\[(]?\blink_(\d+)\b[\])]?", re.IGNORECASE)


class Check:
    """Lets sentences through."""

    name = "check"

    def __init__(self, shelves: Shelves) -> None:
        self._shelves = shelves

    async def release(self, walk: Walk, citing: Citing) -> AsyncIterator[Shown | str]:
        """For each draft: the sentence with its new citations, or the reason for which it is withheld."""
        said: set[str] = set()
        async for draft in _drafts(walk):
            passed = self._verbatim(walk, draft, citing) if draft.places else await self._worded(walk, draft, citing)
            if isinstance(passed, str):
                yield passed
            elif passed.sentence.text not in said:
                said.add(passed.sentence.text)
                yield passed

    def _verbatim(self, walk: Walk, draft: Draft, citing: Citing) -> Shown | str:
        held, places = walk.passages[draft.cites[0]], draft.places or (0, 0)
        if held.text[places[0] : places[1]] != draft.text:
            return "words"
        citation, new = citing.cite(draft.cites[0], *places)
        return Shown(Sentence(draft.text, [citation.id], "verbatim"), (citation,) if new else ())

    async def _worded(self, walk: Walk, draft: Draft, citing: Citing) -> Shown | str:
        if len(draft.text) > LONGEST:
            return "length"
        if draft.unknown or not draft.cites or not set(draft.cites) <= walk.offered:
            return "cites"
        text = without_markers(draft.text)
        supports: list[tuple[int, int, int]] = []
        for start, end in sentences(text):  # one that is true must not carry another one along
            verdict = await self._verdict(walk, draft, _TOKEN.sub("", text[start:end]).strip())
            if not verdict.supported:
                return verdict.reason
            supports += [(int(name), *places) for name, places in verdict.supports.items()]
        if not supports:
            return "coverage"
        cites, fresh = [], []
        for support in supports:
            citation, new = citing.cite(*support)
            cites.append(citation.id)
            if new:
                fresh.append(citation)
        shown = _linked(text, walk, [number for number, *_ in supports])
        return Shown(Sentence(shown, list(dict.fromkeys(cites)), "supported"), tuple(fresh))

    async def _verdict(self, walk: Walk, draft: Draft, bare: str) -> Verdict:
        """What the passages cited say of a sentence, or their versions in the asker's language."""
        query = walk.plans.plan(bare, _language(bare, walk))
        verdict = check(bare, [_span(number, walk.passages[number]) for number in draft.cites], query)
        if not verdict.supported and (own := await self._in_own_language(walk, draft)):
            verdict = check(bare, [_span(number, walk.passages[number]) for number in own], query)
        return verdict

    async def _in_own_language(self, walk: Walk, draft: Draft) -> list[int]:
        """The passages cited, those of another language in their version in the asker's; nothing where none has one."""
        numbers = [await own_version(self._shelves, walk, number) for number in draft.cites]
        return numbers if numbers != list(draft.cites) else []


async def _drafts(walk: Walk) -> AsyncIterator[Draft]:
    """Those that are there, and then those that a model still writes, as it writes them."""
    for draft in walk.drafts:
        yield draft
    while walk.arriving is not None and (come := await walk.arriving.next()) is not None:
        walk.drafts += (come,)
        yield come


def _language(sentence: str, walk: Walk) -> str:
    """That of the asker, unless the model wrote in another."""
    found = identify(sentence).language
    return walk.language if reads(walk.language, found) or found in ("und", "other") else found


def _span(number: int, held: Held) -> Span:
    return Span(str(number), held.text, f"{held.title}\n{held.heading}", held.language)


def _linked(text: str, walk: Walk, cited: list[int]) -> str:
    """Tokens become the addresses that they stand for, where a passage cited has them; any other goes."""

    def address(token: re.Match[str]) -> str:
        url = walk.links.get(f"link_{token[1]}", "")
        held = [walk.passages[number] for number in cited]
        return f" {url}" if url and any(url == each.link or url in each.text for each in held) else ""

    return _TOKEN.sub(address, text).strip()
