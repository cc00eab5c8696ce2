"""``/api/feedback``: what people said of answers, for evaluation. Knows ``assistant`` by its face."""

from __future__ import annotations

from typing import Any

from litestar import Controller, get

from daffa.identity import Role

from .callers import Asked, caller_of, house_of, record

__all__ = ["FeedbackController"]


class FeedbackController(Controller):
    """Opinions of answers, each with its question and its outcome; whose they are is not said."""

    path = "/api/feedback"

    @get()
    async def feedback(self, request: Asked) -> list[dict[str, Any]]:
        """Every opinion that is still kept, the oldest first. Questions may hold personal data: the reading is recorded."""
        caller = caller_of(request, Role.ADMINISTRATOR)
        rows = await house_of(request).feedback.all()
        await record(request, caller, "feedback_exported", opinions=len(rows))
        return rows
