"""The second half of unlocking: what a security key (FIDO2) answers to a vault's salt, mixed with the passphrase.

WebAuthn's `prf` extension, which is CTAP2's `hmac-secret`: each key computes 32 bytes from the salt and a secret that
never leaves it, after its PIN or finger. The credential lives on the key itself (a "discoverable" one) and every key
of a vault gets the same salt. So the vault keeps no list of keys in the clear: the page that asks looks the same
whoever comes, and whether one worker, all or nobody has a key.

Before the slot is open there is no public key to check a signature with, and none is needed: bytes that are not right
open nothing. Challenge, origin and flags are checked all the same, against answers taken from another page; the
signature is checked wherever the registration is known.
"""

import binascii
import hmac
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b, sha256
from typing import Any, Literal

from cryptography.exceptions import InvalidSignature
from fido2.cose import ES256, CoseKey, EdDSA
from fido2.webauthn import AttestationObject, AuthenticatorData

from veil.errors import VeilError

SALT_BYTES, EXTRA_BYTES, PACKED_BYTES = 32, 32, 512
LONGEST_ANSWER = 16 * 1024  # letters
_LONGEST_ID = 400
_FORM = struct.Struct(f">BbH{_LONGEST_ID}s64s")
_VERSION = 1
_ALGORITHMS = {-7: ES256, -8: EdDSA}
_WAIT_MS = 120_000
_USER = "key"  # what the key shows for the credential: the same for everybody, everywhere
_JUNK = (ValueError, KeyError, IndexError, TypeError, AttributeError, OverflowError, RecursionError, struct.error)


class KeyRefused(VeilError):
    """The answer of a security key cannot be taken."""


@dataclass(frozen=True)
class Place:
    """Where the pages are: a key answers for this host only. Browsers take no bare address such as 127.0.0.1."""

    host: str = "localhost"
    origins: tuple[str, ...] = ("http://localhost:8000",)


@dataclass(frozen=True)
class Registration:
    """What is kept of a security key, sealed: which credential, and the public key that checks its signatures."""

    credential: bytes = field(repr=False)
    algorithm: int
    public: bytes = field(repr=False)  # 64 bytes: x and y, or x and zeroes

    def packed(self) -> bytes:
        """Return 512 bytes, whatever the key."""
        data = _FORM.pack(_VERSION, self.algorithm, len(self.credential), self.credential, self.public)
        return data.ljust(PACKED_BYTES, b"\0")

    @classmethod
    def unpacked(cls, data: bytes) -> "Registration":
        """Read what `packed` wrote; raise VeilError for anything else."""
        try:
            version, algorithm, size, credential, public = _FORM.unpack(data[: _FORM.size])
        except struct.error as error:
            raise _unkept() from error
        found = cls(credential[:size], algorithm, public)
        if version != _VERSION or algorithm not in _ALGORITHMS or size > _LONGEST_ID or found.packed() != data:
            raise _unkept()
        return found

    def check(self, signature: bytes, signed: bytes) -> None:
        """Raise `KeyRefused` unless this key signed this."""
        half = self.public[:32]
        if self.algorithm == ES256.ALGORITHM:
            key: CoseKey = ES256({1: 2, 3: self.algorithm, -1: 1, -2: half, -3: self.public[32:]})
        else:
            key = EdDSA({1: 1, 3: self.algorithm, -1: 6, -2: half})
        try:
            key.verify(signed, signature)
        except (InvalidSignature, *_JUNK) as error:
            raise _not_it() from error


@dataclass(frozen=True)
class Question:
    """What is asked of a key, once: kept on this side until the answer comes, then thrown away."""

    kind: Literal["create", "get"]
    salt: bytes
    place: Place
    challenge: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    known: tuple[bytes, ...] = ()  # credentials of the worker who is in: not to be made again, or the ones to ask

    def options(self) -> dict[str, Any]:
        """Return the `publicKey` options for the browser, bytes as Base64url (WebAuthn 3, JSON form)."""
        known = [{"type": "public-key", "id": _text(credential)} for credential in self.known]
        shared = {"challenge": _text(self.challenge), "timeout": _WAIT_MS}
        if self.kind == "get":
            asked = {"prf": {"eval": {"first": _text(self.salt)}}}
            more = {"rpId": self.place.host, "allowCredentials": known, "userVerification": "required"}
            return shared | more | {"extensions": asked}
        chosen = {"residentKey": "required", "requireResidentKey": True, "userVerification": "required"}
        return shared | {
            "rp": {"id": self.place.host, "name": self.place.host},
            "user": {"id": _text(secrets.token_bytes(32)), "name": _USER, "displayName": _USER},
            "pubKeyCredParams": [{"type": "public-key", "alg": algorithm} for algorithm in _ALGORITHMS],
            "excludeCredentials": known,
            "authenticatorSelection": chosen,
            "attestation": "none",
            # a key that is found must not even tell that it has a credential here before its PIN is given
            "extensions": {"prf": {}, "credentialProtectionPolicy": "userVerificationRequired"},
        }

    def told(self) -> str:
        """Return all that the page's script needs, as JSON for the form's `data-security-key`."""
        return json.dumps({"ask": self.kind, "options": self.options()})


def salt_of(vault_salt: bytes) -> bytes:
    """Return the one salt that all keys of a vault get, from a random salt that the vault keeps in the clear."""
    return blake2b(vault_salt, digest_size=SALT_BYTES, person=b"veil prf salt").digest()


def begin_registration(salt: bytes, place: Place, known: Sequence[Registration] = ()) -> Question:
    """Return the question that makes a credential on a key, unless it is one that the worker has already."""
    return _question("create", salt, place, known)


