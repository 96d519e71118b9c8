"""What the tests of sealed files share: keys, letters, and how a file is sealed and opened."""

import hashlib
import io
from pathlib import Path

import pytest

from tests.vault.forge import CHUNK
from veil.vault.age import (
    AgeReader,
    Identity,
    Passphrase,
    Recipient,
    seal,
)

pyrage = pytest.importorskip("pyrage", reason="pyrage, the other implementation of age, is not installed")
OURS = Identity(hashlib.sha256(b"ours").digest())
THEIRS = Identity(hashlib.sha256(b"theirs").digest())
US = OURS.recipient
BORDERS = [0, 1, 15, 16, 17, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1, 3 * CHUNK + 77]
LETTER = hashlib.shake_128(b"a letter").digest(2 * CHUNK + 999)  # three chunks


def noise(size: int) -> bytes:
    """Return bytes that look random, the same for the same length."""
    return hashlib.shake_128(str(size).encode()).digest(size)


def sealed_with(folder: Path, plain: bytes, *recipients: Recipient | Passphrase) -> bytes:
    """Return a file of ours."""
    seal(io.BytesIO(plain), folder / "file.age", recipients or (US,))
    return (folder / "file.age").read_bytes()


def opened(data: bytes, *keys: Identity | Passphrase) -> bytes:
    """Return all that the reader gives."""
    return AgeReader(io.BytesIO(data), keys or (OURS,)).read()


def their(identity: Identity) -> object:
    """Return a key of ours as pyrage has it."""
    return pyrage.x25519.Identity.from_str(identity.told())
