"""The second half of unlocking, on pages: offers a security key beside the passphrase, and takes what it answers.

The offer is the same whoever comes, and stands on the page whether or not anybody has a key: it tells nothing.
"""

import ipaddress

from django.http import HttpRequest

from veil.casework.network import opening
from veil.vault.security_key import (
    Place,
    Question,
    Registration,
    begin_registration,
    begin_unlock,
    finish_registration,
    finish_unlock,
    salt_of,
)
from veil.vault.waiting import Waiting

_waiting = Waiting()


def offer(request: HttpRequest, registration: Registration | None = None, *, new: bool = False) -> dict[str, str]:
    """Return what a form with `veil/security_key.html` in it needs; empty where no key can answer.

    `registration`: the key of the worker who is in, to be asked itself; `new`: another key is to be set up.
    """
    place = _place(request)
    if place is None:
        return {}
    salt = salt_of(opening.slots().salt)
    if new:
        question = begin_registration(salt, place, [registration] if registration else [])
    else:
        question = begin_unlock(salt, place, registration)
    return {"key_question": question.told(), "key_word": _waiting.keep(question)}


def given(request: HttpRequest, registration: Registration | None = None) -> bytes:
    """Return the bytes that a key gave with this form, or none where no key was used; raise `KeyRefused`."""
    if not request.POST.get("security_key"):
        return b""
    return finish_unlock(_question(request), request.POST["security_key"], registration)


def registered(request: HttpRequest) -> Registration:
    """Return what to keep, sealed, of the key that was set up with this form; raise `KeyRefused`."""
    return finish_registration(_question(request), request.POST.get("security_key", ""))


def _question(request: HttpRequest) -> Question:
    return _waiting.take(request.POST.get("security_key_word", ""))


def _place(request: HttpRequest) -> Place | None:
    """Return where the page is, if browsers let security keys answer there: not at a bare address, nor over Tor."""
    host = request.get_host().rpartition(":")[0] or request.get_host()
    if host.endswith(".onion") or not (request.is_secure() or host == "localhost"):
        return None
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return Place(host, (f"{request.scheme}://{request.get_host()}",))
    return None
