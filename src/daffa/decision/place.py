"""A place where data could go: whose soil, whose control, whose law. Knows nothing of data or rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from daffa.errors import Invalid

__all__ = ["FOREVER", "STATES", "UNKNOWN", "Evidence", "KeyHolder", "Place"]

UNKNOWN = "ZZ"
"""The state of hardware or operator that nobody can show (the unknown region of Unicode CLDR)."""

FOREVER = 1_000_000
"""``retention_days`` of a place that never deletes, and of one whose evidence has run out."""

STATES = frozenset(
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ "
    "CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO "
    "FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE "
    "JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO "
    "MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW "
    "PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM "
    "TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW "
    "XA XB XC XD XE XF XG XH XI XJ XK XL XM XN XO XP XQ XR XS XT XU XV XW XY XZ".split()
)
"""ISO 3166-1 alpha-2, with those codes of XA to XZ that the standard leaves to its users: Kosovo goes by XK, and a country of
exercises needs a code that is no other's. XX is none of them, for it is widely written where a state is unknown."""


class KeyHolder(StrEnum):
    """Who holds the encryption keys at a place."""

    PROVIDER = "provider"
    CUSTOMER = "customer"
    STATE = "state"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What shows that an attribute of a place is as stated: a document, and until when (Unix seconds, UTC)."""

    source: str
    until: int


@dataclass(frozen=True, slots=True)
class Place:
    """A place where data could go. The defaults are the worst values: what is not said is not good.

    Attributes:
        id: name of the place.
        hw: state (ISO 3166-1) on whose soil the hardware stands; ``ZZ`` where unknown.
        region: subdivision (ISO 3166-2), or ``""``.
        operator: state of the operator that controls it in the end.
        reach: every state whose law can compel disclosure; always contains hw and operator.
        qual: 0 none, 1 or 2: qualification of the cloud provider under the law of the house.
        seal: 0 to 4, assurance level of the EU Cloud Sovereignty Framework.
        key: who holds the keys.
        retention_days: days after which what was sent is gone.
        trains: whether models are trained on what is sent.
        evidence: what shows each attribute, by attribute name.
    """

    id: str
    hw: str = UNKNOWN
    region: str = ""
    operator: str = UNKNOWN
    reach: frozenset[str] = STATES
    qual: int = 0
    seal: int = 0
    key: KeyHolder = KeyHolder.PROVIDER
    retention_days: int = FOREVER
    trains: bool = True
    evidence: Mapping[str, Evidence] = field(default_factory=dict, compare=False)
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        for name in ("hw", "operator"):
            _expect(getattr(self, name) in STATES | {UNKNOWN}, name, "an ISO 3166-1 code", getattr(self, name))
        known = self.reach <= STATES | {UNKNOWN}
        _expect(known, "reach", "ISO 3166-1 codes", sorted(self.reach - STATES))
        _expect(self.region in ("", self.hw) or self.region.startswith(f"{self.hw}-"), "region", f"{self.hw}-..", self.region)
        _expect(self.qual in (0, 1, 2), "qual", "0, 1 or 2", self.qual)
        _expect(self.seal in (0, 1, 2, 3, 4), "seal", "0 to 4", self.seal)
        _expect(0 <= self.retention_days <= FOREVER, "retention_days", f"0 to {FOREVER}", self.retention_days)
        for name in self.evidence:
            _expect(name in WORST, "evidence", " | ".join(WORST), name)
        object.__setattr__(self, "reach", self.reach | {self.hw, self.operator})
        object.__setattr__(self, "key", KeyHolder(self.key))
        # A place is looked up at every decision and changes never: its hash is worked out once.
        object.__setattr__(self, "_hash", hash((self.id, self.reach, self.qual, self.key, self.retention_days, self.trains)))

    def __hash__(self) -> int:
        return self._hash

    def effective(self, now: int, accept_declared: bool = True) -> Place:
        """The place as it counts at ``now`` (Unix seconds): an attribute whose evidence has run out is worth the worst.

        An attribute without evidence is *declared*; it counts as given only where ``accept_declared``.
        """
        lost = {
            name: worst
            for name, worst in WORST.items()
            if (self.evidence[name].until <= now if name in self.evidence else not accept_declared)
        }
        if lost.get("hw"):
            lost["region"] = ""
        return replace(self, **lost, evidence={}) if lost or self.evidence else self


WORST: dict[str, Any] = {
    "hw": UNKNOWN,
    "region": "",
    "operator": UNKNOWN,
    "reach": STATES,
    "qual": 0,
    "seal": 0,
    "key": KeyHolder.PROVIDER,
    "retention_days": FOREVER,
    "trains": True,
}
"""What an attribute is worth when nothing shows it any more."""


def _expect(true: bool, name: str, expected: str, got: object) -> None:
    if not true:
        raise Invalid("invalid_field", field=f"place.{name}", expected=expected, got=str(got)[:80])
