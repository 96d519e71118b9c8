"""Signals: every unlocking leaves one, of one size, that only the keys of its own world can read.

Whoever was forced to give up a passphrase gave the decoy's; its signal opens with the other world's key, and that is
how those who hold both keys know. From outside all places are noise, and nothing counts how many were ever used:
each world has its own half of the places, and goes round in it.
"""

import secrets
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from veil.errors import VeilError
from veil.vault import seal
from veil.vault.turn import turn
from veil.whole import write_whole

PLACES = 256
_BODY = struct.Struct("<16sd8x")
_BOX_BYTES = _BODY.size + 48


@dataclass(frozen=True)
class Signal:
    """Somebody opened the vault at a time (seconds since 1970)."""

    worker: bytes
    at: float


def make(path: Path) -> None:
    """Write a signals file that holds noise."""
    write_whole(path, secrets.token_bytes(PLACES * _BOX_BYTES))


def leave(path: Path, place: int, signal: Signal, public: bytes) -> None:
    """Put a signal in one place; two who do so at once do not lose each other's."""
    if not 0 <= place < PLACES:
        raise ValueError("a signal has a fixed place")
    box = seal.wrapped(_BODY.pack(signal.worker, signal.at), public)
    with turn(path.parent):
        data = bytearray(_whole(path))
        data[place * _BOX_BYTES : (place + 1) * _BOX_BYTES] = box
        write_whole(path, bytes(data))


def read(path: Path, secret: bytes, places: Iterable[int] = range(PLACES)) -> list[Signal]:
    """Return the signals in these places that this secret can read, oldest first."""
    data = _whole(path)
    found = []
    for place in places:
        try:
            plain = seal.unwrapped(data[place * _BOX_BYTES : (place + 1) * _BOX_BYTES], secret)
        except seal.Damaged:
            continue
        found.append(Signal(*_BODY.unpack(plain)))
    return sorted(found, key=lambda signal: signal.at)


def halves() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Share the places out between two stores at random."""
    places = list(range(PLACES))
    secrets.SystemRandom().shuffle(places)
    return tuple(places[: PLACES // 2]), tuple(places[PLACES // 2 :])


def _whole(path: Path) -> bytes:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        data = b""
    if len(data) != PLACES * _BOX_BYTES:
        raise VeilError("a small file of the vault is damaged", "restore it with `veil vault restore`")
    return data
