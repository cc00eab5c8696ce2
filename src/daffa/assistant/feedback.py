"""What people say of answers, kept beside the outcome that they say it of, for evaluation. Knows rows alone.

An opinion lives as long as its turn: who wants to learn from it exports it before the turn is forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from sqlalchemy import delete, select

from daffa.errors import Invalid, NotFound
from daffa.storage import Database

from .tables import ConversationRow, FeedbackRow, TurnRow

__all__ = ["Feedback"]

_LONGEST = 2000
_MOST = (1 << 31) - 1  # what a column of a database takes for a number


class Feedback:
    """What was said of answers. ``clock`` gives Unix seconds."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self._database = database
        self._clock = clock

    async def give(self, owner: str, conversation: str, number: int, *, useful: bool, reason: str = "") -> None:
        """Keep the owner's opinion of an answer of theirs; a later one takes the place of the first.

        Raises ``NotFound`` (``unknown_conversation``) where the answer is not there or not theirs, ``Invalid`` for a
        reason that is too long.
        """
        if len(reason) > _LONGEST:
            expected = f"at most {_LONGEST} characters"
            raise Invalid("invalid_field", field="reason", expected=expected, got=len(reason))
        reason = reason.replace("\0", " ")  # which PostgreSQL takes for no text
        of_it = (FeedbackRow.conversation == conversation) & (FeedbackRow.number == number)
        async with self._database.begin() as session:
            turn = await session.get(TurnRow, (conversation, number)) if 0 < number <= _MOST else None
            home = await session.get(ConversationRow, conversation)
            if turn is None or turn.outcome is None or home is None or home.owner != owner:
                raise NotFound("unknown_conversation")
            await session.execute(delete(FeedbackRow).where(of_it))
            given = int(self._clock())
            await session.add(FeedbackRow(conversation=conversation, number=number, useful=useful, reason=reason, given=given))

    async def all(self) -> list[dict[str, Any]]:
        """Every opinion with its question and its outcome, the oldest first: ``{useful, reason, given, question, outcome}``.

        Nothing says whose it is.
        """
        both = (TurnRow.conversation == FeedbackRow.conversation) & (TurnRow.number == FeedbackRow.number)
        query = (
            select(FeedbackRow.useful, FeedbackRow.reason, FeedbackRow.given, TurnRow.question, TurnRow.task, TurnRow.outcome)
            .join(TurnRow, both)
            .order_by(FeedbackRow.given, FeedbackRow.conversation, FeedbackRow.number)
        )
        async with self._database.read() as session:
            rows = await session.rows(query)
        return [
            {
                "useful": useful,
                "reason": reason,
                "given": given,
                "question": question,
                "task": msgspec.json.decode(task),
                "outcome": msgspec.json.decode(outcome),
            }
            for useful, reason, given, question, task, outcome in rows
        ]
