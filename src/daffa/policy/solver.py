"""The way to the solver: a process of its own for each task, told in JSON. Knows no solver and no law."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from daffa.errors import Unavailable

__all__ = ["ask_solver"]

_MOST_SECONDS = 300
_COMMAND = (sys.executable, "-P", "-m", "daffa.policy.proof")


def ask_solver(task: str, request: Mapping[str, Any]) -> dict[str, Any]:
    """The solver's answer to a task (``prove``, ``compare``). Raises ``Unavailable`` (``law_solver_silent``)."""
    said = json.dumps({"task": task, **request})
    try:
        ended = subprocess.run(_COMMAND, input=said, capture_output=True, text=True, timeout=_MOST_SECONDS, check=False)  # noqa: S603 - our own program
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unavailable("law_solver_silent", reason=str(error)) from error
    if ended.returncode != 0:
        last = ended.stderr.strip().rpartition("\n")[2]
        raise Unavailable("law_solver_silent", reason=last or f"exit code {ended.returncode}")
    try:
        answer: dict[str, Any] = json.loads(ended.stdout)
        known = answer.pop("task") == task
    except (ValueError, LookupError, TypeError, AttributeError):
        known = False
    if not known:
        raise Unavailable("law_solver_silent", reason=f"no answer to {task}")
    return answer
