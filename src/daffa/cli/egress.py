"""``daffa egress rules``: what the operating system may let out, from the places. Looks up addresses; applies nothing."""

from __future__ import annotations

import argparse
import ipaddress
import socket
import sys
from typing import Any

from daffa.errors import Invalid, Unavailable

__all__ = ["add"]

_FORMS = ("nftables", "systemd", "kubernetes")


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command group to the parser."""
    group = commands.add_parser("egress", help="lock the way out: rules for the system").add_subparsers(
        required=True, metavar="ACTION"
    )
    rules = group.add_parser(
        "rules", parents=[common], help="print the rules that let out what the places allow and nothing else"
    )
    rules.add_argument("--form", choices=_FORMS, default="nftables", help="for whom (%(default)s)")
    rules.add_argument(
        "--user", default="daffa", help="nftables: the account that is locked in; '' locks everybody (%(default)s)"
    )
    rules.add_argument("--app", default="daffa", help="kubernetes: the label app of the pods (%(default)s)")
    rules.add_argument("--dns", action="append", default=[], metavar="ADDRESS", help="a name server that may be asked")
    rules.set_defaults(run=_rules)


def _rules(arguments: argparse.Namespace) -> int:
    # Only this command needs the catalogue: the others do not wait for it.
    from daffa import gateway
    from daffa.settings import read_settings

    for server in arguments.dns:
        _address(server)
    allowed = gateway.destinations(read_settings(arguments.data).models.values(), _resolve)
    match arguments.form:
        case "systemd":
            text = gateway.systemd(allowed, resolvers=arguments.dns)
        case "kubernetes":
            text = gateway.network_policy(allowed, app=arguments.app, resolvers=arguments.dns)
        case _:
            text = gateway.nftables(allowed, user=arguments.user, resolvers=arguments.dns)
    sys.stdout.write(text)
    return 0


def _address(text: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError as error:
        raise Invalid("invalid_field", field="--dns", expected="an IP address", got=text[:80]) from error


def _resolve(host: str) -> set[str]:
    """The addresses of a host name now: run the command again when they change."""
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    except OSError as error:
        raise Unavailable("host_unknown", host=host) from error
