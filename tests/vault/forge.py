"""Builds age files piece by piece, right or wrong as a test wants them, apart from the code under test."""

import base64
import hmac
import os
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

CHUNK = 65536
FILE_KEY = b"sixteen b. a key"
INTRO = b"age-encryption.org/v1\n"


def raw64(data: bytes) -> bytes:
    """Return Base64 without padding."""
    return base64.b64encode(data).rstrip(b"=")


def hkdf(secret: bytes, salt: bytes, purpose: bytes) -> bytes:
    """Return 32 bytes by HKDF-SHA-256, written out."""
    return hmac.digest(hmac.digest(salt or bytes(32), secret, sha256), purpose + b"\1", sha256)


def x25519_body(public: bytes, file_key: bytes = FILE_KEY) -> tuple[bytes, bytes]:
    """Return the share and the wrapped key of a stanza."""
    fresh = X25519PrivateKey.generate()
    share = fresh.public_key().public_bytes_raw()
    shared = fresh.exchange(X25519PublicKey.from_public_bytes(public))
    wrapping = hkdf(shared, share + public, b"age-encryption.org/v1/X25519")
    return share, ChaCha20Poly1305(wrapping).encrypt(bytes(12), file_key, None)


def x25519(public: bytes, file_key: bytes = FILE_KEY) -> bytes:
    """Return a right stanza."""
    share, body = x25519_body(public, file_key)
    return b"-> X25519 " + raw64(share) + b"\n" + raw64(body) + b"\n"


@dataclass(frozen=True)
class Chunk:
    """One chunk of a payload: what it says, its number, and whether it is marked as the last."""

    plain: bytes
    number: int
    last: bool


def chunks_of(plain: bytes) -> list[Chunk]:
    """Return the right chunks of a payload."""
    starts = range(0, max(1, len(plain)), CHUNK)
    return [Chunk(plain[s : s + CHUNK], i, i == len(starts) - 1) for i, s in enumerate(starts)]


def payload(chunks: Sequence[Chunk], file_key: bytes = FILE_KEY) -> bytes:
    """Return a nonce and the chunks, sealed."""
    nonce = os.urandom(16)
    cipher = ChaCha20Poly1305(hkdf(file_key, nonce, b"payload"))
    return nonce + b"".join(
        cipher.encrypt(each.number.to_bytes(11, "big") + bytes([each.last]), each.plain, None) for each in chunks
    )


def head(stanzas: bytes, *, intro: bytes = INTRO, file_key: bytes = FILE_KEY, end: bytes | None = None) -> bytes:
    """Return a header, rightly signed whatever it says; `end` stands for its last line."""
    signed = intro + stanzas + b"---"
    mac = hmac.digest(hkdf(file_key, b"", b"header"), signed, sha256)
    return intro + stanzas + (end if end is not None else b"--- " + raw64(mac) + b"\n")
