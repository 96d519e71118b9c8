"""The claim: one process at a time works on a vault; after a crash the system gives it up by itself."""

import os
import sys
import threading
from pathlib import Path

from veil.errors import VeilError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_guard = threading.Lock()
_held: dict[Path, int] = {}


class InUse(VeilError):
    """Another process works on this vault."""

    def __init__(self) -> None:
        super().__init__(
            "another program is working on this vault",
            "close it there first: lock the vault on its page and stop `veil serve`",
        )


def claim(folder: Path) -> None:
    """Take the vault for this process; raise `InUse` while another has it.

    The file `lock` is empty and stays; what counts is the system's lock on it, which ends with its process.
    """
    path = folder.resolve()
    with _guard:
        if path in _held:
            return
        try:
            descriptor = os.open(path / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError as error:
            raise VeilError("there is no vault here", "make one with `veil vault new`, or name its folder") from error
        except OSError as error:
            raise VeilError("the vault's folder cannot be written to", "make it writable, or copy it") from error
        try:
            _take(descriptor)
        except OSError as error:
            os.close(descriptor)
            raise InUse from error
        _held[path] = descriptor


def release(folder: Path) -> None:
    """Let other processes have it."""
    with _guard:
        descriptor = _held.pop(folder.resolve(), None)
        if descriptor is not None:
            os.close(descriptor)


def _take(descriptor: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
