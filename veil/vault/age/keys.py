"""Who can open an age file: X25519 keys as text, and passphrases (scrypt)."""

import hashlib
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from veil.errors import VeilError
from veil.vault.age import bech32
from veil.vault.age.header import FILE_KEY_BYTES, Stanza, base64_of, bytes_of, derive
from veil.vault.age.refusals import NoKeyFits, Spoiled

KEY_BYTES = 32
WORK_LOG2 = 18  # what `age` takes: about a second and 256 MiB
MOST_WORK_LOG2 = 20  # 1 GiB; above that a file could stop the machine that opens it
_LEAST_WORK_LOG2 = 1
_BODY_BYTES = FILE_KEY_BYTES + 16
_X25519, _SCRYPT = "X25519", "scrypt"
_X25519_INFO, _SCRYPT_INFO = b"age-encryption.org/v1/X25519", b"age-encryption.org/v1/scrypt"
_SALT_BYTES = 16
_WORK = re.compile("[1-9][0-9]*")
_NO_NONCE = bytes(12)  # every wrapping key is used once


class Wrapper(Protocol):
    """Wraps the key of a file so that somebody can open it."""

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the stanza that carries the file key to them."""
        ...


class Key(Protocol):
    """May open a file."""

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None when the stanza is for somebody else; raise `Spoiled`."""
        ...


@dataclass(frozen=True)
class Recipient:
    """A public key that files are sealed to: `age1…` as text."""

    public: bytes

    def __post_init__(self) -> None:
        if len(self.public) != KEY_BYTES:
            raise ValueError("a public key has 32 bytes")

    @classmethod
    def parse(cls, text: str) -> "Recipient":
        """Read `age1…`; raise VeilError when it is anything else."""
        return cls(_decoded(text, "age"))

    def __str__(self) -> str:
        return bech32.encode("age", self.public)

    def wrap(self, file_key: bytes) -> Stanza:
        """Return a stanza that does not say whom it is for; raise VeilError for a key that hides nothing."""
        fresh = X25519PrivateKey.generate()
        share = fresh.public_key().public_bytes_raw()
        try:
            shared = fresh.exchange(X25519PublicKey.from_public_bytes(self.public))
        except ValueError as error:
            raise VeilError("this public key protects nothing", "ask its owner for the key again") from error
        body = _locked(derive(shared, share + self.public, _X25519_INFO), file_key)
        return Stanza((_X25519, base64_of(share)), body)


@dataclass(frozen=True)
class Identity:
    """The secret half of a key: `AGE-SECRET-KEY-1…` as text."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != KEY_BYTES:
            raise ValueError("a secret key has 32 bytes")

    @classmethod
    def new(cls) -> "Identity":
        """Return a new random one."""
        return cls(secrets.token_bytes(KEY_BYTES))

    @classmethod
    def parse(cls, text: str) -> "Identity":
        """Read `AGE-SECRET-KEY-1…`; raise VeilError when it is anything else."""
        return cls(_decoded(text, "age-secret-key-"))

    @classmethod
    def of(cls, key: bytes) -> "Identity":
        """Return the one that belongs to a compartment's key: files sealed to it are gone when that key is destroyed.

        Seal to it alone: how many recipients a file has, any reader of its head can count.
        """
        return cls(blake2b(b"files", key=key, digest_size=KEY_BYTES, person=b"veil age").digest())

    def told(self) -> str:
        """Return the secret as text; never in `str()`, which ends up in logs."""
        return bech32.encode("age-secret-key-", self.secret).upper()

    @property
    def recipient(self) -> Recipient:
        """The public half."""
        return Recipient(X25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw())

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None when the stanza is for somebody else."""
        if stanza.kind != _X25519:
            return None
        share = _argument(stanza, 2, KEY_BYTES)
        try:
            shared = X25519PrivateKey.from_private_bytes(self.secret).exchange(X25519PublicKey.from_public_bytes(share))
        except ValueError as error:  # all zeroes: a point of low order
            raise Spoiled from error
        return _unlocked(derive(shared, share + self.recipient.public, _X25519_INFO), stanza.body)


