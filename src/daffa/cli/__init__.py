"""The command line: one file a command group. Knows terminals, exit codes and the house's faces; decides nothing."""

from .main import main

__all__ = ["main"]
