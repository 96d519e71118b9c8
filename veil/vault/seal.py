"""Sealing: authenticated encryption of records, and keys wrapped to those who may read (libsodium).

Records are padded to a few sizes before they are sealed, so that a length does not tell a name.
"""

from hashlib import blake2b

from nacl import bindings, exceptions, utils
from nacl.public import PrivateKey, PublicKey, SealedBox

from veil.errors import VeilError

KEY_BYTES = 32
_NONCE_BYTES = bindings.crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
_LEAST = 256


class Damaged(VeilError):
    """What was sealed was changed, cut short, or sealed with another key."""

    def __init__(self) -> None:
        super().__init__(
            "a sealed record cannot be opened: it was damaged, or belongs to another key",
            "stop working in this vault, and restore the last backup that `veil vault verify` accepts",
        )


def new_key() -> bytes:
    """Return 32 random bytes from the system."""
    return bytes(utils.random(KEY_BYTES))


def padded(plain: bytes) -> bytes:
    """Return the text filled up to the next of 256, 512, 1024 … bytes (ISO/IEC 7816-4)."""
    size = _LEAST
    while size <= len(plain):
        size *= 2
    return plain + b"\x80" + bytes(size - len(plain) - 1)


def unpadded(filled: bytes) -> bytes:
    """Take off what `padded` added; raise `Damaged` where it did not."""
    plain = filled.rstrip(b"\0")
    if not plain.endswith(b"\x80"):
        raise Damaged
    return plain[:-1]


def shut(key: bytes, plain: bytes, about: bytes) -> bytes:
    """Return a text sealed under a key (XChaCha20-Poly1305), bound to what it is about.

    `about` says where it belongs (compartment and record): moved to another place it does not open.
    """
    nonce = utils.random(_NONCE_BYTES)
    return bytes(nonce + bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(padded(plain), about, nonce, key))


def opened(key: bytes, sealed: bytes, about: bytes) -> bytes:
    """Return the text that `shut` sealed; raise `Damaged` if anything differs."""
    nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    try:
        plain = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(body, about, nonce, key)
    except (exceptions.CryptoError, ValueError, TypeError) as error:
        raise Damaged from error
    return unpadded(bytes(plain))


def new_secret() -> bytes:
    """Return the secret half of a new X25519 pair."""
    return bytes(PrivateKey.generate())


def public_of(secret: bytes) -> bytes:
    """Return the public half: what others seal to."""
    return bytes(PrivateKey(secret).public_key)


def wrapped(key: bytes, public: bytes) -> bytes:
    """Return bytes that only the holder of the secret half can read; nothing in them says for whom they are."""
    return bytes(SealedBox(PublicKey(public)).encrypt(key))


def unwrapped(box: bytes, secret: bytes) -> bytes:
    """Open what was wrapped to this secret's public half; raise `Damaged` if it was not."""
    try:
        return bytes(SealedBox(PrivateKey(secret)).decrypt(box))
    except (exceptions.CryptoError, ValueError, TypeError) as error:
        raise Damaged from error


def derived(key: bytes, purpose: str) -> bytes:
    """Return another key for another purpose; the first cannot be told from it."""
    return blake2b(purpose.encode(), key=key, digest_size=KEY_BYTES, person=b"veil derived").digest()
