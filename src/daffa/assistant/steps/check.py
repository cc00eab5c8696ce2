"""Step five: each sentence is held against the words that it cites; what is not supported is not shown. Knows no model."""

from __future__ import annotations

import re
from collections.abc import Iterator

from daffa.library import Held

from ..checking import COVERED, Span, check, without_markers
from ..citing import Citing
from ..events import Shown
from ..outcome import Sentence
from ..ports import Plans
from ..walk import Draft, Walk

__all__ = ["Check"]

_TOKEN = re.compile(r"\s*[\[(]?\blink_(\d+)\b[\])]?", re.IGNORECASE)


class Check:
    """Lets sentences through."""

    name = "check"

    def __init__(self, plans: Plans, covered: float = COVERED) -> None:
        self._plans = plans
        self._covered = covered

    def release(self, walk: Walk, citing: Citing) -> Iterator[Shown | str]:
        """For each draft: the sentence with its new citations, or the reason for which it is withheld."""
        said: set[str] = set()
        for draft in walk.drafts:
            passed = self._verbatim(walk, draft, citing) if draft.places is not None else self._worded(walk, draft, citing)
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

    def _worded(self, walk: Walk, draft: Draft, citing: Citing) -> Shown | str:
        if draft.unknown or not draft.cites or not set(draft.cites) <= walk.offered:
            return "cites"
        text = without_markers(draft.text)
        bare = _TOKEN.sub("", text).strip()
        spans = [_span(number, walk.passages[number]) for number in draft.cites]
        verdict = check(bare, spans, self._plans.plan(bare, walk.language), covered=self._covered)
        if not verdict.supported:
            return verdict.reason
        cites, fresh = [], []
        for name, (start, end) in verdict.supports.items():
            citation, new = citing.cite(int(name), start, end)
            cites.append(citation.id)
            if new:
                fresh.append(citation)
        shown = _linked(text, walk, [int(name) for name in verdict.supports])
        return Shown(Sentence(shown, cites, "supported"), tuple(fresh))


def _span(number: int, held: Held) -> Span:
    return Span(str(number), held.text, f"{held.title}\n{held.heading}", held.language)


def _linked(text: str, walk: Walk, cited: list[int]) -> str:
    """Tokens become the addresses that they stand for, where a passage cited has them; any other goes."""

    def address(token: re.Match[str]) -> str:
        url = walk.links.get(f"link_{token[1]}", "")
        held = [walk.passages[number] for number in cited]
        return f" {url}" if url and any(url == each.link or url in each.text for each in held) else ""

    return _TOKEN.sub(address, text).strip()
