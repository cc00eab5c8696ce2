"""Every setting, once, frozen: ``DIR/daffa.toml`` and ``DAFFA_*``, validated whole. Knows no running part of the house.

An error names the file, the line, the field and what was expected; nothing starts on a file that is half right.
"""

from .file import File
from .fitting import fits
from .read import ASSISTANT_ID, ENVIRONMENT, Settings, read_settings
from .zone import read_time_zone

__all__ = ["ASSISTANT_ID", "ENVIRONMENT", "File", "Settings", "fits", "read_settings", "read_time_zone"]
