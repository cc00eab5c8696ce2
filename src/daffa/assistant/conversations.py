"""Conversations: what somebody asked and what became of it, theirs alone, kept for so many days and not one more.

A question is on the disk before it is answered, and its outcome before anybody is told that it ended. What is deleted
is gone from the files too. Knows rows; nothing of how an outcome comes about.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, delete, func, select, update

from daffa.errors import NotFound
from daffa.storage import Database, ReadSession, WriteSession

from .tables import ConversationRow, FeedbackRow, TurnRow

__all__ = ["Conversation", "Conversations", "Opinion", "Turn"]

_DAY = 86_400
_TITLE = 80
_MOST = 200
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the asker said of an answer: whether it was useful, and why."""

    useful: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and what became of it.

    Attributes:
        number: in its conversation, from 1; a number is never given twice.
        asked: Unix seconds.
        question: as typed.
        task: what was to be done with which file; empty for a question.
        outcome: as the extension ``daffa`` says it (see docs/assistant.md); ``None``: it has not ended.
        opinion: what the asker said of it, if anything.
    """

    number: int
    asked: int
    question: str
    task: dict[str, Any]
    outcome: dict[str, Any] | None
    opinion: Opinion | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation: ``last`` is when something was last asked in it (Unix seconds); ``turns`` the oldest first."""

    id: str
    title: str
    last: int
    turns: tuple[Turn, ...] = ()


class Conversations:
    """The conversations of a house.

    Args:
        database: keeps them.
        days: after which a turn is deleted; 0: none is kept at all.
        clock: Unix seconds.
    """

    def __init__(self, database: Database, days: int, clock: Callable[[], float]) -> None:
        self._database = database
        self._days = days
        self._clock = clock

    @property
    def kept(self) -> bool:
        """Whether anything is kept."""
        return self._days > 0

    @property
    def days(self) -> int:
        """For how many days."""
        return self._days

    async def ask(
        self, owner: str, question: str, *, conversation: str = "", task: Mapping[str, Any] | None = None
    ) -> tuple[str, int]:
        """Keep a question, in a new conversation where none is named: its conversation and its number, durable.

        Raises ``NotFound`` (``unknown_conversation``) for one that is not there or not the owner's.
        """
        now, question = int(self._clock()), question.replace("\0", " ")  # which PostgreSQL takes for no text
        async with self._database.begin() as session:
            if conversation:
                row = await _own(session, owner, conversation)
                row.last = now
            else:
                row = ConversationRow(id=secrets.token_hex(16), owner=owner, title=_title(question), last=now)
                await session.add(row)
            of_it = select(func.max(TurnRow.number)).where(TurnRow.conversation == row.id)
            number = (await session.one(of_it) or 0) + 1
            said = _encode(task or {}).decode()
            await session.add(
                TurnRow(conversation=row.id, number=number, asked=now, question=question, task=said, outcome=None)
            )
        return row.id, number

    async def end(self, conversation: str, number: int, outcome: Mapping[str, Any]) -> None:
        """Keep what became of a question; durable when it returns. Nothing where it was deleted meanwhile."""
        said = _encode(outcome).decode()
        of_it = (TurnRow.conversation == conversation) & (TurnRow.number == number)
        async with self._database.begin() as session:
            await session.execute(update(TurnRow).where(of_it).values(outcome=said))

    async def conversation(self, owner: str, conversation: str) -> Conversation:
        """The conversation whole. Raises ``NotFound`` alike for one that is not there and one of somebody else."""
        async with self._database.read() as session:
            row = await _own(session, owner, conversation)
            turns = await session.all(select(TurnRow).where(TurnRow.conversation == row.id).order_by(TurnRow.number))
            said = await session.all(select(FeedbackRow).where(FeedbackRow.conversation == row.id))
        opinions = {opinion.number: Opinion(opinion.useful, opinion.reason) for opinion in said}
        return Conversation(row.id, row.title, row.last, tuple(_turn(turn, opinions.get(turn.number)) for turn in turns))

    async def conversations(self, owner: str) -> list[Conversation]:
        """The owner's, without their turns, the newest first."""
        query = select(ConversationRow).where(ConversationRow.owner == owner).order_by(ConversationRow.last.desc()).limit(_MOST)
        async with self._database.read() as session:
            return [Conversation(row.id, row.title, row.last) for row in await session.all(query)]

    async def delete(self, owner: str, conversation: str) -> None:
        """Delete one of the owner's, with all that was said of it. Raises as ``conversation``."""
        async with self._database.begin() as session:
            row = await _own(session, owner, conversation)
            await _remove(session, [row.id])
        await self._database.scrub()

    async def forget(self) -> int:
        """Delete each turn that is older than what is kept, and each conversation that has none left; how many turns."""
        before = int(self._clock()) - self._days * _DAY if self._days else int(self._clock()) + 1
        old = TurnRow.asked <= before
        async with self._database.begin() as session:
            gone = await session.rows(select(TurnRow.conversation, TurnRow.number).where(old))
            for conversation, number in gone:
                of_it = (FeedbackRow.conversation == conversation) & (FeedbackRow.number == number)
                await session.execute(delete(FeedbackRow).where(of_it))
            await session.execute(delete(TurnRow).where(old))
            empty = ConversationRow.id.not_in(select(TurnRow.conversation))
            await session.execute(delete(ConversationRow).where(empty))
        await self._database.scrub()
        return len(gone)


async def _own(session: ReadSession, owner: str, conversation: str) -> ConversationRow:
    row = await session.get(ConversationRow, conversation)
    if row is None or row.owner != owner:
        raise NotFound("unknown_conversation")
    return row


async def _remove(session: WriteSession, conversations: list[str]) -> None:
    for kind in (FeedbackRow, TurnRow):
        of_them: ColumnElement[bool] = kind.conversation.in_(conversations)
        await session.execute(delete(kind).where(of_them))
    await session.execute(delete(ConversationRow).where(ConversationRow.id.in_(conversations)))


def _title(question: str) -> str:
    line = " ".join(question.split())
    return line if len(line) <= _TITLE else line[: _TITLE - 1].rsplit(" ", 1)[0] + "…"


def _turn(row: TurnRow, opinion: Opinion | None) -> Turn:
    outcome = None if row.outcome is None else msgspec.json.decode(row.outcome)
    return Turn(row.number, row.asked, row.question, msgspec.json.decode(row.task), outcome, opinion)
