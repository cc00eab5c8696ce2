"""``python -m daffa.worlds``: the three providers as a process of their own. Knows no options but the order of preference.

Prints the configuration, then ``# ready``, and serves until SIGTERM, SIGINT or the end of its parent.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import signal
import sys

import uvloop

from .world import World


async def _serve(prefer: tuple[str, ...]) -> None:
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    parent = os.getppid()
    async with World() as world:
        sys.stdout.write(world.config(prefer) + "# ready\n")
        sys.stdout.flush()
        while not ended.is_set() and os.getppid() == parent:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), 0.5)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m daffa.worlds", description="Three simulated providers on the loopback.")
    parser.add_argument("--prefer", default="home,price,speed", help="order among lawful models (default: %(default)s)")
    uvloop.run(_serve(tuple(parser.parse_args().prefer.split(","))))
