"""A security key beside the passphrase: offered to everybody alike, needed once it is set up, forced or not."""

import hmac
import json
from base64 import urlsafe_b64decode
from hashlib import sha256

import pytest
from django.test import RequestFactory

from tests.networks import Network, passphrase_of
from tests.vault.soft_key import Credential, SoftKey
from veil.casework import world
from veil.casework.network import opening
from veil.casework.network.roles import Role
from veil.vault.security_key import KeyRefused, Question, Registration, answer_of, begin_registration
from veil.vault.slots import WrongPassphrase
from veil.vault.usb_key import register
from veil.web import second_half

HOST = {"SERVER_NAME": "localhost", "SERVER_PORT": "8000"}
NEW = "seven kettles hum under the northern stair"


class Person:
    """Knows the PIN."""

    def touch(self) -> None:
        """Touch."""

    def pin(self) -> str:
        """Tell it."""
        return "2580"


def answered(credential: Credential, told: dict[str, str]) -> dict[str, str]:
    """Return the fields that the script fills in, for what a page offered."""
    asked = json.loads(told["key_question"])["options"]
    salt = urlsafe_b64decode(asked["extensions"]["prf"]["eval"]["first"] + "=")
    client = {"type": "webauthn.get", "challenge": asked["challenge"], "origin": "http://localhost:8000"}
    signed, data = json.dumps(client).encode(), sha256(b"localhost").digest() + b"\x05" + bytes(4)
    prf = hmac.digest(credential.secret, sha256(b"WebAuthn PRF\0" + salt).digest(), sha256)
    signature = credential.sign(data + sha256(signed).digest())
    text = answer_of(credential.name, signed, data, signature=signature, prf=prf)
    return {"security_key": text, "security_key_word": told["key_word"]}


def extra_of(credential: Credential, registration: Registration | None = None) -> bytes:
    """Go through a page: the offer, the key's answer, the form."""
    told = second_half.offer(RequestFactory().get("/unlock", **HOST), registration)
    return second_half.given(RequestFactory().post("/unlock", answered(credential, told), **HOST), registration)


def set_up(key: SoftKey) -> Registration:
    """Set a key up for the vault in use."""
    told = second_half.offer(RequestFactory().get("/unlock", **HOST), new=True)
    asked = json.loads(told["key_question"])["options"]
    assert "prf" in asked["extensions"]
    question = second_half._waiting.take(told["key_word"])
    assert isinstance(question, Question)
    return register(begin_registration(question.salt, question.place), key, Person())


def test_needed_once_it_is_set_up(network: Network) -> None:
    """A worker who set a key up comes in with both halves, and not with the passphrase alone or another key."""
    key, other = SoftKey(), SoftKey()
    registration = set_up(key)
    set_up(other)
    hand = network.hand(Role.CASE_WORKER)
    sign = hand.call_sign
    extra = extra_of(key.credentials[0], registration)
    with world.within(hand.store):
        opening.change_passphrase(hand, passphrase_of(sign), NEW, new_extra=extra)
    assert opening.unlock(sign, NEW, extra_of(key.credentials[0])).id == hand.id
    for wrong in (b"", extra_of(other.credentials[0])):
        with pytest.raises(WrongPassphrase):
            opening.unlock(sign, NEW, wrong)


def test_offered_to_everybody_alike(network: Network) -> None:
    """The offer names nobody's key, before and after one is set up; without an answer the passphrase stands alone."""
    del network
    before = second_half.offer(RequestFactory().get("/unlock", **HOST))
    set_up(SoftKey())
    after = second_half.offer(RequestFactory().get("/unlock", **HOST))
    assert {name: len(text) for name, text in before.items()} == {name: len(text) for name, text in after.items()}
    assert json.loads(after["key_question"])["options"]["allowCredentials"] == []
    assert second_half.given(RequestFactory().post("/unlock", {"security_key": ""}, **HOST)) == b""


def test_an_answer_counts_once(network: Network) -> None:
    """The same form sent again, or one without its question, is refused."""
    del network
    key = SoftKey()
    set_up(key)
    told = second_half.offer(RequestFactory().get("/unlock", **HOST))
    fields = answered(key.credentials[0], told)
    assert len(second_half.given(RequestFactory().post("/unlock", fields, **HOST))) == 32
    for again in (fields, {"security_key": fields["security_key"]}):
        with pytest.raises(KeyRefused):
            second_half.given(RequestFactory().post("/unlock", again, **HOST))


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "something.onion", "other.example"])
def test_not_offered_where_no_key_can_answer(network: Network, host: str, settings_hosts: None) -> None:
    """At a bare address, over Tor, or without encryption elsewhere, nothing is offered that could not work."""
    del network, settings_hosts
    assert second_half.offer(RequestFactory().get("/unlock", headers={"host": f"{host}:8000"})) == {}


@pytest.fixture
def settings_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let requests name any host."""
    from django.conf import settings

    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["*"])
