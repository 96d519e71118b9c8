"""Which vault this process has open, and the keys of its stores while somebody works in them."""

import threading
from pathlib import Path

from veil.errors import VeilError
from veil.vault.slots import STORES


class Locked(VeilError):
    """The store's key is not in memory: nobody has unlocked it, or everybody has gone."""

    def __init__(self) -> None:
        super().__init__("the vault is locked", "unlock it with your call sign and passphrase")


_lock = threading.Lock()
_folder: Path | None = None
_postgres: str | None = None
_keys: dict[str, bytes] = {}


def use(folder: Path, postgres: str | None = None) -> None:
    """Work on the vault in this folder, with its stores in files or in two schemas of a PostgreSQL database."""
    global _folder, _postgres
    with _lock:
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


def file_of(store: str) -> Path:
    """Return the file of one of the two stores."""
    if store not in STORES:
        raise ValueError("a vault has two stores")
    return folder() / f"{store}.store"


def unlock(store: str, key: bytes) -> None:
    """Keep a store's key in memory until `lock`."""
    with _lock:
        _keys[store] = key


def lock(store: str) -> None:
    """Forget a store's key."""
    with _lock:
        _keys.pop(store, None)


def is_open(store: str) -> bool:
    """Tell whether the store's key is in memory."""
    return store in _keys


def key_of(store: str) -> bytes:
    """Return the key of an open store; raise `Locked`."""
    try:
        return _keys[store]
    except KeyError as error:
        raise Locked from error
