"""What seals here lasts only as long as its place in the noise: used by a hand in place of `veil.vault.seal`.

`about` begins with the compartment's id, and that says the place; so whoever has a compartment's key, and an old copy
of its records, still reads nothing once the place was overwritten.
"""

import secrets
import uuid
from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from django.utils.translation import gettext as _

from veil.casework import world
from veil.errors import VeilError
from veil.vault import noise, seal, stores
from veil.vault.seal import Damaged, new_key, public_of, unwrapped, wrapped
from veil.vault.slots import STORES

__all__ = ["Damaged", "new_key", "new_secret", "opened", "public_of", "shut", "unwrapped", "wrapped"]
new_secret = seal.new_secret
_WRAPPED_BYTES = seal.KEY_BYTES + 48
_MOST_TRIES = 1000  # enough while one place in a hundred is free


class Full(VeilError):
    """Every place in the noise belongs to a compartment already."""

    def __init__(self) -> None:
        super().__init__(_("this vault is full"), _("let closed cases be destroyed: their clocks are on the board"))


def shut(key: bytes, plain: bytes, about: bytes) -> bytes:
    """Return a text sealed under a compartment's key and the noise at its place."""
    return seal.shut(_joined(key, about), plain, about)


def opened(key: bytes, sealed: bytes, about: bytes) -> bytes:
    """Return the text that `shut` sealed; raise `Damaged` if anything differs, or the place was overwritten."""
    return seal.opened(_joined(key, about), sealed, about)


def addressed(plain: bytes, public: bytes, compartment: uuid.UUID) -> bytes:
    """Return words that one worker alone can open, and only while a compartment's place in the noise stands.

    Sealed to a worker's key and nothing else they would open from an old backup for as long as that worker lives.
    """
    key = new_key()
    return wrapped(key, public) + shut(key, plain, compartment.bytes)


def read_by(unseal: Callable[[bytes], bytes], box: bytes, compartment: uuid.UUID) -> bytes:
    """Return what was `addressed` to whoever has this `unseal`; raise `Damaged`."""
    return opened(unseal(box[:_WRAPPED_BYTES]), box[_WRAPPED_BYTES:], compartment.bytes)


def the_noise() -> noise.Noise:
    """Return the noise of the vault in use."""
    return noise.Noise(stores.folder() / "noise")


def place_of(compartment: uuid.UUID, places: int) -> int:
    """Return where a compartment's few bytes stand; each store has every second place."""
    told = blake2b(compartment.bytes, digest_size=8, person=b"veil place").digest()
    return int.from_bytes(told, "little") % (places // 2) * 2 + STORES.index(world.here())


def proof_of(compartment: uuid.UUID, kept: noise.Noise | None = None) -> bytes:
    """Return what tells whether the noise at a compartment's place is still that of the day it was made."""
    kept = kept or the_noise()
    return noise.proof(kept.at(place_of(compartment, kept.places)))


def fresh(*taken: Any) -> uuid.UUID:
    """Return a random id whose place nobody has; `taken` are queries: of compartments, of what is being destroyed."""
    places = the_noise().places
    for _try in range(_MOST_TRIES):
        found = uuid.UUID(bytes=secrets.token_bytes(16), version=4)
        place = place_of(found, places)
        if not any(rows.filter(place=place).exists() for rows in taken):
            return found
    raise Full


def _joined(key: bytes, about: bytes) -> bytes:
    kept = the_noise()
    return noise.joined(key, kept.at(place_of(uuid.UUID(bytes=about[:16]), kept.places)))
