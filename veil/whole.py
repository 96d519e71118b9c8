"""Whole or not at all: the one way in which this house writes a file that must not be found half written."""

import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

_LEFT_S = 60.0  # a writing that is older than this was cut short: none takes so long


def own(path: Path) -> None:
    """Make an empty file that nobody but its owner may read, unless it is there."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` in the file's place at once; after a crash it holds the old bytes or the new, on the disk."""
    with whole(path) as file:
        file.write(data)


@contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Yield a file for its owner only, which takes the place of `path` when the block ends well; raise OSError.

    What an earlier writing of the same file left behind when its process was killed is removed.
    """
    sweep(path)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w+b") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    settle(path.parent)


def sweep(path: Path) -> None:
    """Remove what is left of writings of this file that were cut short; one that goes on now is let be."""
    left = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{8}}")
    with os.scandir(path.parent) as found:
        for one in found:
            if left.fullmatch(one.name) and one.is_file(follow_symlinks=False):
                with suppress(FileNotFoundError):
                    if time.time() - one.stat(follow_symlinks=False).st_mtime > _LEFT_S:
                        Path(one.path).unlink()


def settle(folder: Path) -> None:
    """Make a new name last through a loss of power, where folders can be opened."""
    if os.name == "posix":
        place = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(place)
        finally:
            os.close(place)
