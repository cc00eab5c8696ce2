"""The configuration of another gateway, read into a draft of ``daffa.toml``. Knows no running house and no settings.

What has no counterpart here is listed, and what nobody said of a place counts as the worst.
"""

from .draft import Draft, Note, write
from .litellm import read_litellm
from .opengatellm import read_opengatellm
from .source import read_source

__all__ = ["Draft", "Note", "read_litellm", "read_opengatellm", "read_source", "write"]
