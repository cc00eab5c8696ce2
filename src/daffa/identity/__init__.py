"""Who asks: organisations, people, roles and API keys, each with the floor under which no label of theirs may fall.

Knows nothing of policies, requests or the web; time and the pepper are given.
"""

from .floor import read_floor
from .identity import Identity
from .records import Caller, Key, Organisation, Person
from .role import Role

__all__ = ["Caller", "Identity", "Key", "Organisation", "Person", "Role", "read_floor"]
