"""Every setting, once, frozen: ``DIR/daffa.toml`` and ``DAFFA_*``, validated whole. Knows no running part of the house.

An error names the file, the line, the field and what was expected; nothing starts on a file that is half right.
"""

from .file import File
from .read import ENVIRONMENT, Settings, read_settings

__all__ = ["ENVIRONMENT", "File", "Settings", "read_settings"]
