"""The command line in trouble: odd folders and files, strangers on an old port, closed pipes, Ctrl-C. No stack trace ever."""

from __future__ import annotations

import contextlib
import fcntl
import http.server
import io
import json
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from servers import daffa, serving

from daffa.cli import main

LIST = ("identity", "list", "keys")


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder on which a server ran and runs no more."""
    data = tmp_path_factory.mktemp("still")
    with serving(data):
        pass
    return data


class Here:
    """Commands run in this very process, which is sooner done."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch

    def run(self, *words: str, stdin: str = "") -> tuple[int, str, str]:
        """Exit code, output, complaints."""
        self._monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        code = main([*words, "--lang", "en"])
        return code, *self._capsys.readouterr()

    def complain(self, *words: str, stdin: str = "") -> str:
        """The one line of a command that fails."""
        code, output, complaint = self.run(*words, stdin=stdin)
        assert (code, output, complaint.count("\n")) == (1, "", 1), complaint
        return complaint


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Here:
    """Commands in this process."""
    return Here(capsys, monkeypatch)


# Folders and files


@pytest.mark.parametrize("words", [("up", "--port", "0"), LIST], ids=lambda words: words[0])
@pytest.mark.parametrize("name", ["file", "file/below"])
def test_a_data_folder_that_cannot_be_is_said(here: Here, tmp_path: Path, words: tuple[str, ...], name: str):
    """A file in the place of the folder is an error that names it."""
    (tmp_path / "file").write_text("x")
    assert str(tmp_path / "file") in here.complain(*words, "--data", str(tmp_path / name))
    assert (tmp_path / "file").read_text() == "x"


def test_a_settings_file_that_is_a_folder_is_said(here: Here, tmp_path: Path):
    """What cannot be read as a file is named."""
    (tmp_path / "daffa.toml").mkdir()
    assert "daffa.toml" in here.complain("up", "--port", "0", "--data", str(tmp_path))


@pytest.mark.parametrize("name", ["origin", "pepper", "log.key", "daffa.db", "admin.key"])
@pytest.mark.parametrize("broken", ["bytes", "folder", "missing"])
def test_a_broken_part_of_the_folder_is_said_or_mended(here: Here, still: Path, tmp_path: Path, name: str, broken: str):
    """Whatever happens to one of its files, a command answers or says in one line what is wrong."""
    data = tmp_path / "data"
    shutil.copytree(still, data)
    (data / name).unlink()
    if broken == "bytes":
        (data / name).write_bytes(b"garbage\xff\x00\n")
    elif broken == "folder":
        (data / name).mkdir()
    code, _, complaint = here.run(*LIST, "--data", str(data))
    assert code in (0, 1)
    assert complaint.count("\n") == code


# Who listens


@pytest.fixture
def stranger() -> Iterator[tuple[str, list[str]]]:
    """A server of somebody else, which says yes to everything; its address and the keys that it was shown."""
    shown: list[str] = []

    class Stranger(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            shown.append(self.headers.get("Authorization", ""))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"[]")

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Stranger) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", shown
        server.shutdown()


def test_the_administrators_key_is_shown_to_no_stranger(here: Here, still: Path, stranger: tuple[str, list[str]]):
    """The address that a killed server left is believed by nobody, whoever may listen there now."""
    url, shown = stranger
    (still / "server.json").write_text(json.dumps({"url": url, "pid": 1}))
    code, output, _ = here.run(*LIST, "--json", "--data", str(still))
    assert (code, shown) == (0, [])
    assert json.loads(output)["organisation"] == "home"


@pytest.mark.parametrize("content", ["[]", "{", '{"url":"http://host:abc"}', ""])
def test_an_odd_address_is_no_address(here: Here, still: Path, content: str):
    """What does not name a server is passed over, or said where somebody holds it; without it the files are opened."""
    (still / "server.json").write_text(content)
    with (still / "server.json").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        code, _, complaint = here.run(*LIST, "--data", str(still))
    assert complaint.count("\n") == code
    (still / "server.json").unlink()
    assert here.run(*LIST, "--data", str(still))[0] == 0


def test_a_killed_server_is_not_waited_for(tmp_path: Path):
    """After a kill the commands open the files, and the next server takes its place."""
    with serving(tmp_path) as server:
        server.kill()
    assert (tmp_path / "server.json").exists()
    assert daffa(*LIST, "--data", str(tmp_path)).returncode == 0
    with serving(tmp_path) as server:
        assert server.ask("GET", "/readyz").status == 200
        assert daffa(*LIST, "--data", str(tmp_path)).returncode == 0
    assert not (tmp_path / "server.json").exists()


