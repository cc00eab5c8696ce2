"""Hashed n-grams of words, weighed and summed: text in, whole numbers out. Knows no probability and no cache.

A feature is a run of 2 to 5 characters inside one word, with a mark at each end of the word, so the sum of a text is the
sum of its words: what is computed for a word alone holds in every text. Weights are small whole numbers; up to three
classes share one 64-bit number, 21 bits each, so that one look-up and one addition serve all three.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from .letters import DELETED, NEWLINE, SCRIPTS, folding, spelled_out, weights_of_letters

__all__ = ["BUCKET_BITS", "CHUNK", "LANES", "ORDERS", "count_letters", "ngrams", "pack", "split", "units_of", "weigh"]

ORDERS: Final = (2, 3, 4, 5)
BUCKET_BITS: Final = 16
LANES: Final = 3
CHUNK: Final = 2000
"""Units summed at once: 2,000 x 4 orders x 127 fits in a lane of 21 bits with its sign."""

_PRIME = np.uint32(0x01000193)
_SHIFT = np.uint32(32 - BUCKET_BITS)
_SCATTER = tuple(np.uint32(odd) for odd in (0x9E3779B1, 0x85EBCA77, 0xC2B2AE3D, 0x27D4EB2F))
_LANE = 21

Units = NDArray[np.uint16]
Whole = NDArray[np.int64]


def units_of(texts: Sequence[str]) -> tuple[Units, NDArray[np.intp]]:
    """UTF-16 units of ``texts``, a newline after each, and where each begins."""
    joined = "\n".join(texts)
    if joined.count("\n") != len(texts) - 1:
        joined = "\n".join([text.replace("\n", " ") for text in texts])
    units = np.frombuffer((spelled_out(joined) + "\n").encode("utf-16-le"), np.uint16)
    ends = np.flatnonzero(units == ord("\n"))
    starts = np.zeros(len(texts), np.intp)
    starts[1:] = ends[:-1] + 1
    return units, starts


def count_letters(units: Units, starts: NDArray[np.intp]) -> Whole:
    """Letters by script of each text: shape ``(texts, 4)``."""
    packed = weights_of_letters()[units]
    pieces, owners = _pieces(starts, len(units))
    sums = np.add.reduceat(packed, pieces)
    lanes = np.stack([(sums >> (16 * script)) & 0xFFFF for script in range(len(SCRIPTS) + 1)], axis=1)
    return _gathered(lanes, owners, len(starts))


def ngrams(units: Units, script: int) -> tuple[NDArray[np.uint32], NDArray[np.uint8], NDArray[np.intp]]:
    """The n-grams of one script.

    Returns:
        the bucket of the n-gram of each order that ends at each unit, shape ``(4, units)``, 0 for none;
        how many n-grams end at each unit; where each text begins. Deleted characters are gone from all three.
    """
    codes, starts = _codes(units, script)
    inside = codes != 0
    padded = np.zeros(len(codes) + 4, np.uint32)  # four gaps before: no n-gram reaches back over the beginning
    padded[4:] = codes
    before = np.zeros(len(codes) + 3, np.bool_)
    before[3:] = inside[: len(codes)]
    one, two, three = before[2:-1], before[1:-2], before[0:-3]
    valid = np.empty((len(ORDERS), len(codes)), np.bool_)
    np.logical_or(one, inside, out=valid[0])
    valid[1] = one
    np.logical_and(one, two, out=valid[2])
    np.logical_and(valid[2], three, out=valid[3])
    buckets = np.empty((len(ORDERS), len(codes)), np.uint32)
    rolling = padded[:-1] * _PRIME + padded[1:]
    for row, order in enumerate(ORDERS):
        if row:
            rolling = rolling[:-1] * _PRIME + padded[order - 1 :]
        tail = rolling[5 - order :]
        np.multiply(tail, _SCATTER[row], out=buckets[row])
    buckets >>= _SHIFT
    buckets *= valid
    return buckets, valid.view(np.uint8).sum(axis=0, dtype=np.uint8), starts


def _codes(units: Units, script: int) -> tuple[Units, NDArray[np.intp]]:
    codes = folding(script)[units]
    deleted = codes == DELETED
    if deleted.any():
        codes = codes[~deleted]
    ends = np.flatnonzero(codes == NEWLINE)
    codes[ends] = 0
    _drop_numbers(codes)
    starts = np.zeros(len(ends), np.intp)
    starts[1:] = ends[:-1] + 1
    return codes, starts


def _drop_numbers(codes: Units) -> None:
    """Digits tell Arabizi inside a word; a word of digits and apostrophes alone tells nothing and becomes a gap."""
    bare = np.flatnonzero(((codes - np.uint16(0x30)) < 10) | (codes == ord("'")))
    if not len(bare):
        return
    breaks = np.flatnonzero(np.diff(bare) != 1)
    first = bare[np.concatenate(([0], breaks + 1))]
    last = bare[np.concatenate((breaks, [len(bare) - 1]))]
    alone = (codes[first - 1] == 0) & (codes[last + 1] == 0)  # the last unit is a gap: it stands before the first one too
    codes[bare[np.repeat(alone, last - first + 1)]] = 0


def weigh(units: Units, script: int, tables: Sequence[Whole]) -> tuple[Whole, Whole]:
    """Sums of each text under packed ``tables``: shape ``(texts, 3 x tables)``, and its number of n-grams ``(texts,)``."""
    buckets, counts, starts = ngrams(units, script)
    pieces, owners = _pieces(starts, len(counts))
    sums = np.empty((len(tables), len(pieces)), np.int64)
    for row, table in enumerate(tables):
        gathered = table.take(buckets[0])
        for order in buckets[1:]:
            gathered += table.take(order)
        np.add.reduceat(gathered, pieces, out=sums[row])
    numbers = np.add.reduceat(counts, pieces, dtype=np.int64)
    return _gathered(split(sums), owners, len(starts)), _gathered(numbers, owners, len(starts))


def pack(columns: NDArray[np.int8]) -> list[Whole]:
    """Weights ``(buckets, classes)`` as tables of three classes a number."""
    tables = []
    for first in range(0, columns.shape[1], LANES):
        table = np.zeros(len(columns), np.int64)
        for lane, column in enumerate(columns.T[first : first + LANES]):
            table += column.astype(np.int64) << (_LANE * lane)
        tables.append(table)
    return tables


def split(sums: Whole) -> Whole:
    """Packed sums ``(tables, texts)`` as ``(texts, 3 x tables)``."""
    half, mask = 1 << (_LANE - 1), (1 << _LANE) - 1
    lanes = np.empty((sums.shape[1], sums.shape[0], LANES), np.int64)
    rest = sums
    for lane in range(LANES):
        value = ((rest + half) & mask) - half
        lanes[:, :, lane] = value.T
        rest = (rest - value) >> _LANE
    return lanes.reshape(len(lanes), -1)


def _pieces(starts: NDArray[np.intp], length: int) -> tuple[NDArray[np.intp], NDArray[np.intp] | None]:
    """Where to cut so that no piece is longer than ``CHUNK``, and whose piece each is; ``None``: one piece a text."""
    lengths = np.diff(starts, append=length)
    if lengths.max() <= CHUNK:
        return starts, None
    parts = -(-lengths // CHUNK)
    owners = np.repeat(np.arange(len(starts)), parts)
    within = np.arange(len(owners)) - np.repeat(np.cumsum(parts) - parts, parts)
    return starts[owners] + within * CHUNK, owners


def _gathered(values: Whole, owners: NDArray[np.intp] | None, texts: int) -> Whole:
    if owners is None:
        return values
    total = np.zeros((texts, *values.shape[1:]), np.int64)
    np.add.at(total, owners, values)
    return total
