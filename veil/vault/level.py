"""Level: the two stores look alike from outside, in size and in times, whichever of them is worked in."""

import os
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

STEP_BYTES = 16 * 1024 * 1024
SPARE_BYTES = 4 * 1024 * 1024
_PIECE = 1024 * 1024


def book(connection: Any, path: Path) -> None:
    """Grow an open store by sealed empty pages to the next step, so that what is written later changes no size.

    A store that was closed while the other grew has noise at its end; it is taken over as empty pages here.
    """
    page = _told(connection, "page_size")
    count, free = _told(connection, "page_count"), _told(connection, "freelist_count")
    least = max(path.stat().st_size if path.exists() else 0, (count - free) * page + SPARE_BYTES, count * page)
    target = -(-least // STEP_BYTES) * STEP_BYTES // page
    if count >= target:
        return
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("CREATE TABLE filler (body BLOB)")
    connection.execute("INSERT INTO filler VALUES (zeroblob(?))", ((target - count + free - 16) * (page - 84),))
    while _told(connection, "page_count") < target:
        connection.execute("INSERT INTO filler VALUES (zeroblob(?))", (page - 200,))
    connection.execute("DROP TABLE filler")
    connection.execute("COMMIT")


def level(stores: Iterable[Path], others: Iterable[Path]) -> None:
    """Bring closed stores to the same size with noise, and set all files to one time."""
    present = [path for path in stores if path.exists()]
    size = max((path.stat().st_size for path in present), default=0)
    for path in present:
        try:
            _fill(path, size - path.stat().st_size)
        except OSError:
            break  # the disk is full: they differ until there is room
    now = time.time_ns()
    for path in (*present, *others):
        with suppress(OSError):  # gone in between, or a folder that may only be read
            os.utime(path, ns=(now, now))


def _fill(path: Path, missing: int) -> None:
    if missing > 0:
        with path.open("ab") as file:
            for start in range(0, missing, _PIECE):
                file.write(secrets.token_bytes(min(_PIECE, missing - start)))


def _told(connection: Any, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