@pytest.mark.parametrize("host", ["nonsense.invalid", "192.0.2.1", "a..b"])
def test_an_address_that_is_not_ours_is_said(here: Here, tmp_path: Path, host: str):
    """A host on which nobody can listen is named as such, not as taken; and nothing is made."""
    complaint = here.complain("up", "--port", "0", "--host", host, "--data", str(tmp_path / "new"))
    assert "cannot listen" in complaint
    assert host in complaint
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("port", ["70000", "-1", "99999999999999999999"])
def test_an_impossible_port_is_said(here: Here, tmp_path: Path, port: str):
    """A port is a number up to 65535."""
    assert "--port" in here.complain("up", "--port", port, "--data", str(tmp_path / "new"))


@pytest.mark.parametrize("host", ["::1", "0.0.0.0"])
def test_a_command_finds_a_server_on_any_host(tmp_path: Path, host: str):
    """Whatever address a server listens on, the commands in its folder reach it."""
    words = [sys.executable, "-m", "daffa", "up", "--port", "0", "--host", host, "--data", str(tmp_path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("ready http://")
            assert daffa(*LIST, "--data", str(tmp_path)).returncode == 0
        finally:
            process.terminate()


# Input, output and Ctrl-C


@pytest.mark.parametrize(
    "line", ['{"label":"\\ud800"}', '{"label":' + "[" * 100_000, '{"label":' + "9" * 5_000 + "}", "\ufeff{}"]
)
def test_an_odd_question_is_said(here: Here, still: Path, line: str):
    """Half characters, deep nesting and huge numbers are bad questions like any other."""
    assert here.complain("decide", "--data", str(still), stdin=line + "\n")


def test_a_last_day_of_all_is_no_crash(here: Here, still: Path):
    """A date beyond what a key can have is refused in one line."""
    words = ("identity", "add-key", "--organisation", "home", "--name", "x", "--role", "agent", "--expires", "9999-12-31")
    assert "expires" in here.complain(*words, "--data", str(still))


@pytest.mark.parametrize(
    ("words", "output", "code"),
    [
        ("identity list keys", "| true", 0),
        ("policy explain", "| head -1", 0),
        ("--help", "| true", 0),
        ("identity list keys", ">&-", 0),
        ("identity list keys", "> /dev/full", 1),
    ],
)
def test_output_that_nobody_takes_is_no_crash(still: Path, words: str, output: str, code: int):
    """A closed pipe is no error, a full disk is one, and neither is a stack trace."""
    data = "" if words == "--help" else f"--data {shlex.quote(str(still))}"
    line = f"{shlex.quote(sys.executable)} -m daffa {words} {data} {output}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code
    assert done.stderr.count("\n") == code, done.stderr


def test_a_server_whose_output_nobody_takes_serves(tmp_path: Path):
    """Whoever starts a server need not listen to it."""
    line = f"{shlex.quote(sys.executable)} -m daffa up --port 0 --data {shlex.quote(str(tmp_path))}"
    for output in ("| true", ">&-"):
        with subprocess.Popen(["bash", "-c", f"{line} {output}"], stderr=subprocess.PIPE, text=True) as process:
            end = time.monotonic() + 20
            while not (tmp_path / "server.json").exists():
                assert time.monotonic() < end
                time.sleep(0.05)
            assert daffa(*LIST, "--data", str(tmp_path)).returncode == 0
            signal_to(json.loads((tmp_path / "server.json").read_text())["pid"])
            assert process.communicate(timeout=30)[1] == ""


def signal_to(pid: int) -> None:
    """Ask a process to end."""
    subprocess.run(["kill", "-TERM", str(pid)], check=True)


# Whoever runs the tests in the background ignores SIGINT, and what is ignored is inherited.
LISTENING = """
import os, signal, sys
signal.signal(signal.SIGINT, signal.SIG_DFL)
os.execv(sys.argv[1], sys.argv[1:])
"""


@pytest.mark.parametrize("moment", ["start", "ready", "question"])
def test_ctrl_c_ends_quietly(tmp_path: Path, moment: str):
    """At any moment Ctrl-C ends a command without a word."""
    words = ["decide"] if moment == "question" else ["up", "--port", "0"]
    command = [sys.executable, "-m", "daffa", *words, "--data", str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", LISTENING, *command], text=True, **pipes) as process:
        made = {"start": "daffa.toml", "ready": "server.json", "question": "admin.key"}[moment]
        while not (tmp_path / made).exists():
            assert process.poll() is None
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.2)
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=30)
        assert (process.returncode, complaints) == (0 if moment == "ready" else 130, "")
