"""Changes of a log's key: how who holds an old key of a log comes by its new one. Knows no file and no private key.

C2SP has no format for this, so it is put together from what there is. A *handover* is the receipt of a ``rotation`` entry
under a checkpoint that the old key signed, with the entry itself in the line for extra data: the old key vouches for the
entry, and the entry names the new key. Whatever verifies receipts can check one.
"""

from __future__ import annotations

from collections.abc import Iterable

from daffa.errors import Invalid

from .entry import RotationLeaf, read_leaf
from .receipt import Receipt, read_receipt
from .vkey import VerifyingKey

__all__ = ["heirs"]


def heirs(key: VerifyingKey, handovers: Iterable[str]) -> list[VerifyingKey]:
    """The keys of the log from ``key`` on: itself first, the newest last. ``handovers`` are in the order of their making.

    Those that the newest key known so far did not sign are passed over: they came before it.
    Raises ``Invalid`` for one that it signed, or seems to have signed, and that does not hold.
    """
    keys = [key]
    for text in handovers:
        receipt = read_receipt(text)
        if receipt.signed_by(keys[-1]):
            keys.append(_named(receipt, keys[-1]))
    return keys


def _named(receipt: Receipt, old: VerifyingKey) -> VerifyingKey:
    receipt.check(receipt.extra, old)
    leaf = read_leaf(receipt.extra)
    if not isinstance(leaf, RotationLeaf):
        raise Invalid("receipt_unreadable", expected="a rotation entry")
    new = VerifyingKey.parse(leaf.vkey)
    if new.name != old.name:
        raise Invalid("receipt_unreadable", expected=f"a key of {old.name}")
    return new
