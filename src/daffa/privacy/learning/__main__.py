"""``python -m daffa.privacy.learning CORPUS [--out FOLDER] [--seed N]``: makes the scorer's model. Knows the arguments."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .make import HOME, make

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m daffa.privacy.learning", description="Make the model of the scorer.")
    parser.add_argument("corpus", type=Path, help="the data folder")
    parser.add_argument("--out", type=Path, default=HOME, help="where the files go (the package)")
    parser.add_argument("--seed", type=int, default=1, help="of every draw (%(default)s)")
    options = parser.parse_args()
    sys.stdout.write(f"{make(options.corpus, options.out, seed=options.seed)}\n")
