"""A task on a file of one's own: a form, and an answer like any other. Knows forms, files and packs; does no task itself.

The file is read into text here, in a child process where its format is dangerous; the text goes with the question through
the gateway and is not kept: only the name of the file is, and in the answer the paragraphs that it cites.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from litestar import Controller, Response, get, post
from litestar.datastructures import FormMultiDict, UploadFile

from daffa.app import House
from daffa.assistant import is_seen_by
from daffa.documents import read_document
from daffa.errors import Invalid
from daffa.language import isolate
from daffa.library import VISITORS
from daffa.packs import Pack

from ..callers import Asked, house_of
from .again import NOT_NOW, again, asker_of
from .answering import Question, begin
from .desk import Desk, desk_of
from .routes import answered, form_of
from .troubles import HANDLERS
from .view import Written, of, page
from .who import Guest, guest_of, own_page

__all__ = ["FilesController"]

TASKS = ("summarise", "translate", "draft", "fill")
TARGETS = ("fr", "ar")
_FACT = "fact."
_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Choice:
    """A letter or a form of a pack: ``id`` is ``PACK/NAME``, for a letter with its language."""

    id: str
    title: str
    pack: str
    fields: list[dict[str, Any]]


class FilesController(Controller):
    """Tasks."""

    path = "/files"
    include_in_schema = False
    exception_handlers = HANDLERS

    @get()
    async def form(self, request: Asked) -> Response[str]:
        """The form of a task; for a letter first which one."""
        guest = await guest_of(request)
        task = _task(request.query_params.get("task", TASKS[0]))
        return page(request, "files.html", guest=guest, **_shown(request, guest, task, request.query_params.get("choice", "")))

    @post(status_code=200)
    async def work(self, request: Asked) -> Response[Any]:
        """Do a task, as a new conversation."""
        own_page(request)
        form = await form_of(request)
        task, chosen = _task(str(form.get("task", ""))), str(form.get("choice", ""))
        try:
            guest, cookies = await asker_of(request, form)
        except NOT_NOW as error:
            written = {"text": str(form.get("text", "")), "facts": _facts(form), "lost": _file_of(form)}
            return await again(request, error, "files.html", lambda who: written | _shown(request, who, task, chosen))
        question = await _question(request, guest, form, task, chosen)
        started = await begin(house_of(request), desk_of(request), guest, question, "")
        return await answered(request, guest, started, cookies, fresh=True)


def _task(name: str) -> str:
    if name not in TASKS:
        raise Invalid("invalid_field", field="task", expected=" | ".join(TASKS), got=name[:80])
    return name


def _shown(request: Asked, guest: Guest | None, task: str, wanted: str) -> dict[str, Any]:
    """What the form shows; for a letter or a form first which one."""
    choices = _choices(house_of(request), guest, task, of(request))
    chosen = next((choice for choice in choices if choice.id == wanted), None)
    return {"task": task, "tasks": TASKS, "choices": choices, "chosen": chosen, "targets": TARGETS}


async def _question(request: Asked, guest: Guest, form: FormMultiDict, task: str, chosen: str) -> Question:
    """What the form asks."""
    name, text = await _text_of(form, desk_of(request))
    if not text and task != "draft":
        raise Invalid("page_no_text")
    written = of(request)
    choices = {choice.id: choice for choice in _choices(house_of(request), guest, task, written)}
    choice = choices.get(chosen)
    if choice is None and task in ("draft", "fill"):
        raise Invalid("invalid_field", field="choice", expected=" | ".join(choices), got=chosen[:80])
    what, said = choice.title if choice else name, written.say("task_" + task)
    return Question(
        text=written.say("task_on", task=said, what=isolate(what)) if what else said,
        language=written.language,
        task={"name": task, "file": name},
        extension={
            "language": written.language,
            "task": _asked(task, form, name or written.say("your_text"), text, choice),
        },
    )


def _file_of(form: FormMultiDict) -> str:
    """The name of the file that was given, or nothing."""
    file = form.get("file")
    return (file.filename or "")[-_LONGEST_NAME:] if isinstance(file, UploadFile) else ""


async def _text_of(form: FormMultiDict, desk: Desk) -> tuple[str, str]:
    """The name and the text of what was given: a file, else what was written into the form."""
    if name := _file_of(form):
        raw = await form["file"].read()
        async with desk.reading:
            document = await asyncio.to_thread(read_document, raw, name)
        return name, document.text
    return "", str(form.get("text", "")).strip()


def _asked(task: str, form: FormMultiDict, name: str, text: str, choice: Choice | None) -> dict[str, Any]:
    """The task as the assistant reads it (docs/assistant.md)."""
    asked: dict[str, Any] = {"name": task}
    if text:
        asked |= {"text": text, "file": name}
    if task == "translate":
        asked["to"] = str(form.get("to", ""))
    if choice is not None:
        pack, _, which = choice.id.partition("/")
        asked["pack"] = pack
    if choice is not None and task == "fill":
        asked["form"] = which
    if choice is not None and task == "draft":
        asked["template"], _, asked["language"] = which.rpartition(".")
        asked["facts"] = _facts(form)
    return asked


def _facts(form: FormMultiDict) -> dict[str, str]:
    """What was written into the fields of a letter."""
    facts = {key.removeprefix(_FACT): str(value).strip() for key, value in form.multi_items() if key.startswith(_FACT)}
    return {key: value for key, value in facts.items() if value}


def _choices(house: House, guest: Guest | None, task: str, written: Written) -> list[Choice]:
    organisation = guest.caller.organisation if guest else VISITORS
    packs = [pack for pack in house.shelf.packs.values() if is_seen_by(pack, organisation)]
    if task == "draft":
        letters = [choice for pack in packs for choice in _letters(pack, written)]
        return sorted(letters, key=lambda letter: not letter.id.endswith(f".{written.language}"))
    if task == "fill":
        return [choice for pack in packs for choice in _forms(pack, written)]
    return []


def _letters(pack: Pack, written: Written) -> list[Choice]:
    return [
        Choice(
            id=f"{pack.id}/{letter.name}.{letter.language}",
            title=letter.title,
            pack=_titled(pack.title, written.language),
            fields=[
                {"name": name, "title": fact.title, "type": fact.type, "required": fact.required}
                for name, fact in letter.facts.items()
            ],
        )
        for letter in pack.templates
    ]


def _forms(pack: Pack, written: Written) -> list[Choice]:
    return [
        Choice(
            id=f"{pack.id}/{form.name}",
            title=_titled(form.title, written.language),
            pack=_titled(pack.title, written.language),
            fields=[],
        )
        for form in pack.forms
    ]


def _titled(titles: dict[str, str], language: str) -> str:
    return titles.get(language) or titles.get("fr") or next(iter(titles.values()))
