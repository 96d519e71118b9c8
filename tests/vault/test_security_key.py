"""Unlocking with a security key: the same bytes each time, from the right key only; nothing tells who has one."""

import hmac
import json
from dataclasses import replace
from hashlib import blake2b, sha256

import pytest
from fido2.ctap import CtapDevice
from fido2.hid import CtapHidDevice
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.vault.soft_key import SoftKey
from veil.errors import VeilError
from veil.vault.security_key import (
    LONGEST_ANSWER,
    PACKED_BYTES,
    KeyRefused,
    Place,
    Question,
    Registration,
    answer_of,
    begin_registration,
    begin_unlock,
    finish_registration,
    finish_unlock,
    salt_of,
)
from veil.vault.usb_key import plugged_in, register, unlock

SALT = salt_of(b"the salt of a vault")
PLACE = Place(origins=("http://localhost:8000",))


class Person:
    """Knows a PIN, and counts how often a touch was wanted."""

    def __init__(self, pin: str = "2580") -> None:
        self._pin = pin
        self.touches = 0

    def touch(self) -> None:
        """Touch."""
        self.touches += 1

    def pin(self) -> str:
        """Tell the PIN."""
        return self._pin


@pytest.fixture(params=[-7, -8], ids=["ES256", "EdDSA"])
def key(request: pytest.FixtureRequest) -> SoftKey:
    """Return a key that makes credentials of one algorithm."""
    return SoftKey(algorithm=request.param)


def made(key: SoftKey, person: Person | None = None) -> Registration:
    """Set a key up."""
    return register(begin_registration(SALT, PLACE), key, person or Person())


def test_same_bytes_each_time(key: SoftKey) -> None:
    """Before anybody is in, the key gives the same 32 bytes each time, as CTAP2's hmac-secret and WebAuthn have it."""
    person = Person()
    registration = made(key, person)
    (extra,) = unlock(begin_unlock(SALT, PLACE), key, person)
    assert unlock(begin_unlock(SALT, PLACE), key, person) == (extra,)
    assert unlock(begin_unlock(SALT, PLACE, registration), key, person, registration) == (extra,)
    assert person.touches >= 4
    prf = hmac.digest(key.credentials[0].secret, sha256(b"WebAuthn PRF\0" + SALT).digest(), sha256)
    assert extra == blake2b(prf, key=SALT, digest_size=32, person=b"veil key extra").digest()


def test_other_bytes_for_others(key: SoftKey) -> None:
    """Another vault, another key, or the same key set up twice gives other bytes."""
    made(key)
    other = SoftKey()
    made(other)
    (first,) = unlock(begin_unlock(SALT, PLACE), key, Person())
    (second,) = unlock(begin_unlock(salt_of(b"another"), PLACE), key, Person())
    (third,) = unlock(begin_unlock(SALT, PLACE), other, Person())
    made(key)
    both = unlock(begin_unlock(SALT, PLACE), key, Person())
    assert len({first, second, third, *both}) == 4
    assert first in both


def test_nothing_tells_who_has_a_key(key: SoftKey) -> None:
    """The question at the lock names no credential, and its text is as long whoever has a key; nor does a key tell."""
    before = begin_unlock(SALT, PLACE).told()
    registration = made(key)
    after = begin_unlock(SALT, PLACE)
    assert after.options()["allowCredentials"] == []
    assert len(after.told()) == len(before)
    told = [begin_registration(SALT, PLACE).options() for _ in range(2)]
    assert {each["user"]["name"] for each in told} == {"key"}
    assert told[0]["user"]["id"] != told[1]["user"]["id"]
    assert told[0]["extensions"]["credentialProtectionPolicy"] == "userVerificationRequired"
    assert registration.credential.hex() not in repr(registration)


def test_kept_in_one_size(key: SoftKey) -> None:
    """What is kept has 512 bytes, comes back, and is refused when any of it is damaged."""
    registration = made(key)
    data = registration.packed()
    assert len(data) == PACKED_BYTES
    assert Registration.unpacked(data) == registration
    longest = replace(registration, credential=bytes(400))
    assert Registration.unpacked(longest.packed()) == longest
    for bad in (b"", data[:-1], data + b"\0", b"\2" + data[1:], data[:-1] + b"\1", data[:1] + b"\5" + data[2:]):
        with pytest.raises(VeilError):
            Registration.unpacked(bad)


def test_what_a_person_may_do_wrong() -> None:
    """A wrong PIN, no PIN, a key that was never set up or is set up already, or one without hmac-secret: a sentence."""
    key = SoftKey()
    with pytest.raises(KeyRefused, match="PIN is wrong"):
        made(key, Person("1111"))
    with pytest.raises(KeyRefused, match="needs its PIN"):
        made(key, Person(""))
    with pytest.raises(KeyRefused, match="nothing for this vault"):
        unlock(begin_unlock(SALT, PLACE), key, Person())
    registration = made(key)
    with pytest.raises(KeyRefused, match="has it already"):
        register(begin_registration(SALT, PLACE, [registration]), key, Person())
    with pytest.raises(KeyRefused, match="lacks hmac-secret"):
        made(SoftKey(prf=False))
    other = SoftKey()
    made(other)
    with pytest.raises(KeyRefused):
        unlock(begin_unlock(SALT, PLACE), other, Person(), registration)


