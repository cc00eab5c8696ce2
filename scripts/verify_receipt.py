"""Verifies a receipt offline, without Daffa: this file, Python and ``cryptography`` are all it needs.

    python verify_receipt.py RECEIPT ENTRY --vkey VKEY [--witness VKEY ... --quorum N]
    python verify_receipt.py RECEIPT ENTRY --policy FILE

RECEIPT is a C2SP tlog-proof, ENTRY the entry that it is for, VKEY a verifying key: the log's, a witness's. FILE is a C2SP
tlog-policy whose quorum is one group of witnesses, or none. Exit code: 0 where all holds, else 1.
"""

import argparse
import base64
import sys
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

try:
    from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey
except ImportError:
    MLDSA44PublicKey = None  # before version 47 of cryptography: Ed25519 alone

LOG, ED25519, ML_DSA_44 = 1, 4, 6
Vkey = tuple[str, bytes, int, bytes]


class No(Exception):
    """What does not hold."""


def decoded(text: str) -> bytes:
    """The bytes of standard base64."""
    return base64.b64decode(text, validate=True)


def read_vkey(line: str) -> Vkey:
    """``name+id+base64(type, key)`` as (name, id, type, key)."""
    name, key_id, encoded = line.strip().split("+", 2)
    blob = decoded(encoded)
    if sha256(name.encode() + b"\n" + blob).digest()[:4].hex() != key_id:
        raise No(f"the key id in the vkey of {name} is wrong")
    return name, bytes.fromhex(key_id), blob[0], blob[1:]


def message(kind: int, name: str, time: int, text: str) -> bytes:
    """What is signed: by a log the text itself, by a witness a statement about it."""
    if kind == LOG:
        return text.encode()
    if kind == ED25519:
        return f"cosignature/v1\ntime {time}\n{text}".encode()
    origin, size, root = text.split("\n")[:3]
    who, what = [bytes([len(part.encode())]) + part.encode() for part in (name, origin)]
    when, start, end = [number.to_bytes(8, "big") for number in (time, 0, int(size))]
    return b"subtree/v1\n\0" + who + when + what + start + end + decoded(root)


def signed(vkey: Vkey, text: str, signatures: list[tuple[str, bytes]]) -> bool:
    """Whether the key signed the text. What stands as its signature and is none is an error."""
    name, key_id, kind, public = vkey
    mine = [signature for signer, signature in signatures if signer == name and signature[:4] == key_id]
    for signature in mine:
        time, rest = (0, signature[4:]) if kind == LOG else (int.from_bytes(signature[4:12], "big"), signature[12:])
        if kind == ML_DSA_44 and MLDSA44PublicKey is None:
            raise No(f"the installed cryptography cannot check the ML-DSA-44 signature of {name}")
        if kind not in (LOG, ED25519, ML_DSA_44) or (kind != LOG and not 0 < time < 1 << 63):
            raise No(f"the signature of {name} is of no known kind")
        key = (MLDSA44PublicKey if kind == ML_DSA_44 else Ed25519PublicKey).from_public_bytes(public)
        try:
            key.verify(rest, message(kind, name, time, text))
        except InvalidSignature:
            raise No(f"the signature of {name} does not hold") from None
    return bool(mine)


def root_of(entry: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """The root to which the path leads from the entry (RFC 9162, 2.1.3.2); none where it has a wrong length."""
    if not 0 <= index < size:
        raise No("the index lies outside the checkpoint")
    place, last, seen = index, size - 1, sha256(b"\0" + entry).digest()
    for step in path:
        if last == 0:
            return b""
        if place & 1 or place == last:
            seen = sha256(b"\1" + step + seen).digest()
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            seen = sha256(b"\1" + seen + step).digest()
        place, last = place >> 1, last >> 1
    return seen if last == 0 else b""


def verify(receipt: str, entry: bytes, logs: list[Vkey], witnesses: list[Vkey], quorum: int) -> tuple[str, list[str]]:
    """The reference of the entry and the names of the witnesses. Raises ``No``."""
    head, _, note = receipt.partition("\n\n")
    lines = [line for line in head.split("\n") if not line.startswith("extra ")]
    text, blank, tail = note.rpartition("\n\n")
    if not blank or lines[0] != "c2sp.org/tlog-proof@v1" or not lines[1].startswith("index "):
        raise No("this is no receipt")
    text += "\n"
    signatures = [(line.split(" ")[1], decoded(line.split(" ")[2])) for line in tail.removesuffix("\n").split("\n")]
    origin, size, root = text.split("\n")[:3]
    if not any(vkey[0] == origin and vkey[2] == LOG and signed(vkey, text, signatures) for vkey in logs):
        raise No(f"no trusted key of {origin} signed the checkpoint")
    index = int(lines[1].removeprefix("index "))
    if root_of(entry, index, int(size), [decoded(line) for line in lines[2:]]) != decoded(root):
        raise No("the proof does not lead from this entry to the signed root")
    # By its key: a witness counts once, whatever it is called.
    names = {vkey[3]: vkey[0] for vkey in witnesses if vkey[2] != LOG and signed(vkey, text, signatures)}
    if len(names) < quorum:
        raise No(f"{quorum} witnesses are needed, {len(names)} have cosigned")
    return f"{origin}#{index}", list(names.values())


def read_policy(text: str) -> tuple[list[Vkey], list[Vkey], int]:
    """The logs, the witnesses of the quorum, and how many of these are needed."""
    rows = [line.split() for line in text.split("\n") if line.strip() and line.strip()[0] != "#"]
    logs = [read_vkey(row[1]) for row in rows if row[0] == "log"]
    named = {row[1]: read_vkey(row[2]) for row in rows if row[0] == "witness"}
    groups = {row[1]: row[2:] for row in rows if row[0] == "group"}
    (name,) = [row[1] for row in rows if row[0] == "quorum"]
    needed, *members = groups.get(name, ["all"] if name == "none" else ["1", name])
    if not set(members) <= named.keys() or len(set(members)) < len(members):
        raise No("only a quorum of one group of witnesses is understood here")
    return logs, [named[member] for member in members], {"any": 1, "all": len(members)}.get(needed) or int(needed)


def main() -> None:
    """Read the words of the command and say what holds."""
    parser = argparse.ArgumentParser(description="Verify a receipt (C2SP tlog-proof) offline.")
    for name in ("receipt", "entry"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--vkey", action="append", default=[], help="verifying key of the log; one of several must have signed")
    parser.add_argument("--witness", action="append", default=[], metavar="VKEY", help="verifying key of a trusted witness")
    parser.add_argument("--quorum", type=int, default=0, help="how many of the witnesses must have cosigned")
    parser.add_argument("--policy", type=Path, help="C2SP tlog-policy, in place of the other three")
    given = parser.parse_args()
    try:
        logs, witnesses = [[read_vkey(line) for line in lines] for lines in (given.vkey, given.witness)]
        trust = read_policy(given.policy.read_text("utf-8")) if given.policy else (logs, witnesses, given.quorum)
        reference, names = verify(given.receipt.read_text("utf-8"), given.entry.read_bytes().rstrip(b"\n"), *trust)
    except (No, OSError, ValueError, IndexError, KeyError) as error:
        sys.exit(f"does not hold: {error if isinstance(error, (No, OSError)) else f'what was given is unreadable: {error!r}'}")
    print(f"verified {reference}" + "".join(f"\ncosigned {name}" for name in names))


if __name__ == "__main__":
    main()
