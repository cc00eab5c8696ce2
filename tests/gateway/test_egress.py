"""The egress lock: what is drawn from the catalogue, and that a real kernel keeps to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from daffa.gateway import Destination, Model, destinations, network_policy, nftables, systemd

ADDRESSES = {"127.0.0.1": ["127.0.0.1"], "rabat.example": ["10.9.9.1", "fd00::1"], "api.example": ["10.9.9.2"]}


def model(name: str, url: str, place: str) -> Model:
    """A model of the catalogue."""
    return Model(id=name, wire="openai", url=url, upstream_model=name, place=place)


CATALOGUE = [
    model("home", "https://rabat.example/v1", "rabat"),
    model("home-2", "https://rabat.example:443/v1", "rabat-2"),
    model("abroad", "http://api.example:8080/v1", "paris"),
]


@pytest.fixture
def allowed() -> list[Destination]:
    """The destinations of the catalogue."""
    return destinations(CATALOGUE, ADDRESSES.__getitem__)


def test_every_address_of_the_catalogue_is_there_once(allowed: list[Destination]):
    """Two models at one address are one destination, with both places; default ports are known."""
    assert [(str(d.address), d.port, d.places) for d in allowed] == [
        ("10.9.9.1", 443, ("rabat", "rabat-2")),
        ("fd00::1", 443, ("rabat", "rabat-2")),
        ("10.9.9.2", 8080, ("paris",)),
    ]


def test_each_form_names_each_destination(allowed: list[Destination]):
    """nftables, systemd and Kubernetes are told the same addresses, and whose they are."""
    for text in (nftables(allowed, user="daffa"), systemd(allowed), network_policy(allowed, app="daffa")):
        for address in ("10.9.9.1", "fd00::1", "10.9.9.2"):
            assert address in text
        assert "api.example (paris)" in text


def test_no_model_means_no_way_out():
    """An empty catalogue allows nothing."""
    assert "elements" not in nftables([], user="")
    assert "IPAddressDeny=any" in systemd([])
    assert "egress: []" in network_policy([], app="daffa")


# A real kernel

REACH = """
import socket
TRIES = [("10.9.9.1", 443, "tcp"), ("10.9.9.2", 443, "tcp"), ("10.9.9.3", 443, "tcp"), ("10.9.9.3", 9, "udp")]
TRIES += [("10.9.9.3", 0, "raw")] if RAW else []
for host, port, kind in TRIES:
    try:
        if kind == "tcp":
            socket.create_connection((host, port), timeout=2).close()
        elif kind == "udp":
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.sendto(b"secret", (host, port))
        else:
            s = socket.socket(socket.AF_INET, socket.SOCK_RAW, 253); s.sendto(b"secret", (host, 0))
        print(host, kind, "out")
    except OSError as error:
        print(host, kind, "stopped")
"""


@pytest.fixture
def namespace() -> Iterator[list[str]]:
    """A network namespace with three addresses, each of which listens on port 443; gone afterwards."""
    if os.geteuid() != 0 or not shutil.which("nft") or not shutil.which("ip"):
        pytest.skip("needs root, iproute2 and nftables")
    name = f"daffa-egress-{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", name], check=False, capture_output=True).returncode:
        pytest.skip("this kernel lets nobody make a network namespace")
    inside = ["ip", "netns", "exec", name]
    listeners = []
    try:
        subprocess.run([*inside, "ip", "link", "set", "lo", "up"], check=True)
        for last in (1, 2, 3):
            subprocess.run([*inside, "ip", "address", "add", f"10.9.9.{last}/32", "dev", "lo"], check=True)
        script = "import socket,time;s=socket.create_server(('', 443), backlog=50);print('on',flush=True);time.sleep(60)"
        listeners.append(subprocess.Popen([*inside, sys.executable, "-c", script], stdout=subprocess.PIPE, text=True))
        assert listeners[0].stdout is not None
        assert listeners[0].stdout.readline() == "on\n"
        yield inside
    finally:
        for listener in listeners:
            listener.kill()
            listener.communicate()
        subprocess.run(["ip", "netns", "delete", name], check=False)


def reach(inside: list[str]) -> dict[tuple[str, str], str]:
    """What a program in the namespace can send where."""
    done = subprocess.run([*inside, sys.executable, "-c", "RAW = True" + REACH], capture_output=True, text=True, check=True)
    rows = [line.split() for line in done.stdout.splitlines()]
    return {(host, kind): what for host, kind, what in rows}


def test_a_deliberate_leak_is_stopped_by_the_kernel(namespace: list[str]):
    """With the rules on, a program reaches the listed address and nothing else, neither by TCP, UDP nor a raw socket."""
    listed = [model("home", "https://10.9.9.1/v1", "rabat")]
    rules = nftables(destinations(listed, lambda host: [host]), user="")
    assert set(reach(namespace).values()) == {"out"}
    subprocess.run([*namespace, "nft", "-f", "-"], input=rules, text=True, check=True)
    assert reach(namespace) == {
        ("10.9.9.1", "tcp"): "out",
        ("10.9.9.2", "tcp"): "stopped",
        ("10.9.9.3", "tcp"): "stopped",
        ("10.9.9.3", "udp"): "stopped",
        ("10.9.9.3", "raw"): "stopped",
    }
    subprocess.run([*namespace, "nft", "-f", "-"], input=rules, text=True, check=True)
    listed_now = [*namespace, "nft", "list", "table", "inet", "daffa_egress"]
    counted = subprocess.run(listed_now, capture_output=True, text=True, check=True)
    assert counted.stdout.count("chain lock") == 1


def test_only_the_named_account_is_locked_in(namespace: list[str]):
    """Rules for an account leave others alone."""
    rules = nftables([], user="nobody")
    subprocess.run([*namespace, "nft", "-f", "-"], input=rules, text=True, check=True)
    assert reach(namespace)["10.9.9.3", "tcp"] == "out"
    as_nobody = [*namespace, "setpriv", "--reuid=nobody", "--clear-groups", "/usr/bin/python3", "-c", "RAW = False" + REACH]
    done = subprocess.run(as_nobody, capture_output=True, text=True, check=False)
    assert "10.9.9.1 tcp stopped" in done.stdout, done.stderr
