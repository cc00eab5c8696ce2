"""Who may ask no model is answered with extracts; who may not see a pack gets neither its tools nor its letters."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import task_pack

from daffa.assistant import GatewayModel, PackTools, Planners, Prompt, tasks_of
from daffa.decision import Actor, Label, Purpose
from daffa.errors import NotFound, Unavailable
from daffa.gateway import Asker
from daffa.identity import Caller, Role
from daffa.library import VISITORS
from daffa.packs import Pack, Tools, read_pack, shipped
from daffa.search import Glossary, Planner


@pytest.mark.parametrize("roles", [frozenset(), frozenset({Role.READER}), frozenset({Role.AUDITOR, Role.OPERATOR})])
async def test_without_the_role_no_model_is_asked(roles):
    """A visitor, a reader, an auditor: the gateway is not called, and the assistant goes on without a model."""
    asked = []

    async def gateway(*arguments, **_):
        asked.append(arguments)
        raise AssertionError("the gateway was asked")

    caller = Caller(actor=Actor("visitor", "", roles), floor=Label(), key_id="visitor", organisation="", roles=roles)
    with pytest.raises(Unavailable) as caught:
        await GatewayModel(gateway, "auto")(Prompt([], {}, Label()), Asker(caller, Label(), Purpose.PERSONAL_REQUEST))
    assert caught.value.code == "assistant_model"
    assert asked == []


def labelled(pack: Pack, label: str) -> Pack:
    """The same pack under a label."""
    return replace(pack, label=Label.parse(label))


async def test_the_tools_of_a_labelled_pack_are_for_who_may_see_it():
    """A visitor is offered the tools of public packs alone; who has a key those of all, each under its pack's label."""
    packs = [pack for pack in map(read_pack, shipped()) if pack.code][:2]
    packs[1] = labelled(packs[1], "level=confidential")
    with Tools(packs) as tools:
        box = PackTools(tools, packs)
        offered = {who: {offer.pack for offer in await box.offers(who)} for who in (VISITORS, "town")}
        labels = {offer.pack: offer.label for offer in await box.offers("town")}
    assert offered == {VISITORS: {packs[0].id}, "town": {pack.id for pack in packs}}
    assert labels[packs[1].id] == packs[1].label


def with_word(folder: Path, name: str, word: str, label: str) -> Any:
    """What a planner reads of a pack whose glossary calls a passport by ``word``."""
    (folder / name).mkdir()
    head = "fr,ar,ary,ary_latn,zgh,en,definition,source"
    (folder / name / "glossary.csv").write_text(f"{head}\n{word},,,,,passport,,x\n", encoding="utf-8")
    return SimpleNamespace(id=name, folder=folder / name, label=Label.parse(label), documents=())


def test_the_words_of_a_pack_come_and_go_with_it_and_are_for_who_reads_it(tmp_path):
    """A pack that is installed is understood at once; one under a label lends visitors no word; one that goes takes its own."""
    public, closed = with_word(tmp_path, "one", "zorglub", ""), with_word(tmp_path, "two", "bulgroz", "level=confidential")
    shelf = [{}]
    planners = Planners(lambda: shelf[0])

    def known(who: str) -> list[str]:
        entries = planners.of(who)._glossary.entries
        return [word for word in ("zorglub", "bulgroz") if any(word in repr(entry) for entry in entries)]

    assert known("town") == []
    shelf[0] = {"one": public}
    assert planners.of("town") is planners.of(VISITORS)
    assert (known("town"), known(VISITORS)) == (["zorglub"], ["zorglub"])
    shelf[0] = {"one": public, "two": closed}
    assert (known("town"), known(VISITORS)) == (["zorglub", "bulgroz"], ["zorglub"])
    shelf[0] = {"two": closed}
    assert (known("town"), known(VISITORS)) == (["bulgroz"], [])


@pytest.mark.parametrize("task", [{"name": "fill", "form": "card"}, {"name": "draft", "template": "request"}])
async def test_a_letter_of_a_labelled_pack_is_not_there_for_a_visitor(task, tmp_path):
    """A visitor who names it is told what is told of a pack that nobody has."""
    packs = {"essais": labelled(task_pack.small_pack(tmp_path)["essais"], "level=internal")}
    do, told = tasks_of(lambda: packs, lambda _: Planner(Glossary()), None)[task["name"]], []
    for name in ("essais", "nothing"):
        question = task_pack.asked({**task, "pack": name, "text": "Nom : El Fassi"})
        caller = replace(question.asker.caller, organisation=VISITORS)
        with pytest.raises(NotFound) as caught:
            await do(replace(question, asker=Asker(caller, question.asker.label, question.asker.purpose)))
        told.append((caught.value.code, {**caught.value.facts, "name": ""}))
    assert told[0] == told[1]
    assert (await do(task_pack.asked({**task, "pack": "essais", "text": "Nom : El Fassi"}))).result["pack"] == "essais"
