"""``daffa up``: one worker with everything embedded. Knows the first start and the port; ``web`` does the rest."""

from __future__ import annotations

import argparse
import errno
import socket
from pathlib import Path
from typing import Any

from daffa.errors import Conflict, Unavailable

from .reach import ADDRESS

__all__ = ["add"]

_BACKLOG = 2048
_EXAMPLE = """\
# Daffa reads this file at start. Without a [[model]] it runs and has nobody to ask.
# Every setting is described in docs/settings.md.

# prefer = ["home", "price", "speed"]     # order among lawful models; the law filters first

# [[place]]                               # where a model runs: whose soil, whose control, whose law
# id = "rabat-1"
# hw = "MA"
# region = "MA-04"
# operator = "MA"
# reach = ["MA"]
# qual = 2
# key = "state"
# retention_days = 0
# trains = false

# [[model]]
# id = "mistral-small"                    # what clients ask for; "auto" lets Daffa choose
# wire = "openai"
# url = "http://127.0.0.1:9001/v1"
# upstream_model = "mistral-small-latest"
# key_env = "RABAT_KEY"                   # name of the variable that holds the upstream's key
# place = "rabat-1"
# price_in = 0.10                         # per million tokens
# price_out = 0.30
"""


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("up", parents=[common], help="start the server")
    parser.add_argument("--host", help="address to listen on (127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (8000; 0 takes a free one)")
    parser.set_defaults(run=_up)


def _up(arguments: argparse.Namespace) -> int:
    # The server's parts take a second to import; no other command shall wait for them.
    from daffa import web
    from daffa.settings import read_settings

    settings = read_settings(arguments.data, host=arguments.host, port=arguments.port)
    with _listen(settings.host, settings.port) as listener:
        _welcome(arguments.data)
        web.run(settings, listener, arguments.data / ADDRESS)
    return 0


def _welcome(data: Path) -> None:
    """At the first start, an example of a configuration to edit."""
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = data / "daffa.toml"
    if not path.exists():
        path.write_text(_EXAMPLE, encoding="utf-8")


def _listen(host: str, port: int) -> socket.socket:
    """A socket that listens from now on, and not once all is open: until then another server could still take the port."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, _, _, _, address = min(found, key=lambda info: info[0] != socket.AF_INET)
        both = family == socket.AF_INET6 and socket.has_dualstack_ipv6()
        # No SO_REUSEPORT: it would let a stale server take half of the connections in silence.
        return socket.create_server(address, family=family, backlog=_BACKLOG, dualstack_ipv6=both)
    except (OSError, UnicodeError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise Conflict("port_taken", host=host, port=port) from error
        raise Unavailable("cannot_listen", host=host, port=port, reason=str(error)) from error
