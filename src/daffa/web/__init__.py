"""The house over HTTP. Knows routes, statuses and the faces of the rooms; decides nothing."""

from .server import application
from .serving import run

__all__ = ["application", "run"]