def test_plugged_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """None or several keys on USB are told; one is taken."""
    keys: list[CtapDevice] = []
    monkeypatch.setattr(CtapHidDevice, "list_devices", lambda: iter(keys))
    with pytest.raises(VeilError, match="no security key"):
        plugged_in()
    keys.append(SoftKey())
    assert plugged_in() is keys[0]
    keys.append(SoftKey())
    with pytest.raises(VeilError, match="more than one"):
        plugged_in()


def _client(question: Question, **changes: object) -> bytes:
    """Return what a browser has signed for a question."""
    kind = "webauthn." + question.kind
    told = {"type": kind, "challenge": question.options()["challenge"], "origin": PLACE.origins[0]}
    return json.dumps(told | changes).encode()


def _data(host: str = "localhost", flags: int = 0x05) -> bytes:
    return sha256(host.encode()).digest() + bytes([flags]) + bytes(4)


WRONG_CLIENTS: list[dict[str, object]] = [
    {"type": "webauthn.create"},
    {"challenge": "AAAA"},
    {"challenge": 7},
    {"origin": "http://localhost:8001"},
    {"origin": "https://localhost:8000"},
    {"origin": "http://localhost:8000.evil.example"},
    {"origin": None},
    {"crossOrigin": True},
]


@pytest.mark.parametrize("changes", WRONG_CLIENTS)
def test_answers_to_other_pages(changes: dict[str, object]) -> None:
    """An answer to another question, of another kind, or from another page or port is refused."""
    question = begin_unlock(SALT, PLACE)
    right = answer_of(b"c", _client(question), _data(), prf=bytes(32))
    assert len(finish_unlock(question, right)) == 32
    with pytest.raises(KeyRefused):
        finish_unlock(question, answer_of(b"c", _client(question, **changes), _data(), prf=bytes(32)))
    with pytest.raises(KeyRefused):
        finish_unlock(begin_unlock(SALT, PLACE), right)


def test_answers_without_a_person_or_bytes() -> None:
    """An answer for another host, without touch, without PIN, or without the bytes is refused."""
    question = begin_unlock(SALT, PLACE)
    for data in (_data("evil.example"), _data(flags=0x04), _data(flags=0x01), _data()[:-1], _data() + b"x", b""):
        with pytest.raises(KeyRefused):
            finish_unlock(question, answer_of(b"c", _client(question), data, prf=bytes(32)))
    for prf in (b"", bytes(31), bytes(64)):
        with pytest.raises(KeyRefused, match="gave nothing"):
            finish_unlock(question, answer_of(b"c", _client(question), _data(), prf=prf))


def test_signatures(key: SoftKey) -> None:
    """Where the registration is known, only an answer that this credential signed is taken."""
    registration = made(key)
    question = begin_unlock(SALT, PLACE, registration)
    client, data = _client(question), _data()
    signature = key.credentials[0].sign(data + sha256(client).digest())
    told = {"signature": signature, "prf": bytes(32)}
    finish_unlock(question, answer_of(registration.credential, client, data, **told), registration)
    bent = signature[:-1] + bytes([signature[-1] ^ 1])  # not a fixed byte: one signature of sixteen ends in zero anyway
    wrong = [
        answer_of(registration.credential, client, data, **(told | {"signature": b""})),
        answer_of(registration.credential, client, data, **(told | {"signature": bent})),
        answer_of(registration.credential, client + b" ", data, **told),
        answer_of(registration.credential, client, _data(flags=0x45), **told),
        answer_of(b"another", client, data, **told),
    ]
    for answer in wrong:
        with pytest.raises(KeyRefused):
            finish_unlock(question, answer, registration)


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
PARTS = st.dictionaries(st.sampled_from(["credential", "client", "proof", "signature", "prf", "enabled"]), JSONS)


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | JSONS.map(json.dumps) | PARTS.map(json.dumps))
def test_any_answer_is_answered(answer: str) -> None:
    """Whatever the browser sends, the answer is a sentence."""
    for finish, question in ((finish_unlock, begin_unlock(SALT, PLACE)), (finish_registration, _creating())):
        with pytest.raises(KeyRefused):
            finish(question, answer)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=120), st.integers(0, 255))
def test_any_proof_is_answered(junk: bytes, flags: int) -> None:
    """Whatever the key's own bytes are, the answer is a sentence."""
    question = _creating()
    proofs = [junk, b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58" + bytes([37 + len(junk)]) + _data() + junk]
    proofs.append(proofs[1].replace(_data(), _data(flags=flags)))
    for proof in proofs:
        with pytest.raises(KeyRefused):
            finish_registration(question, answer_of(b"c", _client(question), proof, enabled=True))


def test_bottomless_answers() -> None:
    """Answers nested without end, or too long, are refused before they cost anything."""
    question = _creating()
    with pytest.raises(KeyRefused):
        finish_registration(question, answer_of(b"c", _client(question), b"\x81" * 5000 + b"\0", enabled=True))
    for letters in (LONGEST_ANSWER, LONGEST_ANSWER + 1):
        with pytest.raises(KeyRefused):
            finish_unlock(begin_unlock(SALT, PLACE), "[" * letters)


def _creating() -> Question:
    return begin_registration(SALT, PLACE)


def test_salts() -> None:
    """Each vault has its own salt, and a salt of another length is a bug."""
    assert salt_of(b"a") != salt_of(b"b")
    assert len(SALT) == 32
    with pytest.raises(ValueError, match="32 bytes"):
        begin_unlock(b"short", PLACE)
