"""Unfinished: a vault whose making was cut short, by a crash or a full disk; nobody was told that there is one.

A mark lies in the folder from before the first file until after the last, so that it can be made again in its place.
"""

import re
import shutil
from pathlib import Path

from veil.whole import settle, write_whole

_MARK = "founding"
_PARTS = re.compile(
    r"(slots|signals|waits|time|sums|noise(\.next)?|[ab]\.store(-wal|-shm|-journal)?|files)"
    r"|\.(slots|signals|waits|time|noise|noise\.next|founding|[ab]\.store)\.[0-9a-f]{8}"
)


def is_unfinished(folder: Path) -> bool:
    """Tell whether the making of a vault in this folder was begun and never told as done."""
    return (folder / _MARK).exists()


def begin(folder: Path) -> None:
    """Mark a folder as one in which a vault is being made."""
    write_whole(folder / _MARK, b"")


def clear(folder: Path) -> None:
    """Remove what an unfinished making left, and nothing else; nothing where the folder has no mark."""
    if not is_unfinished(folder):
        return
    for path in list(folder.iterdir()):
        if _PARTS.fullmatch(path.name) and not path.is_symlink():
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    done(folder)


def done(folder: Path) -> None:
    """Take the mark away for good: there is a vault now (or nothing at all)."""
    try:
        (folder / _MARK).unlink()
    except FileNotFoundError:
        return
    settle(folder)  # else the mark could be back after a power cut, and the vault taken for unfinished
