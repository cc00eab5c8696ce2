"""A house whose log is cosigned by a witness of its own process, and entries whose details are erased."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from servers import daffa, serving

from daffa.worlds import World


def test_a_witness_cosigns_the_log_of_a_running_house(tmp_path: Path):
    """The house submits its checkpoints, the witness cosigns, and a stranger verifies both with a policy file."""
    house, witness = tmp_path / "house", tmp_path / "witness"
    with World.in_thread() as world:
        with serving(house, world.config()) as server:
            server.chat("hello")
            assert server.ask("GET", "/api/audit/witnesses").json["title"] == "no_witnesses"
        log_vkey = (house / "audit" / "log.vkey").read_text().strip()
        command = [sys.executable, "-m", "daffa", "audit", "witness", "--data", str(witness), "--log-vkey", log_vkey]
        process = subprocess.Popen([*command, "--name", "court.example/w", "--port", "0"], stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            told: dict[str, str] = {}
            while "ready" not in told:
                word, _, rest = process.stdout.readline().partition(" ")
                told[word] = rest.strip()
            url, vkey = told["ready"], told["vkey"]
            config = f'witness_quorum = 1\n{world.config()}\n[[witness]]\nvkey = "{vkey}"\nurl = "{url}"\n'
            with serving(house, config) as server:
                server.chat("hello")
                standing = server.ask("POST", "/api/audit/cosign", {}).json
                assert (standing["behind"], standing["degraded"]) == (0, False)
                assert daffa("audit", "cosign", "--data", str(house)).returncode == 0
                policy = daffa("audit", "cosign", "--policy", "--data", str(house)).stdout
        finally:
            process.terminate()
            process.communicate(timeout=30)
    (tmp_path / "policy").write_text(policy, encoding="utf-8")
    done = daffa("audit", "verify", "--data", str(house), "--policy", str(tmp_path / "policy"))
    assert done.returncode == 0, done.stderr
    assert "cosigned" in done.stdout


@pytest.mark.parametrize("running", [True, False])
def test_an_erased_entry_stays_in_the_log_and_says_nothing_more(tmp_path: Path, running: bool):
    """After an erasure the leaf still verifies, its details are gone, and the erasure has an entry of its own."""
    with World.in_thread() as world, serving(tmp_path, world.config()) as server:
        reference = server.chat("hello").headers["x-daffa-decision"]
        index = reference.rpartition("#")[2]
        assert server.ask("GET", f"/api/audit/entries/{index}").json["details"]["actor"]
        if not running:
            server.process.terminate()
            server.process.wait(timeout=30)
        done = daffa("audit", "erase", reference, "--reason", "asked by the person", "--data", str(tmp_path))
        assert done.returncode == 0, done.stderr
        recorded = done.stdout.split()[-1]
    with serving(tmp_path) as again:
        assert again.ask("GET", f"/api/audit/entries/{index}").json["details"] is None
        entry = again.ask("GET", f"/api/audit/entries/{recorded.rpartition('#')[2]}").json
        assert (entry["entry"]["kind"], str(entry["entry"]["erased"])) == ("erasure", index)
    assert daffa("audit", "verify", "--data", str(tmp_path)).returncode == 0
