"""Run a soak and print its figures: `python -m tests.soak --seconds 600`."""

from __future__ import annotations

import argparse
import sys

from tests.soak.running import soak

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=600)
    found = soak(parser.parse_args().seconds)
    sys.stdout.write(found.text())
    sys.exit(0 if found.is_well() else 1)
