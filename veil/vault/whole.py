"""Writing a small file whole or not at all, for the owner's eyes only."""

import os
import secrets
from pathlib import Path


def own(path: Path) -> None:
    """Make an empty file that nobody but its owner may read, unless it is there."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))


def write_whole(path: Path, data: bytes) -> None:
    """Put `data` in the file's place at once; after a crash it holds the old bytes or the new, on the disk."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
