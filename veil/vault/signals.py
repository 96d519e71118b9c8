"""Signals: every unlocking leaves one, of one size, that only the network's own key can read.

Whoever was forced to give up a passphrase gave the decoy's; its signal says so. From outside both are the same.
"""

import secrets
import struct
from dataclasses import dataclass
from pathlib import Path

from veil.vault import seal
from veil.vault.whole import write_whole

PLACES = 256
_BODY = struct.Struct("<16sd?7x")
_BOX_BYTES = _BODY.size + 48
_HEAD = struct.Struct("<Q")


@dataclass(frozen=True)
class Signal:
    """Somebody opened the vault at a time (seconds since 1970), of their own will or under force."""

    worker: bytes
    at: float
    forced: bool


def make(path: Path) -> None:
    """Write a signals file that holds noise."""
    write_whole(path, _HEAD.pack(0) + secrets.token_bytes(PLACES * _BOX_BYTES))


def leave(path: Path, signal: Signal, public: bytes) -> None:
    """Put a signal in the oldest one's place."""
    data = bytearray(path.read_bytes())
    (count,) = _HEAD.unpack_from(data)
    box = seal.wrapped(_BODY.pack(signal.worker, signal.at, signal.forced), public)
    start = _HEAD.size + (count % PLACES) * _BOX_BYTES
    data[start : start + _BOX_BYTES] = box
    _HEAD.pack_into(data, 0, count + 1)
    write_whole(path, bytes(data))


def read(path: Path, secret: bytes) -> list[Signal]:
    """Return the signals that this secret can read, oldest first."""
    data = path.read_bytes()
    found = []
    for place in range(PLACES):
        start = _HEAD.size + place * _BOX_BYTES
        try:
            plain = seal.unwrapped(data[start : start + _BOX_BYTES], secret)
        except seal.Damaged:
            continue
        found.append(Signal(*_BODY.unpack(plain)))
    return sorted(found, key=lambda signal: signal.at)
