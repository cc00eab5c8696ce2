"""A Permit: a verdict that was recorded, bound to one payload for one receiver, and used once. Knows no law and no log.

It is a Python object, not a boundary: it keeps honest code honest. The egress lock of the operating system is
what stops dishonest code.
"""

from __future__ import annotations

from daffa.decision import Door
from daffa.errors import Conflict, Refused

__all__ = ["Permit"]


class Permit:
    """The right to send these bytes through this door to this receiver at this place, once, until ``expires``.

    Only ``guard`` makes one, after the durable entry of the decision. Every egress adapter calls ``use`` before
    its first byte leaves.

    Attributes:
        reference: ``origin#index`` of the recorded decision.
        index: index of that entry in the log.
        door, place, receiver: where the bytes may go: a door, a place id, a model or consumer id.
        expires: instant (Unix seconds) after which it is void.
    """

    __slots__ = ("_payload", "door", "expires", "index", "place", "receiver", "reference")

    def __init__(
        self, *, reference: str, index: int, door: Door, place: str, receiver: str, payload: bytes, expires: float
    ) -> None:
        self.reference = reference
        self.index = index
        self.door = door
        self.place = place
        self.receiver = receiver
        self.expires = expires
        self._payload: bytes | None = payload

    def use(self, *, door: Door, place: str, receiver: str, payload: bytes, now: float) -> None:
        """Spend the Permit on ``payload``; the caller may send exactly these bytes now.

        Raises ``Refused`` where it is for another door, place, receiver or other bytes, or has expired, and
        ``Conflict`` where it was used before. A failed use spends nothing.
        """
        if self._payload is None:
            raise Conflict("permit_used", reference=self.reference)
        if self.door != door or self.place != place or self.receiver != receiver:
            raise self._mismatch(("door", self.door, door), ("place", self.place, place), ("receiver", self.receiver, receiver))
        if now >= self.expires:
            raise Refused("permit_expired", reference=self.reference)
        if payload != self._payload:
            raise Refused(
                "permit_mismatch", field="payload", expected="the bytes decided on", got="other bytes", reference=self.reference
            )
        self._payload = None

    def _mismatch(self, *compared: tuple[str, str, str]) -> Refused:
        """What to say of the first that differs."""
        field, bound, given = next(each for each in compared if each[1] != each[2])
        return Refused("permit_mismatch", field=field, expected=str(bound), got=str(given), reference=self.reference)
