"""Simulated providers of models: real HTTP servers on the loopback. Knows nothing of Daffa.

The tour, the tests and the benchmarks ask them in place of real providers. Each answer says that it is
simulated, by whom, and shows what was received.
"""

from .behaviour import Behaviour
from .issuer import Issuer, Twist
from .provider import Provider, Received
from .world import World

__all__ = ["Behaviour", "Issuer", "Provider", "Received", "Twist", "World"]
