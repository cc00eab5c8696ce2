"""Fill: the fields of a pack's form out of a text, each with the words that it was taken from. Asks no model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from daffa.errors import NotFound
from daffa.packs import Pack

from ..asked import Asked
from ..outcome import Outcome, Sentence, Status
from ..shelving import is_seen_by
from .ending import Cites, Worked, ended
from .given import Given
from .spotting import Wanted, describe, spot
from .writing import read_amount, read_date

__all__ = ["Fill", "pack_of"]


class Fill:
    """The task ``fill``: fields ``text``, ``file``, ``pack``, ``form``."""

    def __init__(self, packs: Callable[[], Mapping[str, Pack]]) -> None:
        self._packs = packs

    async def __call__(self, asked: Asked) -> Outcome:
        """``result``: ``pack``, ``form``, ``title``, ``fields``, ``missing`` (names of required fields that are empty).

        A field: ``name``, ``title``, ``type``, ``required``, ``value``, ``normal`` (ISO date, plain number), ``start`` and
        ``end`` in the text, ``cites``, ``check``, ``reason`` (``absent``, ``differ``, ``invalid``) and ``candidates``.
        Raises ``NotFound`` (``unknown_pack``, ``unknown_form``) and ``Invalid``.
        """
        given = Given(asked)
        given.known(("text", "file", "pack", "form"))
        pack, name = pack_of(self._packs(), given.string("pack"), asked), given.string("form")
        form = next((form for form in pack.forms if form.name == name), None)
        if form is None:
            raise NotFound("unknown_form", pack=pack.id, name=name)
        document = await asyncio.to_thread(given.document)
        language = given.language(document)
        cues = {one.name: tuple(cue for said in one.cues.values() for cue in said) for one in form.fields}
        wanted = [Wanted(one.name, one.type, cues[one.name]) for one in form.fields]
        found = await asyncio.to_thread(spot, document.text, wanted)
        cites, said, fields = Cites(document), [], []
        for one in form.fields:
            title, value = one.title.get(language) or one.title.get("fr") or one.name, found[one.name].spot
            ids = [cites.cite(value.start, value.end)] if value else []
            if value:
                colon = "\u00a0: " if language == "fr" else ": "
                said.append(Sentence(f"{title}{colon}{' '.join(value.value.split())}", ids, "verbatim"))
            fields.append({
                "name": one.name, "title": title, "type": one.type, "required": one.required, "cites": ids,
                "normal": _normal(one.type, value.value) if value else "", **describe(found[one.name]),
            })  # fmt: skip
        missing = [one.name for one in form.fields if one.required and found[one.name].spot is None]
        title = form.title.get(language) or form.title.get("fr") or form.name
        result = {"pack": pack.id, "form": form.name, "title": title, "fields": fields, "missing": missing}
        status = Status.NOT_COVERED if not said else Status.PARTIAL if missing else Status.ANSWERED
        code = {Status.NOT_COVERED: "task_form_empty", Status.PARTIAL: "task_form_partial"}.get(status, "")
        facts = {"filled": len(said), "fields": len(fields)}
        return ended(
            status, language, Worked.begin(asked), code=code, facts=facts, said=said, cites=cites, result=result
        )  # fmt: skip


def pack_of(packs: Mapping[str, Pack], name: str, asked: Asked) -> Pack:
    """A pack by its id; raises ``NotFound`` (``unknown_pack``) alike for none and for one that the asker may not see."""
    if name not in packs or not is_seen_by(packs[name], asked.asker.caller.organisation):
        raise NotFound("unknown_pack", name=name)
    return packs[name]


def _normal(kind: str, value: str) -> str:
    if kind in ("date", "birth_date"):
        date = read_date(value)
        return date.isoformat() if date else ""
    amount = read_amount(value) if kind == "amount" else None
    return str(amount.value) if amount else ""
