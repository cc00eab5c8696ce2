"""The steps of an answer, one a file, in the order in which they run. Each may stop the walk with a typed status."""

from .check import Check
from .compose import Compose
from .retrieve import Retrieve
from .rewrite import Rewrite
from .route import Route

__all__ = ["Check", "Compose", "Retrieve", "Rewrite", "Route"]
