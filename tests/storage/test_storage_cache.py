"""What takes long to make: kept whole or made again, and never taken from anybody else."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daffa.storage import Cache

OF = b"what it is made of"


def never():
    """Nothing is to be made."""
    raise AssertionError("made again")


@given(st.binary(max_size=300), st.integers(0, 400), st.binary(min_size=1, max_size=3))
def test_what_is_kept_comes_back_as_it_was_or_not_at_all(tmp_path_factory, content, at, other):
    """What was made is read again byte for byte; with any bytes of its file changed or cut off, it is made again."""
    folder = tmp_path_factory.mktemp("kept") / "cache"
    assert Cache(folder).kept("words", OF, lambda: content) == content
    assert Cache(folder).kept("words", OF, never) == content
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    for damaged in (whole[:at], whole[:at] + other + whole[at + len(other) :]):
        file.write_bytes(damaged)
        if damaged != whole:
            assert Cache(folder).kept("words", OF, lambda: b"made again") == b"made again"
            file.write_bytes(whole)


def test_another_origin_is_another_content(tmp_path):
    """What was made of something else is not what is asked for; of one name the last four are kept."""
    cache = Cache(tmp_path / "cache")
    for number in range(9):
        assert cache.kept("words", b"%d" % number, lambda number=number: b"made of %d" % number) == b"made of %d" % number
    assert cache.kept("shapes", OF, lambda: b"beside") == b"beside"
    assert len(list((tmp_path / "cache").glob("words.*"))) == 4
    assert cache.kept("words", b"8", never) == b"made of 8"
    assert cache.kept("words", b"0", lambda: b"once more") == b"once more"


@pytest.mark.parametrize("what", ["folder", "file", "link"])
def test_what_others_could_have_written_is_not_read(tmp_path, what):
    """A file that others may write, one in a folder that they may write, and a link are passed over."""
    folder = tmp_path / "cache"
    Cache(folder).kept("words", OF, lambda: b"ours")
    (file,) = folder.iterdir()
    if what == "link":
        file.rename(tmp_path / "elsewhere")
        file.symlink_to(tmp_path / "elsewhere")
    else:
        (folder if what == "folder" else file).chmod(0o777 if what == "folder" else 0o666)
    assert Cache(folder).kept("words", OF, lambda: b"made again") == b"made again"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_what_is_somebody_elses_is_not_read(tmp_path):
    """A file of another owner is passed over."""
    Cache(tmp_path / "cache").kept("words", OF, lambda: b"ours")
    (file,) = (tmp_path / "cache").iterdir()
    os.chown(file, 12345, -1)
    assert Cache(tmp_path / "cache").kept("words", OF, lambda: b"made again") == b"made again"


def test_a_disk_that_takes_nothing_is_no_error(tmp_path):
    """Where nothing can be kept, it is made each time."""
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert [Cache(tmp_path / "cache").kept("words", OF, lambda: b"made") for _ in range(2)] == [b"made", b"made"]


def test_a_writer_that_is_killed_leaves_nothing_half(tmp_path):
    """Whoever is killed while it writes leaves a name that nobody reads, and that goes when the next one writes."""
    code = (
        "import os, pathlib, sys\n"
        "from daffa.storage import Cache\n"
        "pathlib.Path.replace = lambda *_: os.kill(os.getpid(), 9)\n"
        "Cache(pathlib.Path(sys.argv[1])).kept('words', b'what it is made of', lambda: b'half')\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(tmp_path / "cache")], check=False).returncode == -9
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".new"]
    assert Cache(tmp_path / "cache").kept("words", OF, lambda: b"whole") == b"whole"
    (file,) = (tmp_path / "cache").iterdir()
    assert file.read_bytes().endswith(b"whole")
