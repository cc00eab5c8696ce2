"""Who asks: organisations, people, roles and API keys, each with the floor under which no label of theirs may fall.

A person is known by a key, or by the word of an issuer (single sign-on). Knows nothing of policies, requests or the web;
time and the pepper are given.
"""

from .claims import SignOnRules
from .enrolment import Enrolled
from .floor import read_floor
from .identity import Identity
from .issuer import is_token
from .key_sessions import KeySessions
from .records import Caller, Key, Organisation, Person
from .role import Role
from .sign_on import Arrival, Departure, SignOn

__all__ = [
    "Arrival",
    "Caller",
    "Departure",
    "Enrolled",
    "Identity",
    "Key",
    "KeySessions",
    "Organisation",
    "Person",
    "Role",
    "SignOn",
    "SignOnRules",
    "is_token",
    "read_floor",
]
