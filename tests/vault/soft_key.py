"""A security key made of software (CTAP 2.1 with hmac-secret and a PIN), apart from the code under test."""

import hmac
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from fido2 import cbor
from fido2.cose import ES256, EdDSA
from fido2.ctap import CtapDevice, CtapError
from fido2.ctap2.base import Ctap2
from fido2.ctap2.pin import PinProtocolV2
from fido2.webauthn import AttestedCredentialData, AuthenticatorData

_ES256: Any = ES256
_EDDSA: Any = EdDSA
_ERR, _CMD, _FLAG = CtapError.ERR, Ctap2.CMD, AuthenticatorData.FLAG


@dataclass
class Credential:
    """One credential on the key."""

    host: str
    user: Mapping[str, Any]
    key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    secret: bytes = field(default_factory=lambda: os.urandom(32))  # CredRandomWithUV
    name: bytes = field(default_factory=lambda: os.urandom(48))

    def sign(self, data: bytes) -> bytes:
        """Return a signature as COSE has it."""
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return self.key.sign(data)
        return self.key.sign(data, ec.ECDSA(hashes.SHA256()))

    @property
    def public(self) -> Any:
        """The public key."""
        if isinstance(self.key, ed25519.Ed25519PrivateKey):
            return _EDDSA.from_cryptography_key(self.key.public_key())
        return _ES256.from_cryptography_key(self.key.public_key())


class Refused(Exception):
    """The key answers with an error code."""

    def __init__(self, code: int) -> None:
        super().__init__()
        self.code = code


class SoftKey(CtapDevice):
    """Keeps credentials in memory and answers as a key on USB would."""

    def __init__(self, pin: str = "2580", *, algorithm: int = -7, prf: bool = True) -> None:
        self.credentials: list[Credential] = []
        self._pin, self._algorithm, self._prf = pin, algorithm, prf
        self._agreement = ec.generate_private_key(ec.SECP256R1())
        self._token = os.urandom(32)
        self._protocol: Any = PinProtocolV2()
        self._waiting: list[dict[int, Any]] = []

    @property
    def capabilities(self) -> int:
        """Tell that it speaks CBOR."""
        return 0x04

    @classmethod
    def list_devices(cls) -> Iterator["SoftKey"]:
        """Return none: it is never plugged in."""
        return iter(())

    def call(self, cmd: int, data: bytes = b"", event: Any = None, on_keepalive: Any = None) -> bytes:
        """Answer one command."""
        del cmd, event
        answers: dict[int, Callable[[dict[int, Any]], Mapping[Any, Any]]] = {
            _CMD.GET_INFO: self._info,
            _CMD.CLIENT_PIN: self._client_pin,
            _CMD.MAKE_CREDENTIAL: self._make,
            _CMD.GET_ASSERTION: self._get,
            _CMD.GET_NEXT_ASSERTION: lambda _: self._waiting.pop(0),
        }
        if data[0] not in answers:
            return bytes([_ERR.INVALID_COMMAND])
        try:
            told: Any = cbor.decode(data[1:]) if data[1:] else {}
            if on_keepalive and data[0] in (_CMD.MAKE_CREDENTIAL, _CMD.GET_ASSERTION):
                on_keepalive(2)
            return b"\0" + cbor.encode(answers[data[0]](told))
        except Refused as refused:
            return bytes([refused.code])

    def _info(self, _: dict[int, Any]) -> dict[int, Any]:
        extensions = ["credProtect", *(["hmac-secret"] if self._prf else [])]
        options = {"rk": True, "up": True, "clientPin": True, "pinUvAuthToken": True}
        return {1: ["FIDO_2_1"], 2: extensions, 3: bytes(16), 4: options, 6: [2]}

    def _client_pin(self, told: dict[int, Any]) -> dict[int, Any]:
        if told[2] == 2:
            return {1: {**_ES256.from_cryptography_key(self._agreement.public_key()), 3: -25}}
        shared = self._shared(told[3])
        if self._protocol.decrypt(shared, told[6]) != sha256(self._pin.encode()).digest()[:16]:
            raise Refused(_ERR.PIN_INVALID)
        return {2: self._protocol.encrypt(shared, self._token)}

    def _shared(self, peer: Mapping[int, Any]) -> bytes:
        numbers = ec.EllipticCurvePublicNumbers(
            int.from_bytes(peer[-2], "big"), int.from_bytes(peer[-3], "big"), ec.SECP256R1()
        )
        return bytes(self._protocol.kdf(self._agreement.exchange(ec.ECDH(), numbers.public_key())))

    def _verified(self, client_hash: bytes, mac: bytes | None) -> bool:
        if mac is None:
            return False
        if not hmac.compare_digest(self._protocol.authenticate(self._token, client_hash), mac):
            raise Refused(_ERR.PIN_AUTH_INVALID)
        return True

    def _make(self, told: dict[int, Any]) -> dict[int, Any]:
        verified = self._verified(told[1], told.get(8))
        excluded = {each["id"] for each in told.get(5, [])}
        if any(each.name in excluded for each in self.credentials):
            raise Refused(_ERR.CREDENTIAL_EXCLUDED)
        if not verified or not told[7]["rk"] or told[6].get("credProtect") != 3:
            raise Refused(_ERR.PUAT_REQUIRED)
        key = ec.generate_private_key(ec.SECP256R1()) if self._algorithm == -7 else ed25519.Ed25519PrivateKey.generate()
        made = Credential(told[2]["id"], told[3], key)
        self.credentials.append(made)
        attested = AttestedCredentialData.create(bytes(16), made.name, made.public)
        flags = _FLAG.UP | _FLAG.UV | _FLAG.AT | _FLAG.ED
        more = {"credProtect": 3, **({"hmac-secret": True} if self._prf else {})}
        host_hash = sha256(made.host.encode()).digest()
        return {1: "none", 2: bytes(AuthenticatorData.create(host_hash, flags, 0, attested, more)), 3: {}}

    def _get(self, told: dict[int, Any]) -> dict[int, Any]:
        verified = self._verified(told[2], told.get(6))
        allowed = {each["id"] for each in told.get(3) or []}
        found = [
            each
            for each in self.credentials
            if each.host == told[1] and verified and (not allowed or each.name in allowed)
        ]
        if not found:
            raise Refused(_ERR.NO_CREDENTIALS)
        answers = [self._asserted(each, told, number=len(found)) for each in found]
        self._waiting = answers[1:]
        return answers[0]

    def _asserted(self, found: Credential, told: dict[int, Any], number: int) -> dict[int, Any]:
        flags, more = _FLAG.UV, None
        if (told.get(5) or {}).get("up", True):
            flags |= _FLAG.UP
        if self._prf and (asked := (told.get(4) or {}).get("hmac-secret")):
            shared = self._shared(asked[1])
            if not hmac.compare_digest(self._protocol.authenticate(shared, asked[2]), asked[3]):
                raise Refused(_ERR.PIN_AUTH_INVALID)
            salt = self._protocol.decrypt(shared, asked[2])
            more = {"hmac-secret": self._protocol.encrypt(shared, hmac.digest(found.secret, salt, sha256))}
            flags |= _FLAG.ED
        data = bytes(AuthenticatorData.create(sha256(found.host.encode()).digest(), flags, 0, b"", more))
        credential = {"type": "public-key", "id": found.name}
        return {1: credential, 2: data, 3: found.sign(data + told[2]), 4: {"id": found.user["id"]}, 5: number}
