"""An engine's process: llama.cpp over one GGUF file, on one Unix socket, for as long as its parent lives.

Run as a script, with its orders in JSON as the one argument. Knows nothing of Daffa, and imports none of it: it holds the
model's memory and nothing else.
"""

from __future__ import annotations

import contextlib
import ctypes
import datetime
import importlib
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

# Linux: the signal that this process gets when its parent ends.
_PR_SET_PDEATHSIG = 1
# Errors and no more: a warning may quote what a request says.
_VERBOSITY = 1
# Each connection holds one, also while it is idle; a question behind the last would wait until one of those is closed (5 s).
_LISTENERS = 256
# Where memory runs out, the engine is to be ended before the house that holds the log.
_END_ME_FIRST = "500"


def main(orders: dict[str, Any]) -> None:
    """Load, say ``ready`` on the standard output, serve; end with the standard input, whose other end the parent holds."""
    word = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever else is printed belongs into the log
    socket = Path(orders["socket"])
    sys.stderr.write(f"{datetime.datetime.now(datetime.UTC):%Y-%m-%dT%H:%M:%SZ} serving {orders['file']}\n")
    _volunteer()
    # Loading holds the interpreter, so that nobody could see the input end.
    _end_with_parent(signal.SIGKILL)
    socket.unlink(missing_ok=True)
    _server = importlib.import_module("xllamacpp").Server(_parameters(orders))  # serves while it has a name
    _end_with_parent(0)
    with contextlib.suppress(OSError):  # the parent went in this very moment
        word.write("ready\n")
        word.flush()
        sys.stdin.buffer.read()
    with contextlib.suppress(OSError):  # another engine's socket still lies there: the last one cleans up
        socket.unlink()
        socket.parent.rmdir()
    os._exit(0)  # an answer that is under way would hold up a quiet end


def _parameters(orders: dict[str, Any]) -> Any:
    """How llama.cpp is to serve. ``context`` is for each request, and there are ``parallel`` at once."""
    parameters = importlib.import_module("xllamacpp").CommonParams()
    parameters.model.path = orders["file"]
    parameters.model_alias = {orders["name"]}  # else every answer would tell the path
    parameters.hostnames = [orders["socket"]]
    parameters.n_parallel = orders["parallel"]
    parameters.n_ctx = orders["context"] * orders["parallel"]
    if orders["threads"]:
        parameters.cpuparams.n_threads = parameters.cpuparams_batch.n_threads = orders["threads"]
    parameters.n_threads_http = _LISTENERS
    parameters.verbosity = _VERBOSITY
    parameters.ui = parameters.endpoint_slots = False
    parameters.offline = True  # what is not in the file is not fetched
    parameters.cache_idle_slots = False
    parameters.cache_ram_mib = 0  # else up to 8 GiB of old prompts are kept
    return parameters


def _volunteer() -> None:
    """Be the first that the kernel ends where memory runs out, on a system that asks."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(_END_ME_FIRST, encoding="ascii")


def _end_with_parent(number: int) -> None:
    """Have the kernel send the signal ``number`` when the parent ends, where it can; 0: none."""
    parent = os.getppid()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:
            sys.exit(1)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
