"""What stands behind an answer: the passage that it cites, opened at the words; the decision, with its receipt.

Only who asked sees what was recorded of their question; a passage is shown to whoever may see its collection, and to
others it does not exist. Knows addresses and templates.
"""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
from litestar import Controller, Response, get
from litestar.params import FromPath

from daffa.app import House
from daffa.assistant import Citation
from daffa.audit import Proof, Reader
from daffa.errors import NotFound

from ..callers import Asked, house_of
from .answer import NAMELESS, pieces, told
from .troubles import HANDLERS
from .view import HEADERS, fragment, of, page
from .who import Guest, guest_of

__all__ = ["SourcesController"]


_DIGITS = 9


class SourcesController(Controller):
    """Passages and decisions."""

    path = "/"
    include_in_schema = False
    exception_handlers = HANDLERS

    @get("/cite/{collection:str}/{passage:path}")
    async def cite(self, request: Asked, collection: FromPath[str], passage: FromPath[str]) -> Response[str]:
        """A passage, with the words that support a sentence marked."""
        guest = await guest_of(request)
        citation = await _cited(request, guest, collection, passage.removeprefix("/"))
        cut = pieces(citation.text, citation.start, citation.end, citation.highlights)
        conversation, _, number = request.query_params.get("in", "").rpartition(".")[0].rpartition(".")
        back = f"/c/{conversation}#t{number}" if conversation and guest.owner else ""
        return _opened(request, "cite", guest, citation=citation, pieces=cut, pairs=told(citation), back=back)

    @get("/c/{conversation:str}/{number:int}/decision/{index:int}")
    async def decision(
        self, request: Asked, conversation: FromPath[str], number: FromPath[int], index: FromPath[int]
    ) -> Response[str]:
        """What was decided on a question, and the proof that it stands in the log."""
        guest = await guest_of(request)
        facts = await _own_record(request, guest, conversation, number, index)
        proof = await _proof(house_of(request), index)
        entry = msgspec.json.format(proof.entry, indent=2).decode()
        values = {"facts": facts, "entry": entry, "receipt": proof.receipt(), "place": (conversation, number)}
        return _opened(request, "decision", guest, back=f"/c/{conversation}#t{number}", **values)

    @get("/c/{conversation:str}/{number:int}/decision/{index:int}/{part:str}")
    async def keep(
        self, request: Asked, conversation: FromPath[str], number: FromPath[int], index: FromPath[int], part: FromPath[str]
    ) -> Response[bytes]:
        """The receipt, or the entry that it is for, to keep: they are verified without us."""
        await _own_record(request, await guest_of(request), conversation, number, index)
        proof = await _proof(house_of(request), index)
        parts = {"receipt": (proof.receipt().encode(), f"receipt-{index}.txt"), "entry": (proof.entry, f"entry-{index}.json")}
        if part not in parts:
            raise NotFound("unknown_route", method="GET", path=request.url.path[:200])
        content, name = parts[part]
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type="text/plain; charset=utf-8", headers=headers)


def _opened(request: Asked, name: str, guest: Guest, **values: Any) -> Response[str]:
    """A page of its own, or its content alone for the panel of a page that is open."""
    if "hx-request" not in request.headers:
        return page(request, f"{name}.html", guest=guest, **values)
    said = fragment(of(request), f"{name}_panel.html", **values)
    return Response(said, media_type="text/html", headers=HEADERS)


async def _cited(request: Asked, guest: Guest, collection: str, passage: str) -> Citation:
    """The citation as it was shown, where its answer is kept; else the passage as it is now."""
    turn, _, name = request.query_params.get("in", "").rpartition(".")
    conversation, _, number = turn.rpartition(".")
    if conversation and number.isdecimal():
        found = await house_of(request).conversations.conversation(guest.owner, conversation)
        for kept in found.turns:
            if str(kept.number) == number and kept.outcome is not None:
                for citation in msgspec.convert(kept.outcome.get("citations", []), list[Citation]):
                    if (citation.id, citation.collection or NAMELESS, citation.passage or NAMELESS) == (
                        name,
                        collection,
                        passage,
                    ):
                        return citation
    held = await house_of(request).library.passage(guest.caller.organisation, collection, passage)
    start, end = (_offset(request, name, len(held.text)) for name in ("start", "end"))
    return Citation(
        id="c1",
        collection=held.collection,
        document=held.document,
        passage=held.id,
        title=held.title,
        language=held.language,
        text=held.text,
        start=start,
        end=max(start, end),
        link=held.link,
        work=held.work,
        number=held.number,
    )


def _offset(request: Asked, name: str, most: int) -> int:
    """A place in a passage, as an address names it."""
    said = request.query_params.get(name, "0")
    return min(int(said), most) if said.isdecimal() and len(said) < _DIGITS else 0


async def _own_record(request: Asked, guest: Guest, conversation: str, number: int, index: int) -> dict[str, Any]:
    """What was recorded of a question of the guest's. Raises ``NotFound`` alike for what is not there and not theirs."""
    found = await house_of(request).conversations.conversation(guest.owner, conversation)
    for turn in found.turns:
        if turn.number == number and turn.outcome is not None:
            for facts in turn.outcome.get("recorded", []):
                if facts["index"] == index:
                    return dict(facts)
    raise NotFound("unknown_conversation")


async def _proof(house: House, index: int) -> Proof:
    """The public entry, and that it stands in the log."""
    await house.audit.flush()
    return await asyncio.to_thread(Reader(house.settings.data / "audit").prove, index)
