"""Power cuts: what a crash between the entry of a step and its effect leaves, and that the step can be taken again."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from lawmakers import FATIMA, OMAR, RUNNER, entries, opened
from tiny_law import FIRST, WIDER, write

TESTS = Path(__file__).resolve().parents[1]
# Takes steps until one of them has its entry, durable, and nothing else: there the process is killed.
CRASH = """
import asyncio, os, signal, sys
from pathlib import Path
from lawmakers import FATIMA, OMAR, RUNNER, opened
from tiny_law import WIDER
from daffa.lawmaking import Lawmaking

url, folder, fatal = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
enter = Lawmaking._enter

async def enter_and_die(self, action, details):
    reference = await enter(self, action, details)
    if action == fatal:
        os.kill(os.getpid(), signal.SIGKILL)
    return reference

Lawmaking._enter = enter_and_die

async def main():
    async with opened(url, folder) as (making, _):
        number = (await making.propose(FATIMA, "t", WIDER)).proposal.number
        await making.prove(FATIMA, number)
        await making.approve(OMAR, number)
        await making.load(RUNNER, number)
        await making.roll_back(RUNNER, (await making.history())[-1].digest, "a reason")

asyncio.run(main())
"""
STEPS = ["law_first", "law_proposed", "law_proved", "law_approved", "law_loaded", "law_rolled_back"]


@pytest.mark.parametrize("fatal", STEPS)
async def test_a_crash_after_the_entry_leaves_the_state_before_it(fresh, tmp_path, fatal):
    """Killed between entry and effect, the step has not been taken: the law in force is the one before; taken again, it is."""
    url, house = fresh(), tmp_path / "house"
    house.mkdir()
    write(house / "law", FIRST)
    command = [sys.executable, "-c", CRASH, url, str(house), fatal]
    ended = subprocess.run(command, env={"PYTHONPATH": str(TESTS)}, capture_output=True, text=True, check=False)
    assert ended.returncode == -signal.SIGKILL, ended.stderr
    done = STEPS.index(fatal)
    async with opened(url, house) as (making, log):
        said = [action for action, _ in await entries(log, house)]
        # Of a law that never came into force the next start says so: whoever reads the log need not guess.
        mended = {"law_first": ["law_step_failed", "law_first"], **{step: ["law_step_failed"] for step in STEPS[4:]}}
        assert said == STEPS[: done + 1] + mended.get(fatal, [])
        standing = await making.standing()
        assert making.law.bundle.digest == standing.in_force.digest
        assert making.law.bundle.version == ("2" if fatal == "law_rolled_back" else "1")
        assert [one.state for one in await making.proposals()] == (
            [] if done < 2 else ["loaded" if done == 5 else ("proposed", "proved", "approved")[done - 2]]
        )
        if fatal == "law_loaded":
            assert (await making.load(RUNNER, 1)).entry == log.reference(len(said))
            assert making.law.bundle.version == "2"
        if fatal == "law_proposed":
            assert (await making.propose(FATIMA, "t", WIDER)).proposal.number == 1
        if fatal == "law_approved":
            assert (await making.approve(OMAR, 1)).proposal.state == "approved"
