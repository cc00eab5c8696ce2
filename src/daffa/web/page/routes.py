"""The page: ask, watch the answer come, read on, say whether it helped, delete. Knows forms and addresses; decides nothing.

Each form works without a script: it is answered by a page, once the answer is there. With htmx the same form is answered by
a part of a page, which follows the answer sentence by sentence.
"""

from __future__ import annotations

from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import Cookie, FormMultiDict
from litestar.params import FromPath
from litestar.response import Redirect, Stream

from daffa.assistant import Conversation, Turn, is_seen_by
from daffa.errors import Exhausted, Invalid, NotFound

from ..callers import Asked, house_of
from .again import NOT_NOW, again, asker_of
from .answering import Question, Started, begin
from .desk import desk_of
from .examples import examples_of
from .stream import ended, events_of
from .troubles import HANDLERS
from .turn import Place, turn_of, under_way
from .view import HEADERS, fragment, of, page
from .who import Guest, guest_of, own_page

__all__ = ["PageController", "answered", "form_of"]

_LONGEST = 4000
_EVENTS = {**HEADERS, "X-Accel-Buffering": "no"}


class PageController(Controller):
    """Questions and answers."""

    path = "/"
    include_in_schema = False
    exception_handlers = HANDLERS

    @get("/")
    async def home(self, request: Asked) -> Response[str]:
        """A first question."""
        guest, written = await guest_of(request), of(request)
        packs = [pack for pack in house_of(request).shelf.packs.values() if is_seen_by(pack, guest.caller.organisation)]
        examples = examples_of(packs, written.language)
        return page(request, "home.html", guest=guest, turns=[], conversation=None, examples=examples)

    @post("/ask", status_code=200)
    async def ask(self, request: Asked) -> Response[Any]:
        """Keep a question, and answer it: as a page once it is answered, or as a part of one that follows the answer."""
        own_page(request)
        form = await form_of(request)
        text = str(form.get("question", "")).strip()
        if not 0 < len(text) <= _LONGEST:
            raise Invalid("page_question_length", most=_LONGEST)
        try:
            guest, cookies = await asker_of(request, form)
        except NOT_NOW as error:
            going_on = str(form.get("conversation", "")) if isinstance(error, Exhausted) else ""
            kept: dict[str, Any] = {
                "turns": [],
                "examples": [],
                "conversation": None,
                "conversation_id": going_on,
                "text": text,
            }
            return await again(request, error, "home.html", lambda _: kept)
        question = Question(text, of(request).language, {}, {})
        started = await begin(house_of(request), desk_of(request), guest, question, str(form.get("conversation", "")))
        return await answered(request, guest, started, cookies, fresh=not form.get("conversation"))

    @get("/answers/{name:str}")
    async def follow(self, request: Asked, name: FromPath[str]) -> Stream:
        """An answer under way, as events of parts of a page."""
        guest, written = await guest_of(request), of(request)
        conversation, _, number = name.rpartition(".")
        found = desk_of(request).find(name, guest.owner)
        if found is not None:
            place = Place(conversation, int(number) if conversation else 0)
            events = events_of(found, written, guest, place, name)
        else:  # it ended long ago, or in another process
            turn = _turn(await house_of(request).conversations.conversation(guest.owner, conversation), number)
            events = ended(turn, written, guest, Place(conversation, turn.number))
        return Stream(events, media_type="text/event-stream; charset=utf-8", headers=_EVENTS)

    @get("/c")
    async def conversations(self, request: Asked) -> Response[str]:
        """The guest's conversations."""
        house, guest = house_of(request), await guest_of(request)
        found = await house.conversations.conversations(guest.owner) if guest.owner else []
        return page(request, "conversations.html", guest=guest, conversations=found)

    @get("/c/{conversation:str}")
    async def conversation(self, request: Asked, conversation: FromPath[str]) -> Response[str]:
        """One conversation."""
        guest = await guest_of(request)
        found = await house_of(request).conversations.conversation(guest.owner, conversation)
        turns = [turn_of(turn, found.id, desk_of(request), guest.owner) for turn in found.turns]
        return page(request, "conversation.html", guest=guest, turns=turns, conversation=found)

    @post("/c/{conversation:str}/delete", status_code=200)
    async def delete(self, request: Asked, conversation: FromPath[str]) -> Response[Any]:
        """Delete one of the guest's conversations, for good."""
        own_page(request)
        guest = await guest_of(request)
        await house_of(request).conversations.delete(guest.owner, conversation)
        return Redirect("/c", status_code=303, headers=HEADERS)

    @post("/c/{conversation:str}/{number:int}/feedback", status_code=200)
    async def feedback(self, request: Asked, conversation: FromPath[str], number: FromPath[int]) -> Response[Any]:
        """Say whether an answer helped, and why."""
        own_page(request)
        house, guest, form = house_of(request), await guest_of(request), await form_of(request)
        useful, reason = form.get("useful") == "yes", str(form.get("reason", "")).strip()
        await house.feedback.give(guest.owner, conversation, number, useful=useful, reason=reason)
        if "hx-request" not in request.headers:
            return Redirect(f"/c/{conversation}#t{number}", status_code=303, headers=HEADERS)
        turn = _turn(await house.conversations.conversation(guest.owner, conversation), str(number))
        said = fragment(of(request), "feedback.html", turn=turn_of(turn, conversation))
        return Response(said, media_type="text/html", headers=HEADERS)


async def form_of(request: Asked) -> FormMultiDict:
    """The form that was sent, whole in memory: it is no larger than any request may be."""
    return await request.form()


async def answered(request: Asked, guest: Guest, started: Started, cookies: list[Cookie], *, fresh: bool) -> Response[Any]:
    """What a form gets back whose answer has begun; ``fresh``: its page has no conversation yet."""
    address = f"/c/{started.conversation}"
    if "hx-request" in request.headers:
        if started.conversation and fresh:
            return Response("", headers={**HEADERS, "HX-Redirect": address}, cookies=cookies)
        turn = under_way(started.answering, Place(started.conversation, started.number), started.name)
        said = fragment(of(request), "asked.html", guest=guest, turn=turn, conversation=started.conversation)
        return Response(said, media_type="text/html", headers=HEADERS, cookies=cookies)
    await started.answering.wait()
    if started.conversation:
        return Redirect(f"{address}#t{started.number}", status_code=303, headers=HEADERS, cookies=cookies)
    turn = under_way(started.answering, Place("", 0), started.name)
    return page(request, "home.html", guest=guest, cookies=cookies, turns=[turn], conversation=None, examples=[])


def _turn(conversation: Conversation, number: str) -> Turn:
    for turn in conversation.turns:
        if str(turn.number) == number:
            return turn
    raise NotFound("unknown_conversation")
