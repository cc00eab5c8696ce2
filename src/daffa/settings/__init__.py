"""Every setting, once, frozen: ``DIR/daffa.toml`` and ``DAFFA_*``, validated whole. Knows no running part of the house.

An error names the file, the line, the field and what was expected; nothing starts on a file that is half right.
"""

from .file import File
from .read import ASSISTANT_ID, ENVIRONMENT, Settings, read_settings

__all__ = ["ASSISTANT_ID", "ENVIRONMENT", "File", "Settings", "read_settings"]
