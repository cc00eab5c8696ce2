"""Addresses of computers, IPv4 and IPv6. Knows RFC 4291 and 791; a version and a numbered heading look like the former.

Addresses that name nobody (loopback, unspecified, masks, multicast) are left out; private ones name somebody in a house.
"""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv6Address, IPv6Network

from .finding import Finding, Type
from .pieces import DIGIT, LATIN, MARK
from .scan import stretches

__all__ = ["PATTERNS", "read"]

# Bytes of digits and of marks between them.
_FEW_DIGITS = rb"[0-9\x80-\xbf\xc2\xd8\xd9\xdb\xe2\xef]{1,12}"
PATTERNS = (
    rb"\.%b\.%b\.%b*%b" % (_FEW_DIGITS, _FEW_DIGITS, MARK, DIGIT),
    b"(?:[0-9A-Fa-f]{1,4}:){4}|[0-9A-Fa-f]::|::[fF]{4}:",
)
"""Three dots between digits; five groups with colons, or two colons together."""

_V4 = re.compile(
    rf"[0-9](?<![{LATIN}.][0-9])(?<![0-9],[0-9])[0-9]{{0,2}}(?:\.[0-9]{{1,3}}){{3}}(?![{LATIN}]|[.,][0-9]|\.[A-Za-z])"
)
_V6 = re.compile(rf"(?<![{LATIN}:.])[0-9A-Fa-f:]{{3,39}}(?:(?<=:)[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}})?(?![{LATIN}:])")
_NAMED = re.compile(r"(?:(?<![a-z])ip(?:v[46])?(?![a-z])|adresse? ip|serveur|server|host|inet|addr|عنوان|خادم)", re.IGNORECASE)
_VERSION = re.compile(
    rf"(?:(?<![{LATIN}])v|version|release|build|firmware|chrome|article|section|chapitre|paragraphe|§|المادة|الفصل|"
    rf"الإصدار|نسخة)"
    r"[ :/=n°.-]{0,8}\Z",
    re.IGNORECASE,
)
_GLOBAL, _LOCAL_NETWORK = IPv6Network("2000::/3"), IPv6Network("fc00::/7")
_NEAR = 24


def read(text: str, ends: list[int], found: list[Finding]) -> None:
    """Add every network address of ``text`` that has one of ``ends`` inside."""
    for start, stop in stretches(ends, 48, 64, len(text)):
        for match in _V4.finditer(text, start, stop):
            sure = _of_v4(match.group(), text[max(match.start() - _NEAR, 0) : match.start()])
            if sure:
                found.append(Finding(Type.IP, *match.span(), sure, "format"))
        for match in _V6.finditer(text, start, stop) if "::" in text[start:stop] or text.count(":", start, stop) > 3 else ():
            end = match.end() - (match.group().endswith(":") and not match.group().endswith("::"))
            if _of_v6(text[match.start() : end]):
                found.append(Finding(Type.IP, match.start(), end, 0.95, "format"))


def _of_v4(written: str, before: str) -> float:
    """How surely this is an address; 0 where it is none, or names nobody."""
    parts = [int(part) for part in written.split(".")]
    first = parts[0]
    if max(parts) > 255 or written != ".".join(map(str, parts)):
        return 0.0
    if first in (0, 127, 255) or 224 <= first <= 239 or _VERSION.search(before):
        return 0.0
    if _NAMED.search(before):
        return 0.97
    # A heading has small numbers, and most versions have: 2.4.1.3.
    return 0.9 if max(parts) > 31 else 0.4


def _of_v6(written: str) -> bool:
    if written.count(":") < 2:
        return False
    try:
        address = IPv6Address(written)
    except AddressValueError:
        return False
    # a::b is a name in many programming languages, [::2] a slice: only what somebody can be reached at counts.
    return address in _GLOBAL or address in _LOCAL_NETWORK or address.is_link_local or address.ipv4_mapped is not None
