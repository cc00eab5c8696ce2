"""An outcome as the page shows it: numbered sources, marked words, plain statuses. Knows no request; pure.

Offsets of an outcome are code points, as Python counts; what is marked is cut here, and nothing is written as HTML.
"""

from __future__ import annotations

import itertools
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from daffa.assistant import Because, Citation, Outcome, Sentence, ToolCall
from daffa.search import tokens

__all__ = ["NAMELESS", "Piece", "Shown", "Source", "line_of", "pieces", "shown", "source_of", "sources_of", "told"]

# What a source is shown of before and after the words that support a sentence, where it is not opened.
_AROUND = 90
_PAIRS = 4
NAMELESS = "-"
_SCRIPTS = (("Arab", "\u0600", "\u06ff"), ("Tfng", "\u2d30", "\u2d7f"))
_ERROR = "error"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of a passage: whether it supports the sentence, whether it is what was asked for."""

    text: str
    supports: bool
    asked: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A citation for a template.

    Attributes:
        number: on the page.
        href: where it is opened; empty where nothing more can be shown of it.
        excerpt, cut_before, cut_after: the part that is shown unopened, and whether the passage goes on.
        said_whole: whether the sentences that cite it are its own words, so that they need not be shown twice.
        because: the pairs of words of two scripts by which it was found; its page has the others too.
    """

    number: int
    citation: Citation
    href: str
    excerpt: list[Piece]
    cut_before: bool
    cut_after: bool
    said_whole: bool
    because: list[Because]


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, the language that it is in, and its sources."""

    text: str
    language: str
    verdict: str
    sources: list[Source]


@dataclass(frozen=True, slots=True)
class Shown:
    """An outcome for a template; ``kind``: its status, errors are one; ``made``: a task made something else than sentences."""

    outcome: Outcome
    kind: str
    lines: list[Line]
    sources: list[Source]
    recorded: list[dict[str, Any]]
    tool: ToolCall | None
    made: bool

    @property
    def texts(self) -> list[list[Source]]:
        """The sources by the text that they are of, each text once, in the order of its first one."""
        texts: dict[tuple[str, ...], list[Source]] = {}
        for source in self.sources:
            cited = source.citation
            # What no text stands behind, such as a figure of a tool, is by itself.
            key = (cited.collection, cited.document, cited.number) if cited.document else (cited.id,)
            texts.setdefault(key, []).append(source)
        return list(texts.values())


def shown(outcome: Mapping[str, Any], within: str = "") -> Shown:
    """What is shown of an outcome; ``within`` names the turn that it is of (``conversation.number``), where it was kept."""
    read = msgspec.convert(outcome, Outcome)
    reworded = {cite for sentence in read.sentences if sentence.verdict == "supported" for cite in sentence.cites}
    made = any(read.result.get(part) for part in ("fields", "paragraphs", "text"))
    sources = sources_of(read.citations, within, reworded=reworded)
    kind = _ERROR if read.status.startswith(_ERROR) else str(read.status)
    lines = [line_of(sentence, sources, read.language) for sentence in read.sentences]
    if read.tool is not None:
        lines = lines[:1]  # how it was worked out stands below, with its figures
    return Shown(read, kind, lines, list(sources.values()), list(outcome.get("recorded", [])), read.tool, made)


def sources_of(citations: Sequence[Citation], within: str, before: int = 0, reworded: Container[str] = ()) -> dict[str, Source]:
    """Citations by their id, numbered in their order; ``before`` were numbered already; ``reworded`` are not said whole."""
    return {
        citation.id: source_of(citation, number, within, said_whole=citation.id not in reworded)
        for number, citation in enumerate(citations, before + 1)
    }


def source_of(citation: Citation, number: int, within: str, *, said_whole: bool = False) -> Source:
    """A citation for a template."""
    query: dict[str, Any] = {"start": citation.start, "end": citation.end}
    if within:
        query["in"] = f"{within}.{citation.id}"
    address = f"/cite/{named(citation.collection)}/{named(citation.passage)}?{urlencode(query)}"
    # A figure of a pack, a file of the asker's own: they are shown as they were cited, where that is kept.
    shelved = bool(citation.collection and citation.passage)
    first = _word_before(citation.text, citation.start - _AROUND)
    last = _word_after(citation.text, citation.end + _AROUND)
    return Source(
        number=number,
        citation=citation,
        href=address if shelved or within else "",
        excerpt=pieces(citation.text, citation.start, citation.end, citation.highlights, first, last),
        cut_before=first > 0,
        cut_after=last < len(citation.text),
        said_whole=said_whole,
        because=[pair for pair in told(citation) if _script(pair.asked) != _script(pair.found)],
    )


def named(part: str) -> str:
    """A part of an address; what has no name is written as ``NAMELESS``."""
    return quote(part, safe="") or NAMELESS


def told(citation: Citation) -> list[Because]:
    """The pairs that say something to a reader: not a word and the same word in another form; each once."""
    pairs = {(pair.asked, pair.found): pair for pair in citation.because if _terms(pair.asked) != _terms(pair.found)}
    return list(pairs.values())[:_PAIRS]


def _script(words: str) -> str:
    """The script of the first letter that tells one; Latin where none does."""
    return next((name for letter in words for name, first, last in _SCRIPTS if first <= letter <= last), "Latn")


def _terms(words: str) -> list[str]:
    return [token.term for token in tokens(words)]


def line_of(sentence: Sentence, sources: Mapping[str, Source], language: str) -> Line:
    """A sentence for a template. What is shown word for word is in its source's language, not in the answer's."""
    cited = [sources[name] for name in sentence.cites if name in sources]
    of_source = cited[0].citation.language if cited and sentence.verdict == "verbatim" else ""
    return Line(sentence.text, of_source or language, sentence.verdict, cited)


def pieces(
    text: str, start: int, end: int, highlights: Sequence[tuple[int, int]], first: int = 0, last: int | None = None
) -> list[Piece]:
    """``text[first:last]`` cut where what supports (``start`` to ``end``) and what was asked for begin and end."""
    last = len(text) if last is None else last
    edges = {first, last, *(edge for pair in ((start, end), *highlights) for edge in pair if first < edge < last)}
    cut = sorted(edges)
    return [
        Piece(text[a:b], start <= a < end, any(low <= a < high for low, high in highlights)) for a, b in itertools.pairwise(cut)
    ]


def _word_before(text: str, at: int) -> int:
    """The beginning of the first whole word from ``at`` on."""
    if at <= 0:
        return 0
    blank = text.find(" ", at)
    return at if blank < 0 else blank + 1


def _word_after(text: str, at: int) -> int:
    """The end of the last whole word before ``at``."""
    if at >= len(text):
        return len(text)
    blank = text.rfind(" ", 0, at)
    return at if blank < 0 else blank
