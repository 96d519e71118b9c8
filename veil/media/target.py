"""The file that a film is written into: its kind, may it be written, what goes wrong, what must not be in it."""

import errno
import os
from fractions import Fraction
from math import lcm
from pathlib import Path

from veil.errors import VeilError

CONTAINERS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}
_MATROSKA_CLOCK = Fraction(1, 1000)
_NAMES = (b"\x4d\x80\x84Lavf", b"\x57\x41\x84Lavf")  # Matroska's MuxingApp and WritingApp, four letters each


def container_of(path: Path) -> str:
    """Return the container that the last known extension names; raise VeilError when none does."""
    for suffix in reversed(path.suffixes):
        if suffix.lower() in CONTAINERS:
            return CONTAINERS[suffix.lower()]
    raise VeilError("the kind of film to write is not clear from its name", "end the name in .mp4, .mov or .mkv")


def options_of(container: str) -> dict[str, str]:
    """Return how a container is written: no dates or version names, and MP4 ready to play from its start."""
    options = {"fflags": "+bitexact"}
    return options if container == "matroska" else {**options, "movflags": "+faststart+write_colr"}


def clock_of(container: str, time_base: Fraction | None, rate_hz: Fraction) -> Fraction:
    """Return the unit in which a container's time stamps count.

    It divides the given time base, else the steps of the rate, and tells frames apart where stamps were repaired.
    Matroska counts milliseconds.
    """
    if container == "matroska":
        return _MATROSKA_CLOCK
    if not time_base:
        ticks = lcm(90_000, Fraction(rate_hz).numerator)
        return Fraction(1, ticks if ticks <= 100_000_000 else 90_000)
    while time_base > Fraction(1, 10_000):
        time_base /= 2
    return time_base if time_base.denominator < 1 << 31 else Fraction(1, 90_000)


def check_writable(path: Path) -> None:
    """Raise VeilError when no file can be made there."""
    if not path.parent.is_dir():
        raise VeilError("the folder to write into does not exist", "make the folder first, or choose another")
    if path.is_dir():
        raise VeilError("a folder has the name of the film to write", "choose another name")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise VeilError("the film may not be written there", "choose a folder that you may write to")


def cannot_write(error: BaseException) -> VeilError:
    """Return what a failure of writing means to the user."""
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT):
        return VeilError("the disk is full", "free some space, or choose another disk, then run again")
    if number in (errno.EACCES, errno.EPERM, errno.EROFS):
        return VeilError("the film may not be written there", "choose a folder that you may write to")
    return VeilError("the film cannot be written", "check the disk and the settings, then run again")


def blank_names(path: Path) -> None:
    """Blank the writing library's name, which Matroska must carry, in the first 4 KiB of the file."""
    with path.open("r+b") as file:
        head = file.read(4096)
        for element in _NAMES:
            if (found := head.find(element)) >= 0:
                file.seek(found + 3)
                file.write(bytes(4))
