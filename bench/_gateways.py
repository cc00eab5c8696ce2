"""The gateways under test: how each is configured and started. Knows nothing of load, rounds or figures.

Each starter gives a ``Running`` or raises ``AbsentError`` with the reason, which the bench prints and goes on.
"""

from __future__ import annotations

import http.client
import importlib
import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from _load import free_port, on_core

__all__ = ["AbsentError", "Place", "Running", "start_daffa", "start_litellm", "start_nginx", "start_passthrough"]

HERE = Path(__file__).parent

# The newest whose whole extra installs from the index used here. 1.82.7 and 1.82.8 were malware.
LITELLM = "1.106.12"
LITELLM_NEVER = {"1.82.7", "1.82.8", "1.107.0"}

UPSTREAM_KEY = "sk-upstream"


class AbsentError(Exception):
    """This yardstick cannot run here; the message says why and what would bring it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a gateway is started: an empty folder of its own, its core, the port of the upstream."""

    folder: Path
    core: int
    upstream: int


@dataclass(slots=True)
class Running:
    """A gateway that answers: its process, its port, the client's key, its version and its folder."""

    process: subprocess.Popen
    port: int
    key: str
    version: str
    folder: Path
    rss_mb: float = 0.0

    def stop(self) -> None:
        """End it gently; by force after ten seconds."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


NGINX = """\
daemon off;
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
    uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    keepalive_requests 1000000000;
    upstream model {{ server 127.0.0.1:{upstream}; keepalive 256; keepalive_requests 1000000000; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://model;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Authorization "Bearer {key}";
        }}
    }}
}}
"""


def start_nginx(place: Place) -> Running:
    """nginx, one worker, keep-alive on both sides; whole answers buffered, streams not (the upstream says so)."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        raise AbsentError("nginx is not installed: apt-get install nginx-light")
    port = free_port()
    conf = place.folder / "nginx.conf"
    conf.write_text(NGINX.format(folder=place.folder, upstream=place.upstream, port=port, key=UPSTREAM_KEY))
    said = subprocess.run([program, "-v"], capture_output=True, text=True, check=True).stderr
    process = _spawn([program, "-p", place.folder, "-c", conf, "-e", place.folder / "error.log"], place)
    _await_port(process, port, place)
    return Running(process, port, "none", said.rpartition("/")[2].strip(), place.folder)


def start_passthrough(place: Place) -> Running:
    """``passthrough.py``: uvicorn and aiohttp, forwarding and nothing else."""
    port = free_port()
    process = _spawn([sys.executable, HERE / "passthrough.py", str(port), f"http://127.0.0.1:{place.upstream}"], place)
    _await_port(process, port, place)
    versions = [f"{name} {importlib.metadata.version(name)}" for name in ("uvicorn", "aiohttp")]
    return Running(process, port, "none", ", ".join(versions), place.folder)


DAFFA_PLACE = """
[[place]]
id = "{id}"
hw = "{state}"
operator = "{state}"
reach = ["{state}"]
qual = {qual}
seal = {seal}
key = "{key}"
retention_days = {retention}
trains = false
"""

DAFFA_MODEL = """
[[model]]
id = "{id}"
wire = "openai"
url = "http://127.0.0.1:{port}/v1"
upstream_model = "{upstream_model}"
key_env = "BENCH_UPSTREAM_KEY"
place = "{place}"
price_in = {price}
price_out = {price}
context = 32768
capabilities = ["tools", "json_schema"]
"""


def daffa_toml(upstream: int) -> str:
    """Three places and four models, all of them on the one upstream; the models asked for stand at home."""
    rabat = {"id": "rabat-1", "state": "MA", "qual": 2, "seal": 4, "key": "state", "retention": 0}
    paris = {"id": "paris-1", "state": "FR", "qual": 0, "seal": 3, "key": "customer", "retention": 0}
    virginia = {"id": "virginia-1", "state": "US", "qual": 0, "seal": 0, "key": "provider", "retention": 30}
    models = [
        {"id": "bench", "upstream_model": "bench-upstream", "place": "rabat-1", "price": 0.1},
        {"id": "bench-paced", "upstream_model": "bench-upstream-paced", "place": "rabat-1", "price": 0.3},
        {"id": "bench-paris", "upstream_model": "bench-upstream", "place": "paris-1", "price": 0.2},
        {"id": "bench-virginia", "upstream_model": "bench-upstream", "place": "virginia-1", "price": 0.05},
    ]
    rows = [DAFFA_PLACE.format(**row) for row in (rabat, paris, virginia)] + [
        DAFFA_MODEL.format(port=upstream, **row) for row in models
    ]
    return 'prefer = ["home", "price"]\n' + "".join(rows)


