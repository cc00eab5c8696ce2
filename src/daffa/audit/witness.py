"""A witness (C2SP tlog-witness): cosigns what only ever grew, and nothing else. Knows no file, clock or network.

Whatever a log with its true key may submit, all that one witness cosigned of it are prefixes of one another, as long as
its memory holds what it was given to keep. So of two forks, at most one can ever have the majority of the witnesses.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Protocol

from daffa.errors import Invalid

from .cosignature import LONGEST_NAME, Cosigner
from .merkle import EMPTY_ROOT, check_consistency
from .notation import unreadable
from .note import MAX_NOTE, Checkpoint, only_signed_by, open_checkpoint
from .submission import SIZE_TYPE, Submission, read_submission
from .vkey import VerifyingKey

__all__ = ["Answer", "Memory", "Witness"]

_TEXT = "text/plain; charset=utf-8"


class Memory(Protocol):
    """What a witness must never forget."""

    def last(self, origin: str) -> Checkpoint | None:
        """The last checkpoint of a log that was kept."""
        ...

    def keep(self, checkpoint: Checkpoint) -> None:
        """Put a checkpoint in the place of the last one of its log: whole or not at all, durable on return."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What a witness answers: the HTTP status that tlog-witness gives it, the type and the text."""

    status: int
    text: str
    content_type: str = _TEXT


class Witness:
    """A cosigner, the logs that it knows and its memory. One submission at a time.

    Args:
        cosigner: the witness's name and key.
        logs: verifying keys of the logs that it cosigns for; a log whose key is being changed has two.
        memory: what it cosigned last.

    Raises ``Invalid`` for a log whose name is too long to be cosigned.
    """

    def __init__(self, cosigner: Cosigner, logs: Iterable[VerifyingKey], memory: Memory) -> None:
        self._cosigner = cosigner
        self._memory = memory
        self._logs: dict[str, list[VerifyingKey]] = {}
        for key in logs:
            if len(key.name.encode()) > LONGEST_NAME:
                raise unreadable("vkey", f"a name of at most {LONGEST_NAME} bytes", key.name)
            self._logs.setdefault(key.name, []).append(key)

    def add_checkpoint(self, body: bytes, now: int) -> Answer:
        """Judge a submission at ``now`` (Unix seconds): a cosignature and 200, or why not.

        When this returns a cosignature its checkpoint is kept. Raises what the memory raises; nothing was cosigned then.
        """
        try:
            submission = read_submission(body)
        except Invalid as error:
            return Answer(400, f"{error}\n")
        checkpoint = submission.checkpoint
        keys = self._logs.get(checkpoint.origin)
        if keys is None:
            return Answer(404, "this log is not known here\n")
        try:
            open_checkpoint(checkpoint.note, *keys)
        except Invalid as error:
            return Answer(403, f"{error}\n")
        last = self._memory.last(checkpoint.origin)
        if refusal := _refusal(submission, last):
            return refusal
        line = self._cosigner.sign(checkpoint, now)
        if last is None or not checkpoint.same_tree(last):
            note = only_signed_by(checkpoint.note, *keys) + line
            if len(note) > MAX_NOTE:
                return Answer(400, "the checkpoint is too long\n")
            self._memory.keep(replace(checkpoint, note=note))
        return Answer(200, line)


def _refusal(submission: Submission, last: Checkpoint | None) -> Answer | None:
    """Why a submission signed by its log is not cosigned, if it is not."""
    new = submission.checkpoint
    size, root = (last.size, last.root) if last else (0, EMPTY_ROOT)
    if submission.old > new.size:
        return Answer(400, "the old size is larger than the checkpoint\n")
    if submission.old != size:
        return Answer(409, f"{size}\n", SIZE_TYPE)
    if new.size == size and new.root != root:
        return Answer(409, "another root was cosigned at this size\n")
    try:
        check_consistency(size, new.size, submission.proof, root, new.root)
    except Invalid as error:
        return Answer(422, f"{error}\n")
    return None
