"""Key slots: a call sign and a passphrase open one, and nothing tells how many of them mean anything.

The file has a fixed size: a head, then slots of equal length. Those in use look like those filled with noise. Each
vault has two stores, and each store owns a random half of the slots, so that neither can overwrite the other's.
Which store is the real one, and whether the other was ever used, is not written anywhere in the clear.
"""

import secrets
import struct
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from veil.errors import VeilError
from veil.vault import seal
from veil.vault.cost import SALT_BYTES, Cost, stretch
from veil.vault.turn import turn
from veil.whole import write_whole

SLOTS = 512
STORES = ("a", "b")
_MAGIC = b"veil slots 1\n\0\0\0"
_HEAD_BYTES = 64
_BODY = struct.Struct("<1s32s16s32s32s")  # store, its key, worker, their secret, whom signals go to
_SLOT_BYTES = 24 + 256 + 16


class WrongPassphrase(VeilError):
    """No slot opened: the call sign, the passphrase or the security key is not right."""

    def __init__(self) -> None:
        super().__init__(
            "the vault did not open",
            "check the call sign and the passphrase, and whether a security key belongs to them",
        )


@dataclass(frozen=True)
class Slot:
    """What a passphrase opens: a store and its key, a worker and their secret, and where a signal goes."""

    store: str
    store_key: bytes
    worker: bytes  # 16 bytes: the id of the worker in that store
    secret: bytes
    signals_to: bytes


class Slots:
    """The slots file of one vault."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def made(cls, path: Path, cost: Cost) -> "Slots":
        """Write a new file in which every slot is noise."""
        head = _MAGIC + cost.packed() + secrets.token_bytes(SALT_BYTES)
        write_whole(path, head.ljust(_HEAD_BYTES, b"\0") + secrets.token_bytes(SLOTS * _SLOT_BYTES))
        return cls(path)

    def put(self, index: int, slot: Slot, call_sign: str, passphrase: str, extra: bytes = b"") -> None:
        """Fill one slot so that this call sign and passphrase open it."""
        key = self._key(self._data(), call_sign, passphrase, extra)
        body = _BODY.pack(slot.store.encode(), slot.store_key, slot.worker, slot.secret, slot.signals_to)
        self._place({index: seal.shut(key, body, _MAGIC)})

    def clear(self, indices: Iterable[int]) -> None:
        """Fill slots with noise again: what they opened is not opened by them any more."""
        self._place({index: secrets.token_bytes(_SLOT_BYTES) for index in indices})

    def open(self, call_sign: str, passphrase: str, extra: bytes = b"") -> Slot:
        """Return what these words open, trying every slot whether or not one has opened; raise `WrongPassphrase`."""
        data = self._data()
        key = self._key(data, call_sign, passphrase, extra)
        found: bytes | None = None
        for index in range(SLOTS):
            start = _HEAD_BYTES + index * _SLOT_BYTES
            try:
                found = seal.opened(key, data[start : start + _SLOT_BYTES], _MAGIC)
            except seal.Damaged:
                continue
        if found is None:
            raise WrongPassphrase
        store, store_key, worker, secret, signals_to = _BODY.unpack(found)
        return Slot(store.decode(), store_key, worker, secret, signals_to)

    @property
    def cost(self) -> Cost:
        """What one guess costs in this vault."""
        return Cost.unpacked(self._data()[len(_MAGIC) : len(_MAGIC) + 8])

    def check(self) -> None:
        """Raise VeilError unless the file is there and has its size."""
        self._data()

    @property
    def salt(self) -> bytes:
        """What sets this vault apart from every other; in the clear."""
        return self._data()[len(_MAGIC) + 8 :][:SALT_BYTES]

    def _key(self, data: bytes, call_sign: str, passphrase: str, extra: bytes) -> bytes:
        # the call sign goes into the salt: one guess tries one person, never everybody at once
        who = unicodedata.normalize("NFKC", call_sign).strip().casefold().encode(errors="surrogatepass")
        start = len(_MAGIC) + 8
        salt = blake2b(who, key=data[start : start + SALT_BYTES], digest_size=SALT_BYTES, person=b"veil slot").digest()
        return stretch(passphrase, salt, Cost.unpacked(data[len(_MAGIC) : start]), extra)

    def _place(self, bodies: Mapping[int, bytes]) -> None:
        if any(not 0 <= index < SLOTS or len(body) != _SLOT_BYTES for index, body in bodies.items()):
            raise ValueError("a slot has a fixed place and size")
        with turn(self.path.parent):
            data = bytearray(self._data())
            for index, body in bodies.items():
                start = _HEAD_BYTES + index * _SLOT_BYTES
                data[start : start + _SLOT_BYTES] = body
            write_whole(self.path, bytes(data))

    def _data(self) -> bytes:
        try:
            data = self.path.read_bytes()
        except FileNotFoundError as error:
            raise VeilError("there is no vault here", "make one with `veil vault new`, or name its folder") from error
        if len(data) != _HEAD_BYTES + SLOTS * _SLOT_BYTES or not data.startswith(_MAGIC):
            raise VeilError("the vault's key slots are damaged", "restore them with `veil vault restore`")
        return data


def halves() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Share the slots out between two stores at random."""
    indices = list(range(SLOTS))
    secrets.SystemRandom().shuffle(indices)
    return tuple(indices[: SLOTS // 2]), tuple(indices[SLOTS // 2 :])
