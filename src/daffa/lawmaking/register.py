"""Texts, proposals, steps and enactments in the database, inside a transaction that is given. Knows rows, and no rule."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import func, select

from daffa.errors import NotFound, Unavailable
from daffa.policy import OPEN, Bundle, Dossier, Enactment, LawFiles, Proposal, Step, Taken, Way, proof_key
from daffa.storage import ReadSession, WriteSession

from .tables import EnactmentRow, ProposalRow, StepRow, TextRow

__all__ = [
    "add_enactment",
    "add_proposal",
    "add_step",
    "count_open",
    "dossier",
    "find_texts",
    "history",
    "in_force",
    "keep_text",
    "next_proposal",
    "open_proposals",
    "proposal",
    "proposals",
    "set_proof",
    "set_state",
    "text_files",
]

_SHORTEST_DIGEST = 8
_PAGE = 100


async def in_force(session: ReadSession) -> Enactment | None:
    """What put the present law into force; ``None`` in a house that never had one."""
    newest = await _enactments(session, 1)
    return newest[0] if newest else None


async def history(session: ReadSession) -> list[Enactment]:
    """Every text that came into force, newest first."""
    return await _enactments(session)


async def _enactments(session: ReadSession, most: int | None = None) -> list[Enactment]:
    query = (
        select(EnactmentRow, TextRow.digest, TextRow.version)
        .join(TextRow, EnactmentRow.text == TextRow.id)
        .order_by(EnactmentRow.number.desc())
        .limit(most)
    )
    return [
        Enactment(
            number=row.number,
            text=row.text,
            digest=digest,
            version=version,
            way=row.way,
            proposal=row.proposal,
            who=row.who,
            key=row.key,
            time=row.time,
            reason=row.reason,
            entry=row.entry,
        )
        for row, digest, version in await session.rows(query)
    ]


async def add_enactment(session: WriteSession, text: str, way: Way, number: int, taken: Taken, of: int | None) -> None:
    """Put a kept text into force as ``number``. Raises ``Conflict`` where that number is taken."""
    await session.add(
        EnactmentRow(
            number=number,
            text=text,
            way=way,
            proposal=of,
            who=taken.who,
            key=taken.key,
            time=taken.time,
            reason=taken.reason,
            entry=taken.entry,
        )
    )


async def keep_text(session: WriteSession, files: LawFiles, bundle: Bundle, now: int) -> str:
    """Keep the files of a law under their id, unless they are kept already; the id."""
    name = files.id()
    if await session.get(TextRow, name) is None:
        content = json.dumps(files.texts(), ensure_ascii=False).encode()
        await session.add(
            TextRow(
                id=name, digest=bundle.digest, proof=proof_key(bundle), version=bundle.version[:200], kept=now, files=content
            )
        )
    return name


async def text_files(session: ReadSession, text: str) -> LawFiles:
    """The files of a kept text, held against its id.

    Raises ``NotFound`` (``law_no_text``), and ``Unavailable`` (``law_text_altered``) where somebody changed it in the database.
    """
    row = await session.get(TextRow, text)
    if row is None:
        raise NotFound("law_no_text", digest=text)
    files = LawFiles.of(json.loads(row.files))
    if files.id() != text:
        raise Unavailable("law_text_altered", digest=text)
    return files


async def find_texts(session: ReadSession, start: str) -> list[str]:
    """The ids of the kept texts whose id or digest begins with ``start``: eight signs of it at least."""
    if len(start) < _SHORTEST_DIGEST or not start.isalnum() or not start.isascii():
        return []
    query = select(TextRow.id).where(TextRow.id.startswith(start) | TextRow.digest.startswith(start))
    return list(await session.all(query))


async def next_proposal(session: WriteSession) -> int:
    """The number of the proposal to come: writers wait for one another, so nobody else takes it."""
    return (await session.one(select(func.max(ProposalRow.number))) or 0) + 1


async def add_proposal(session: WriteSession, new: Proposal, difference: dict[str, Any]) -> None:
    """Keep a new proposal, of a text that is kept."""
    await session.add(
        ProposalRow(
            number=new.number,
            title=new.title,
            text=new.text,
            base=new.base,
            state=new.state,
            author=new.author,
            difference=json.dumps(difference, ensure_ascii=False),
            proof=None,
        )
    )


async def add_step(session: WriteSession, number: int, taken: Taken) -> None:
    """Keep a step. Raises ``Conflict`` where it was taken before."""
    await session.add(
        StepRow(
            proposal=number,
            step=taken.step,
            who=taken.who,
            key=taken.key,
            time=taken.time,
            reason=taken.reason,
            entry=taken.entry,
        )
    )


async def set_state(session: WriteSession, number: int, state: str) -> None:
    """Change the state of a proposal."""
    (await _row(session, number)).state = state


async def set_proof(session: WriteSession, number: int, proof: dict[str, Any]) -> None:
    """Keep what the proof said."""
    (await _row(session, number)).proof = json.dumps(proof, ensure_ascii=False)


async def proposal(session: ReadSession, number: int) -> Proposal:
    """The proposal. Raises ``NotFound`` (``law_no_proposal``)."""
    row = await _row(session, number)
    (found,) = await _told(session, [row])
    return found


async def dossier(session: ReadSession, number: int) -> Dossier:
    """The proposal with what was found about it. Raises ``NotFound`` (``law_no_proposal``)."""
    row = await _row(session, number)
    (found,) = await _told(session, [row])
    return Dossier(found, json.loads(row.difference), None if row.proof is None else json.loads(row.proof))


async def proposals(session: ReadSession, before: int | None = None) -> list[Proposal]:
    """A hundred proposals, newest first, of those before a number."""
    query = select(ProposalRow).order_by(ProposalRow.number.desc()).limit(_PAGE)
    return await _told(session, await session.all(query if before is None else query.where(ProposalRow.number < before)))


async def open_proposals(session: ReadSession) -> list[Proposal]:
    """Those on which something can still be done, newest first: each author has few."""
    query = select(ProposalRow).where(ProposalRow.state.in_(sorted(OPEN))).order_by(ProposalRow.number.desc())
    return await _told(session, await session.all(query))


async def count_open(session: ReadSession, author: str) -> int:
    """How many proposals of an author something can still be done on."""
    mine = select(func.count()).where(ProposalRow.author == author, ProposalRow.state.in_(sorted(OPEN)))
    return await session.one(mine) or 0


async def _row(session: ReadSession, number: int) -> ProposalRow:
    # What no number can be is not asked for: no database has a column for it.
    row = await session.get(ProposalRow, number) if 0 < number < 1 << 31 else None
    if row is None:
        raise NotFound("law_no_proposal", proposal=number)
    return row


async def _told(session: ReadSession, rows: Any) -> list[Proposal]:
    """The rows as others see them, each with its steps in the order in which they were taken."""
    now = await in_force(session)
    steps: dict[int, list[Taken]] = {row.number: [] for row in rows}
    wanted = select(StepRow).where(StepRow.proposal.in_(steps)).order_by(StepRow.time)
    for step in await session.all(wanted):
        steps[step.proposal].append(Taken(step.step, step.who, step.key, step.time, step.reason, step.entry))
    found = select(TextRow.id, TextRow.digest, TextRow.version).where(TextRow.id.in_({row.text for row in rows}))
    texts = {text: (digest, version) for text, digest, version in await session.rows(found)}
    return [
        Proposal(
            number=row.number,
            title=row.title,
            author=row.author,
            text=row.text,
            digest=texts[row.text][0],
            version=texts[row.text][1],
            base=row.base,
            state=row.state,
            stale=row.state in OPEN and (now is None or row.base != now.number),
            steps=tuple(sorted(steps[row.number], key=lambda taken: _ORDER.index(Step(taken.step)))),
        )
        for row in rows
    ]


# A step of a proposal is taken once and never before those left of it: seconds would not tell them apart.
_ORDER = tuple(Step)
