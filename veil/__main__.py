"""Starts the command line: ``veil`` or ``python -m veil``."""

import sys

from veil.cli import run


def main() -> None:
    """Run the command line and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
