"""Starts the command line: ``veil`` or ``python -m veil``."""

import sys

from veil.cli import run
from veil.vault import memory


def main() -> None:
    """Run the command line and leave with its exit code."""
    if sys.argv[1:2] == ["serve"] and not {"-h", "--help"} & set(sys.argv):
        memory.start_anew(["-m", "veil", *sys.argv[1:]])
        for told in memory.guard():
            print(f"! veil: warning: {told}", file=sys.stderr)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
