"""Starts the command line: ``veil`` or ``python -m veil``."""

import sys

from veil.vault import memory

_OPEN_VAULTS = (["serve"], ["vault"])


def main() -> None:
    """Run the command line and leave with its exit code; what opens a vault does so in memory that is guarded."""
    if sys.argv[1:2] in _OPEN_VAULTS and not {"-h", "--help"} & set(sys.argv):
        memory.start_anew(["-m", "veil", *sys.argv[1:]])
        for told in memory.guard():
            print(f"! veil: warning: {told}", file=sys.stderr)
    from veil.cli import run  # after all that: it takes a second, and would be read twice

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
