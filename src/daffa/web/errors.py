"""One table turns codes into HTTP statuses, and says when to ask again. Knows no sentence and no route."""

from __future__ import annotations

from math import ceil

from daffa.errors import Conflict, DaffaError, Denied, Exhausted, Invalid, NotFound, Refused, Unavailable

__all__ = ["STATUS", "retry_after", "status_of"]

STATUS: dict[type[DaffaError] | str, int] = {
    Invalid: 400,
    Denied: 401,
    NotFound: 404,
    Conflict: 409,
    Exhausted: 429,
    Refused: 451,
    Unavailable: 503,
    # Codes that differ from their kind.
    "forbidden": 403,
    "metrics_for_local": 403,
    "cross_site": 403,
    "sign_on_organisation": 403,
    "incident_needs_a_person": 403,
    "law_needs_a_person": 403,
    "collection_of_everybody": 403,
    "law_own_proposal": 403,
    "law_not_the_author": 403,
    "method_not_allowed": 405,
    "body_too_large": 413,
    "body_encoded": 415,
    "internal_error": 500,
    "permit_used": 500,
    "permit_mismatch": 500,
    "permit_expired": 500,
}


def status_of(error: DaffaError) -> int:
    """The HTTP status of an error: by its code where the table has it, else by its kind."""
    return STATUS.get(error.code) or next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def retry_after(error: DaffaError) -> dict[str, str]:
    """The header that says after how many seconds to ask again, where the error does."""
    seconds = error.facts.get("retry_after")
    return {"retry-after": str(ceil(seconds))} if isinstance(seconds, (int, float)) else {}
