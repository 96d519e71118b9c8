"""What one guess at a passphrase costs: Argon2id (RFC 9106), measured on the machine that makes the vault."""

import math
import struct
import time
import unicodedata
from dataclasses import dataclass
from hashlib import blake2b

from nacl import pwhash

SALT_BYTES = pwhash.argon2id.SALTBYTES
_FORM = struct.Struct("<II")
_MEMORY_KIB = 256 * 1024
_MOST_PASSES = 64
_TRIES = 2


@dataclass(frozen=True)
class Cost:
    """How often, and over how much memory (KiB), a passphrase is stretched; one lane."""

    passes: int
    memory_kib: int

    def packed(self) -> bytes:
        """Return the cost as 8 bytes, for the head of a slots file."""
        return _FORM.pack(self.passes, self.memory_kib)

    @classmethod
    def unpacked(cls, data: bytes) -> "Cost":
        """Read what `packed` wrote."""
        return cls(*_FORM.unpack(data))


CHEAP = Cost(1, 8)  # for tests only: no vault that is kept may have it


def stretch(passphrase: str, salt: bytes, cost: Cost, extra: bytes = b"") -> bytes:
    """Return the 32 bytes that a passphrase, and what a security key adds (`extra`), amount to.

    Unicode is brought to NFKC first, so that the same keys on another keyboard give the same bytes.
    """
    told = unicodedata.normalize("NFKC", passphrase).encode(errors="surrogatepass")
    slow: bytes = pwhash.argon2id.kdf(
        32, told, salt[:SALT_BYTES], opslimit=cost.passes, memlimit=cost.memory_kib * 1024
    )
    return blake2b(extra, key=slow, digest_size=32, person=b"veil stretch").digest() if extra else slow


def measured(seconds: float = 0.75, memory_kib: int = _MEMORY_KIB) -> Cost:
    """Return the cost at which one guess takes at least `seconds` on this machine.

    The quicker of two tries counts: what else the machine does meanwhile must not make guesses cheap for ever.
    """
    passes = 1
    while True:
        cost = Cost(passes, memory_kib)
        took = math.inf
        for _try in range(_TRIES):
            began = time.process_time()
            stretch("how long does this take", bytes(SALT_BYTES), cost)
            took = min(took, time.process_time() - began)
            if took < seconds:
                break
        if took >= seconds or passes >= _MOST_PASSES:
            return cost
        passes = min(_MOST_PASSES, max(passes + 1, int(passes * seconds / max(took, 1e-3))))
