"""The front door: what ``./daffa`` does before Daffa itself runs. Real shells, real environments, no network."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
WHEEL = "helm-1.0-py3-none-any.whl"


def run(*command, cwd=None, **environment):
    """Run a command to its end."""
    environment = {name: str(value) for name, value in environment.items()}
    return subprocess.run(command, cwd=cwd, env=clean() | environment, capture_output=True, text=True, check=False)


def clean():
    """The environment without what pip, uv or the caller of the tests have set for themselves."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "UV_", "SSL_", "ALL_PROXY", "PYTHON"))
    }


def write_script(path, text):
    """Write a shell script that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + textwrap.dedent(text), encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def tree(tmp_path):
    """A copy of the front door in a folder whose name has a space; its lock names one small package."""
    tree = tmp_path / "a country"
    shutil.copytree(ROOT / "scripts", tree / "scripts")
    shutil.copy(ROOT / "daffa", tree)
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    digest = make_wheel(wheels / WHEEL)
    (tree / "requirements.txt").write_text(f"helm==1.0 \\\n    --hash=sha256:{digest}\n", encoding="utf-8")
    (tree / "requirements-dev.txt").write_text("", encoding="utf-8")
    (tree / "src" / "daffa").mkdir(parents=True)
    (tree / "src" / "daffa" / "__main__.py").write_text(
        "import helm, os, sys\nprint(os.getcwd(), helm.WHERE, *sys.argv[1:])\n", encoding="utf-8"
    )
    return tree


def make_wheel(path, where="home"):
    """Write the smallest wheel that installs ``helm``; returns its SHA-256."""
    files = {
        "helm.py": f"WHERE = {where!r}\n",
        "helm-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: helm\nVersion: 1.0\n",
        "helm-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "helm-1.0.dist-info/RECORD": "helm.py,,\n",
    }
    with zipfile.ZipFile(path, "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


def offline(tree):
    """What makes pip look nowhere but in the wheels beside the tree."""
    return {"PYTHON": sys.executable, "PIP_NO_INDEX": 1, "PIP_FIND_LINKS": (tree.parent / "wheels").as_uri()}


def test_from_nothing_through_a_symlink_from_anywhere(tree):
    """From nothing, through a symbolic link and from another folder, a command runs where the caller stands."""
    link, elsewhere = tree.parent / "link", tree.parent / "elsewhere"
    link.symlink_to(tree / "daffa")
    elsewhere.mkdir()
    (elsewhere / "helm.py").write_text("raise SystemExit('imported from the folder of the caller')\n", encoding="utf-8")
    first = run(link, "sail", "two words", cwd=elsewhere, **offline(tree))
    assert first.stdout == f"{elsewhere} home sail two words\n", first.stderr
    assert "making .venv" in first.stderr
    assert max(len(line) for line in first.stderr.splitlines()) <= 80
    second = run(link, "again", cwd=elsewhere)
    assert (second.stdout, second.stderr) == (f"{elsewhere} home again\n", "")


def test_a_broken_off_start_is_begun_again_by_one_of_two(tree):
    """After a start that was killed, two runs at once both end well and only one of them makes the environment."""
    environment = clean() | {name: str(value) for name, value in offline(tree).items()}
    started = subprocess.Popen([tree / "daffa"], env=environment, stderr=subprocess.DEVNULL, start_new_session=True)
    while not (tree / ".venv" / "pyvenv.cfg").exists() and started.poll() is None:
        time.sleep(0.01)
    os.killpg(started.pid, signal.SIGKILL)
    started.wait()
    assert not (tree / ".venv" / "stamp").exists()
    both = [
        subprocess.Popen([tree / "daffa", "sail"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert [out.split()[-2:] for out, _ in said] == [["home", "sail"]] * 2
    assert sum("making .venv" in err for _, err in said) == 1


def test_a_changed_lock_is_installed_again(tree):
    """When the lock changes, the next command brings the environment up to it."""
    run(tree / "daffa", **offline(tree))
    digest = make_wheel(tree.parent / "wheels" / WHEEL, where="harbour")
    run(tree / ".venv" / "bin" / "python", "-m", "pip", "uninstall", "-qy", "helm")
    (tree / "requirements.txt").write_text(f"helm==1.0 --hash=sha256:{digest}\n", encoding="utf-8")
    again = run(tree / "daffa", "sail", **offline(tree))
    assert again.stdout.split()[-2:] == ["harbour", "sail"], again.stderr
    assert "making .venv" not in again.stderr


def test_a_package_with_other_bytes_is_refused(tree):
    """A package whose bytes are not those of the lock is not installed, and nothing of Daffa runs."""
    make_wheel(tree.parent / "wheels" / WHEEL, where="elsewhere")
    refused = run(tree / "daffa", "sail", **offline(tree))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.splitlines()[-1] == "daffa: could not install requirements.txt"
    assert not (tree / ".venv" / "stamp").exists()


def test_no_python_is_said_in_one_line(tree):
    """Where no Python is new enough, one line says what is needed."""
    old = write_script(tree.parent / "old", "exit 1")
    refused = run(tree / "daffa", "up", PYTHON=old)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "daffa: needs Python 3.11 or newer; to name one: PYTHON=/path/to/python3 ./daffa\n"


def test_a_missing_venv_module_is_said_in_one_line(tree):
    """Where Python lacks its venv module, one line names the Debian package, and nothing is left behind."""
    bare = write_script(tree.parent / "bare", f'case "$*" in *venv*) exit 1 ;; esac\nexec "{sys.executable}" "$@"')
    refused = run(tree / "daffa", "up", PYTHON=bare)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"daffa: {bare} lacks the venv module; on Debian: apt install python3-venv\n"
    assert not (tree / ".venv").exists()


def told(tree, configuration, **environment):
    """What uv is told, by variable, where pip is configured by a file and by the environment."""
    pytest.importorskip("pip")
    file = tree.parent / "pip.conf"
    file.write_text(configuration, encoding="utf-8")
    write_script(tree / ".venv" / "bin" / "python", f'exec "{sys.executable}" "$@"')
    write_script(tree / ".venv" / "bin" / "uv", "env")
    lines = run(tree / "scripts" / "uv", PIP_CONFIG_FILE=file, **environment).stdout.splitlines()
    told = dict(line.split("=", 1) for line in lines if "=" in line)
    return {name: value for name, value in told.items() if name.startswith(("UV_", "SSL_", "ALL_PROXY"))}


def test_uv_is_told_what_pip_has_configured(tree):
    """The indexes, certificates, hosts, proxy and patience that pip is configured with are uv's as well."""
    configuration = f"""
        [global]
        index-url = https://mirror.example/simple
        extra-index-url =
            https://one.example/simple
            https://two.example/simple
        find-links = {tree.parent}/wheels https://more.example
        cert = {tree.parent}/pip.conf
        trusted-host = mirror.example
        proxy = http://proxy.example:3128
        timeout = 7
        """
    assert told(tree, textwrap.dedent(configuration)) == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX": "https://one.example/simple https://two.example/simple",
        "UV_FIND_LINKS": f"{tree.parent}/wheels,https://more.example",
        "SSL_CERT_FILE": f"{tree.parent}/pip.conf",
        "UV_INSECURE_HOST": "mirror.example",
        "ALL_PROXY": "http://proxy.example:3128",
        "UV_HTTP_TIMEOUT": "7",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def test_the_nearer_word_is_heard(tree):
    """The environment is heard before pip's section for install, that before the global one, and uv's own words first."""
    configuration = "[global]\nindex-url = https://far\ncert = /far\n[install]\nindex-url = https://near\n"
    assert told(tree, configuration)["UV_DEFAULT_INDEX"] == "https://near"
    assert told(tree, configuration, PIP_INDEX_URL="https://here")["UV_DEFAULT_INDEX"] == "https://here"
    assert told(tree, configuration, UV_DEFAULT_INDEX="https://own")["UV_DEFAULT_INDEX"] == "https://own"


def test_an_index_in_a_folder_that_is_not_there_is_passed_over(tree):
    """A folder that is not there is kept from uv, which would stop at it where pip would not."""
    configuration = f"[global]\nextra-index-url = file:///nowhere/simple {tree.parent.as_uri()}\nfind-links = /nowhere\n"
    heard = told(tree, configuration)
    assert heard["UV_INDEX"] == tree.parent.as_uri()
    assert "UV_FIND_LINKS" not in heard
