"""Taking turns: whoever changes a small file of the vault holds the folder meanwhile, in this process and in others."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl


@contextmanager
def turn(folder: Path) -> Iterator[None]:
    """Hold the folder until the block ends; the lock leaves no file behind, and a crash gives it back."""
    if sys.platform == "win32":  # no lock on folders there: one process at a time has the vault anyway
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
