"""What a verifier trusts (C2SP tlog-policy): keys of logs, keys of witnesses, and how many of these must have cosigned.

Knows no file and no address: who checks a receipt offline needs neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from daffa.errors import Invalid

from .cosignature import Cosignature, cosigned
from .notation import decimal
from .note import Checkpoint
from .vkey import WITNESSES, VerifyingKey

__all__ = ["Group", "Trust"]

_SAYS = "c2sp.org/tlog-policy"


@dataclass(frozen=True, slots=True)
class Group:
    """Witnesses and groups of them, of whose members at least ``needed`` must have cosigned."""

    needed: int
    members: tuple[Member, ...]

    def keys(self) -> list[VerifyingKey]:
        """Every witness in it."""
        return [key for member in self.members for key in (member.keys() if isinstance(member, Group) else [member])]

    def holds(self, signed: frozenset[VerifyingKey]) -> bool:
        """Whether enough have cosigned."""
        count = sum(member.holds(signed) if isinstance(member, Group) else member in signed for member in self.members)
        return count >= self.needed


Member: TypeAlias = VerifyingKey | Group


@dataclass(frozen=True, slots=True)
class Trust:
    """Which logs are trusted, and which quorum of witnesses must stand behind a checkpoint; ``None`` asks for none."""

    logs: tuple[VerifyingKey, ...]
    quorum: Group | None

    @classmethod
    def of(cls, witnesses: Sequence[str], needed: int, logs: Iterable[str] = ()) -> Trust:
        """``needed`` of the witnesses, given as vkey lines. Raises ``Invalid``."""
        keys = tuple(VerifyingKey.parse(line, WITNESSES) for line in witnesses)
        if len({key.public for key in keys}) < len(keys):
            raise Invalid("invalid_field", field="witnesses", expected="each key once", got="one twice")
        if not 1 <= needed <= len(keys):
            raise Invalid("invalid_field", field="quorum", expected=f"1 to {len(keys)}", got=needed)
        return cls(tuple(map(VerifyingKey.parse, logs)), Group(needed, keys))

    @classmethod
    def parse(cls, text: str) -> Trust:
        """Read a policy file. Raises ``Invalid`` (``trust_unreadable`` with the line)."""
        return _Reading().whole(text)

    def check(self, checkpoint: Checkpoint) -> tuple[Cosignature, ...]:
        """The cosignatures of known witnesses on a checkpoint, earliest first.

        Raises ``Invalid``: ``too_few_cosignatures``, or ``signature_does_not_hold`` for one that is forged.
        """
        if self.quorum is None:
            return ()
        found = sorted(cosigned(checkpoint, self.quorum.keys()), key=lambda cosignature: cosignature.time)
        if not self.quorum.holds(frozenset(cosignature.key for cosignature in found)):
            names = ", ".join(cosignature.key.name for cosignature in found)
            raise Invalid("too_few_cosignatures", size=checkpoint.size, needed=self.quorum.needed, got=names or "-")
        return tuple(found)

    def text(self) -> str:
        """The policy as a file; the names in it are only those of its own lines."""
        lines, names = [f"log {key}" for key in self.logs], dict[Member, str]()
        for member in _inner_first(self.quorum) if self.quorum else ():
            number = len(names) + 1
            if isinstance(member, Group):
                names[member] = f"g{number}"
                listed = " ".join(names[inner] for inner in member.members)
                lines.append(f"group {names[member]} {member.needed} {listed}")
            else:
                names[member] = f"w{number}"
                lines.append(f"witness {names[member]} {member}")
        lines.append(f"quorum {names[self.quorum] if self.quorum else 'none'}")
        return "\n".join(lines) + "\n"


def _inner_first(member: Member) -> Iterable[Member]:
    if isinstance(member, Group):
        for inner in member.members:
            yield from _inner_first(inner)
    yield member


class _Reading:
    """A policy file while it is read."""

    def __init__(self) -> None:
        self._logs: list[VerifyingKey] = []
        self._names: dict[str, Member] = {}
        self._free: set[str] = set()  # names that no group has taken: a witness counts once
        self._quorum: list[Group | None] = []

    def whole(self, text: str) -> Trust:
        for number, line in enumerate(text.split("\n"), 1):
            words = line.replace("\t", " ").split(" ")
            words = [word for word in words if word]
            if words and not words[0].startswith("#"):
                try:
                    self._line(words)
                except (Invalid, ValueError, KeyError) as error:
                    said = str(error) if isinstance(error, Invalid) else "unknown names or numbers"
                    raise Invalid("trust_unreadable", line=number, expected=_SAYS, got=said) from None
        if len(self._quorum) != 1:
            raise Invalid("trust_unreadable", line=text.count("\n") + 1, expected="one quorum line", got=len(self._quorum))
        return Trust(tuple(self._logs), self._quorum[0])

    def _line(self, words: list[str]) -> None:
        kind, rest = words[0], words[1:]
        lines: dict[str, Callable[[list[str]], None]] = {
            "log": self._log, "witness": self._witness, "group": self._group, "quorum": self._decides
        }  # fmt: skip
        lines[kind](rest)

    def _log(self, words: list[str]) -> None:
        self._logs.append(VerifyingKey.parse(_between(words, 1, 2)[0]))

    def _witness(self, words: list[str]) -> None:
        key = VerifyingKey.parse(_between(words, 2, 3)[1], WITNESSES)
        if any(key.public == other.public for other in self._names.values() if isinstance(other, VerifyingKey)):
            raise ValueError
        self._name(words[0], key)

    def _group(self, words: list[str]) -> None:
        members = _between(words, 3, len(words))[2:]
        needed = {"any": 1, "all": len(members)}.get(words[1]) or decimal(words[1])
        if not 1 <= needed <= len(members) or len(set(members)) < len(members) or not self._free.issuperset(members):
            raise ValueError
        self._free.difference_update(members)
        self._name(words[0], Group(needed, tuple(self._names[name] for name in members)))

    def _decides(self, words: list[str]) -> None:
        name = _between(words, 1, 1)[0]
        member = None if name == "none" else self._names[name]
        self._quorum.append(Group(1, (member,)) if isinstance(member, VerifyingKey) else member)

    def _name(self, name: str, member: Member) -> None:
        if name in self._names or name == "none":
            raise ValueError
        self._names[name] = member
        self._free.add(name)


def _between(words: list[str], least: int, most: int) -> list[str]:
    if not least <= len(words) <= most:
        raise ValueError
    return words
