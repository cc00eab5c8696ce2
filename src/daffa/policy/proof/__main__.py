"""The process of the solver: one request as JSON on standard input, one answer as JSON on standard output. Keeps nothing."""

from __future__ import annotations

import importlib.metadata
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

from .comparing import compare
from .proving import prove
from .search import Undecided

_TASKS: dict[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {"prove": prove, "compare": compare}


def main() -> int:
    """Answer one request; exit code 3 where the solver came to no end."""
    request = json.load(sys.stdin)
    try:
        answer = _TASKS[request["task"]](request)
    except Undecided as error:
        sys.stderr.write(f"undecided: {error}\n")
        return 3
    json.dump({**answer, "task": request["task"], "solver": importlib.metadata.version("z3-solver")}, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
