"""``python -m daffa``: the command line. Knows only where it begins."""

import sys

from daffa.cli import main

if __name__ == "__main__":
    sys.exit(main())
