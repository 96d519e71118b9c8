"""Noise: a file of random bytes, of which every compartment's key needs its own few; overwriting those destroys it.

A wrapped key opens nothing by itself: it is joined with what stands at its place in this file. So an old copy of a
store, in a backup that nobody can reach any more, does not yield what was destroyed since; only a copy of this small
file from before would. Places in use look like all others, and nothing is written here when one is taken.
"""

import os
import secrets
import threading
from collections.abc import Iterable
from hashlib import blake2b
from pathlib import Path

from veil.errors import VeilError
from veil.whole import write_whole

PLACE_BYTES = 16
_MAGIC = b"veil noise 1\n\0\0\0"
_TAG_BYTES = 16
_BLOCK_BYTES = 4096
_HASH_BYTES = 32
_IN_BLOCK = (_BLOCK_BYTES - _HASH_BYTES) // PLACE_BYTES
BLOCKS = 1024  # about 260,000 places in 4 MiB; half of them for each store
_lock = threading.RLock()


class NoiseDamaged(VeilError):
    """The file is missing, or a block of it does not fit its own sum."""

    def __init__(self) -> None:
        super().__init__(
            "the vault's noise file is missing or damaged, and keys cannot be put together without it",
            "change nothing, and restore the last backup with `veil vault restore`",
        )


class Noise:
    """The noise file of one vault, or of one backup."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def made(cls, path: Path, blocks: int | None = None) -> "Noise":
        """Write a new file; all of it is random."""
        head = _summed(_MAGIC + secrets.token_bytes(_BLOCK_BYTES - _HASH_BYTES - len(_MAGIC)))
        blocks = BLOCKS if blocks is None else blocks
        body = (_summed(secrets.token_bytes(_BLOCK_BYTES - _HASH_BYTES)) for _ in range(blocks))
        write_whole(path, head + b"".join(body))
        return cls(path)

    @property
    def places(self) -> int:
        """How many places there are."""
        try:
            return (self.path.stat().st_size // _BLOCK_BYTES - 1) * _IN_BLOCK
        except OSError as error:
            raise NoiseDamaged from error

    @property
    def tag(self) -> bytes:
        """What all copies of one vault's noise have in common."""
        return self._head()[len(_MAGIC) : len(_MAGIC) + _TAG_BYTES]

    @property
    def state(self) -> bytes:
        """What changes each time something is destroyed."""
        start = len(_MAGIC) + _TAG_BYTES
        return self._head()[start : start + _TAG_BYTES]

    def at(self, place: int) -> bytes:
        """Return what stands at a place; raise `NoiseDamaged`."""
        block, start = self._where(place)
        with _lock:
            self._finish()
            return self._block(block)[start : start + PLACE_BYTES]

    def destroy(self, places: Iterable[int]) -> None:
        """Overwrite places with fresh noise, where they stand; a crash in the middle harms no other place."""
        with _lock:
            self._finish()
            changed: dict[int, bytearray] = {}
            for place in places:
                block, start = self._where(place)
                body = changed.setdefault(block, bytearray(self._block(block)))
                body[start : start + PLACE_BYTES] = secrets.token_bytes(PLACE_BYTES)
            if not changed:
                return
            head = changed[0] = bytearray(self._head())
            start = len(_MAGIC) + _TAG_BYTES
            head[start : start + _TAG_BYTES] = secrets.token_bytes(_TAG_BYTES)
            told = b"".join(
                block.to_bytes(8, "little") + _summed(bytes(body[:-_HASH_BYTES])) for block, body in changed.items()
            )
            write_whole(self._next, told)  # if the power goes now, the next reader finishes
            self._finish()

    def follow(self, other: "Noise") -> bool:
        """Overwrite this copy with another of the same vault, where it stands; tell whether it is one."""
        with _lock:
            told = other.whole()
            if self.tag != other.tag or len(told) != self.path.stat().st_size:
                return False
            (self._next).unlink(missing_ok=True)
            with self.path.open("r+b") as file:
                file.write(told)
                file.flush()
                os.fsync(file.fileno())
            return True

    def whole(self) -> bytes:
        """Return the file, for a copy."""
        with _lock:
            self._finish()
            return self.path.read_bytes()

    def all(self) -> tuple[bytes, ...]:
        """Return what stands at every place; raise `NoiseDamaged` at the first block that does not fit."""
        if self.places <= 0 or self.path.stat().st_size % _BLOCK_BYTES:
            raise NoiseDamaged
        with _lock:
            self._finish()
            self._head()
            blocks = [self._block(1 + block)[:-_HASH_BYTES] for block in range(self.places // _IN_BLOCK)]
        starts = range(0, _IN_BLOCK * PLACE_BYTES, PLACE_BYTES)
        return tuple(body[start : start + PLACE_BYTES] for body in blocks for start in starts)

    @property
    def _next(self) -> Path:
        return self.path.with_name(f"{self.path.name}.next")

    def _head(self) -> bytes:
        head = self._block(0)
        if not head.startswith(_MAGIC):
            raise NoiseDamaged
        return head

    def _where(self, place: int) -> tuple[int, int]:
        if not 0 <= place < self.places:
            raise NoiseDamaged
        return 1 + place // _IN_BLOCK, place % _IN_BLOCK * PLACE_BYTES

    def _block(self, block: int) -> bytes:
        try:
            with self.path.open("rb") as file:
                file.seek(block * _BLOCK_BYTES)
                told = file.read(_BLOCK_BYTES)
        except OSError as error:
            raise NoiseDamaged from error
        if len(told) != _BLOCK_BYTES or told != _summed(told[:-_HASH_BYTES]):
            raise NoiseDamaged
        return told

    def _finish(self) -> None:
        if not self._next.exists():
            return
        told = self._next.read_bytes()
        with self.path.open("r+b") as file:
            for start in range(0, len(told), 8 + _BLOCK_BYTES):
                file.seek(int.from_bytes(told[start : start + 8], "little") * _BLOCK_BYTES)
                file.write(told[start + 8 : start + 8 + _BLOCK_BYTES])
            file.flush()
            os.fsync(file.fileno())
        self._next.unlink()


def joined(key: bytes, half: bytes) -> bytes:
    """Return the key that a wrapped key and the noise at its place make together."""
    return blake2b(half, key=key, digest_size=32, person=b"veil joined").digest()


def proof(half: bytes) -> bytes:
    """Return 8 bytes by which noise that was overwritten is told from noise that was not."""
    return blake2b(half, digest_size=8, person=b"veil proof").digest()


def _summed(body: bytes) -> bytes:
    return body + blake2b(body, digest_size=_HASH_BYTES, person=b"veil block").digest()
