"""Work on a body, in a thread where it is large: the event loop goes on. Knows no body."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import ParamSpec, TypeVar

__all__ = ["LARGE", "aside"]

Given = ParamSpec("Given")
Made = TypeVar("Made")

LARGE = 1 << 16
"""Bytes above which reading and writing a body takes milliseconds."""


async def aside(size: int, work: Callable[Given, Made], *given: Given.args, **named: Given.kwargs) -> Made:
    """``work`` done at once, or in a thread where what it works on is large."""
    return work(*given, **named) if size <= LARGE else await asyncio.to_thread(work, *given, **named)
