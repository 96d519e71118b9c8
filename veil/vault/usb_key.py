"""A security key on this machine's USB, asked without a browser: the same credentials, the same bytes."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from fido2.client import ClientError, DefaultClientDataCollector, Fido2Client, PinRequiredError, UserInteraction
from fido2.ctap import CtapDevice
from fido2.ctap2.extensions import CredProtectExtension, HmacSecretExtension
from fido2.hid import CtapHidDevice
from fido2.utils import websafe_decode
from fido2.webauthn import PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions

from veil.errors import VeilError
from veil.vault.security_key import KeyRefused, Question, Registration, answer_of, finish_registration, finish_unlock

logging.getLogger("fido2").setLevel(logging.WARNING)  # below that it tells which credentials and hosts are asked for
_EXTENSIONS = (HmacSecretExtension(), CredProtectExtension())  # type: ignore[no-untyped-call]


class Asks(Protocol):
    """How a person is asked for what the key wants."""

    def touch(self) -> None:
        """Say that the key waits for a finger."""
        ...

    def pin(self) -> str:
        """Return the key's PIN; empty to stop."""
        ...


def plugged_in() -> CtapDevice:
    """Return the only security key on this machine's USB; raise VeilError for none, or for several."""
    try:
        found = list(CtapHidDevice.list_devices())
    except OSError as error:
        raise VeilError("security keys cannot be looked for", "check that you may use USB devices") from error
    if not found:
        raise VeilError("no security key is plugged in", "plug it in, and try again")
    if len(found) > 1:
        raise VeilError("more than one security key is plugged in", "leave only yours in")
    return found[0]


def register(question: Question, device: CtapDevice, asks: Asks) -> Registration:
    """Make a credential on a key and return what to keep; raise VeilError."""
    options = PublicKeyCredentialCreationOptions.from_dict(question.options())
    with _said():
        made = _client(question, device, asks).make_credential(options)
    results = made.client_extension_results.get("prf")
    told = answer_of(
        bytes(made.raw_id),
        bytes(made.response.client_data),
        bytes(made.response.attestation_object),
        enabled=bool(_part(results, "enabled")),
    )
    return finish_registration(question, told)


def unlock(
    question: Question, device: CtapDevice, asks: Asks, registration: Registration | None = None
) -> tuple[bytes, ...]:
    """Return the bytes to be mixed in, for each credential that the key has for this host: mostly one."""
    options = PublicKeyCredentialRequestOptions.from_dict(question.options())
    found = []
    with _said():
        chosen = _client(question, device, asks).get_assertion(options)
        for index in range(len(chosen.get_assertions())):
            given = chosen.get_response(index)
            first = _part(_part(given.client_extension_results.get("prf"), "results"), "first")
            told = answer_of(
                bytes(given.raw_id),
                bytes(given.response.client_data),
                bytes(given.response.authenticator_data),
                signature=bytes(given.response.signature),
                prf=websafe_decode(first) if isinstance(first, str) else bytes(first or b""),
            )
            found.append(finish_unlock(question, told, registration))
    return tuple(found)


def _client(question: Question, device: CtapDevice, asks: Asks) -> Fido2Client:
    where = DefaultClientDataCollector(question.place.origins[0])
    return Fido2Client(device, where, _Person(asks), _EXTENSIONS)


class _Person(UserInteraction):
    """Passes on what the library wants from a person."""

    def __init__(self, asks: Asks) -> None:
        self._asks = asks

    def prompt_up(self) -> None:
        """Say that the key waits for a finger."""
        self._asks.touch()

    def request_pin(self, permissions: Any, rp_id: str | None) -> str | None:  # noqa: ARG002  (the library's signature)
        """Ask for the PIN."""
        return self._asks.pin() or None

    def request_uv(self, permissions: Any, rp_id: str | None) -> bool:  # noqa: ARG002
        """Let the key look at a finger."""
        return True


@contextmanager
def _said() -> Iterator[None]:
    """Turn what the library raises into sentences."""
    try:
        yield
    except PinRequiredError as error:
        raise KeyRefused("the security key needs its PIN", "give it when it is asked for") from error
    except ClientError as error:
        raise _sentence(error) from error
    except (OSError, ValueError) as error:
        raise KeyRefused("the security key does not answer", "take it out, put it in again, and try again") from error


def _sentence(error: ClientError) -> KeyRefused:
    kinds = ClientError.ERR
    if error.code == kinds.TIMEOUT:
        return KeyRefused("the security key waited too long", "touch it when it blinks")
    if error.code == kinds.DEVICE_INELIGIBLE:
        return KeyRefused("this security key has nothing for this vault, or has it already", "take the other key")
    if error.code == kinds.CONFIGURATION_UNSUPPORTED:
        return KeyRefused("this security key cannot do what is needed", "set a PIN on it, or take a FIDO2 key")
    if error.code == kinds.BAD_REQUEST:
        return KeyRefused("the security key refused: perhaps its PIN is wrong", "check the PIN: it allows few mistakes")
    return KeyRefused("the security key does not answer", "take it out, put it in again, and try again")


def _part(told: Any, name: str) -> Any:
    """Return one entry of what an extension told, which may be a mapping or an object."""
    return told.get(name) if hasattr(told, "get") else getattr(told, name, None)
