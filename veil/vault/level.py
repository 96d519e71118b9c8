"""Level: the two stores look alike from outside, in size and in times, whichever of them is worked in."""

import os
import secrets
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from veil.whole import own

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
    one_time((*present, *others))


def one_time(paths: Iterable[Path]) -> None:
    """Set all these files to the same time: now."""
    now = time.time_ns()
    for path in paths:
        with suppress(OSError):  # gone in between, or a folder that may only be read
            os.utime(path, ns=(now, now))


def mirror(open_: Path, closed: Path) -> None:
    """Lay beside a closed store what SQLite keeps beside an open one whose log was just emptied; make it as long.

    So that a machine that loses power does not tell which of the two was worked in. SQLite takes an empty log for what
    it is, and makes its index (`-shm`) anew before it reads it.
    """
    (log, index), (its_log, its_index) = beside(open_), beside(closed)
    if not log.exists():  # nobody is connected
        bare(closed)
    if not is_empty(log) or not index.exists() or (its_log.exists() and not is_empty(its_log)):
        return  # somebody writes just now; or a crash left the last records in that log: they are never touched
    with suppress(OSError):  # a full disk
        _fill(closed, open_.stat().st_size - closed.stat().st_size)
        for path, body in ((its_log, b""), (its_index, index.read_bytes())):
            own(path)
            path.write_bytes(body)


def bare(store: Path) -> None:
    """Take away what lies beside a closed store, unless there are records in it that a crash left."""
    log, index = beside(store)
    if not log.exists() or is_empty(log):
        index.unlink(missing_ok=True)
        log.unlink(missing_ok=True)


def beside(store: Path) -> tuple[Path, Path]:
    """Return where SQLite keeps the log of an open store, and the log's index."""
    return store.with_name(f"{store.name}-wal"), store.with_name(f"{store.name}-shm")


def is_empty(log: Path) -> bool:
    """Tell whether a log is there and holds nothing."""
    return log.exists() and not log.stat().st_size


def _fill(path: Path, missing: int) -> None:
    if missing > 0:
        with path.open("ab") as file:
            for start in range(0, missing, _PIECE):
                file.write(secrets.token_bytes(min(_PIECE, missing - start)))


def _told(connection: Any, name: str) -> int:
    return int(connection.execute(f"PRAGMA {name}").fetchone()[0])
