"""The egress lock: what the operating system may let out, drawn from the places of the catalogue. Pure; resolves nothing.

A Permit is an object of this process, not a boundary. These rules are one: they hold also for code that takes no Permit.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from .model import Model

__all__ = ["Destination", "destinations", "network_policy", "nftables", "systemd"]

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Destination:
    """One address and TCP port that may be reached, with the names that lead there and the places they stand for."""

    address: Address
    port: int
    hosts: tuple[str, ...]
    places: tuple[str, ...]

    def __str__(self) -> str:
        return f"{', '.join(self.hosts)} ({', '.join(self.places)})"


def destinations(models: Iterable[Model], resolve: Callable[[str], Iterable[str]]) -> list[Destination]:
    """Every address of the catalogue's models, each once. ``resolve`` gives the addresses of a host name.

    A model that the house serves itself has none: its engine listens on a Unix socket.

    What ``resolve`` raises passes through: a list that lacks an address would stop a lawful model.
    """
    found: dict[tuple[Address, int], list[tuple[str, str]]] = {}
    for model in models:
        if model.file is not None:
            continue
        url = urlsplit(model.url)
        host, port = str(url.hostname), url.port or {"https": 443, "http": 80}[url.scheme]
        for address in sorted(map(ipaddress.ip_address, resolve(host)), key=lambda a: (a.version, a)):
            found.setdefault((address, port), []).append((host, model.place))
    return [
        Destination(address, port, tuple(dict.fromkeys(h for h, _ in names)), tuple(dict.fromkeys(p for _, p in names)))
        for (address, port), names in found.items()
    ]


def nftables(allowed: list[Destination], *, user: str, resolvers: Iterable[str] = ()) -> str:
    """Rules for ``nft -f``: the account ``user`` (everybody where it is empty) reaches ``allowed`` and nothing else.

    ``resolvers`` are name servers (addresses) that may be asked, on port 53.
    """
    lines = ["table inet daffa_egress", "delete table inet daffa_egress", "table inet daffa_egress {"]
    for version, kind in ((4, "ipv4_addr"), (6, "ipv6_addr")):
        rows = [(f"{d.address} . {d.port}", d) for d in allowed if d.address.version == version]
        lines += [f"    set allowed{version} {{", f"        type {kind} . inet_service"]
        if rows:
            last = len(rows) - 1
            lines.append("        elements = {")
            lines += [f"            {row}{'' if n == last else ','}  # {d}" for n, (row, d) in enumerate(rows)]
            lines.append("        }")
        lines.append("    }")
    asked = [ipaddress.ip_address(resolver) for resolver in resolvers]
    jump = f'meta skuid "{user}" jump lock' if user else "jump lock"
    lines += [
        "    chain output {",
        "        type filter hook output priority filter; policy accept;",
        f"        {jump}",
        "    }",
    ]
    lines += ["    chain lock {", "        ct state established,related accept  # answers to clients"]
    lines += ["        ip daddr . tcp dport @allowed4 accept", "        ip6 daddr . tcp dport @allowed6 accept"]
    for resolver in asked:
        family = "ip" if resolver.version == 4 else "ip6"
        lines.append(f"        {family} daddr {resolver} meta l4proto {{ tcp, udp }} th dport 53 accept  # name server")
    return "\n".join([*lines, "        counter reject", "    }", "}", ""])


def systemd(allowed: list[Destination], *, resolvers: Iterable[str] = ()) -> str:
    """A drop-in for the service's unit: addresses only, since systemd does not filter ports."""
    lines = [
        "[Service]",
        "# Packets made by hand would pass beside the filter: no such socket, no such right.",
        "NoNewPrivileges=yes",
    ]
    lines += ["CapabilityBoundingSet=", "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6", "IPAddressDeny=any"]
    lines += ["# Clients: the network from which the service is reached belongs here too."]
    for resolver in resolvers:
        lines += ["# name server", f"IPAddressAllow={resolver}"]
    for address in dict.fromkeys(d.address for d in allowed):
        lines += [f"# {d}" for d in allowed if d.address == address] + [f"IPAddressAllow={address}"]
    return "\n".join([*lines, ""])


def network_policy(allowed: list[Destination], *, app: str, resolvers: Iterable[str] = ()) -> str:
    """A Kubernetes NetworkPolicy (YAML) for the pods labelled ``app``."""
    lines = ["apiVersion: networking.k8s.io/v1", "kind: NetworkPolicy", "metadata:", f"  name: {app}-egress", "spec:"]
    lines += ["  podSelector:", "    matchLabels:", f"      app: {app}", "  policyTypes: [Egress]"]
    rules: list[str] = []
    for destination in allowed:
        rules += [f"    # {destination}", *_rule(destination.address, [("TCP", destination.port)])]
    for resolver in resolvers:
        rules += ["    # name server", *_rule(ipaddress.ip_address(resolver), [("UDP", 53), ("TCP", 53)])]
    lines += ["  egress:", *rules] if rules else ["  egress: []"]
    return "\n".join([*lines, ""])


def _rule(address: Address, ports: list[tuple[str, int]]) -> list[str]:
    block = f"{address}/{address.max_prefixlen}"
    lines = ["    - to:", "        - ipBlock:", f"            cidr: {block}", "      ports:"]
    return [*lines, *(f"        - {{ protocol: {protocol}, port: {port} }}" for protocol, port in ports)]
