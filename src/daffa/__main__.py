"""``python -m daffa``: the command line. Knows only where it begins."""

import sys

try:
    from daffa.cli import main
except KeyboardInterrupt:  # while the rooms are still being imported
    sys.exit(130)

if __name__ == "__main__":
    sys.exit(main())
