"""``daffa audit witness``: serve a witness for other houses' logs. Knows the address; ``audit`` knows when to cosign."""

from __future__ import annotations

import argparse
import socket
import sys
from typing import Any

from daffa.audit import KeyKind, VerifyingKey, Witness, WitnessFolder, witness_app
from daffa.errors import Conflict

__all__ = ["add"]

_KINDS = {"ml-dsa-44": KeyKind.ML_DSA_44, "ed25519": KeyKind.COSIGNATURE}


def add(group: Any, common: argparse.ArgumentParser) -> None:
    """Add the command to the group of the log."""
    parser = group.add_parser(
        "witness", parents=[common], help="serve a witness, which cosigns logs of others (docs/howto/witness.md)"
    )
    parser.add_argument("--name", required=True, help="the witness's name, such as witness.example.ma")
    parser.add_argument(
        "--log-vkey",
        required=True,
        action="append",
        metavar="VKEY",
        help="a log to cosign for, by its verifying key; may be repeated",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8001, help="port to listen on (%(default)s; 0 takes a free one)")
    parser.add_argument(
        "--key-type", choices=_KINDS, default="ml-dsa-44", help="of the key that the first start makes (%(default)s)"
    )
    parser.set_defaults(run=_witness)


def _witness(arguments: argparse.Namespace) -> int:
    # No other command shall wait for the server's parts.
    import uvicorn

    logs = [VerifyingKey.parse(line) for line in arguments.log_vkey]
    folder = WitnessFolder(arguments.data / "witness", arguments.name, _KINDS[arguments.key_type])
    try:
        app = witness_app(Witness(folder.cosigner, logs, folder), folder)
        config = uvicorn.Config(
            app, http="httptools", ws="none", lifespan="off", access_log=False, server_header=False, log_level="warning"
        )
        with _listen(arguments.host, arguments.port) as listener:
            host, port = listener.getsockname()[:2]
            sys.stdout.write(f"vkey  {folder.cosigner.vkey}\n")
            if host in ("127.0.0.1", "::1"):
                sys.stdout.write("this witness listens on this machine alone: good for tests, and proof of nothing to others\n")
            sys.stdout.write(f"ready http://{f'[{host}]' if ':' in host else host}:{port}\n")
            sys.stdout.flush()
            uvicorn.Server(config).run(sockets=[listener])
    finally:
        folder.close()
    return 0


def _listen(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise Conflict("port_taken", host=host, port=port) from error
