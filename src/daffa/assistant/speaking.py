"""An outcome in the words of OpenAI's chat: whole, or chunk by chunk. Pure; answers nothing.

Sentences are set apart by a blank; each citation is an annotation over the sentence that it supports, ``start_index`` and
``end_index`` in code points of the content: a ``url_citation`` where the text is published, else a ``file_citation``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import msgspec

from .events import Shown
from .outcome import Citation, Outcome

__all__ = ["Chunks", "annotations_of", "content_of", "usage_of", "whole"]

_encode = msgspec.json.Encoder().encode
_CHARACTERS = 4  # of a token, for estimates alone


def content_of(outcome: Outcome) -> str:
    """What a client that knows no extension shows: the sentences, then what is said beside them."""
    said = " ".join(sentence.text for sentence in outcome.sentences)
    return "\n\n".join(filter(None, (said, outcome.message, "\n".join(f"- {choice}" for choice in outcome.choices))))


def annotations_of(outcome: Outcome) -> list[dict[str, Any]]:
    """Each citation of each sentence, over that sentence."""
    by_id = {citation.id: citation for citation in outcome.citations}
    found, place = [], 0
    for sentence in outcome.sentences:
        end = place + len(sentence.text)
        found += [annotation(by_id[cite], place, end) for cite in sentence.cites if cite in by_id]
        place = end + 1
    return found


def annotation(citation: Citation, start: int, end: int) -> dict[str, Any]:
    """One citation as OpenAI writes it."""
    if citation.link:
        described = {"url": citation.link, "title": citation.title, "start_index": start, "end_index": end}
        return {"type": "url_citation", "url_citation": described}
    described = {
        "file_id": f"{citation.collection}/{citation.passage or citation.document}",
        "filename": citation.title,
        "start_index": start,
        "end_index": end,
        "index": end,
    }
    return {"type": "file_citation", "file_citation": described}


def usage_of(asked: Sequence[str], content: str) -> dict[str, int]:
    """Tokens, estimated: nothing of an extract was counted by a model, and a model's own are counted in its own outcome."""
    read = sum(math.ceil(len(text) / _CHARACTERS) for text in asked)
    written = math.ceil(len(content) / _CHARACTERS)
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def whole(outcome: Outcome, answer_id: str, model: str, created: int, usage: dict[str, int]) -> bytes:
    """A ``chat.completion``."""
    message = {"role": "assistant", "content": content_of(outcome), "refusal": None, "annotations": annotations_of(outcome)}
    return _encode({
        "id": answer_id,
        "object": "chat.completion",
        "created": created,
        "model": model,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}],
        "usage": usage,
        "daffa": outcome,
    })  # fmt: skip


class Chunks:
    """Writes one stream of chunks."""

    def __init__(self, answer_id: str, model: str, created: int) -> None:
        self._head = {"id": answer_id, "object": "chat.completion.chunk", "created": created, "model": model}
        self._said = ""

    def begin(self) -> bytes:
        """That an answer comes."""
        return self._event({"role": "assistant", "content": ""}, None)

    def sentence(self, shown: Shown) -> bytes:
        """A sentence that passed, with its new citations."""
        text = f" {shown.sentence.text}" if self._said else shown.sentence.text
        self._said += text
        return self._event({"content": text}, None, {"sentence": shown.sentence, "citations": list(shown.citations)})

    def end(self, outcome: Outcome, usage: dict[str, int] | None) -> bytes:
        """The rest of the content, the whole outcome, and the end of the stream; ``usage`` where the client asked for it."""
        rest = content_of(outcome)[len(self._said) :]
        pieces = [self._event({"content": rest}, None)] if rest else []
        pieces.append(self._event({"annotations": annotations_of(outcome)}, "stop", outcome))
        if usage is not None:
            pieces.append(b"data: " + _encode({**self._head, "choices": [], "usage": usage}) + b"\n\n")
        return b"".join([*pieces, b"data: [DONE]\n\n"])

    def _event(self, delta: dict[str, Any], finish: str | None, extension: Any = None) -> bytes:
        chunk = {**self._head, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
        return b"data: " + _encode(chunk if extension is None else {**chunk, "daffa": extension}) + b"\n\n"