def _key_of_an_office(port: int, administrator: str) -> str:
    """A key whose organisation may send persons abroad under pseudonyms, for the workload that masks; else as any."""
    floor = "level=internal; basis=consent"
    made: dict[str, object] = {}
    for path, wanted in (
        ("/api/organisations", {"id": "bench", "name": "bench", "region": "MA-04", "floor": floor}),
        ("/api/keys", {"organisation": "bench", "name": "bench", "roles": ["agent"], "floor": floor}),
    ):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        headers = {"Authorization": f"Bearer {administrator}", "Content-Type": "application/json"}
        connection.request("POST", path, json.dumps(wanted), headers)
        made = json.loads(connection.getresponse().read())
        connection.close()
    return str(made["token"])


def start_daffa(place: Place) -> Running:
    """``python -m daffa up``, one worker, everything on, a fresh folder."""
    if importlib.util.find_spec("daffa") is None or importlib.util.find_spec("daffa.__main__") is None:
        raise AbsentError("`python -m daffa` does not exist in this environment; run the bench with the repository's own")
    data = place.folder / "data"
    data.mkdir(mode=0o700)
    (data / "daffa.toml").write_text(daffa_toml(place.upstream))
    port = free_port()
    command = [sys.executable, "-m", "daffa", "up", "--data", data, "--port", str(port)]
    process = _spawn(command, place, {"BENCH_UPSTREAM_KEY": UPSTREAM_KEY})
    _await_port(process, port, place)
    key = _key_of_an_office(port, (data / "admin.key").read_text().strip())
    return Running(process, port, key, str(importlib.import_module("daffa").__version__), data)


LITELLM_CONFIG = """\
model_list:
  - model_name: bench
    litellm_params: {{model: openai/bench-upstream, api_base: "http://127.0.0.1:{upstream}/v1", api_key: {key}}}
  - model_name: bench-paced
    litellm_params: {{model: openai/bench-upstream-paced, api_base: "http://127.0.0.1:{upstream}/v1", api_key: {key}}}
general_settings: {{master_key: sk-bench}}
litellm_settings: {{telemetry: false, set_verbose: false}}
"""


def start_litellm(place: Place, environment: Path) -> Running:
    """LiteLLM's proxy, one worker, a master key, no database, from an environment of its own in ``environment``."""
    program = install_litellm(environment)
    port = free_port()
    config = place.folder / "config.yaml"
    config.write_text(LITELLM_CONFIG.format(upstream=place.upstream, key=UPSTREAM_KEY))
    command = [program, "--config", config, "--host", "127.0.0.1", "--port", str(port)]
    command += ["--num_workers", "1", "--telemetry", "False"]
    process = _spawn(command, place, {"LITELLM_LOG": "ERROR", "LITELLM_LOCAL_MODEL_COST_MAP": "True"})
    _await_port(process, port, place, patience=180)
    return Running(process, port, "sk-bench", LITELLM, place.folder)


def install_litellm(environment: Path) -> Path:
    """The ``litellm`` command of ``environment``, made on first use (about 740 MB; minutes)."""
    if LITELLM in LITELLM_NEVER:
        raise AbsentError(f"litellm {LITELLM} is a release known to be malware")
    program, done = environment / "bin" / "litellm", environment / f"installed-{LITELLM}"
    if not done.exists():
        print(f"installing litellm {LITELLM} into {environment}", file=sys.stderr)
        steps = [
            [sys.executable, "-m", "venv", "--clear", environment],
            [environment / "bin" / "python", "-m", "pip", "install", "-q", f"litellm[proxy]=={LITELLM}"],
        ]
        for step in steps:
            made = subprocess.run(step, capture_output=True, text=True, check=False)
            if made.returncode:
                last = (made.stderr.strip().splitlines() or ["no message"])[-1]
                raise AbsentError(f"litellm {LITELLM} could not be installed: {last[:300]}")
        done.touch()
    return program


def _spawn(command: list[object], place: Place, more: dict[str, str] | None = None) -> subprocess.Popen:
    """Start ``command`` on the gateway's core; what it says goes to ``said.log`` in its folder."""
    with (place.folder / "said.log").open("wb") as log, on_core(place.core):
        return subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=os.environ | (more or {}),
        )


def _await_port(process: subprocess.Popen, port: int, place: Place, patience: float = 60) -> None:
    """Return once an HTTP server answers on ``port``; ``AbsentError`` with its last words when it ends or stays silent."""
    end = time.monotonic() + patience
    while time.monotonic() < end and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse()
        except OSError:
            time.sleep(0.2)
        else:
            return
        finally:
            connection.close()
    why = "ended" if process.poll() is not None else f"did not answer in {patience:.0f} s"
    process.kill()
    process.wait()
    words = (place.folder / "said.log").read_text(errors="replace").strip().splitlines()[-4:]
    raise AbsentError(f"{Path(process.args[0]).name} {why}: {' / '.join(words)[-500:] or 'without a word'}")
