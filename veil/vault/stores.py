"""Which vault this process has open, and the keys of its stores while somebody works in them."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from veil.errors import VeilError
from veil.vault import claim
from veil.vault.age import sweep
from veil.vault.level import bare, beside, is_empty, level, mirror, one_time
from veil.vault.slots import STORES
from veil.vault.unfinished import is_unfinished


class Locked(VeilError):
    """The store's key is not in memory: nobody has unlocked it, or everybody has gone."""

    def __init__(self) -> None:
        super().__init__("the vault is locked", "unlock it with your call sign and passphrase")


class Missing(VeilError):
    """One of the two stores is not there, or empty."""

    def __init__(self) -> None:
        super().__init__(
            "a store of this vault is missing or empty", "change nothing, and bring it back with `veil vault restore`"
        )


_lock = threading.RLock()
_folder: Path | None = None
_postgres: str | None = None
_keys: dict[str, bytes] = {}
_unlockings = dict.fromkeys(STORES, 0)
_at_work = dict.fromkeys(STORES, 0)
_closers: list[Callable[[str], None]] = []  # of the databases: they close every connection to a store
_calmers: list[Callable[[str], None]] = []  # and empty its write-ahead log


def use(folder: Path, postgres: str | None = None) -> None:
    """Work on the vault in this folder, with its stores in files or in two schemas of a PostgreSQL database."""
    global _folder, _postgres
    with _lock:
        if _folder is not None:
            claim.release(_folder)
        _folder, _postgres = folder, postgres
        _keys.clear()


def folder() -> Path:
    """Return the folder of the vault that is open in this process."""
    if _folder is None:
        raise VeilError("no vault was chosen", "name its folder with --vault")
    return _folder


def postgres() -> str | None:
    """Return the database that holds the stores of a team, or None where they are files."""
    return _postgres


def begun(where: Path) -> bool:
    """Tell whether anything of a vault lies in a folder: a file that was lost is no leave to make a new one.

    What a making left that was cut short is nobody's vault.
    """
    if is_unfinished(where):
        return False
    names = ("slots", "noise", "signals", *(f"{store}.store" for store in STORES))
    return any((where / name).exists() for name in names)


def file_of(store: str) -> Path:
    """Return the file of one of the two stores."""
    if store not in STORES:
        raise ValueError("a vault has two stores")
    return folder() / f"{store}.store"


def unlock(store: str, key: bytes) -> int | None:
    """Keep a store's key in memory until `lock`; raise `InUse` while another process works on the vault.

    Return what `relock` takes, to be called by whoever needs the key for a moment only.
    """
    with _lock:
        claim.claim(folder())
        first, was_open = not _keys, store in _keys
        _keys[store] = key
        _unlockings[store] += 1
        if first:
            sweep(folder() / "files")  # nobody is sealing anything yet
            settle()
        return None if was_open else _unlockings[store]


def lock(store: str) -> None:
    """Forget a store's key; its file is closed as soon as nobody is in the middle of something."""
    with _lock:
        _keys.pop(store, None)
        if not _at_work[store]:
            _close(store)


def relock(store: str, since: int | None) -> None:
    """Lock a store again that was open for a moment, unless it was open before, or somebody came in meanwhile."""
    with _lock:
        if since is not None and _unlockings[store] == since:
            lock(store)


@contextmanager
def working(store: str) -> Iterator[None]:
    """Keep the store's file open until the block ends."""
    with _lock:
        _at_work[store] += 1
    try:
        yield
    finally:
        with _lock:
            _at_work[store] -= 1
            if not _at_work[store] and store not in _keys:
                _close(store)


def unlockings(store: str) -> int:
    """Return how often a store was unlocked in this process: what is read while it stays the same is consistent."""
    return _unlockings[store]


def to_disk(file: IO[bytes]) -> None:
    """Have the system write what it still holds of a file."""
    file.flush()
    os.fsync(file.fileno())


def on_closing(closer: Callable[[str], None]) -> None:
    """Have a database close every connection to a store when it is locked."""
    _closers.append(closer)


def on_calming(calmer: Callable[[str], None]) -> None:
    """Have a database empty the write-ahead log of an open store when it is quiet there."""
    _calmers.append(calmer)


def calm() -> None:
    """Leave the disk, while a store is open, as it would be with the other one open; called every few seconds.

    A machine that somebody switches off in a hurry must not tell which world was worked in. What was written in the
    last seconds before still does.
    """
    with _lock:
        if _postgres is not None or _folder is None or not _keys:
            return
        logs = {store: beside(file_of(store))[0] for store in _keys}
        written = [store for store, log in logs.items() if log.exists() and not is_empty(log)]
        for store in written:
            for calmer in _calmers:
                calmer(store)
        closed = [store for store in STORES if store not in _keys and not _at_work[store]]
        bare_ones = [
            store for store in closed if beside(file_of(store))[0].exists() != logs[next(iter(_keys))].exists()
        ]
        for store in closed if written else bare_ones:
            mirror(file_of(next(iter(_keys))), file_of(store))
        if written or bare_ones:
            one_time(_seen())


def settle() -> None:
    """Bring both stores to one size while they are closed, and every file of the vault to one time."""
    closed = [] if _postgres is not None or _keys else [file_of(store) for store in STORES]
    for path in closed:
        bare(path)
    level(closed, _seen())


def _seen() -> list[Path]:
    here = folder()
    small = ("slots", "signals", "noise", "waits", "time", "lock")
    stores = [path for store in STORES for path in (file_of(store), *beside(file_of(store)))]
    return [*stores, *(here / name for name in small), *(here / "files").glob("*")]


def _close(store: str) -> None:
    for closer in _closers:
        closer(store)
    if _folder is not None and not _keys and _folder.exists():
        settle()
        claim.release(_folder)


def is_open(store: str) -> bool:
    """Tell whether the store's key is in memory."""
    return store in _keys


def key_of(store: str) -> bytes:
    """Return the key of an open store; raise `Locked`."""
    try:
        return _keys[store]
    except KeyError as error:
        raise Locked from error