def finish_registration(question: Question, answer: str) -> Registration:
    """Return what to keep; raise `KeyRefused`. Then ask with `begin_unlock(…, registration)` for the bytes.

    Who made the key is not asked: attestation would tell one batch of keys from another.
    """
    said = _Answer.read(answer, question, "webauthn.create")
    try:
        data = AttestationObject(said.proof).auth_data
        made = data.credential_data
        if made is None:
            raise ValueError("no credential")
        registration = _registration(bytes(made.credential_id), made.public_key)
    except _JUNK as error:
        raise _not_it() from error
    _check_data(data, question.place)
    if not said.enabled:
        raise KeyRefused(
            "this security key cannot help to unlock: it lacks hmac-secret",
            "take a FIDO2 key that has it, in a browser that offers it; or go on with the passphrase alone",
        )
    if not hmac.compare_digest(registration.credential, said.credential):
        raise _not_it()
    return registration


def begin_unlock(salt: bytes, place: Place, registration: Registration | None = None) -> Question:
    """Return the question at the lock, the same whoever comes; or, for a worker who is in, the one for their key."""
    return _question("get", salt, place, () if registration is None else (registration,))


def finish_unlock(question: Question, answer: str, registration: Registration | None = None) -> bytes:
    """Return the 32 bytes to be mixed into the passphrase's key; raise `KeyRefused`.

    Without a registration the signature is not checked (see above): the bytes prove themselves by opening a slot.
    """
    said = _Answer.read(answer, question, "webauthn.get")
    try:
        data = AuthenticatorData(said.proof)
    except _JUNK as error:
        raise _not_it() from error
    _check_data(data, question.place)
    if registration is not None:
        if not hmac.compare_digest(registration.credential, said.credential):
            raise KeyRefused("this is another security key", "take the one that was just set up, or begin again")
        registration.check(said.signature, said.proof + sha256(said.client).digest())
    if len(said.prf) != EXTRA_BYTES:
        raise KeyRefused(
            "the security key gave nothing to unlock with",
            "use the browser that it was set up in, or another one that offers hmac-secret",
        )
    return blake2b(said.prf, key=question.salt, digest_size=EXTRA_BYTES, person=b"veil key extra").digest()


@dataclass(frozen=True)
class _Answer:
    """What came back from the browser, or from a key on this machine."""

    credential: bytes
    client: bytes  # the JSON that the browser had signed
    proof: bytes
    signature: bytes = field(default=b"", repr=False)
    prf: bytes = field(default=b"", repr=False)
    enabled: bool = False

    @classmethod
    def read(cls, text: str, question: Question, kind: str) -> "_Answer":
        """Read an answer and check that it is to this question; raise `KeyRefused`."""
        if len(text) > LONGEST_ANSWER:
            raise _not_it()
        try:
            told = json.loads(text)
            names = ("credential", "client", "proof", "signature", "prf")
            parts = {name: _bytes(told.get(name, "")) for name in names}
            said = cls(**parts, enabled=told.get("enabled") is True)
            client = json.loads(said.client)
            right = hmac.compare_digest(_bytes(client["challenge"]), question.challenge)
            right &= client["type"] == kind and client["origin"] in question.place.origins
            right &= client.get("crossOrigin", False) is False
        except _JUNK as error:
            raise _not_it() from error
        if not right:
            raise KeyRefused("this answer belongs to another page, or comes too late", "open the page again")
        return said

    def told(self) -> str:
        """Return the answer as the page's script writes it."""
        names = ("credential", "client", "proof", "signature", "prf")
        return json.dumps({name: _text(getattr(self, name)) for name in names} | {"enabled": self.enabled})


def answer_of(credential: bytes, client: bytes, proof: bytes, **more: Any) -> str:
    """Return an answer as text, for a key that is asked without a browser; `more`: signature, prf, enabled."""
    return replace(_Answer(credential, client, proof), **more).told()


def _question(kind: Literal["create", "get"], salt: bytes, place: Place, known: Sequence[Registration]) -> Question:
    if len(salt) != SALT_BYTES:
        raise ValueError("a salt has 32 bytes")
    return Question(kind, salt, place, known=tuple(each.credential for each in known))


def _registration(credential: bytes, key: CoseKey) -> Registration:
    algorithm = int(key[3])
    if algorithm not in _ALGORITHMS or not 1 <= len(credential) <= _LONGEST_ID:
        raise ValueError("not one that was asked for")
    x, y = bytes(key[-2]), bytes(key[-3]) if algorithm == ES256.ALGORITHM else bytes(32)
    if len(x) != 32 or len(y) != 32:
        raise ValueError("not a key")
    return Registration(credential, algorithm, x + y)


def _check_data(data: AuthenticatorData, place: Place) -> None:
    """Raise `KeyRefused` unless a person was there, proved it to the key, and the key answered for this host."""
    if not hmac.compare_digest(bytes(data.rp_id_hash), sha256(place.host.encode()).digest()):
        raise _not_it()
    if not data.is_user_present():
        raise KeyRefused("nobody touched the security key", "touch it when it blinks")
    if not data.is_user_verified():
        raise KeyRefused(
            "the security key was used without its PIN or finger",
            "set a PIN on the key, and give it when the browser asks",
        )


def _not_it() -> KeyRefused:
    return KeyRefused("the security key's answer cannot be read", "open the page again, and ask the key once more")


def _unkept() -> VeilError:
    return VeilError("what was kept of a security key is damaged", "set the key up again")


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError("not Base64url") from error
    if _text(data) != text:
        raise ValueError("not canonical")
    return data
