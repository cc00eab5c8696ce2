"""The errors of the house: a code and its facts. Knows neither HTTP, nor exit codes, nor any sentence.

The sentence of a code in each language stands in ``sentences``; the HTTP status and the exit code of a
code stand in one table each, in ``web`` and ``cli``.
"""

from __future__ import annotations

from typing import Any

from daffa import sentences

__all__ = ["Conflict", "DaffaError", "Denied", "Exhausted", "Invalid", "NotFound", "Refused", "Unavailable"]


class DaffaError(Exception):
    """Something that a caller must be told, by code.

    Attributes:
        code: key of the sentence in ``daffa.sentences``, stable for programs, e.g. ``"invalid_field"``.
        facts: what the sentence names (``field``, ``expected``, ``got``, ...); plain JSON values.
    """

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def say(self, language: str = "en") -> str:
        """The error as one sentence in ``language`` (``fr``, ``ar``, ``en``, ``zgh``)."""
        return sentences.say(self.code, language, **self.facts)

    def __str__(self) -> str:
        return self.say("en")


class Invalid(DaffaError):
    """What was given is not what was expected. The facts name the field and the expectation."""


class Denied(DaffaError):
    """Nobody, or somebody without the right, asked."""


class NotFound(DaffaError):
    """What was named does not exist."""


class Conflict(DaffaError):
    """The state of things forbids it now (a second writer, a used Permit)."""


class Refused(DaffaError):
    """The law refuses. The facts carry rule ids and the reference of the recorded decision."""


class Exhausted(DaffaError):
    """What was granted is used up. The facts say after how many seconds to ask again (``retry_after``), where that helps."""


class Unavailable(DaffaError):
    """Something that we lean on does not answer."""
