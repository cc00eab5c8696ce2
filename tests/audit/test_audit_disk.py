"""When the disk refuses: the log fails closed, says why, and loses nothing that it acknowledged."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from daffa.audit import Audit, Reader, load_or_create_key
from daffa.audit.store import Store
from daffa.errors import Unavailable

FULL = """
import asyncio, json, resource, sys
from pathlib import Path
from daffa.audit import Audit, Decision, Outcome, load_or_create_key
from daffa.errors import Unavailable

def decision(size):
    return Decision("gateway", True, (), (), "p", 0, "x" * size, (), 0.0, {})

async def main(folder, limit):
    audit = Audit.open(folder, "example.ma/log", load_or_create_key(folder.parent / "log.key"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    acknowledged, codes = [], []
    for _ in range(40):
        results = await asyncio.gather(*[audit.decision(decision(60_000)) for _ in range(3)], return_exceptions=True)
        acknowledged += [result for result in results if isinstance(result, int)]
        codes += [result.code for result in results if not isinstance(result, int)]
    try:
        audit.outcome(Outcome(0, "", 0, 0, 0, 0, 0.0, {}))
    except Unavailable as error:
        codes.append("outcome " + error.code)
    try:
        await audit.flush()
    except Unavailable as error:
        codes.append("flush " + error.code)
    await audit.close()
    print(json.dumps([acknowledged, codes, audit.writable]))

asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
"""


@pytest.mark.parametrize("limit", [1 << 20, 2 << 20, 200_000])
def test_a_full_disk_refuses_and_loses_nothing(folder, limit):
    """When the disk takes no more, waiting and later entries fail with a code, and what was acknowledged is there."""
    folder.parent.mkdir(exist_ok=True)
    found = subprocess.run([sys.executable, "-c", FULL, folder, str(limit)], capture_output=True, text=True, check=True)
    acknowledged, codes, writable = json.loads(found.stdout)
    assert acknowledged == list(range(len(acknowledged)))
    assert len(acknowledged) + len(codes) == 122
    assert {"audit_unavailable", "outcome audit_unavailable", "flush audit_unavailable"} == set(codes)
    assert not writable
    Store(folder, "example.ma/log", load_or_create_key(folder.parent / "log.key")).close()
    assert Reader(folder).checkpoint().size >= len(acknowledged)
    assert Reader(folder).verify().damage == ()


async def test_tiles_that_cannot_be_written_stop_the_log(log, folder, decision, leaves, erasure):
    """When only the public files cannot be written, the log stops all the same, and the next opening makes them good."""
    audit = log()
    (folder / "tile").write_text("in the way")
    assert await audit.decision(decision()) == 0
    with pytest.raises(Unavailable, match="tile"):
        await audit.flush()
    with pytest.raises(Unavailable, match="tile"):
        await audit.decision(decision())
    with pytest.raises(Unavailable, match="tile"):
        await audit.erase(erasure(0))
    assert not audit.writable
    await audit.close()
    (folder / "tile").unlink()
    await log().close()
    assert len(leaves(folder)) == 1
    assert Reader(folder).verify().damage == ()


def test_a_folder_that_cannot_be_made_is_told(tmp_path, key):
    """A log that cannot be opened for the disk's sake says so, with the reason."""
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(Unavailable, match="file"):
        Audit.open(tmp_path / "file" / "audit", "example.ma/log", key)
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
