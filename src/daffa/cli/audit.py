"""``daffa audit``: verify the log, prove an entry, write a receipt, erase, have it cosigned, change its key, be a witness.

``verify``, ``prove`` and ``receipt`` read the log's public files alone.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import re
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from daffa import sentences
from daffa.audit import Audit, Reader, Trust, change_key, load_or_create_key, previous_key, retire_key, verify_receipt
from daffa.errors import Conflict, Invalid, NotFound

from . import witness
from .reach import reach, server_of

__all__ = ["add"]

Found = TypeVar("Found")

_REFERENCE = re.compile(r"(?P<origin>[^#\s]+)#(?P<index>[0-9]{1,18})")
_BROKEN = 2
_PUBLISHED_SECONDS = 3.0


def add(commands: Any, common: argparse.ArgumentParser) -> None:
    """Add the command group to the parser."""
    group = commands.add_parser("audit", help="the log: verify, prove, receipt").add_subparsers(required=True, metavar="ACTION")
    place = argparse.ArgumentParser(add_help=False)
    place.add_argument("--log", type=Path, metavar="DIR", help="folder of a log (audit in the data folder)")
    place.add_argument("--vkey", help="verifying key that you hold; without it the one beside the log is believed")

    verify = group.add_parser("verify", parents=[common, place], help="verify every entry, or a receipt")
    verify.add_argument(
        "--receipt", type=Path, metavar="FILE", help="a receipt to verify against --entry and --vkey, without the log"
    )
    verify.add_argument("--entry", type=Path, metavar="FILE", help="the entry that the receipt is for")
    verify.add_argument(
        "--policy", type=Path, metavar="FILE", help="whom you trust (C2SP tlog-policy): logs, witnesses, and how many of these"
    )
    verify.set_defaults(run=_verify)

    for name, run, told in (
        ("prove", _prove, "print an entry and its proof"),
        ("receipt", _receipt, "print a receipt (C2SP tlog-proof)"),
    ):
        parser = group.add_parser(name, parents=[common, place], help=told)
        parser.add_argument("reference", metavar="ORIGIN#INDEX", help="as in X-Daffa-Decision")
        parser.add_argument("--json", action="store_true", help="one JSON object")
        parser.set_defaults(run=run)

    rebuild = group.add_parser("rebuild", parents=[common], help="build the index anew from the log")
    rebuild.set_defaults(run=_rebuild)

    erase = group.add_parser("erase", parents=[common, place], help="erase the details of an entry for good; this is recorded")
    erase.add_argument("reference", metavar="ORIGIN#INDEX", help="as in X-Daffa-Decision")
    erase.add_argument("--reason", required=True, help="why; kept sealed in the log")
    erase.set_defaults(run=_erase)

    again = group.add_parser(
        "erase-again", parents=[common], help="erase all that the log says is erased: after a restore of keys"
    )
    again.set_defaults(run=_erase_again)

    cosign = group.add_parser("cosign", parents=[common], help="have the log cosigned now, and say where it stands")
    cosign.add_argument("--policy", action="store_true", help="only print what verifiers may trust, as a C2SP tlog-policy")
    cosign.add_argument("--json", action="store_true", help="one JSON object")
    cosign.set_defaults(run=_cosign)

    rotate = group.add_parser("rotate", parents=[common], help="give the log a new key; the server must not run")
    rotate.add_argument("--retire", action="store_true", help="end the time in which the old key still signs too")
    rotate.set_defaults(run=_rotate)
    witness.add(group, common)


def _verify(arguments: argparse.Namespace) -> int:
    if arguments.receipt or arguments.entry:
        return _verify_receipt(arguments)
    report = _reader(arguments).verify(arguments.vkey, _trust(arguments))
    for damage in report.damage:
        sys.stderr.write(f"daffa: {damage.say(arguments.lang)}\n")
    if report.damage:
        return _BROKEN
    root = base64.b64encode(report.root).decode()
    sys.stdout.write(f"verified {report.origin}\nentries  {report.size}\nroot     {root}\n")
    if report.cosigned is not None:
        sys.stdout.write(f"cosigned {report.cosigned}\n")
    return 0


def _verify_receipt(arguments: argparse.Namespace) -> int:
    for name in ("receipt", "entry"):
        if getattr(arguments, name) is None:
            raise Invalid("invalid_field", field=f"--{name}", expected="a file, given beside the other", got="nothing")
    receipt, entry = _content(arguments.receipt).decode("utf-8", "replace"), _content(arguments.entry)
    trust = _trust(arguments)
    vkey = arguments.vkey or ("" if trust and trust.logs else str(_reader(arguments).vkey()))
    # An editor adds a last line end to a file; the entry itself never ends in one.
    proven = verify_receipt(receipt, entry.rstrip(b"\n"), vkey, trust)
    sys.stdout.write(f"verified {proven.checkpoint.origin}#{proven.index}\n")
    for cosignature in proven.cosignatures:
        sys.stdout.write(f"cosigned {cosignature.key.name} {_time(cosignature.time)}\n")
    return 0


def _prove(arguments: argparse.Namespace) -> int:
    reader, index = _reader(arguments), _index(arguments)
    proof = _patiently(arguments, lambda: reader.prove(index))
    path = [base64.b64encode(step).decode() for step in proof.path]
    if arguments.json:
        whole = {"index": index, "entry": json.loads(proof.entry), "proof": path, "checkpoint": proof.checkpoint.note}
        sys.stdout.write(json.dumps(whole, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(proof.entry.decode() + "\n\n" + proof.receipt())
    return 0


def _receipt(arguments: argparse.Namespace) -> int:
    reader, index = _reader(arguments), _index(arguments)
    receipt = _patiently(arguments, lambda: reader.receipt(index))
    sys.stdout.write(json.dumps({"receipt": receipt}) + "\n" if arguments.json else receipt)
    return 0


def _rebuild(arguments: argparse.Namespace) -> int:
    with reach(arguments.data) as call:
        sys.stdout.write(f"indexed {call('POST', '/api/audit/rebuild', None)['entries']} entries\n")
    return 0


def _erase(arguments: argparse.Namespace) -> int:
    index = _index(arguments)
    with reach(arguments.data) as call:
        told = call("POST", "/api/audit/erase", {"index": index, "reason": arguments.reason})
    sys.stdout.write(f"erased   {arguments.reference}\nrecorded {told['reference']}\n")
    return 0


def _erase_again(arguments: argparse.Namespace) -> int:
    with reach(arguments.data) as call:
        sys.stdout.write(f"erased   {call('POST', '/api/audit/erase-again', None)['erasures']} entries again\n")
    return 0


def _cosign(arguments: argparse.Namespace) -> int:
    with reach(arguments.data) as call:
        if arguments.policy:
            sys.stdout.write(call("GET", "/api/audit/policy", None)["policy"])
            return 0
        standing = call("POST", "/api/audit/cosign", None)
    if arguments.json:
        sys.stdout.write(json.dumps(standing, ensure_ascii=False) + "\n")
    else:
        since = _time(standing["time"]) if standing["time"] else "-"
        sys.stdout.write(f"cosigned {standing['size']} {since}\nbehind   {standing['behind']}\n")
        for site in standing["witnesses"]:
            said = sentences.say(site["problem"], arguments.lang, **site["facts"]) if site["problem"] else "ok"
            sys.stdout.write(f"witness  {site['name']} {site['size']} {said}{' (on this machine)' if site['here'] else ''}\n")
    return int(standing["degraded"])


def _rotate(arguments: argparse.Namespace) -> int:
    if server_of(arguments.data):
        raise Conflict("log_has_a_writer", folder=str(arguments.data / "audit"))
    path = arguments.data / "log.key"
    if arguments.retire:
        retire_key(path)
    else:
        # Twice: a change that was interrupted is finished before the next one begins.
        _take_over(arguments, path)
        change_key(path)
        _take_over(arguments, path)
    sys.stdout.write(f"{_reader(arguments).vkey()}\n")
    return 0


def _take_over(arguments: argparse.Namespace, path: Path) -> None:
    """Open the log with its newest key, which makes the old one hand over, and close it."""
    folder = arguments.data / "audit"
    log = Audit.open(folder, Reader(folder).checkpoint().origin, load_or_create_key(path), previous_key(path))
    asyncio.run(log.close())


def _trust(arguments: argparse.Namespace) -> Trust | None:
    return Trust.parse(_content(arguments.policy).decode("utf-8", "replace")) if arguments.policy else None


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _reader(arguments: argparse.Namespace) -> Reader:
    return Reader(getattr(arguments, "log", None) or arguments.data / "audit")


def _index(arguments: argparse.Namespace) -> int:
    match = _REFERENCE.fullmatch(arguments.reference)
    origin = _reader(arguments).checkpoint(arguments.vkey).origin
    if match is None or match["origin"] != origin:
        raise Invalid("invalid_field", field="ORIGIN#INDEX", expected=f"{origin}#<number>", got=arguments.reference[:80])
    return int(match["index"])


def _patiently(arguments: argparse.Namespace, look: Callable[[], Found]) -> Found:
    """Look again for a moment where a server runs: an entry is durable at once, and public within a second or so."""
    end = time.monotonic() + (_PUBLISHED_SECONDS if server_of(arguments.data) else 0)
    while True:
        try:
            return look()
        except NotFound:
            if time.monotonic() >= end:
                raise
            time.sleep(0.1)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid("invalid_field", field=str(path), expected="a readable file", got=type(error).__name__) from error
