"""What the process of a tool cannot do, whatever its code tries; and that nothing of it stays."""

import contextlib
import datetime
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from daffa.errors import Unavailable
from daffa.packs import Tools

EXAMPLE = Path(__file__).parent / "data" / "example"
DAY = datetime.date(2026, 6, 1)

ESCAPE = Path(tempfile.gettempdir()) / "daffa-escape"

ESCAPES = {
    "open": "open('/etc/passwd').read()",
    "eval": "eval('1')",
    "import os": "import os",
    "import socket": "import socket",
    "relative import": "from . import x",
    "dunder import": "__import__('subprocess').run(['true'])",
    # Past the builtins, by way of a module that a tool may import.
    "os by a module": "import statistics; statistics.sys.modules['os'].listdir('/')",
    "write": f"import statistics; statistics.sys.modules['io'].open('{ESCAPE}', 'w').write('x')",
    "read": "import statistics; statistics.sys.modules['io'].open('/etc/passwd').read()",
    "posix": f"import statistics; statistics.sys.modules['posix'].mkfifo('{ESCAPE}')",
    "system": f"import statistics; statistics.sys.modules['os'].system('touch {ESCAPE}')",
    "fork": "import statistics; statistics.sys.modules['os'].fork()",
    "kill": "import statistics; statistics.sys.modules['os'].kill(1, 0)",
    "socket": ("import statistics; i = statistics.sys.modules['importlib'].import_module; s = i('_socket')\ns.socket()"),
    "ctypes": "import statistics; statistics.sys.modules['importlib'].import_module('ctypes')",
    "subprocess": "import statistics; statistics.sys.modules['importlib'].import_module('subprocess').run(['true'])",
    "builtin type": "import statistics; statistics.sys.modules['_io'].FileIO('/etc/passwd')",
    "hook": "import statistics; statistics.sys.addaudithook(lambda *a: None); statistics.sys.settrace(lambda *a: None)",
    "input": "input()",
}


@pytest.mark.parametrize("name", ESCAPES)
def test_a_tool_cannot_leave_its_process(run, name):
    """Files, sockets, processes and foreign modules are refused, by the builtins or past them; the caller learns of it."""
    with pytest.raises(Unavailable) as failed:
        run(f"{ESCAPES[name]}\nreturn at.result(1, 'x', [])")
    assert failed.value.code == "tool_failed"
    assert re.match(r"PermissionError|ImportError: a tool may not|ModuleNotFoundError|NameError", failed.value.facts["reason"])
    assert not ESCAPE.exists()


def test_the_kernel_lets_nothing_be_opened_even_without_the_interpreter(tmp_path):
    """With only the kernel's fence up, a process opens no file, pipe or socket, and writes none that is open."""
    script = f"""
import os, socket, sys
from daffa.packs.sandbox import limit_kernel
out = os.open({str(tmp_path / "open")!r}, os.O_WRONLY | os.O_CREAT)
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit_kernel(1.0)
for attempt in (
    lambda: os.open("/etc/passwd", os.O_RDONLY),
    lambda: os.open({str(tmp_path / "new")!r}, os.O_WRONLY | os.O_CREAT),
    os.pipe,
    socket.socket,
    lambda: os.write(out, b"x"),
    lambda: bytearray(1 << 29),
):
    try:
        attempt()
        os.write(1, b"through ")
    except (OSError, MemoryError) as error:
        os.write(1, type(error).__name__.encode() + b" ")
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.stdout.split() == ["OSError"] * 5 + ["MemoryError"], ran.stderr
    assert not (tmp_path / "new").exists()


def test_a_worker_that_was_killed_is_replaced(pack):
    """The death of the process between two calls is not seen by the caller."""
    with Tools([pack], workers=1) as tools:
        assert tools.call("example", "deadline", {}, day=DAY).value == 30
        worker = tools._workers[0]
        os.killpg(worker._process.pid, signal.SIGKILL)
        worker._process.wait()
        assert tools.call("example", "deadline", {}, day=DAY).value == 30


def test_nothing_stays_behind_when_the_house_is_killed():
    """The process of the tools ends with the one that asked it, however that one ends."""
    script = f"""
import datetime, os, signal
from pathlib import Path
from daffa.packs import Origin, Tools, read_pack
tools = Tools([read_pack(Path({str(EXAMPLE)!r}), Origin.SHIPPED)], workers=1)
tools.call("example", "deadline", {{}}, day=datetime.date(2026, 6, 1))
print(tools._workers[0]._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert ran.returncode == -signal.SIGKILL
    end = time.monotonic() + 20
    while alive(int(ran.stdout)):
        assert time.monotonic() < end
        time.sleep(0.02)


def alive(group):
    """Whether a process of the group does anything; one that has ended and that nobody has waited for does not."""
    states = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended since
            states.append(path.read_text().rpartition(")")[2].split())
    return any(int(state[2]) == group and state[0] != "Z" for state in states)


def test_nothing_stays_behind(pack):
    """When the tools are closed their processes are gone."""
    with Tools([pack]) as tools:
        tools.call("example", "deadline", {}, day=DAY)
        group = next(worker._process.pid for worker in tools._workers if worker._process)
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)
