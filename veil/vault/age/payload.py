"""The payload of an age file: chunks of 64 KiB, each sealed on its own, numbered, the last one marked (STREAM)."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from veil.vault.age.header import derive
from veil.vault.age.refusals import Spoiled

CHUNK_BYTES, TAG_BYTES, NONCE_BYTES = 1 << 16, 16, 16
SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES


class Chunks:
    """Seals and opens the chunks of one payload."""

    def __init__(self, file_key: bytes, nonce: bytes) -> None:
        self._cipher = ChaCha20Poly1305(derive(file_key, nonce, b"payload"))

    def seal(self, index: int, plain: bytes, *, last: bool) -> bytes:
        """Return a chunk, sealed; every one but the last is full."""
        return self._cipher.encrypt(_nonce(index, last=last), plain, None)

    def open(self, index: int, sealed: bytes, *, last: bool) -> bytes:
        """Return what is in a chunk; raise `Spoiled` unless it is this chunk, whole, and the last one or not."""
        try:
            return self._cipher.decrypt(_nonce(index, last=last), sealed, None)
        except InvalidTag as error:
            raise Spoiled from error


def count(sealed_bytes: int) -> int:
    """Return how many chunks a payload of this length has (without its nonce); raise `Spoiled` if none can be so long.

    The last one is empty only where the whole payload is.
    """
    chunks, rest = divmod(sealed_bytes, SEALED_CHUNK_BYTES)
    if rest == 0:
        if chunks == 0:
            raise Spoiled("the sealed file is cut short")
        return chunks
    if rest < TAG_BYTES or (rest == TAG_BYTES and chunks):
        raise Spoiled("the sealed file is cut short, or something was added to it")
    return chunks + 1


def _nonce(index: int, *, last: bool) -> bytes:
    return index.to_bytes(11, "big") + (b"\1" if last else b"\0")