@dataclass(frozen=True)
class Passphrase:
    """Words that open a file; they may not stand beside any other way to open it."""

    words: str = field(repr=False)
    work_log2: int = WORK_LOG2  # for sealing

    def wrap(self, file_key: bytes) -> Stanza:
        """Return the only stanza of a file."""
        if not _LEAST_WORK_LOG2 <= self.work_log2 <= MOST_WORK_LOG2:
            raise ValueError("the work is out of bounds")
        salt = secrets.token_bytes(_SALT_BYTES)
        body = _locked(self._stretched(salt, self.work_log2), file_key)
        return Stanza((_SCRYPT, base64_of(salt), str(self.work_log2)), body)

    def unwrap(self, stanza: Stanza) -> bytes | None:
        """Return the file key, or None when it takes another passphrase or a key; refuse work that is too much."""
        if stanza.kind != _SCRYPT:
            return None
        salt, work_log2 = _argument(stanza, 3, _SALT_BYTES), _work_of(stanza)
        return _unlocked(self._stretched(salt, work_log2), stanza.body)

    def _stretched(self, salt: bytes, work_log2: int) -> bytes:
        most = 130 * 8 * (1 << work_log2) + (1 << 20)  # 128 r N, and a little
        return hashlib.scrypt(
            self.words.encode(), salt=_SCRYPT_INFO + salt, n=1 << work_log2, r=8, p=1, maxmem=most, dklen=KEY_BYTES
        )


def wrap_all(file_key: bytes, recipients: Sequence[Wrapper]) -> tuple[Stanza, ...]:
    """Return a stanza per recipient; ValueError for none, or for a passphrase beside another."""
    if not recipients or (len(recipients) > 1 and any(isinstance(each, Passphrase) for each in recipients)):
        raise ValueError("seal to keys, or to one passphrase alone")
    return tuple(each.wrap(file_key) for each in recipients)


def unwrap_any(stanzas: Sequence[Stanza], keys: Iterable[Key]) -> bytes:
    """Return the file key that one of the keys opens; raise `NoKeyFits` or `Spoiled`."""
    for stanza in stanzas:
        _check_native(stanza, len(stanzas))
    for key in keys:
        for stanza in stanzas:
            if (file_key := key.unwrap(stanza)) is not None:
                return file_key
    raise NoKeyFits


def _check_native(stanza: Stanza, count: int) -> None:
    """Refuse a malformed stanza of a kind that Veil knows, whomever it is for."""
    if stanza.kind == _X25519:
        _argument(stanza, 2, KEY_BYTES)
    elif stanza.kind == _SCRYPT:
        if count != 1:
            raise Spoiled("the head of the sealed file mixes a passphrase with other locks")
        _argument(stanza, 3, _SALT_BYTES)
        _work_of(stanza)


def _argument(stanza: Stanza, arguments: int, size: int) -> bytes:
    """Return the second argument; raise `Spoiled` unless counts and lengths are exactly what the format says."""
    problem = "the head of the sealed file is not as the age format has it"
    if len(stanza.arguments) != arguments or len(stanza.body) != _BODY_BYTES:
        raise Spoiled(problem)
    try:
        value = bytes_of(stanza.arguments[1])
    except ValueError as error:
        raise Spoiled(problem) from error
    if len(value) != size:
        raise Spoiled(problem)
    return value


def _work_of(stanza: Stanza) -> int:
    text = stanza.arguments[2]
    if not _WORK.fullmatch(text):
        raise Spoiled("the head of the sealed file is not as the age format has it")
    if len(text) > 2 or int(text) > MOST_WORK_LOG2:
        raise VeilError(
            "opening this file would take more memory than this machine should give",
            "open it with `age` on a machine of your own, if you trust who sent it",
        )
    return int(text)


def _locked(key: bytes, file_key: bytes) -> bytes:
    return ChaCha20Poly1305(key).encrypt(_NO_NONCE, file_key, None)


def _unlocked(key: bytes, body: bytes) -> bytes | None:
    try:
        return ChaCha20Poly1305(key).decrypt(_NO_NONCE, body, None)
    except InvalidTag:
        return None


def _decoded(text: str, kind: str) -> bytes:
    """Return the 32 bytes of a key; raise VeilError without repeating the text, which may be a secret."""
    try:
        found, data = bech32.decode(text.strip())
    except ValueError as error:
        raise VeilError("a key is mistyped", "copy it whole, from its first letter to its last") from error
    if found != kind or len(data) != KEY_BYTES:
        raise VeilError("this is not a key of the kind that is needed here", "public keys begin with age1")
    return data
